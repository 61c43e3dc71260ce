/**
 * What the log shows besides the fault itself, mapped onto the model: each observation says which scenarios it allows and what must
 * hold at the moment of the crash. Unlogged steps are free; so is the order of lines of different CPUs within the slack.
 */
import type { Event, Incident, ParsedLog, StackTrace } from '../../parser/types.ts';
import { type Constraint, goesOnTo } from '../../sim/judge.ts';
import type { Machine, State } from '../../sim/machine/machine.ts';
import type { Scenario } from '../../sim/scenarios.ts';
import { NOTIFIER, placeOf, type Role, type TracePlace } from './place.ts';

export interface Observation extends Constraint {
  /** Further lines that show it. */
  readonly same?: readonly number[];
  /** What `allows` and `holds` depend on: observations with the same key constrain the model in the same way. */
  readonly key: string;
  /** Scenarios in which this can be seen at all. */
  readonly allows: (scenario: Scenario) => boolean;
}

type InstanceEvent = Extract<Event, { kind: 'iommu-instance' }>;

/** Lines of different CPUs may be out of order by this much (microseconds): consoles and the log buffer are filled by whoever comes first. */
const CLOCK_SLACK = 1000;
/** A registration line this long after the crash still tells of a registration that was under way (microseconds). */
const UNDER_WAY = 2_000_000;

/** Everything of the log that bears on this crash, the most telling last. */
export function observe(
  log: ParsedLog,
  incident: Incident,
  place: TracePlace,
  driver: string | null,
): readonly Observation[] {
  return [
    ...deferredBefore(incident, place),
    ...allocatedBy(incident),
    ...runningInit(incident, driver),
    ...otherStack(log, incident, place),
    ...registration(log, incident, driver),
    ...freedBy(incident),
  ];
}

const anyScenario = () => true;
/** Only where the client was probed before: deferred in its translation, or after it. */
const hadAttempt = (s: Scenario) => s.deferredBefore || s.probedBefore === true;
/** Only where an IOMMU registers. */
const withWalk = (s: Scenario) => s.walks > 0;

/** The deferred worker only probes what was deferred before. */
function deferredBefore(incident: Incident, place: TracePlace): readonly Observation[] {
  if (place.role !== 'client' || place.context !== 'deferred-worker') return [];
  return [
    {
      key: 'deferred-worker',
      line: incident.at.workqueue ?? place.lines[place.functions.indexOf('deferred_probe_work_func')] ?? null,
      same: place.lines.filter((_, i) => place.functions[i] === 'deferred_probe_work_func'),
      text: 'the client was being retried by the deferred-probe worker, so an earlier attempt was deferred',
      allows: hadAttempt,
      holds: () => true,
    },
  ];
}

/** "initialized" lines of the IOMMU's driver: they are printed when iommu_device_register() has returned. */
function registration(log: ParsedLog, incident: Incident, driver: string | null): readonly Observation[] {
  const lines = log.events.filter(
    (e): e is InstanceEvent =>
      e.kind === 'iommu-instance' && e.says === 'initialized' && (driver === null || e.driver === driver),
  );
  if (lines.length === 0) return [];
  const start = incident.span.line;
  const after = lines.find((e) => e.span.line > start && soon(e, incident));
  const before = lines.filter((e) => e.span.line < start).at(-1);
  if (after) {
    const close = near(after, incident);
    return [
      {
        key: `registers-after${close ? ', close' : ''}`,
        line: after.span.line,
        text: `${after.device} finished registering after the crash began: its registration was under way`,
        allows: withWalk,
        holds: (machine, v, thread) => {
          const walk = registrar(machine);
          if (walk < 0 || walk === thread) return false;
          if (printed(machine, v, walk)) return close;
          return goesOnTo(machine, v, thread, walk, (later) => printed(machine, later, walk));
        },
      },
    ];
  }
  if (!before) return [];
  const close = near(before, incident);
  return [
    {
      key: `registered-before${close ? ', close' : ''}`,
      line: before.span.line,
      text: `${before.device} had finished registering when the crash came`,
      allows: anyScenario,
      holds: (machine, v, thread) => {
        const walk = registrar(machine);
        // The walk that crashed itself is another instance's: the line is of one that came earlier.
        if (walk < 0 || walk === thread) return true;
        return printed(machine, v, walk) || close;
      },
    },
  ];
}

function soon(event: InstanceEvent, incident: Incident): boolean {
  if (event.span.line <= incident.lastLine) return true;
  return event.time !== null && incident.time !== null && event.time - incident.time < UNDER_WAY;
}

function near(event: InstanceEvent, incident: Incident): boolean {
  return event.time !== null && incident.time !== null && Math.abs(event.time - incident.time) <= CLOCK_SLACK;
}

/** "(+)" in the module list: the IOMMU driver's init function had not returned, so its registering thread was alive. */
function runningInit(incident: Incident, driver: string | null): readonly Observation[] {
  const names = new Set(
    driver === null
      ? []
      : [driver, `${driver}_iommu`, driver.replace(/[-_]?iommu$/, '')].map((n) => n.replaceAll('-', '_')),
  );
  const module = incident.modules.find(
    (m) => m.state === '+' && (names.has(m.name) || names.has(m.name.replace(/_iommu$/, ''))),
  );
  if (!module || incident.modulesLine === null) return [];
  return [
    {
      key: 'init-runs',
      line: incident.modulesLine,
      text: `${module.name}(+): the IOMMU driver's init was still running, so its registering thread was alive`,
      allows: withWalk,
      holds: (machine, v, thread) =>
        machine.threads.some((t, i) => t.role === 'walk' && (i === thread || machine.result(v, i) === null)),
    },
  ];
}

type StackEvent = Extract<Event, { kind: 'task-stack' }>;

/** A stack dump before the crash (sysrq-w, sysrq-t, a hung-task report) that shows the other thread at a place of the model: it had got that far. */
function otherStack(log: ParsedLog, incident: Incident, place: TracePlace): readonly Observation[] {
  const other: Role = place.role === 'client' ? 'walk' : 'client';
  if (place.role !== 'client' && place.role !== 'walk') return [];
  const seen = log.events
    .filter((e): e is StackEvent => e.kind === 'task-stack' && e.span.line < incident.span.line)
    .filter((e) => e.pid !== incident.pid || e.pid === null)
    .map((event) => ({ event, at: placeOf({ ...incident, frames: event.frames, pc: null, lr: null, kasan: null }) }))
    .filter(({ at }) => at.role === other && !at.functions.includes(NOTIFIER))
    .at(-1);
  if (!seen) return [];
  const who = other === 'walk' ? "the registering IOMMU's walk" : "another client's or the same client's probe";
  const inner = seen.at.functions.find((f) => INSIDE.has(f));
  if (!inner) return [];
  return [
    {
      key: `${other} in ${inner}`,
      line: seen.event.span.line,
      text: `${seen.event.task} was ${who}, inside ${inner}(), when its stack was dumped before the crash`,
      allows: other === 'walk' ? withWalk : anyScenario,
      holds: (machine, v, thread) =>
        machine.threads.some((t, i) => {
          if (t.role !== other || i === thread) return false;
          const reached = machine.stops[i]!.find((s) => s.place.stack.some((p) => p.fn === inner));
          return reached !== undefined && machine.stopAt(v, i).index >= reached.index;
        }),
    },
  ];
}

/** Functions of the two threads that do their work at one place of the program, so that being inside says how far a thread is. */
const INSIDE = new Set([
  'iommu_fwspec_init',
  'iommu_fwspec_free',
  'of_iommu_xlate',
  'dev_iommu_free',
  '__iommu_probe_device',
  'probe_iommu_group',
  'bus_iommu_probe',
  'iommu_device_register',
  'of_iommu_configure',
]);

/** KASAN names who freed the object. */
function freedBy(incident: Incident): readonly Observation[] {
  const freed = incident.kasan?.freed;
  const role = freed ? roleOfStack(incident, freed) : null;
  if (!freed || !role) return [];
  const who = role === 'walk' ? "the registering IOMMU's walk" : "the client's own probe";
  return [
    {
      key: `freed by ${role}`,
      line: freed.line,
      text: `the object was freed by ${who}${freed.pid === null ? '' : ` (task ${freed.pid})`}`,
      allows: role === 'walk' ? withWalk : anyScenario,
      holds: (machine, v, thread) => {
        const by = machine.objectAt(v, thread)?.freedBy ?? null;
        return by !== null && machine.threads[by]!.role === role;
      },
    },
  ];
}

/** KASAN names who allocated the object: another task than the crashing one means an earlier attempt of the client. */
function allocatedBy(incident: Incident): readonly Observation[] {
  const allocated = incident.kasan?.allocated;
  if (!allocated || roleOfStack(incident, allocated) !== 'client') return [];
  if (allocated.pid === null || incident.pid === null || allocated.pid === incident.pid) return [];
  if (roleOfStack(incident, { ...allocated, frames: incident.frames }) !== 'client') return [];
  return [
    {
      key: 'allocated earlier',
      line: allocated.line,
      text: `the object was allocated by an earlier attempt of the client's probe (task ${allocated.pid})`,
      allows: hadAttempt,
      holds: (machine, v, thread) => machine.objectAt(v, thread)?.id === 1,
    },
  ];
}

function roleOfStack(incident: Incident, stack: StackTrace): Role | null {
  const { role } = placeOf({ ...incident, frames: stack.frames, pc: null, lr: null });
  return role === 'client' || role === 'walk' ? role : null;
}

/** The thread whose registration the log's lines are about. */
function registrar(machine: Machine): number {
  return machine.threads.findIndex((t) => t.role === 'walk');
}

/** Has this registering thread printed its line? Its stops are numbered in program order, and the line stands behind the walk. */
function printed(machine: Machine, v: State, thread: number): boolean {
  const print = machine.stops[thread]!.find((s) => s.place.node.op === 'print');
  // A driver without such a line in the model leaves its order open.
  return print === undefined || machine.stopAt(v, thread).index > print.index;
}

/**
 * What the log shows besides the fault itself, mapped onto the model: each observation says which scenarios it allows and what must
 * hold at the moment of the crash. Unlogged steps are free; so is the order of lines of different CPUs within the slack.
 */
import type { Event, Incident, ParsedLog, StackTrace } from '../../parser/types.ts';
import type { Constraint } from '../../sim/judge.ts';
import type { Scenario } from '../../sim/scenarios.ts';
import { isInside } from '../../sim/signs.ts';
import { NOTIFIER, placeOf, type TracePlace } from './place.ts';

export interface Observation extends Constraint {
  /** Further lines that show it. */
  readonly same?: readonly number[];
  /** What `allows` and `sign` depend on: observations with the same key constrain the model in the same way. */
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
      sign: null,
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
        sign: `registers-after${close ? ', close' : ''}`,
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
      sign: `registered-before${close ? ', close' : ''}`,
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
      sign: 'init-runs',
    },
  ];
}

type StackEvent = Extract<Event, { kind: 'task-stack' }>;

/** A stack dump before the crash (sysrq-w, sysrq-t, a hung-task report) that shows the other thread at a place of the model: it had got that far. */
function otherStack(log: ParsedLog, incident: Incident, place: TracePlace): readonly Observation[] {
  const other = place.role === 'client' ? 'walk' : 'client';
  if (place.role !== 'client' && place.role !== 'walk') return [];
  const seen = log.events
    .filter((e): e is StackEvent => e.kind === 'task-stack' && e.span.line < incident.span.line)
    .filter((e) => e.pid !== incident.pid || e.pid === null)
    .map((event) => ({ event, at: placeOf({ ...incident, frames: event.frames, pc: null, lr: null, kasan: null }) }))
    .filter(({ at }) => at.role === other && !at.functions.includes(NOTIFIER))
    .at(-1);
  if (!seen) return [];
  const who = other === 'walk' ? "the registering IOMMU's walk" : "another client's or the same client's probe";
  const inner = seen.at.functions.find(isInside);
  if (!inner) return [];
  return [
    {
      key: `${other} in ${inner}`,
      line: seen.event.span.line,
      text: `${seen.event.task} was ${who}, inside ${inner}(), when its stack was dumped before the crash`,
      allows: other === 'walk' ? withWalk : anyScenario,
      sign: `${other} in ${inner}`,
    },
  ];
}

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
      sign: `freed by ${role}`,
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
      sign: 'allocated earlier',
    },
  ];
}

function roleOfStack(incident: Incident, stack: StackTrace): 'client' | 'walk' | null {
  const { role } = placeOf({ ...incident, frames: stack.frames, pc: null, lr: null });
  return role === 'client' || role === 'walk' ? role : null;
}

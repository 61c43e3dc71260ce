/** Is the function trace in a log a behaviour of the model? From the log's events and its crash to the question, and to one answer for the boot. */
import type { Event, Incident, ParsedLog } from '../../parser/types.ts';
import { filtered } from '../../sim/conform/alphabet.ts';
import { alphabetFor, conform } from '../../sim/conform/conform.ts';
import type { Call, Conformance, Crash, Trace } from '../../sim/conform/types.ts';
import { ERAS } from '../../sim/eras/eras.ts';
import { ERAS_WITH_FIX } from '../../sim/eras/releases.ts';
import type { Driver, EraCode } from '../../sim/procedures/code.ts';
import type { EraId } from '../../sim/types.ts';
import { shows } from '../evidence/access.ts';
import type { Case } from '../evidence/case.ts';
import { baseName, placeOf, standsAt, type TracePlace } from '../evidence/place.ts';
import { accessLost, isMemoryFault, memoryOf } from '../evidence/remains.ts';
import { decodeFault } from '../fault/fault.ts';
import { identifyDriver } from '../kernel/driver.ts';
import { eraWithoutFix } from '../kernel/era.ts';
import { identifyKernel } from '../kernel/kernel.ts';
import type { KernelIdentity, TriageOptions } from '../types.ts';
import { driversFor } from './search.ts';

export interface Conformity {
  readonly log: ParsedLog;
  readonly kernel: KernelIdentity;
  /** Function entries in the log, and of those the ones behind the last loss that the model says nothing about. */
  readonly entries: number;
  readonly ignored: number;
  /** Trace lines that are no function entries, such as trace_printk()'s. */
  readonly other: number;
  /** The line up to which calls are lost: the trace is judged behind it. */
  readonly lost: number | null;
  /** "insmod-51" for each task of the answer. */
  readonly tasks: ReadonlyMap<string, string>;
  /** The crash that the trace has to end in, if the log has one that is the model's to explain. */
  readonly crash: { readonly line: number; readonly title: string } | null;
  /** Null where nothing could be judged: `because` says why. */
  readonly answer: Conformance | null;
  /** What limits or prevents the answer, a sentence each. */
  readonly because: readonly string[];
}

type TraceEvent = Extract<Event, { kind: 'ftrace' }>;

/** What a log or its command line cannot say. */
export interface TraceOptions extends TriageOptions {
  /** The functions that were traced, as ftrace_filter= takes them. */
  readonly traced?: string;
}

/** Judges one boot of a log. */
export function judgeTrace(log: ParsedLog, options: TraceOptions = {}): Conformity {
  const incident = log.incidents[0] ?? null;
  const kernel = identifyKernel(log, incident, options);
  const found = log.events.filter((e): e is TraceEvent => e.kind === 'ftrace');
  const entries = found.filter((e) => e.parent !== null);
  const loss = log.events.findLast((e) => e.kind === 'ftrace-lost');
  const behind = entries.filter((e) => loss === undefined || e.span.line > loss.span.line);
  const tasks = new Map<string, string>();
  for (const e of behind) if (!/^<\.*>$/.test(e.task) || !tasks.has(taskOf(e))) tasks.set(taskOf(e), labelOf(e));
  const empty: Conformity = {
    log,
    kernel,
    entries: entries.length,
    ignored: 0,
    other: found.length - entries.length,
    lost: loss?.span.line ?? null,
    tasks,
    crash: null,
    answer: null,
    because: [],
  };
  if (entries.length === 0) return { ...empty, because: ['no function trace is in this log'] };
  const eras = [...new Set(kernel.era ? [kernel.era] : kernel.eras)].filter((e) => ERAS.has(e));
  if (eras.length === 0)
    return { ...empty, because: [`the model does not have the code of era ${kernel.eras.join(' or ')}`] };
  const place = incident === null ? NOWHERE : placeOf(incident);
  const named = identifyDriver(log, incident, options);
  const { drivers, outside } = driversFor(named.driver, named.candidates, place);
  const crash = incident === null ? null : crashOf(log, incident, kernel, place);
  const commandLine = log.events.find((e) => e.kind === 'cmdline')?.text ?? '';
  const question: Asking = {
    events: behind,
    filter: options.traced ?? /(?:^|\s)ftrace_filter=(\S+)/.exec(commandLine)?.[1] ?? '',
    lost: loss !== undefined,
    fromBoot: /(?:^|\s)ftrace=function(?:\s|$)/.test(commandLine),
    crash,
    code: kernel.code ?? null,
  };
  const asked = eras.flatMap((era) => drivers.map((driver) => ask(question, era, driver)));
  const best = asked.reduce((a, b) => (better(b.answer, a.answer) ? b : a));
  return {
    ...empty,
    ignored: behind.length - best.calls,
    crash: crash === null ? null : { line: crash.line, title: incident!.title },
    answer: best.answer,
    because: [
      ...(outside === null ? [] : [`${outside} is not a driver of the model: what stands for it is an assumption`]),
      ...(loss === undefined ? [] : [`calls before line ${loss.span.line} are lost: the trace is judged behind it`]),
      ...(asked.length === 1
        ? []
        : [`the log leaves ${asked.length} pairs of era and driver open: this one explains most`]),
      ...(incident !== null && crash === null
        ? [`the crash in line ${incident.span.line} is not the model's to explain: only the calls were judged`]
        : []),
      ...(best.answer.bound === null ? [] : [best.answer.bound]),
      ...disorder(behind),
      ...(best.answer.accepted || kernel.code !== undefined
        ? []
        : unfixed(best.answer, (era, driver) => ask(question, era, driver).answer, drivers)),
    ],
  };
}

/** Lines count in the order of the file: that of a dump is the order in time. */
function disorder(events: readonly TraceEvent[]): readonly string[] {
  const at = events.findIndex((e, i) => i > 0 && e.traceTime < events[i - 1]!.traceTime);
  return at < 0 ? [] : [`times go back in line ${events[at]!.span.line}: calls are taken in the order of their lines`];
}

/** The code has the fix: would it conform without? */
function unfixed(
  answer: Conformance,
  askOf: (era: EraId, driver: Driver) => Conformance,
  drivers: readonly Driver[],
): readonly string[] {
  const era = ERAS_WITH_FIX.has(answer.era) ? eraWithoutFix(answer.era) : null;
  const driver = drivers.find((d) => d.name === answer.driver);
  if (era === null || !ERAS.has(era) || driver === undefined || !askOf(era, driver).accepted) return [];
  return [`without a2e7e59a9426 (era ${era}) it is one: if this tree lacks that commit, say --not-fixed a2e7e59a9426`];
}

const NOWHERE: TracePlace = { role: 'unknown', context: null, functions: [], lines: [], complete: false };

function better(a: Conformance, b: Conformance): boolean {
  if (a.accepted !== b.accepted) return a.accepted;
  return a.explained.k > b.explained.k;
}

/** The pid, which stays; the comm where none was recorded. */
function taskOf({ pid, task }: { readonly pid: number | null; readonly task: string }): string {
  return pid === null ? task : String(pid);
}

function labelOf({ pid, task }: TraceEvent): string {
  return pid === null ? task : `${task}-${pid}`;
}

/** An address, where the kernel had no name for the caller. */
const UNNAMED = /^(?:0x)?[0-9a-f]{8,16}$/;

function callOf(event: TraceEvent): Call {
  const parent = event.parent === null || UNNAMED.test(event.parent) ? null : baseName(event.parent);
  return { line: event.span.line, task: taskOf(event), fn: baseName(event.function), parent };
}

type ModelCrash = Crash & { readonly memory: Trace['memory'] };

/** What is the same for every era and driver. */
interface Asking extends Pick<Trace, 'lost' | 'fromBoot'> {
  readonly events: readonly TraceEvent[];
  readonly filter: string;
  readonly crash: ModelCrash | null;
  /** What was handed in, in place of the eras' own. */
  readonly code: EraCode | null;
}

interface Asked {
  readonly answer: Conformance;
  readonly calls: number;
}

function ask({ events, filter, lost, fromBoot, crash, code }: Asking, era: EraId, driver: Driver): Asked {
  const record = code ?? ERAS.get(era)!;
  const alphabet = alphabetFor(record, driver);
  const calls = events.map(callOf).filter((c) => alphabet.has(c.fn));
  const memory = crash?.memory ?? 'plain';
  const trace: Trace = { calls, filter: filtered(filter, alphabet), lost, fromBoot, crash, memory };
  return { answer: conform(trace, record, driver), calls: calls.length };
}

/** The crash as the end that a behaviour must have; null where it is not of one of the model's threads, or no access to memory. */
function crashOf(log: ParsedLog, incident: Incident, kernel: KernelIdentity, place: TracePlace): ModelCrash | null {
  if (!isMemoryFault(incident) || (place.role !== 'client' && place.role !== 'walk')) return null;
  const fault = decodeFault(incident, kernel);
  const whole: Case = {
    ...{ log, incident, kernel, place, fault, observations: [] },
    driver: { name: null, candidates: [], because: [] },
  };
  const placeOnly = accessLost(whole);
  return {
    line: incident.span.line,
    task:
      incident.pid === null && incident.comm === null ? null : taskOf({ pid: incident.pid, task: incident.comm ?? '' }),
    // The deferred worker only probes what was deferred before.
    retried: place.role === 'client' && place.context === 'deferred-worker',
    memory: memoryOf(whole),
    target: (machine, model) =>
      placeOnly ? standsAt(place, machine, model) : shows(incident, place, fault, machine, model),
  };
}

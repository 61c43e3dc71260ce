/** What conformance is asked about, and what is answered. A trace is a list of function entries in the order in which they were recorded. */
import type { Fault } from '../explore/graph.ts';
import type { Machine, Memory } from '../machine/machine.ts';
import type { EraId, ScenarioId } from '../types.ts';

/** One function entry, as ftrace's function tracer records it. */
export interface Call {
  readonly line: number;
  /** Names a task for all of the trace: its pid, or its comm where the pid was not recorded. */
  readonly task: string;
  /** Source name of the function. */
  readonly fn: string;
  /** The caller behind "<-"; null where none was recorded, or where it is an address without a name. */
  readonly parent: string | null;
}

export interface Crash {
  readonly line: number;
  /** The task that crashed; null where the report does not say. */
  readonly task: string | null;
  /** The client that crashed had been deferred before: its attempt is not the first one. */
  readonly retried: boolean;
  /** Is this fault of the model the one that the report shows? */
  readonly target: (machine: Machine, fault: Fault) => boolean;
}

export interface Trace {
  /** Only calls of functions that the model can tell something about (src/sim/conform/alphabet.ts). */
  readonly calls: readonly Call[];
  /** Functions that would have been recorded had they been entered, beside those that were. */
  readonly filter: ReadonlySet<string>;
  /** Nothing was recorded before, or it is lost: threads may be in the middle of something when the trace begins. */
  readonly lost: boolean;
  /** Recorded from the start of the boot on: nothing happened before. */
  readonly fromBoot: boolean;
  readonly crash: Crash | null;
  readonly memory: Memory;
}

/** Who a call is explained by: a thread of the model (and which of its attempts), or another device's probe or visit. */
export type By =
  | { readonly is: 'thread'; readonly thread: number; readonly attempt: number }
  | { readonly is: 'other device' | 'other client' };

export interface Assigned {
  readonly call: Call;
  readonly by: By;
}

/** One task as one thread of the model: what the table of a report shows. */
export interface Role {
  readonly task: string;
  readonly role: 'client' | 'walk';
  /** "client probe, attempt 1", "IOMMU registration". */
  readonly what: string;
  readonly calls: number;
  readonly lines: readonly [first: number, last: number];
}

export interface Conformance {
  readonly era: EraId;
  readonly driver: string;
  readonly accepted: boolean;
  /** The calls and, where the log has one, the crash: `k` of them in order before the first that fits no behaviour. */
  readonly explained: { readonly k: number; readonly n: number };
  readonly firstUnexplained: number | null;
  readonly scenario: ScenarioId;
  /** The model's outcome for the crash; null where there is none, or where it is not explained. */
  readonly outcome: string | null;
  /** Of the behaviour that explains most. */
  readonly assigned: readonly Assigned[];
  /** The model's threads, as `By` counts them; which task was which of them. */
  readonly threads: readonly ('client' | 'walk')[];
  readonly roles: readonly Role[];
  /** What the model would have accepted of that task instead: "dev_iommu_free <-__iommu_probe_device". Empty where accepted. */
  readonly expected: readonly string[];
  /** A bound of the model that kept some behaviours from being tried; null where none did. */
  readonly bound: string | null;
}

/** What is known of one crash before it is judged. */
import type { Incident, ParsedLog } from '../../parser/types.ts';
import type { Claim, Fault, KernelIdentity } from '../types.ts';
import type { Observation } from './observe.ts';
import type { TracePlace } from './place.ts';

/** Everything about one crash that judging needs. */
export interface Case {
  readonly log: ParsedLog;
  readonly incident: Incident;
  readonly kernel: KernelIdentity;
  readonly place: TracePlace;
  readonly fault: Fault;
  readonly driver: {
    readonly name: string | null;
    readonly candidates: readonly string[];
    readonly because: readonly Claim[];
  };
  readonly observations: readonly Observation[];
  /** What the user gave beside the log, so that nobody is told to. */
  readonly given?: { readonly source: boolean; readonly vmlinux: boolean };
}

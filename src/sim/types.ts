/** Words of the model. The model is data: eras, procedures and drivers are readable beside the kernel's source; the explorer knows nothing of IOMMUs. */

/** kernel/eras.json; a span of kernel versions in which the probe/xlate code behaves alike. */
export type EraId = 'A' | 'B' | 'B1' | 'C' | 'D' | 'E' | 'E2' | 'F' | 'F61' | 'F2' | 'F3' | 'G' | 'H';

export type HypothesisId =
  | 'xlate-vs-probe-free'
  | 'probe-vs-probe'
  | 'replay-vs-registration'
  | 'default-domain'
  | 'dma-configure-toctou'
  | 'release-vs-xlate'
  | 'driver-data-after-registration'
  | 'probed-twice'
  | 'second-provider'
  | 'priv-without-fwspec';

export type ScenarioId =
  | 'deferred-retry'
  | 'first-probe'
  | 'two-walks'
  | 'walks-only'
  | 'device-add'
  | 'two-clients'
  | 'release-vs-xlate'
  | 'dma-configure-toctou'
  | 'left-over'
  | 'foreign'
  | 'two-instances'
  | 'second-provider'
  | 'acpi'
  | 'priv-without-fwspec';

export type FaultKind = 'null-read' | 'null-write' | 'uaf-read' | 'uaf-write' | 'double-free';

/** One executed step of an interleaving, for diagrams and replay. */
export interface WitnessStep {
  /** Index into `Witness.threads`. */
  readonly thread: number;
  /** Index among the thread's stops: two runs that have it in common take the same step. */
  readonly stop?: number;
  /** Source function that holds the access, and its file. */
  readonly fn: string;
  readonly file: string;
  /** Call stack at the step, innermost first, as an oops here would show it. */
  readonly stack: readonly string[];
  /** What it does in C-like words: "param = dev->iommu", "dev->iommu = NULL", "mutex_lock(&iommu_probe_device_lock)". */
  readonly text: string;
  /** Shared state after the step, for a person: { 'dev->iommu': 'I1', fwspec: 'F2 (freed)', priv: 'NULL' }. */
  readonly after: Readonly<Record<string, string>>;
  /** True on the first step of a thread that took over from one that could have gone on: that one was preempted right before this step. */
  readonly preempts: boolean;
  /** Set on the last step of a crash: the outcome's name. */
  readonly outcome: string | null;
  /** What a step that reads shared state got: "NULL", "dev_iommu 1", "fwspec 2 (freed)", "1". */
  readonly reads?: string;
  /** A memory error that went on silently at this step, as without KASAN: the outcome's name. */
  readonly unnoticed?: string;
}

export interface Witness {
  /** What each thread is: "client probe (deferred worker)", "IOMMU registration". */
  readonly threads: readonly string[];
  readonly steps: readonly WitnessStep[];
  readonly preemptions: number;
  /** Versioned replay string. */
  readonly replay: string;
}

/** One end that a search reached, as `simulate` lists it. */
export interface OutcomeRow {
  readonly outcome: string;
  readonly crash: boolean;
  /** Reached with the threads run one after the other in some order. */
  readonly serial: boolean;
  /** The fewest, or (`preemptionsExact` false) those of the witness. */
  readonly preemptions: number;
  readonly preemptionsExact: boolean;
  /** All of them, or at least so many where the simulation's `countsExact` is false. */
  readonly interleavings: bigint;
  readonly witness: string;
}

/** What the page's script reads of a witness, as JSON in the page. All text in it is sanitized. Imports nothing, as it is shared with the browser's side. */

/** A line of the log. */
export interface Quote {
  readonly line: number;
  readonly text: string;
}

export interface PageStep {
  readonly thread: number;
  readonly fn: string;
  readonly file: string;
  readonly stack: readonly string[];
  readonly text: string;
  readonly reads: string | null;
  /** One value for each of `Story.columns`; '' where there is nothing to hold it, as dev->iommu is NULL. */
  readonly state: readonly string[];
  /** The fault that the run ends in, or one that goes unnoticed without KASAN. */
  readonly fault: string | null;
  readonly preempts: boolean;
  /** False for a step that changes nothing which matters to the story (diagram.ts), and that no line of the log belongs to. */
  readonly matters: boolean;
  readonly log: readonly Quote[];
  /** Index of the same step in the other run; null where that does not take it. */
  readonly other: number | null;
}

export interface PageRun {
  readonly name: string;
  readonly ends: string;
  readonly preemptions: number;
  readonly replay: string;
  readonly steps: readonly PageStep[];
}

/** A step that both runs take and that comes to something else in each. */
export interface Otherwise {
  readonly step: readonly [crash: number, passing: number];
  readonly came: readonly [crash: string, passing: string];
}

export interface Story {
  readonly threads: readonly string[];
  /** Names of what is shared: "dev->iommu", "fwspec", ... */
  readonly columns: readonly string[];
  /** The crash, and the nearest passing run where one was found. */
  readonly runs: readonly PageRun[];
  /** Steps that both runs begin with; null without a second run. */
  readonly common: number | null;
  /** False where the nearest run was looked for among the simplest ones only. */
  readonly exhaustive: boolean;
  readonly otherwise: readonly Otherwise[];
  /** False in an era that does not have iommu_probe_device_lock. */
  readonly locked: boolean;
}

/** What the page of batch holds of a bucket besides its row; src/batch/show/html.ts writes it. */
export interface Own {
  readonly facts: readonly (readonly [name: string, text: string])[];
  readonly sentence: string | null;
  readonly because: readonly string[];
  readonly quote: readonly (readonly [line: number, text: string])[];
  readonly logs: readonly (readonly [text: string, href: string])[];
  /** Logs that are not named. */
  readonly more: number;
}

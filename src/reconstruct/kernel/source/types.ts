/** What a kernel's source text shows of its code, feature by feature. */
import type { EraCode } from '../../../sim/procedures/code.ts';

/** A file of the tree as it could be read: a Git LFS pointer, a missing file and one that is too large are not seen, each with its reason. */
export type FileText =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'not seen'; readonly why: string };

/** Reads a file by its path below the kernel's root. Pure for the length of a run. */
export type ReadFile = (path: string) => FileText;

/** Where a sign stands, and what it says. */
export interface Evidence {
  readonly file: string;
  /** Null where the sign is that something is nowhere in the file. */
  readonly line: number | null;
  readonly text: string;
}

/** The features of EraCode (src/sim/procedures/code.ts) that a tree's text can show. */
export type ReadFeature = Exclude<keyof EraCode, 'id' | 'release'>;

export type Value = string | boolean;

/** What the signs of one feature leave of its values. */
export interface Reading {
  /** One where it is seen; none where its signs contradict each other. */
  readonly values: readonly Value[];
  readonly evidence: readonly Evidence[];
  /** Why it is not seen, or how its signs contradict each other; null where one value is left. */
  readonly why: string | null;
}

export interface FeatureReading extends Reading {
  readonly feature: ReadFeature;
}

/** What the text of a few files says. Plain data: it goes to other threads. */
export interface SourceReading {
  /** As reports name the tree: "--source linux", "--git linux at v6.1.55". */
  readonly tree: string;
  /** "6.1.192" of the tree's own Makefile; null where that was not seen. */
  readonly version: string | null;
  /** Is there a struct dev_iommu, the race's object? */
  readonly devIommu: Reading;
  readonly features: readonly FeatureReading[];
  /** Files of which nothing could be read, with the reason. */
  readonly notSeen: readonly { readonly file: string; readonly why: string }[];
}

/** "drivers/iommu/iommu.c:234 iommu_device_register() walks the buses" */
export function evidenceText({ file, line, text }: Evidence): string {
  return line === null ? `${file} ${text}` : `${file}:${line} ${text}`;
}

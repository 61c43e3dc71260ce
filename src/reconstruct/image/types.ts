/** A kernel's own build as the judging of a log asks it: what a vmlinux, a module or raw BTF answers. Pure for the length of a run. */
import type { Arch } from '../../parser/types.ts';
import type { ExactLayouts } from '../../sim/layouts/exact.ts';

export interface ImageFunction {
  readonly name: string;
  readonly size: number;
  /** Before KASLR moved it. Of a module: from its section's beginning. */
  readonly address: bigint;
  /** A function of 16- and 32-bit instructions (arm32). */
  readonly thumb: boolean;
  /** Null where the file does not hold them. */
  readonly bytes: (offset: number, length: number) => Uint8Array | null;
  /** Is the byte at this offset one that the loader fills in (modules)? */
  readonly relocated: (offset: number) => boolean;
}

/** One place in the source, and what was inlined there: the innermost function first. */
export interface SourcePlace {
  readonly function: string;
  readonly file: string | null;
  readonly line: number | null;
}

export interface KernelImage {
  /** As reports name it: "--vmlinux vmlinux". */
  readonly name: string;
  readonly is: 'vmlinux' | 'module' | 'btf';
  readonly arch: Arch | null;
  /** "Linux version 6.1.0-18-arm64 (...) ... #1 SMP Debian 6.1.76-1", or null. */
  readonly banner: string | null;
  readonly buildId: string | null;
  readonly exact: ExactLayouts | null;
  /** Why there are no exact layouts; null where there are. */
  readonly why: string | null;
  /** Functions of a name: a kernel has several static ones of one name. */
  readonly functions: (name: string) => readonly ImageFunction[];
  /** File and line of each place, by a symbolizer of this machine; null where there is none, or it knows nothing. */
  readonly symbolize: (
    places: readonly { readonly fn: ImageFunction; readonly offset: number }[],
  ) => readonly (readonly SourcePlace[] | null)[] | null;
}

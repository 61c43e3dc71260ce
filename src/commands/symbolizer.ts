/**
 * Functions, inlined callers, files and lines of places in an ELF file, by the symbolizer of this machine: llvm-symbolizer, else an addr2line for the file's
 * processor. Both only read the file. What they print is text of the file's maker: it goes out through the sanitizer as a log's does.
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { lackOf } from '../lacking.ts';
import type { SourcePlace } from '../reconstruct/image/types.ts';

/** They read hundreds of megabytes of line tables. */
const TIMEOUT_MS = 60_000;
const MOST_OUTPUT = 4 << 20;
const LLVM = ['llvm-symbolizer', ...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((v) => `llvm-symbolizer-${v}`)];
/** binutils of most distributions reads one processor's files. */
const GNU: Readonly<Record<number, readonly string[]>> = {
  183: ['aarch64-linux-gnu-addr2line'],
  40: ['arm-linux-gnueabihf-addr2line', 'arm-linux-gnueabi-addr2line'],
  62: ['x86_64-linux-gnu-addr2line'],
  3: ['i686-linux-gnu-addr2line', 'x86_64-linux-gnu-addr2line'],
  243: ['riscv64-linux-gnu-addr2line'],
};

function run(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      maxBuffer: MOST_OUTPUT,
      stdio: ['ignore', 'pipe', 'ignore'],
      // No server is asked for debug information.
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    });
  } catch (error) {
    // Not to be told from a machine without one otherwise.
    if (lackOf(error) !== null) throw error;
    return null;
  }
}

const lineOf = (value: unknown): number | null =>
  Number.isInteger(value) && (value as number) > 0 ? (value as number) : null;
const known = (text: unknown): string | null =>
  typeof text === 'string' && text !== '' && !text.startsWith('??') ? text : null;

function byLlvm(
  program: string,
  file: string,
  addresses: readonly bigint[],
): readonly (readonly SourcePlace[] | null)[] | null {
  const text = run(program, [
    `--obj=${file}`,
    '--inlines',
    '--output-style=JSON',
    ...addresses.map((a) => `0x${a.toString(16)}`),
  ]);
  if (text === null) return null;
  try {
    // One array, or (version 13) an object a line.
    const trimmed = text.trim();
    const all: unknown[] = trimmed.startsWith('[')
      ? JSON.parse(trimmed)
      : trimmed.split('\n').map((line) => JSON.parse(line));
    return addresses.map((_, i) => {
      const symbols = (all[i] as { Symbol?: unknown } | undefined)?.Symbol;
      if (!Array.isArray(symbols)) return null;
      const places = symbols.flatMap((s: Record<string, unknown>): SourcePlace[] => {
        const name = known(s.FunctionName);
        return name === null ? [] : [{ function: name, file: known(s.FileName), line: lineOf(s.Line) }];
      });
      return places.length > 0 ? places : null;
    });
  } catch {
    return null;
  }
}

function byGnu(
  program: string,
  file: string,
  addresses: readonly bigint[],
): readonly (readonly SourcePlace[] | null)[] | null {
  const text = run(program, ['-a', '-f', '-i', '-e', file, ...addresses.map((a) => `0x${a.toString(16)}`)]);
  if (text === null) return null;
  const blocks: string[][] = [];
  for (const line of text.split('\n')) {
    if (/^0x[0-9a-f]+$/.test(line)) blocks.push([]);
    else if (line !== '') blocks.at(-1)?.push(line);
  }
  return addresses.map((_, i) => {
    const lines = blocks[i] ?? [];
    const places: SourcePlace[] = [];
    for (let k = 0; k + 1 < lines.length; k += 2) {
      const name = known(lines[k]);
      const at = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/.exec(lines[k + 1]!);
      if (name !== null) places.push({ function: name, file: known(at?.[1]), line: lineOf(Number(at?.[2])) });
    }
    return places.length > 0 ? places : null;
  });
}

export interface Symbolizer {
  readonly program: string;
  readonly at: (addresses: readonly bigint[]) => readonly (readonly SourcePlace[] | null)[] | null;
}

/** The first that answers for this file's processor (e_machine); null where there is none on this machine. */
export function symbolizerFor(path: string, machine: number): Symbolizer | null {
  const file = resolve(path);
  for (const program of LLVM)
    if (run(program, ['--version']) !== null) return { program, at: (addresses) => byLlvm(program, file, addresses) };
  for (const program of [...(GNU[machine] ?? []), 'addr2line'])
    if (run(program, ['-e', file, '0x0']) !== null)
      return { program, at: (addresses) => byGnu(program, file, addresses) };
  return null;
}

/** SPIN as a program: from a model's text to what its search found. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const runs = (program: string, version: string) => spawnSync(program, [version]).status === 0;

/**
 * The C compiler, and how it is told not to optimise: compiling is most of what a search of a small model takes. tcc needs a thirtieth of gcc's time for
 * it, and these searches are over too soon for its slower code to matter.
 */
const COMPILER = (
  [
    ['tcc', '-v', []],
    ['gcc', '--version', ['-O0']],
  ] as const
).find(([program, version]) => runs(program, version));

export const MISSING: readonly string[] = [
  ...(runs('spin', '-V') ? [] : ['spin']),
  ...(COMPILER ? [] : ['tcc or gcc']),
];

export interface Search {
  /** States that SPIN stored, and transitions that it took ("stored+matched"). */
  readonly stored: number;
  readonly transitions: number;
  /** By what the model printed: "crash: NAME" once a faulting transition, "quiet: NAME" once a final state. */
  readonly printed: ReadonlyMap<string, number>;
}

/** Kinds of search, by options of the C compiler: every state depth first, without partial-order reduction; with it; every state breadth first. */
export const FULL = ['-DSAFETY', '-DNOREDUCE'] as const;
export const REDUCED = ['-DSAFETY'] as const;
export const BREADTH_FIRST = [...FULL, '-DBFS'] as const;

/**
 * Searches the model once for each of `kinds`. -o1, -o2 and -o3 keep SPIN from zeroing variables, hiding those that nobody reads, and merging steps. -A and -E: assertions and ends
 * are told by what is printed.
 */
export async function search(model: string, kinds: readonly (readonly string[])[]): Promise<readonly Search[]> {
  const [compiler, , options] = COMPILER!;
  const cwd = mkdtempSync(join(tmpdir(), 'oopsreplay-spin-'));
  try {
    writeFileSync(join(cwd, 'model.pml'), model);
    await run('spin', ['-a', '-o1', '-o2', '-o3', 'model.pml'], { cwd });
    const searches: Search[] = [];
    for (const flags of kinds) {
      await run(compiler, [...options, '-w', '-DPRINTF', '-DNOCLAIM', ...flags, '-o', 'pan', 'pan.c'], { cwd });
      const { stdout } = await run('./pan', ['-A', '-E', '-c0', '-m10000', '-w18', '-n'], { cwd, maxBuffer: 1 << 28 });
      searches.push(result(stdout));
    }
    return searches;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function result(stdout: string): Search {
  const number = (what: RegExp): number => {
    const match = what.exec(stdout);
    if (!match) throw new Error(`SPIN did not say ${what}:\n${stdout.slice(-2000)}`);
    return Number(match[1]);
  };
  if (/error: max search depth|out of memory|memory bound/i.test(stdout))
    throw new Error(`SPIN gave up:\n${stdout.slice(-2000)}`);
  const printed = new Map<string, number>();
  for (const [, line] of stdout.matchAll(/^\s*((?:crash|quiet): .*)$/gm))
    printed.set(line!, (printed.get(line!) ?? 0) + 1);
  return { stored: number(/(\d+) states, stored/), transitions: number(/(\d+) transitions/), printed };
}

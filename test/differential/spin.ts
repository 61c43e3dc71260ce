/** SPIN as a program: from a model's text to what its search found. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const MISSING = [
  ['spin', '-V'],
  ['gcc', '--version'],
]
  .filter(([program, version]) => spawnSync(program!, [version!]).status !== 0)
  .map(([program]) => program);

export interface Search {
  /** States that SPIN stored, and transitions that it took ("stored+matched"). */
  readonly stored: number;
  readonly transitions: number;
  /** By what the model printed: "crash: NAME" once a faulting transition, "quiet: NAME" once a final state. */
  readonly printed: ReadonlyMap<string, number>;
}

export interface SearchOptions {
  /** Further options of the C compiler: the kind of search. */
  readonly flags: readonly string[];
  /** The search is run once for each: environments that the model reads (see `startsEitherWay`). */
  readonly environments: readonly Readonly<Record<string, string>>[];
}

/** Every state, depth first, without partial-order reduction. */
export const FULL = ['-DSAFETY', '-DNOREDUCE'] as const;

/**
 * Compiles the model once and searches it. -o1 and -o3 keep SPIN from merging steps and zeroing variables by itself; no optimising by gcc, which takes
 * longer than the search. -A and -E: assertions and ends are told by what is printed.
 */
export async function search(model: string, { flags, environments }: SearchOptions): Promise<readonly Search[]> {
  const cwd = mkdtempSync(join(tmpdir(), 'oopsreplay-spin-'));
  try {
    writeFileSync(join(cwd, 'model.pml'), model);
    await run('spin', ['-a', '-o1', '-o3', 'model.pml'], { cwd });
    await run('gcc', ['-O0', '-w', '-DPRINTF', '-DNOCLAIM', ...flags, '-o', 'pan', 'pan.c'], { cwd });
    const searches: Search[] = [];
    for (const environment of environments) {
      const { stdout } = await run('./pan', ['-A', '-E', '-c0', '-m10000', '-w20', '-n'], {
        cwd,
        env: { ...process.env, ...environment },
        maxBuffer: 1 << 28,
      });
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

// SPIN on the same models in the same run: written out, made C of, compiled as its manual advises for a search that is to be fast, and run.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toPromela } from '../dist/index.js';
import { setUp } from './model.mjs';

export const MISSING = [
  ['spin', '-V'],
  ['gcc', '--version'],
]
  .filter(([program, version]) => spawnSync(program, [version]).status !== 0)
  .map(([program]) => program);

/** -o1, -o2 and -o3 keep SPIN from merging steps and hiding variables, so that its states are the explorer's. */
const GENERATE = ['-a', '-o1', '-o2', '-o3', 'model.pml'];
const RUN = ['-A', '-E', '-c0', '-m10000', '-n'];
export const KINDS = { full: ['-DSAFETY', '-DNOREDUCE'], reduced: ['-DSAFETY'] };

/** Seconds of each part, and what the search found, of one kind of search. `hash`: slots of SPIN's table, as a power of two. */
export function spin(model, kind, { compiler = 'gcc', optimise = '-O2', hash = 20 } = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'oopsreplay-bench-'));
  const timed = (program, args) => {
    const start = performance.now();
    const out = execFileSync(program, args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { out, seconds: (performance.now() - start) / 1000 };
  };
  try {
    writeFileSync(join(cwd, 'model.pml'), toPromela(setUp(...model.split('/'))));
    const generate = timed('spin', GENERATE).seconds;
    const compile = timed(compiler, [optimise, '-w', ...KINDS[kind], '-o', 'pan', 'pan.c']).seconds;
    // The shell adds what its children took of the processor, user and system: other work on the machine does not count there.
    const { out, seconds: run } = timed('sh', ['-c', `./pan ${[...RUN, `-w${hash}`].join(' ')}; times`]);
    const cpu = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(out).slice(1).map(Number);
    const number = (what) => Number(what.exec(out)[1]);
    return {
      generate,
      compile,
      run,
      cpu: cpu[0] * 60 + cpu[1] + cpu[2] * 60 + cpu[3],
      states: number(/(\d+) states, stored/),
      transitions: number(/(\d+) transitions/),
      memory: number(/([\d.]+)\ttotal actual memory/) * 2 ** 20,
    };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

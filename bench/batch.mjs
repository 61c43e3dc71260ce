// `npm run bench -- batch`: many logs, with one worker and with two, again over the same folder, and how much memory that takes.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { makeLogs } from './batch-logs.mjs';
import { folder } from './logs.mjs';

/** Where the process says its peak of memory in KiB and its processor time in seconds, threads included. */
const COST =
  'data:text/javascript,process.on("exit",()=>{const r=process.resourceUsage();process.stderr.write("\\n"+r.maxRSS+" "+(r.userCPUTime+r.systemCPUTime)/1e6)})';

function batch(args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', COST, 'dist/cli.js', 'batch', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`batch ended with ${status}: ${stderr.slice(0, 400)}`);
  const [peak, cpu] = /(\d+) ([\d.]+)$/.exec(stderr).slice(1).map(Number);
  return { seconds, peak: peak * 1024, cpu };
}

/** Both kinds of collections: logs of 10 KB, and logs from 1 KB to 2 MB. */
export function* batches(count = Number(process.env.LOGS ?? 10_000), seed = Number(process.env.SEED ?? 1)) {
  for (const sized of [true, false]) {
    const { at, remove } = folder();
    try {
      const bytes = makeLogs(at('logs'), count, seed, sized);
      const one = batch([at('logs'), '--store', at('one'), '--workers', '1']);
      const two = batch([at('logs'), '--store', at('two'), '--workers', '2']);
      const again = batch([at('logs'), '--store', at('two'), '--workers', '2']);
      rmSync(at('one'), { recursive: true });
      yield { what: sized ? 'logs of 10 KB' : 'logs of 1 KB to 2 MB', count, seed, bytes, one, two, again };
    } finally {
      remove();
    }
  }
}

// What a user waits for: the whole process on one log, beside the same for an empty node process, in turn so that load hits both alike.
import { spawnSync } from 'node:child_process';

/** Milliseconds of one process from spawn to exit; throws if it fails, as a fast failure would look like a good figure. */
function once(args) {
  const start = process.hrtime.bigint();
  const { status, error } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  if (error || status !== 0) throw new Error(`node ${args.join(' ')}: ${error?.message ?? `exit status ${status}`}`);
  return milliseconds;
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
}

/**
 * Minimum, median and maximum in milliseconds of `runs` alternating runs each of `node dist/cli.js FILE` and `node -e 0`, and the ratio of the medians.
 * One run of each before that warms the file cache.
 */
export function startup(file, runs = 15) {
  const tool = [];
  const node = [];
  for (let i = -1; i < runs; i++) {
    const t = once(['dist/cli.js', file]);
    const n = once(['-e', '0']);
    if (i < 0) continue;
    tool.push(t);
    node.push(n);
  }
  const [t, n] = [spread(tool), spread(node)];
  return { tool: t, node: n, ratio: t.median / n.median, runs };
}

// Searches in a process of their own, so that the memory is their own: `node bench/explore.mjs BUDGET full|reduced ERA/DRIVER/SCENARIO...` prints a line
// of JSON with the sums over all of them.
import { build, explore, reachable } from '../dist/index.js';
import { setUp } from './model.mjs';

const [budget, kind, ...models] = process.argv.slice(2);
const before = process.memoryUsage().rss;
const sum = { models: models.length, states: 0, transitions: 0, depth: 0, exhaustive: true };
const start = performance.now();
const cpuBefore = process.cpuUsage();
for (const model of models) {
  const machine = build(setUp(...model.split('/')));
  const states = Number(budget);
  const found = kind === 'full' ? explore(machine, { states }) : reachable(machine, { budget: { states } });
  sum.states += found.states;
  sum.transitions += found.transitions;
  sum.depth = Math.max(sum.depth, found.depth);
  sum.exhaustive &&= found.exhaustive;
}
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
// Linux counts the peak in KiB.
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ ...sum, seconds, cpu: (user + system) / 1e6, before, peak }));

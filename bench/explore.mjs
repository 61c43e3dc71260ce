// One exploration in a process of its own, so that the memory is its own: `node bench/explore.mjs ERA DRIVER SCENARIO STATES` prints a line of JSON.
import { build, DRIVERS, ERAS, explore, SCENARIOS } from '../dist/index.js';

const [era, driver, scenario, budget] = process.argv.slice(2);
const machine = build({
  era: ERAS.get(era),
  driver: DRIVERS.get(driver),
  scenario: SCENARIOS.get(scenario),
  memory: 'kasan',
  granularity: 'compiled',
});
const before = process.memoryUsage().rss;
const start = performance.now();
const { states, transitions, depth, exhaustive } = explore(machine, { states: Number(budget) });
const seconds = (performance.now() - start) / 1000;
const rss = process.memoryUsage().rss;
// Linux counts the peak in KiB.
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ states, transitions, depth, exhaustive, seconds, before, rss, peak }));

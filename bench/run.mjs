// npm run bench [FILE...]: figures of this machine, now. Build first (npm run build). bench/README.md says what each line means.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { startup } from './startup.mjs';
import { table } from './table.mjs';

/** The corpus beside a checkout of the project has the log of the first report; the sample is of the same kind. */
const LOGS = ['samples/dmesg/qcom-null-priv-5.10.log', '../shared/corpus/iommu/apple-dart-m1-6.5.6.log'];
/** The largest of all eras, drivers and scenarios, and the largest with a client's usual driver; the second ends well below its budget. */
const MODELS = [
  ['D', 'tegra-smmu', 'two-walks', 16_000_000],
  ['D', 'apple-dart', 'two-walks', 4_000_000],
];

const files = (process.argv.length > 2 ? process.argv.slice(2) : LOGS).filter((file) => existsSync(file));
if (files.length === 0 || !existsSync('dist/cli.js')) {
  process.stderr.write('usage: npm run build && npm run bench -- [FILE...]\n');
  process.exit(2);
}
const say = (line) => process.stdout.write(`${line}\n`);
const whole = (n) => Math.round(n).toLocaleString('en');
const mebibytes = (bytes) => `${whole(bytes / 2 ** 20)} MiB`;
const milliseconds = ({ min, median, max }) => `${whole(min)}/${whole(median)}/${whole(max)} ms`;

say(`machine: ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, node ${process.version}, ${process.platform}`);
for (const file of files) {
  const { tool, node, ratio, runs } = startup(file);
  say(`start-up: ${ratio.toFixed(2)} x node, ${file}: ${milliseconds(tool)}, node -e 0: ${milliseconds(node)}`);
  say(`          (minimum/median/maximum of ${runs} runs each in turn; the ratio is of the medians)`);
}
for (const [era, driver, scenario, budget] of MODELS) {
  const args = ['bench/explore.mjs', era, driver, scenario, String(budget)];
  const found = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  const { states, transitions, depth, exhaustive, seconds, before, rss, peak } = found;
  const end = exhaustive ? 'exhaustive' : `ended by the budget of ${whole(budget)} states`;
  say(
    `explore: era ${era}, ${driver}, ${scenario}: ${whole(states)} states, ${whole(transitions)} transitions, depth ${depth}, ${end}`,
  );
  say(`         ${seconds.toFixed(2)} s, ${whole(states / seconds)} states/s`);
  say(`         resident ${mebibytes(rss)} (${mebibytes(before)} before), peak ${mebibytes(peak)}`);
}
const { seconds, simulations, states, eras, drivers, scenarios } = table();
say(
  `table: ${eras} eras x ${drivers} drivers x ${scenarios.join(', ')}: ${simulations} simulations, ${whole(states)} states, ${seconds.toFixed(1)} s`,
);

// npm run bench [FILE...]: figures of this machine, now. Build first (npm run build).
import { existsSync } from 'node:fs';
import { largest, table } from './model.mjs';
import { startup } from './startup.mjs';

const SEED = '../shared/corpus/iommu/apple-dart-m1-6.5.6.log';
const given = process.argv.slice(2);
const files = given.length > 0 ? given : [...(existsSync(SEED) ? [SEED] : []), 'samples/dmesg/qcom-null-priv-5.10.log'];
if (!existsSync('dist/cli.js')) {
  process.stderr.write('build first: npm run build\n');
  process.exit(2);
}

const say = (text) => process.stdout.write(`${text}\n`);

for (const file of files) {
  const { tool, node, ratio, runs } = startup(file);
  say(
    `start-up: ${ratio.toFixed(2)} x node -e 0 (whole process on ${file}: ${tool.toFixed(0)} ms, node -e 0: ${node.toFixed(0)} ms; medians of ${runs} alternating runs)`,
  );
}

const most = largest();
const rate = Math.round(most.states / most.seconds);
say(
  `largest model: ${most.name}: ${most.states} states, ${most.transitions} transitions in ${most.seconds.toFixed(2)} s, ${rate} states a second${most.exhaustive ? ', exhaustive' : ', ended at its budget'}`,
);
const all = table();
say(
  `table: ${all.models} models (every era and driver; deferred-retry, first-probe, walks-only), ${all.states} states in ${all.seconds.toFixed(2)} s, with counts and witnesses`,
);
say(`memory: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident`);

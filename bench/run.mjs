// npm run bench [FILE]: figures of this machine, now. Build first (npm run build).
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startup } from './startup.mjs';

const samples = 'samples/dmesg';
const logs = existsSync(samples) ? readdirSync(samples).filter((name) => name.endsWith('.log')) : [];
const seed = logs.find((name) => name.includes('apple-dart')) ?? logs[0];
const file = process.argv[2] ?? (seed && join(samples, seed));
if (!file || !existsSync('dist/cli.js')) {
  process.stderr.write('usage: npm run build && npm run bench -- FILE\n');
  process.exit(2);
}

const { tool, node, ratio, runs } = startup(file);
process.stdout.write(
  `start-up: ${ratio.toFixed(2)} x node (oopsreplay ${file}: ${tool.toFixed(0)} ms, node -e 0: ${node.toFixed(0)} ms; medians of ${runs} runs each)\n`,
);

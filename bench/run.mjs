// npm run bench [-- PART... | FILE...]: figures of this machine, now. Build first (npm run build). bench/README.md says what each line means.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { ERAS } from '../dist/index.js';
import { against, median, sample } from './against.mjs';
import { batches } from './batch.mjs';
import { cleanBoots, concatenate, crashLogs, folder, ours, rg, wc } from './logs.mjs';
import { oneOfEachClass } from './model.mjs';
import { MISSING, spin } from './spin.mjs';
import { startup } from './startup.mjs';
import { table } from './table.mjs';

/** The corpus beside a checkout of the project has the log of the first report; the sample is of the same kind. */
const LOGS = ['samples/dmesg/qcom-null-priv-5.10.log', '../shared/corpus/iommu/apple-dart-m1-6.5.6.log'];
/**
 * The largest model of the classic driver, and the budget with which every search here comes to its end. Larger ones exist: D/tegra-smmu/two-walks has more
 * than 20 million states even when reduced, since there a failing registration releases what two walks and a client are at.
 */
const LARGEST = 'D/apple-dart/two-clients';
const BUDGET = 16_000_000;
const SAMPLE = 9;

const PARTS = ['start-up', 'per-log', 'clean', 'crashes', 'batch', 'table', 'per-model', 'largest', 'two-walks'];
const asked = process.argv.slice(2).filter((arg) => PARTS.includes(arg));
const named = process.argv.slice(2).filter((arg) => !PARTS.includes(arg));
const parts = asked.length > 0 ? asked : named.length > 0 ? ['start-up'] : PARTS;
const files = (named.length > 0 ? named : LOGS).filter((file) => existsSync(file));
if (files.length === 0 || !existsSync('dist/cli.js')) {
  process.stderr.write(`usage: npm run build && npm run bench -- [${PARTS.join(' | ')} | FILE]...\n`);
  process.exit(2);
}
const say = (line) => process.stdout.write(`${line}\n`);
const whole = (n) => Math.round(n).toLocaleString('en');
const mebibytes = (bytes) => `${whole(bytes / 2 ** 20)} MiB`;
const milliseconds = ({ min, median: middle, max }) => `${whole(min)}/${whole(middle)}/${whole(max)} ms`;
const seconds = (s) => `${s.toFixed(2)} s`;
const times = (ratio) => `${ratio.toFixed(2)} x`;

function explored(kind, ...models) {
  const args = ['bench/explore.mjs', String(BUDGET), kind, ...models];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

const run = {
  'start-up': () => {
    for (const file of files) {
      const { tool, node, ratio, runs } = startup(file);
      say(`start-up: ${times(ratio)} node, ${file}: ${milliseconds(tool)}, node -e 0: ${milliseconds(node)}`);
      say(`          (minimum/median/maximum of ${runs} runs each in turn; the ratio is of the medians)`);
    }
  },
  'per-log': () => {
    for (const folders of [['../shared/logs'], ['../shared/logs', '../shared/corpus'], ['samples/dmesg']]) {
      if (!folders.every((folder) => existsSync(folder))) continue;
      const told = execFileSync(process.execPath, ['bench/per-log.mjs', ...folders], { encoding: 'utf8' });
      const { logs, median: middle, p95, worst } = JSON.parse(told);
      const ms = ({ milliseconds: took }) => `${took.toFixed(1)} ms`;
      say(
        `per log: median ${ms(middle)}, 95 of 100 within ${ms(p95)}, worst ${ms(worst)} (${worst.file}): ${logs} files of ${folders.join(' and ')}`,
      );
    }
  },
  clean: () => {
    const { at, remove } = folder();
    try {
      const boots = cleanBoots();
      const bytes = concatenate(boots, 200e6, at('clean.log'));
      const [we, lines, search] = [ours(at('clean.log')), wc(at('clean.log')), rg(at('clean.log'))];
      const rate = ({ seconds: s }) => `${whole(bytes / 1e6 / s)} MB/s`;
      if (search !== null)
        say(
          `clean: ${times(we.seconds / search.seconds)} the time of rg -c (${times(we.cpu / search.cpu)} by processor time): ${rate(we)}, rg ${rate(search)}, wc -l ${rate(lines)}`,
        );
      say(
        `       ${whole(bytes / 1e6)} MB of ${boots.length} crash-free boots, whole processes, best of 3; ${seconds(we.cpu)} of processors`,
      );
      const tenfold = concatenate(boots, 10 * bytes, at('clean.log'));
      const long = ours(at('clean.log'), undefined, 1);
      say(
        `clean: ${times(long.peak / we.peak)} the memory for ${times(tenfold / bytes)} the input: peak ${mebibytes(we.peak)}, then ${mebibytes(long.peak)} (${times(long.seconds / we.seconds)} the time)`,
      );
    } finally {
      remove();
    }
  },
  crashes: () => {
    const { at, remove } = folder();
    try {
      for (const [what, files] of Object.entries(crashLogs())) {
        const sizes = [4e6, 8e6].map((bytes) => ({
          bytes: concatenate(files, bytes, at(`${bytes}.log`)),
          file: at(`${bytes}.log`),
        }));
        const [four, eight] = sizes.map(({ bytes, file }) => ({ bytes, ...ours(file, ['parse']) }));
        say(
          `crashes: ${times(eight.seconds / four.seconds)} the time for ${times(eight.bytes / four.bytes)} the input; ${(four.bytes / 1e6 / four.seconds).toFixed(1)} MB/s (${(four.bytes / 1e6 / four.cpu).toFixed(1)} by processor time), then ${(eight.bytes / 1e6 / eight.seconds).toFixed(1)} MB/s`,
        );
        say(
          `         ${what}: ${files.length} files one after the other, parse, peak ${mebibytes(four.peak)}, then ${mebibytes(eight.peak)}`,
        );
      }
    } finally {
      remove();
    }
  },
  batch: () => {
    for (const { what, count, seed, bytes, one, two, again } of batches()) {
      const rate = ({ seconds: s }) => `${whole(count / s)} logs/s`;
      say(
        `batch: ${rate(two)} with 2 workers, ${rate(one)} with 1 (${times(one.seconds / two.seconds)}); peak ${mebibytes(two.peak)} and ${mebibytes(one.peak)}`,
      );
      say(
        `       ${whole(count)} ${what} (seed ${seed}, ${whole(bytes / 1e6)} MB), ${seconds(two.seconds)}; ${((two.cpu * 1000) / count).toFixed(2)} ms of processors a log, ${((one.cpu * 1000) / count).toFixed(2)} with 1 worker`,
      );
      say(
        `       a second run over the same folder: ${seconds(again.seconds)}, ${times(two.seconds / again.seconds)} as fast, peak ${mebibytes(again.peak)}`,
      );
    }
  },
  table: () => {
    const { seconds: all, simulations, states, eras, drivers, scenarios } = table();
    say(`table: ${eras} eras x ${drivers} drivers x ${scenarios.join(', ')}: ${simulations} simulations,`);
    say(`       ${whole(states)} states, ${seconds(all)}`);
  },
  'per-model': () => {
    const rows = against(sample(SAMPLE));
    for (const { model, own, generate, compile, run: ran, ratio } of rows)
      say(
        `per model: ${model}: ${seconds(own)}; SPIN ${seconds(generate)} + ${seconds(compile)} + ${seconds(ran)}: ${times(ratio)}`,
      );
    say(
      `per model: SPIN (generate + compile with gcc -O2 + run) takes ${times(median(rows.map((r) => r.ratio)))} as long: median of ${rows.length}, at least ${times(Math.min(...rows.map((r) => r.ratio)))}`,
    );
  },
  largest: () => {
    const own = { full: explored('full', LARGEST), reduced: explored('reduced', LARGEST) };
    for (const kind of ['full', 'reduced']) {
      const { states, transitions, depth, exhaustive, seconds: took, cpu, peak } = own[kind];
      say(
        `largest: ${LARGEST}, ${kind}: ${whole(states)} states, ${whole(transitions)} transitions, depth ${depth}, ${exhaustive ? 'exhaustive' : 'NOT exhaustive'}`,
      );
      say(
        `         ${seconds(took)} (${seconds(cpu)} of processors), ${whole(states / took)} states/s, peak ${mebibytes(peak)}`,
      );
      if (MISSING.length > 0) continue;
      const it = spin(LARGEST, kind, { hash: 24 });
      say(
        `         SPIN: ${whole(it.states)} states, ${whole(it.transitions)} transitions, ${seconds(it.run)} (${seconds(it.cpu)}), ${whole(it.states / it.run)} states/s, ${mebibytes(it.memory)}`,
      );
      say(
        `         ${times(states / took / (it.states / it.run))} SPIN's states a second (${times(states / cpu / (it.states / it.cpu))} by processor time); SPIN's search takes ${times(it.run / took)} as long`,
      );
    }
  },
  'two-walks': () => {
    const of = (drivers) => [...ERAS.keys()].flatMap((era) => drivers.map((driver) => `${era}/${driver}/two-walks`));
    const drivers = oneOfEachClass();
    for (const kind of ['full', 'reduced']) {
      const { models, states, exhaustive, seconds: took, peak } = explored(kind, ...of(drivers));
      say(`two-walks: every era x one driver of each class (${drivers.join(', ')}), ${kind}: ${models} models`);
      say(
        `           ${whole(states)} states, ${exhaustive ? 'exhaustive' : 'NOT exhaustive'}, ${seconds(took)}, peak ${mebibytes(peak)}`,
      );
    }
  },
};

say(`machine: ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, node ${process.version}, ${process.platform}`);
if (MISSING.length > 0) say(`SPIN: left out, as ${MISSING.join(' and ')} cannot be run here`);
for (const part of PARTS) {
  if (!parts.includes(part) || (part === 'per-model' && MISSING.length > 0)) continue;
  run[part]();
}

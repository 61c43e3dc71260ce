/**
 * `npm run lab -- ...`: outcomes of the model on real kernels in QEMU. It needs `npm run build`, and what lab/need.mjs lists. docs/LAB.md says more.
 *
 *   --from-model            every crash that the model reaches for a driver on a kernel, forced, and the console held against it
 *   --random N [--seed S]   N boots in which both threads sleep at random: is each crash one that the model reaches?
 *   --again DIR             the boots at random whose consoles stand there, judged anew by the program as it is
 *   --repeat N WITNESS      N boots of one witness, and N with the fix in force
 *   NAME...                 single cases: KERNEL/DRIVER/SCENARIO/NUMBER, as --list prints them
 *   --kernel K, --driver D, --scenario S   only those (repeatable); --out DIR (lab-logs)
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { casesOf, forceCase, randomAgain, randomBoot, repeatWitness } from './cases.mjs';
import { DRIVERS } from './drivers.mjs';
import { KERNELS, prepare } from './kernels.mjs';
import { missing } from './need.mjs';
import { chances, table } from './table.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'from-model': { type: 'boolean' },
    list: { type: 'boolean' },
    random: { type: 'string' },
    again: { type: 'string' },
    repeat: { type: 'string' },
    seed: { type: 'string', default: '1' },
    kernel: { type: 'string', multiple: true, default: [] },
    driver: { type: 'string', multiple: true, default: [] },
    scenario: { type: 'string', multiple: true, default: ['deferred-retry', 'first-probe'] },
    out: { type: 'string', default: 'lab-logs' },
  },
});

const absent = missing();
if (absent.length > 0) {
  console.error(`the lab needs more than is here: apt-get install ${absent.join(' ')}`);
  process.exit(2);
}
mkdirSync(values.out, { recursive: true });

/** Pairs of kernel and driver that are asked for and that there are. */
const pairs = Object.keys(KERNELS)
  .filter((name) => (values.kernel.length === 0 ? name in KERNELS : values.kernel.includes(name)))
  .flatMap((name) =>
    Object.keys(DRIVERS)
      .filter((d) => DRIVERS[d].kernels.test(name) && (values.driver.length === 0 || values.driver.includes(d)))
      .map((driver) => ({ name, driver })),
  );
/** A name of a case, or its beginning, names its kernel and driver too. */
const named = (pair) =>
  values.repeat !== undefined ||
  positionals.length === 0 ||
  positionals.some(
    (p) => `${p}/`.startsWith(`${pair.name}/${pair.driver}/`) || `${pair.name}/${pair.driver}`.startsWith(p),
  );
const prepared = new Map();
const kernelOf = (name) => prepared.get(name) ?? prepared.set(name, prepare(name)).get(name);

/** One result a line, kept while it comes: a run of hours may be cut. */
function keep(file, row) {
  writeFileSync(join(values.out, file), `${JSON.stringify(row)}\n`, { flag: 'a' });
  console.log(`${row.name}: ${row.result}${row.why ? ` (${row.why})` : ''}${row.seconds ? `, ${row.seconds} s` : ''}`);
}

async function fromModel(wanted) {
  const rows = [];
  for (const { name, driver } of pairs.filter(named))
    for (const one of casesOf(kernelOf(name), driver, values.scenario)) {
      if (wanted !== null && !wanted.some((w) => one.name === w || one.name.startsWith(`${w}/`))) continue;
      if (values.list) {
        console.log(`${one.name}  ${one.outcome}`);
        continue;
      }
      const row = await forceCase(kernelOf(name), one, values.out);
      rows.push(row);
      keep('forced.ndjson', row);
    }
  if (rows.length > 0) console.log(table(rows));
  return rows.some((row) => row.result === 'seen otherwise' || row.result === 'seen nothing');
}

async function random(boots) {
  let strange = 0;
  for (let i = 0; i < boots; i++) {
    const seed = Number(values.seed) + i;
    const { name, driver } = pairs[i % pairs.length];
    const row = await randomBoot(
      kernelOf(name),
      driver,
      values.scenario[Math.floor(i / pairs.length) % values.scenario.length],
      seed,
      values.out,
    );
    keep('random.ndjson', row);
    strange += row.result === 'outside the model' ? 1 : 0;
  }
  console.log(`crashes outside the model: ${strange} in ${boots} boots`);
  return strange > 0;
}

/** Consoles of earlier boots at random, judged anew; how many of each result for each kernel and driver. */
function again(dir) {
  const rows = readFileSync(join(dir, 'random.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const judged = rows.map((row) => randomAgain(kernelOf(row.kernel), row, dir));
  for (const row of judged) if (row.result !== 'no crash') console.log(`${row.name}: ${row.result} (${row.why})`);
  console.log(chances(judged));
  return judged.some((row) => row.result === 'outside the model');
}

let bad = false;
if (values.again !== undefined) bad = again(values.again);
else if (values.repeat !== undefined) {
  for (const { name, driver } of pairs)
    for await (const row of repeatWitness(kernelOf(name), driver, positionals[0], Number(values.repeat), values.out))
      keep('repeated.ndjson', row);
} else if (values.random !== undefined) bad = await random(Number(values.random));
else if (values['from-model'] || values.list || positionals.length > 0)
  bad = await fromModel(positionals.length > 0 ? positionals : null);
else
  console.log(
    readFileSync(new URL(import.meta.url), 'utf8')
      .match(/\/\*\*([\s\S]*?)\*\//)[1]
      .replaceAll(/^ \* ?/gm, '')
      .trim() || basename(import.meta.url),
  );
process.exitCode = bad ? 1 : 0;

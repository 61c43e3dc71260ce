// Random commands over random mutations of real logs, in every format, on a machine that misbehaves: npm run soak [-- MINUTES [SEED [TURN]]] (5 minutes; the
// seed is printed; with a TURN that one alone). What must hold of each: it ends by itself, its status is a documented one and no defect's (3), no stack is printed,
// what it prints is whole by its format's own schema or reader, every input has its result, and a store that was killed over is finished to the bytes of one
// that was not. Each failure is printed with what makes it again, its inputs are kept; status 1 where there is one.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batches } from './soak/batches.mjs';
import { drawing, turnSeed } from './soak/draw.mjs';
import { machine } from './soak/machine.mjs';
import { model } from './soak/model.mjs';
import { oneLog } from './soak/one-log.mjs';
import { session } from './soak/session.mjs';

const [minutes = '5', given, only] = process.argv.slice(2);
const seed = given === undefined ? Date.now() % 1_000_000_007 : Number(given);
const work = mkdtempSync(join(tmpdir(), 'oopsreplay-soak-'));
const started = Date.now();
const end = started + Number(minutes) * 60_000;
/** Of so many turns one is of those that take a minute or more. */
const LARGE_EVERY = 40;

const soak = session({ work, seed });

async function turn(number) {
  soak.begin(number);
  const d = drawing(turnSeed(seed, number));
  const { actions, large } = batches(soak, d);
  const { simulated: _, ...asked } = model(soak, d);
  const all = { ...oneLog(soak, d), ...asked, ...actions, ...machine(soak, d) };
  const largest = Object.keys(large);
  // Each of them comes, in turn.
  const name =
    number % LARGE_EVERY === LARGE_EVERY / 2
      ? largest[Math.floor(number / LARGE_EVERY) % largest.length]
      : d.pick(Object.keys(all));
  soak.count(`turns: ${name}`);
  const began = Date.now();
  try {
    await (large[name] ?? all[name])();
  } catch (error) {
    soak.failed(name, [], `the soak itself: ${error.stack}`);
  }
  console.log(`turn ${number}: ${name}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  for (const file of readdirSync(work))
    if (!/^kept-/.test(file)) rmSync(join(work, file), { recursive: true, force: true });
}

// A promise of our own that nobody settles would end this with 0.
process.exitCode = 1;
console.log(`seed ${seed}, ${minutes} minutes, in ${work}`);
if (only !== undefined) await turn(Number(only));
else for (let number = 0; Date.now() < end; number++) await turn(number);

const { counts, totals, failures } = soak;
console.log(
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, n]) => `${n} ${what}`)
    .join(', '),
);
console.log(
  `${totals.commands} commands, ${totals.inputs} inputs, ${totals.kills} kills, ${Math.round((Date.now() - started) / 60_000)} minutes, ${failures.length} failures (seed ${seed})`,
);
if (failures.length === 0) rmSync(work, { recursive: true });
process.exitCode = failures.length > 0 ? 1 : 0;

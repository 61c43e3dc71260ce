/** From the model's outcomes to boots: what is asked of the program, what is booted, and what came of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot } from './boot.mjs';
import { clientOf, DRIVERS } from './drivers.mjs';
import { differences, judged, oopsreplay } from './judge.mjs';
import { CACHE, make } from './kernels.mjs';
import { scriptOf } from './scripts.mjs';

const NOT_FIXED = ['--not-fixed', 'a2e7e59a9426'];
/** Flags for a kernel whose fix the module takes out. */
const flagsOf = (kernel) => (kernel.fixed ? NOT_FIXED : []);

/** Answers of the program, by what was asked: boots at random ask the same again and again. */
const known = new Map();

function simulated(kernel, driver, scenario, memory = 'plain') {
  const key = `${kernel.name} ${driver} ${scenario} ${memory}`;
  if (!known.has(key)) known.set(key, asked(kernel, driver, scenario, memory));
  return known.get(key);
}

function asked(kernel, driver, scenario, memory) {
  const result = oopsreplay(
    'simulate',
    '--kernel',
    kernel.version,
    '--driver',
    DRIVERS[driver].model ?? driver,
    ...(DRIVERS[driver].entries ? ['--iommus', String(DRIVERS[driver].entries)] : []),
    '--scenario',
    scenario,
    '--memory',
    memory,
    ...(kernel.without ?? flagsOf(kernel)),
  );
  if (result.error) throw new Error(result.error);
  return (result.set?.simulation ?? result).outcomes.filter((o) => o.crash);
}

/** Every crash of the model for a driver on a kernel: { name, driver, scenario, outcome, witness }. */
export function casesOf(kernel, driver, scenarios) {
  return scenarios.flatMap((scenario) =>
    simulated(kernel, driver, scenario).map(({ outcome, witness, hypothesis }, i) => ({
      name: `${kernel.name}/${driver}/${scenario}/${i + 1}`,
      ...{ driver, scenario, outcome, witness, hypothesis },
    })),
  );
}

/** The module of a witness, built for the kernel; { error } where nothing can be forced. */
function moduleFor(kernel, driver, witness) {
  mkdirSync(join(CACHE, 'force'), { recursive: true });
  // One of its own: several labs may run side by side.
  const folder = mkdtempSync(join(CACHE, 'force', `${kernel.name}-`));
  try {
    const plan = oopsreplay('reproduce', witness, '--force', '-o', folder, '--device', clientOf(DRIVERS[driver]));
    if (plan.error) return plan;
    const warnings = make(kernel, folder);
    return { plan, warnings, bytes: readFileSync(join(folder, 'oopsreplay_force.ko')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The module of boots at random, built once for each. */
const chances = new Map();

function randomModuleFor(kernel, driver, scenario) {
  const key = `${kernel.name} ${driver} ${scenario}`;
  if (!chances.has(key)) chances.set(key, moduleFor(kernel, driver, simulated(kernel, driver, scenario)[0].witness));
  return chances.get(key);
}

/** A client that was deferred waits for its IOMMU however long a boot takes: kernels give up after 10 s, and 5.10 at once. */
const CMDLINE = 'deferred_probe_timeout=3600';

const GATE = /oopsreplay_force: gate (\d+): (?!before )/;

/** The gates that were come to, and those that the module did not find. */
function gatesIn(text, gates) {
  const lines = text.split('\n');
  const reached = new Set(lines.flatMap((line) => GATE.exec(line)?.[1] ?? []).map(Number));
  return { reached: reached.size, missed: gates.map((_, i) => i).filter((i) => !reached.has(i)) };
}

function sidecar(kernel, one, script, result, more) {
  return {
    ...{ kernel: { package: `linux-image-${kernel.release}`, version: kernel.version, arch: kernel.arch } },
    patches: [
      'none in the source: delays by the module oopsreplay_force',
      ...(kernel.fixed && more.nolock ? ['a2e7e59a9426 taken out at run time (nolock=1)'] : []),
    ],
    ...{
      driver: one.driver,
      scenario: one.scenario,
      expected: one.outcome ?? null,
      witness: one.witness ?? null,
      script,
      offsets: kernel.offsets,
    },
    ...{ ended: result.ended, seconds: result.seconds, ...more },
  };
}

async function runCase(kernel, driverName, options, built) {
  const driver = DRIVERS[driverName];
  const script = scriptOf(driver, options);
  const result = await boot(kernel, driver, {
    script,
    modules: [['force.ko', built.bytes]],
    instances: options.earlier ? 2 : 1,
    cmdline: CMDLINE,
  });
  return { script, result };
}

/** Loads of dev->iommu that a plan counts to and the function does not have: "gate 1: before ..., 2 of 1 places in rk_iommu_probe_device+0x0". */
function mergedIn(text) {
  const found = [...text.matchAll(/gate \d+: before .*, (\d+) of (\d+) places in (\w+)/g)];
  return found
    .filter(([, nth, there]) => Number(nth) > Number(there))
    .map(([, nth, there, fn]) => ({ nth, there, fn }));
}

/** Forces one outcome and says what was seen: 'as said', 'seen otherwise', 'seen nothing', 'not forceable'. */
export async function forceCase(kernel, one, out) {
  const row = {
    name: one.name,
    kernel: kernel.name,
    driver: one.driver,
    scenario: one.scenario,
    outcome: one.outcome,
    hypothesis: one.hypothesis,
  };
  const built = moduleFor(kernel, one.driver, one.witness);
  if (built.error) return { ...row, result: 'not forceable', why: built.error };
  const { plan } = built;
  if (plan.outcome !== one.outcome)
    return { ...row, result: 'not forceable', why: `the nearest that can be forced is ${plan.outcome}` };
  const walkFirst = plan.threads[plan.turns[0]].role === 'walk';
  const { script, result } = await runCase(
    kernel,
    one.driver,
    { scenario: one.scenario, earlier: plan.earlier, walkFirst, force: kernel.fixed ? 'nolock=1' : '' },
    built,
  );
  const file = join(out, `${one.name.replaceAll('/', '-')}.log`);
  writeFileSync(file, result.text);
  const seen = judged(file, result.text, flagsOf(kernel));
  const { missed } = gatesIn(result.text, plan.gates);
  const role = plan.threads[plan.turns.at(-1)].role;
  const wrong = seen === null ? ['no crash'] : differences(seen, one.outcome, role, kernel.offsets);
  const gates = missed.length > 0 ? [`gates ${missed.join(', ')} not reached`] : [];
  const [merged] = plan.reloads && seen === null ? mergedIn(result.text) : [];
  if (merged !== undefined) {
    const why = `it needs load ${merged.nth} of dev->iommu in ${merged.fn}, and this compiler made ${merged.there}`;
    return { ...row, result: 'not forceable', why, seconds: result.seconds };
  }
  const as = seen === null ? 'seen nothing' : wrong.length > 0 ? 'seen otherwise' : 'as said';
  writeFileSync(
    file.replace(/log$/, 'json'),
    JSON.stringify(
      sidecar(kernel, one, script, result, { nolock: kernel.fixed, seen, result: as, wrong, missed }),
      null,
      1,
    ),
  );
  return {
    ...row,
    result: as,
    why: [...wrong, ...gates].join('; '),
    seconds: result.seconds,
    seen,
    warnings: built.warnings,
  };
}

/** Every crash that the model reaches for a driver on a kernel. A slab allocator that is hardened sees some double frees without KASAN. */
function allOf(kernel, driver) {
  const scenarios = ['deferred-retry', 'first-probe', 'two-walks'];
  const asked = ['plain', 'kasan'].flatMap((memory) => scenarios.map((s) => simulated(kernel, driver, s, memory)));
  return new Set(asked.flat().map((o) => o.outcome));
}

/** What came of a boot at random, by its first crash. */
function chanceSeen(kernel, driver, seen) {
  if (seen === null) return 'no crash';
  const all = allOf(kernel, driver);
  return seen.judged.outcomes.some((o) => all.has(o)) ? 'of the model' : 'outside the model';
}

/** The console of an earlier boot at random, judged anew; the row that was written then is `row`. */
export function randomAgain(kernel, row, out) {
  const file = join(out, `${row.name}.log`);
  if (row.result === 'no crash') return row;
  const seen = judged(file, readFileSync(file, 'utf8'), flagsOf(kernel));
  return { ...row, result: chanceSeen(kernel, row.driver, seen), why: whyOf(seen) };
}

const whyOf = (seen) => (seen ? `${seen.judged.class}: ${seen.judged.outcomes.join(', ') || seen.pc}` : '');

/** A boot in which chance says where the threads sleep. */
export async function randomBoot(kernel, driver, scenario, seed, out) {
  const built = randomModuleFor(kernel, driver, scenario);
  if (built.error) throw new Error(built.error);
  const earlier = driver === 'rockchip' && seed % 3 !== 0;
  const options = {
    scenario,
    earlier,
    force: `seed=${seed} client=${clientOf(DRIVERS[driver])} instance=${earlier ? 2 : 1}${kernel.fixed ? ' nolock=1' : ''}`,
    gap: ((seed * 7919) % 40) / 100,
    after: 4,
  };
  const { script, result } = await runCase(kernel, driver, options, built);
  const name = `random-${kernel.name}-${driver}-${scenario}-${seed}`;
  const file = join(out, `${name}.log`);
  const seen = judged(file, result.text, flagsOf(kernel));
  const as = chanceSeen(kernel, driver, seen);
  if (seen !== null)
    writeFileSync(
      file.replace(/log$/, 'json'),
      JSON.stringify(
        sidecar(kernel, { driver, scenario }, script, result, { seed, nolock: kernel.fixed, seen, result: as }),
        null,
        1,
      ),
    );
  else if (!/ up, /.test(result.text)) writeFileSync(file, result.text);
  return {
    name,
    kernel: kernel.name,
    driver,
    scenario,
    seed,
    result: as,
    why: whyOf(seen),
    up: / up, (.*)/.exec(result.text)?.[1] ?? null,
    seconds: result.seconds,
  };
}

/** The witness again and again; and with the fix in force (a kernel that has it, without nolock) as often. */
export async function* repeatWitness(kernel, driver, witness, times, out) {
  const built = moduleFor(kernel, driver, witness);
  if (built.error) throw new Error(built.error);
  const { plan } = built;
  for (const nolock of kernel.fixed ? [true, false] : [false])
    for (let i = 1; i <= times; i++) {
      const { result } = await runCase(
        kernel,
        driver,
        { scenario: plan.scenario, earlier: plan.earlier, force: nolock ? 'nolock=1' : '' },
        built,
      );
      const name = `repeat-${kernel.name}-${driver}-${nolock ? 'nolock' : kernel.fixed ? 'fixed' : 'as-is'}-${i}`;
      const file = join(out, `${name}.log`);
      writeFileSync(file, result.text);
      const seen = judged(file, result.text, nolock ? NOT_FIXED : []);
      const role = plan.threads[plan.turns.at(-1)].role;
      const wrong = seen === null ? [] : differences(seen, plan.outcome, role, kernel.offsets);
      yield {
        name,
        kernel: kernel.name,
        driver,
        nolock,
        result: seen === null ? 'no crash' : wrong.length > 0 ? 'seen otherwise' : 'as said',
        why: wrong.join('; '),
        seconds: result.seconds,
        warnings: built.warnings,
      };
    }
}

// What a user waits for, for one model: the whole process of `oopsreplay simulate`, beside SPIN from the model's text to the end of its search.
import { spawnSync } from 'node:child_process';
import { DRIVERS, ERAS } from '../dist/index.js';
import { SMALL } from './model.mjs';
import { spin } from './spin.mjs';

/** Every n-th of all eras, drivers and small scenarios, so that there are `count` of them, spread evenly. */
export function sample(count) {
  const all = [...ERAS.keys()].flatMap((era) =>
    [...DRIVERS.keys()].flatMap((driver) => SMALL.map((scenario) => `${era}/${driver}/${scenario}`)),
  );
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]);
}

function once(model) {
  const [era, driver, scenario] = model.split('/');
  const args = [
    'dist/cli.js',
    'simulate',
    '--era',
    era,
    '--driver',
    driver,
    '--scenario',
    scenario,
    '--format',
    'json',
  ];
  const start = performance.now();
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`simulate ${model}: exit status ${status}`);
  return { seconds: (performance.now() - start) / 1000, states: JSON.parse(stdout).states };
}

/** By model: seconds of either, and how many times longer SPIN takes. */
export function against(models, options) {
  return models.map((model) => {
    const own = once(model);
    const { generate, compile, run, states } = spin(model, 'full', options);
    // SPIN has one state more, the one before its first step.
    if (states !== own.states + 1) throw new Error(`${model}: ${own.states} states, and SPIN has ${states}`);
    const seconds = generate + compile + run;
    return { model, own: own.seconds, generate, compile, run, seconds, ratio: seconds / own.seconds };
  });
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

// The model on its own: how fast states are visited, on the largest scenario there is, and how long the whole table takes.
import { build, DRIVERS, ERAS, explore, SCENARIOS, simulate } from '../dist/index.js';

const setUp = (era, driver, scenario) => ({ era, driver, scenario, memory: 'kasan', granularity: 'compiled' });

/** Explores one set-up; states, transitions, seconds, and whether the budget ended it. */
function timed(era, driver, scenario, budget) {
  const machine = build(setUp(era, driver, scenario));
  const start = performance.now();
  const { states, transitions, exhaustive } = explore(machine, { states: budget });
  const seconds = (performance.now() - start) / 1000;
  return { name: `era ${era.id}, ${driver.name}, ${scenario.id}`, states, transitions, exhaustive, seconds };
}

/** The largest graph of two-walks with apple-dart, over all eras; larger ones with other drivers end at any budget a bench can wait for. */
export function largest(budget = 4_000_000) {
  const driver = DRIVERS.get('apple-dart');
  const scenario = SCENARIOS.get('two-walks');
  // Warmed up by the small scenarios of the same code, as the table would.
  timed(ERAS.get('E'), driver, SCENARIOS.get('first-probe'), budget);
  const all = [...ERAS.values()].map((era) => timed(era, driver, scenario, budget));
  return all.reduce((most, one) => (one.states > most.states ? one : most));
}

/** Every era, driver and scenario of one client or two walks, with outcomes, counts and witnesses. */
export function table() {
  const scenarios = ['deferred-retry', 'first-probe', 'walks-only'].map((id) => SCENARIOS.get(id));
  const start = performance.now();
  let models = 0;
  let states = 0;
  for (const era of ERAS.values())
    for (const driver of DRIVERS.values())
      for (const scenario of scenarios) {
        states += simulate(setUp(era, driver, scenario)).states;
        models++;
      }
  return { models, states, seconds: (performance.now() - start) / 1000 };
}

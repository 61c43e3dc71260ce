// The whole table of outcomes, in one process: every era and driver in the scenarios that a verdict asks for, with counts and witnesses.
import { DRIVERS, ERAS, SCENARIOS, simulate } from '../dist/index.js';

/** Seconds for the table, its simulations and the states of all of them. */
export function table(scenarios = ['deferred-retry', 'first-probe', 'walks-only']) {
  const start = performance.now();
  let simulations = 0;
  let states = 0;
  for (const era of ERAS.values())
    for (const driver of DRIVERS.values())
      for (const id of scenarios) {
        const scenario = SCENARIOS.get(id);
        states += simulate({ era, driver, scenario, memory: 'kasan', granularity: 'compiled' }).states;
        simulations++;
      }
  const seconds = (performance.now() - start) / 1000;
  return { seconds, simulations, states, eras: ERAS.size, drivers: DRIVERS.size, scenarios };
}

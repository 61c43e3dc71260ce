// A set-up of the model by names, as the figures ask for it: with KASAN, at compiled granularity.
import { DRIVERS, ERAS, SCENARIOS } from '../dist/index.js';

export function setUp(era, driver, scenario) {
  return {
    era: ERAS.get(era),
    driver: DRIVERS.get(driver),
    scenario: SCENARIOS.get(scenario),
    memory: 'kasan',
    granularity: 'compiled',
  };
}

export const SMALL = ['deferred-retry', 'first-probe', 'walks-only'];

/** The first driver of each class, i.e. of each way to fill dev->iommu. */
export function oneOfEachClass() {
  const first = new Map();
  for (const driver of DRIVERS.values()) if (!first.has(driver.class)) first.set(driver.class, driver.name);
  return [...first.values()];
}

/** A set-up of the model by names, with KASAN and at compiled granularity unless `more` says otherwise. */
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { SCENARIOS, type SetUp } from '../../src/sim/scenarios.ts';

export function setUp(era: string, driver: string, scenario: string, more: Partial<SetUp> = {}): SetUp {
  return {
    era: ERAS.get(era)!,
    driver: DRIVERS.get(driver)!,
    scenario: SCENARIOS.get(scenario)!,
    memory: 'kasan',
    granularity: 'compiled',
    ...more,
  };
}

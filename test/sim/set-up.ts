/** A set-up of the model by names, with KASAN and at compiled granularity unless `more` says otherwise. */
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { withFeatures } from '../../src/sim/eras/record.ts';
import type { EraCode } from '../../src/sim/procedures/code.ts';
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

/** Trees that are no era's code: read in public sources of these vendors (an Android common kernel is named by its branch). */
export const HYBRIDS = [
  { tree: 'android12-5.10', era: 'C', set: 'lock=static' },
  { tree: 'android13-5.15, 5.15.167', era: 'C', set: 'lock=global,replay=always,groupTest=both' },
  { tree: 'android14-6.1, 6.1.135', era: 'F61', set: 'groupTest=both' },
] as const;

/** An era's code with features set; throws where there is no such code. */
export function hybrid(era: string, set: string): EraCode {
  const made = withFeatures(ERAS.get(era)!, set);
  if (!made.ok) throw new Error(made.why);
  return made.code;
}

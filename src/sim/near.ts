/** Which scenarios a crash is looked for in, and in which order: they are asked about log after log, so their answers come with the build (usual.ts). */
import { withoutUnused } from './eras/overrides.ts';
import type { LockScope } from './procedures/code.ts';
import { bothStarts, type Scenario, type SetUp } from './scenarios.ts';
import type { ScenarioId } from './types.ts';

/** Where the race is looked for first. */
export const NEAR: readonly ScenarioId[] = ['deferred-retry', 'first-probe', 'walks-only', 'acpi'];
/** Clients of other entries, what was left over, and what needs one thread only: looked at where the race is not found near. */
export const WIDE: readonly ScenarioId[] = ['two-instances', 'foreign', 'left-over', 'second-provider'];
/** With two entries of the one instance, too. */
const TWICE: ReadonlySet<ScenarioId> = new Set(['deferred-retry', 'first-probe', 'acpi']);

/** The scenarios with one era and driver. `lock` overrides the era's own; `twice`: with two entries, too. */
export function setUpsIn(
  scenarios: readonly Scenario[],
  { era, driver, memory }: Pick<SetUp, 'era' | 'driver' | 'memory'>,
  lock: LockScope | undefined,
  twice: boolean,
): readonly SetUp[] {
  const one = scenarios.map(
    (scenario): SetUp =>
      withoutUnused({ era, driver, scenario, memory, granularity: 'compiled', ...(lock ? { lock } : {}) }),
  );
  const two = twice ? one.filter((s) => TWICE.has(s.scenario.id)) : [];
  // Both starts, and both numbers of entries: the log does not say.
  return [...one, ...two.map((s): SetUp => ({ ...s, iommus: 2 }))].flatMap(bothStarts);
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { SCENARIOS } from '../../src/sim/scenarios.ts';
import { simulate } from '../../src/sim/simulate.ts';

type Crash = [name: string, preemptions: number, serial: boolean, granularity: 'compiled' | 'source'];
interface Row {
  readonly era: string;
  readonly driver: string;
  readonly scenario: string;
  readonly crashes: readonly Crash[];
  readonly quiet: readonly [name: string, preemptions: number, serial: boolean][];
}

const { rows } = JSON.parse(readFileSync('test/fixtures/independent-model.json', 'utf8')) as { rows: readonly Row[] };

/** Where the two models differ on purpose. Each difference has its reason; an unexplained one fails. */
const EXTRA: readonly { readonly outcome: RegExp; readonly reason: string }[] = [
  {
    outcome: /^null-read iommu_device\.(?:ops|dev) in /,
    reason:
      'apple_dart_probe_device() returns &NULL->iommu while cfg->stream_maps[0].dart is empty: seen on a real kernel',
  },
  {
    outcome: /^null-read arm_smmu_device\.(?:dev|streamid_mask) in arm_smmu_probe_device$/,
    reason:
      'arm_smmu_get_by_fwnode() finds bound SMMUs only (driver_find_device() walks klist_devices, filled by driver_bound())',
  },
  {
    outcome: /^(?:null|uaf)-read (?:dev_iommu\.fwspec|fwspec\.iommu_fwnode) in iommu_dma_get_resv_regions$/,
    reason: 'the other model leaves get_resv_regions() of the drivers out',
  },
  {
    outcome: /^uaf-read apple_dart_master_cfg\.stream_maps in apple_dart_attach_dev$/,
    reason:
      'apple_dart_release_device(), at the error exit of another probe, frees cfg; the other model does not free it',
  },
];
/** With that NULL the walk ends before these quiet ends of arm-smmu. */
const NOT_QUIET = new Set([
  'arm-smmu bound-default-domain-missing',
  'arm-smmu bound-without-iommu-then-grouped',
  'arm-smmu probed-with-zero-ids',
]);
/** One preemption fewer by the way through the empty stream map. */
const FEWER = new Set(['D apple-dart first-probe null-read iommu_device.ops in iommu_group_get_for_dev']);

describe.each(rows)('era $era, $driver, $scenario, against an independent model', (row) => {
  const at = (granularity: 'compiled' | 'source') =>
    new Map(
      simulate({
        era: ERAS.get(row.era)!,
        driver: DRIVERS.get(row.driver)!,
        scenario: SCENARIOS.get(row.scenario)!,
        memory: 'kasan',
        granularity,
      }).outcomes.map((o) => [o.outcome, o]),
    );
  const compiled = at('compiled');
  const source = at('source');

  it('reaches every crash that it reaches, with as many preemptions, at the same granularity', () => {
    for (const [name, preemptions, serial, granularity] of row.crashes) {
      const own = (granularity === 'compiled' ? compiled : source).get(name);
      expect(own, name).toBeDefined();
      const fewer = FEWER.has(`${row.era} ${row.driver} ${row.scenario} ${name}`) ? 1 : 0;
      expect(own, name).toMatchObject({ preemptions: preemptions - fewer, serial });
      if (granularity === 'source') expect(compiled.has(name), `${name} at compiled granularity`).toBe(false);
    }
  });

  it('reaches no other crash, but for differences with a reason', () => {
    const known = new Set(row.crashes.map(([name]) => name));
    const extra = [...source.values()].filter((o) => o.crash && !known.has(o.outcome)).map((o) => o.outcome);
    expect(extra.filter((name) => !EXTRA.some((e) => e.outcome.test(name)))).toEqual([]);
  });

  it('ends quietly in the same ways', () => {
    for (const [name, preemptions, serial] of row.quiet) {
      if (NOT_QUIET.has(`${row.driver} ${name}`) || name === 'registration-failed') continue;
      expect(compiled.get(name), name).toMatchObject({ crash: false, preemptions, serial });
    }
  });
});

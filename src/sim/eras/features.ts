/**
 * The features in which kernels' code differs (`EraCode`), for people: what `--set` and a record of code may say of each, what each value means, and the
 * commit that brought it. Sources: the patches themselves, as eras.ts cites them.
 */
import type { EraCode } from '../procedures/code.ts';

export type FeatureName = Exclude<keyof EraCode, 'id'>;

export interface FeatureValue {
  /** As it stands in the record. */
  readonly value: EraCode[FeatureName];
  /** As `--set` and a file may write it; without spaces. */
  readonly token: string;
  /** The commit that made the code so; null: it always was, or the commit is not established. */
  readonly commit: string | null;
  /** First release that has it; null: no kernel has it. */
  readonly since: string | null;
  /** What such code is said to have, behind "plus". */
  readonly words: string;
}

export interface Feature {
  readonly name: FeatureName;
  readonly means: string;
  /** Oldest code first. */
  readonly values: readonly FeatureValue[];
  /** May be left out of a record: what most of the era's releases do is then taken. */
  readonly optional?: true;
}

const v = (
  value: FeatureValue['value'],
  commit: string | null,
  since: string | null,
  words: string,
  token = String(value),
): FeatureValue => ({ value, token, commit, since, words });

const yes = (commit: string, since: string, having: string, lacking: string): readonly FeatureValue[] => [
  v(false, null, '5.7', lacking, 'no'),
  v(true, commit, since, having, 'yes'),
];

export const FEATURES: readonly Feature[] = [
  {
    name: 'lock',
    means: 'how far iommu_probe_device_lock reaches',
    values: [
      v('none', null, '5.7', 'no iommu_probe_device_lock'),
      v('static', '01657bc14a39', '6.2, 6.1.2', 'the lock of 01657bc14a39'),
      v('global', 'a2e7e59a9426', '6.7, 6.6.5, 6.1.68', 'the lock of a2e7e59a9426'),
    ],
  },
  {
    name: 'walk',
    means: 'who walks the bus: bus_set_iommu(), once per driver, or every iommu_device_register()',
    values: [
      v('bus_set_iommu', null, '5.7', 'the walk of bus_set_iommu()'),
      v('register', '57365a04c921', '6.1', 'the walks of 57365a04c921'),
    ],
  },
  {
    name: 'free',
    means: 'whether dev_iommu_free() frees before or after it stores NULL to dev->iommu',
    values: [
      v('free-then-null', null, '5.7', 'the dev_iommu_free() of before b54240ad4943'),
      v('null-then-free', 'b54240ad4943', '5.17, 5.10.101, 5.15.24', 'the dev_iommu_free() of b54240ad4943'),
    ],
  },
  {
    name: 'shape',
    means: 'the code that __iommu_probe_device(), of_iommu_configure() and the drivers are read from',
    values: [
      v('5.7', '72acd9df18f1', '5.7', "v5.7's functions"),
      v('5.10', 'a6a4c7e2c5b8', '5.8', "5.10's functions"),
      v('5.11', '25938c73cd79', '5.11', "v5.11's tegra-smmu"),
      v('6.1', null, '5.18', "6.1's functions"),
      v('6.6', 'aa0958570f24', '6.6', "6.6's functions"),
      v('6.7', 'e8f52d84cf0b', '6.7', "v6.7's functions"),
      v('6.8', '17de3f5fdd35', '6.8', "v6.8's functions"),
      v('6.11', '3e36c15fc1cc', '6.11', "v6.11's functions"),
      v('6.13', 'c9b4a3185fcb', '6.13', "v6.13's omap"),
      v('6.15', 'bcb81ac6ae3c', '6.15', "v6.15's functions"),
      v('6.17', '72b6f7cd89ce', '6.17', "v6.17's virtio-iommu and tegra-smmu"),
    ],
  },
  {
    name: 'replay',
    means: 'when of_iommu_configure() calls iommu_probe_device() behind a translation',
    values: [
      v('if-ungrouped', null, '5.7', 'a replay only without a group'),
      v('always', 'f188056352bc', '6.6', 'the unconditional replay of f188056352bc'),
      v('if-absent', 'bcb81ac6ae3c', '6.15', 'a replay only where dev->iommu was absent (bcb81ac6ae3c)'),
    ],
  },
  {
    name: 'groupTest',
    means: 'who leaves a device alone that has a group: probe_iommu_group(), __iommu_probe_device(), or both',
    values: [
      v('nobody', null, '5.7', 'no test for a group before a probe'),
      v('walk', null, '5.8', "the walk's test for a group"),
      v('probe', '6eb4da8cf545', '6.6', "__iommu_probe_device()'s test for a group (6eb4da8cf545)"),
      v('both', '6eb4da8cf545', null, 'the test for a group in __iommu_probe_device() too (6eb4da8cf545)'),
    ],
  },
  {
    name: 'undo',
    means: 'what of_iommu_configure() takes back on error',
    values: [
      v('nothing', null, '5.7', 'nothing undone on error'),
      v('fwspec', '5f937bc48a6a', '6.11', 'the fwspec freed on error (5f937bc48a6a)'),
      v('all-it-made', '3832862eb9c4', '6.15, 6.12.31, 6.14.9', 'all undone on error (3832862eb9c4)'),
    ],
  },
  {
    name: 'defaultDomain',
    means: 'whether iommu_device_use_default_domain() defers a client whose group has no default domain yet',
    values: [
      v('unchecked', null, '5.7', 'no test for a default domain'),
      v('checked', 'b46064a18810', '6.15, 6.14.2, 6.12.26, 6.6.90', 'the test of b46064a18810'),
    ],
  },
  {
    name: 'recheck',
    means: 'whether iommu_init_device() looks again after it had dropped the lock for dma_configure()',
    values: yes('0c8e9c148e29', '6.16, 6.15.1', 'the second look of 0c8e9c148e29', 'no second look (0c8e9c148e29)'),
  },
  {
    name: 'ready',
    means: "whether iommu_fwspec_init() defers a device until the instance's walks are over",
    values: yes('da33e87bd2bf', '6.16, 6.15.1', 'the test of da33e87bd2bf', 'no test of iommu_device.ready'),
  },
  {
    name: 'amba',
    optional: true,
    means: 'how often amba_dma_configure() reads dev->driver',
    values: [
      v('reads dev->driver twice', 'bcb81ac6ae3c', '6.15', "amba's second look at dev->driver", 'twice'),
      v('reads dev->driver once', '95deee37a123', null, "amba's single look at dev->driver", 'once'),
    ],
  },
  {
    name: 'release',
    optional: true,
    means:
      'whether iommu_release_device() frees dev->iommu (without the lock); never: no kernel does so, it asks what else can crash',
    values: [
      v('unlocked', null, '5.7', 'an unlocked iommu_release_device()'),
      v('never', null, null, 'no iommu_release_device()'),
    ],
  },
  {
    name: 'smmuBound',
    means: 'what arm-smmu does with a client whose SMMU is not bound yet: follows NULL, defers it, or finds the SMMU',
    optional: true,
    values: [
      v('null', null, '5.7', 'an arm-smmu that follows a NULL smmu'),
      v(
        'defer',
        '229e6ee43d2a',
        '6.13, 6.12.4, 6.6.66, 6.1.120, 5.15.174, 5.10.231',
        'an arm-smmu that defers its clients (229e6ee43d2a)',
      ),
      v('found', '7d835134d4e1', '6.14', 'an arm-smmu that finds an unbound SMMU (7d835134d4e1)'),
    ],
  },
  {
    name: 'readyToProbe',
    means: 'whether a device can be bound before its device_add() is over',
    optional: true,
    values: [
      v(false, null, '5.7', 'a device bound while it is added', 'no'),
      v(true, null, '7.1, 6.12.86, 6.1.175, 5.10.258', 'no device bound before device_add() is over', 'yes'),
    ],
  },
];

export const featureNamed = (name: string): Feature | undefined => FEATURES.find((f) => f.name === name);

/** The value that a token or the record's own spelling names. */
export const valueNamed = (feature: Feature, text: string): FeatureValue | undefined =>
  feature.values.find((each) => each.token === text || String(each.value) === text);

/**
 * Which functions of a trace are held against the model. Only those whose every caller the model knows: what the bus or the driver core calls for
 * anything else (bus_for_each_dev, platform_probe, attach_dev) would be recorded for devices that have nothing to do with an IOMMU.
 */
import type { Driver } from '../procedures/code.ts';

const CORE: readonly string[] = [
  // drivers/base/dd.c
  'really_probe',
  'driver_bound',
  'driver_deferred_probe_check_state',
  // drivers/iommu/of_iommu.c
  'of_iommu_configure',
  'of_iommu_xlate',
  // drivers/iommu/iommu.c
  'iommu_fwspec_init',
  'iommu_fwspec_free',
  'iommu_fwspec_add_ids',
  'iommu_probe_device',
  '__iommu_probe_device',
  'iommu_init_device',
  'dev_iommu_free',
  'probe_iommu_group',
  'iommu_device_register',
  'bus_set_iommu',
  'bus_iommu_probe',
];

/** Functions that change dev->iommu and that the model does not have (removal of devices): a trace with one of them is not explained. */
export const OUTSIDE: ReadonlySet<string> = new Set(['iommu_release_device', 'iommu_deinit_device']);

/** Names of the functions that a trace is judged by. */
export function alphabetOf(driver: Driver, ofDriver: readonly string[]): ReadonlySet<string> {
  return new Set([...CORE, ...OUTSIDE, driver.probe, ...ofDriver]);
}

/** Functions of `alphabet` that an ftrace filter names. Filters are comma-separated globs (kernel/trace/ftrace.c, ftrace_set_early_filter). */
export function filtered(filter: string, alphabet: ReadonlySet<string>): ReadonlySet<string> {
  const globs = filter.split(',').filter((g) => g !== '' && g.length <= 128);
  return new Set([...alphabet].filter((fn) => globs.some((glob) => matches(glob, fn))));
}

/** "*" is any text and "?" any character; linear in the product of both lengths, whatever the pattern is. */
function matches(glob: string, text: string): boolean {
  let at = new Set([0]);
  for (const char of glob) {
    const next = new Set<number>();
    for (const i of at) {
      if (char === '*') for (let j = i; j <= text.length; j++) next.add(j);
      else if (i < text.length && (char === '?' || char === text[i])) next.add(i + 1);
    }
    at = next;
  }
  return at.has(text.length);
}

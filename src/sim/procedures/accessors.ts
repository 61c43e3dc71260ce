/**
 * include/linux/iommu.h: the static inline accessors of dev->iommu. They count as their caller in outcomes, so they are written into its body.
 * At compiled granularity an accessor that tests dev->iommu and then follows it loads it once; at source granularity twice.
 */

import {
  call,
  get,
  isNull,
  load,
  type Node,
  nonNull,
  procedure,
  put,
  type Register,
  reg,
  set,
  type Value,
  when,
} from '../machine/program.ts';
import { type Code, since } from './code.ts';

/** dst = dev->iommu ? dev->iommu->fwspec : NULL (dev_iommu_fwspec_get) */
export function dev_iommu_fwspec_get(code: Code, dst: Register): readonly Node[] {
  return [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    when(nonNull('p'), [...again(code), get(dst, 'p', 'dev_iommu.fwspec', 'fwspec = iommu->fwspec')], [set(dst, 0)]),
  ];
}

/** dev->iommu->fwspec = value, unchecked (dev_iommu_fwspec_set) */
export function dev_iommu_fwspec_set(value: Value, text: string): readonly Node[] {
  return [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    put('p', 'dev_iommu.fwspec', value, `iommu->fwspec = ${text}`),
  ];
}

/** dst = dev->iommu ? dev->iommu->priv : NULL (dev_iommu_priv_get; the test came with v5.11 and 5.10.15) */
export function dev_iommu_priv_get(code: Code, dst: Register): readonly Node[] {
  const priv = get(dst, 'p', 'dev_iommu.priv', 'priv = iommu->priv');
  if (!since(code, '5.10')) return [load('p', 'dev->iommu', 'iommu = dev->iommu'), priv];
  return [load('p', 'dev->iommu', 'iommu = dev->iommu'), when(nonNull('p'), [...again(code), priv], [set(dst, 0)])];
}

/** dev->iommu->priv = value, unchecked (dev_iommu_priv_set: static inline up to v6.7, then a function of iommu.c with a frame of its own) */
export function dev_iommu_priv_set(code: Code, value: Register): readonly Node[] {
  const body = [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    put('p', 'dev_iommu.priv', reg(value), 'iommu->priv = priv'),
  ];
  return since(code, '6.8') ? [call(procedure('dev_iommu_priv_set', 'drivers/iommu/iommu.c', 'never', body))] : body;
}

/** dev->iommu->iommu_dev->ops, unchecked (dev_iommu_ops, v5.18) */
export function dev_iommu_ops(): readonly Node[] {
  return [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    get('idev', 'p', 'dev_iommu.iommu_dev', 'iommu_dev = iommu->iommu_dev'),
    get(null, 'idev', 'iommu_device.ops', 'ops = iommu_dev->ops'),
  ];
}

/** The second load that only the source has. */
function again(code: Code): readonly Node[] {
  return code.granularity === 'source' ? [load('p', 'dev->iommu', 'iommu = dev->iommu (loaded again)')] : [];
}

export { isNull };

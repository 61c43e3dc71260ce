/** KASAN's description of a slab object (cache, size, offset, who allocated it), read as a field of `struct dev_iommu` or `iommu_fwspec`. */

import type { KasanReport } from '../../parser/types.ts';
import type { Claim } from '../types.ts';
import { accessesOf, fieldsAt, type LayoutQuery } from './fields.ts';

/** Objects of fewer bytes than the smallest struct dev_iommu (5.7: 56) are fwspecs; an fwspec with few ids takes 20 to 60 bytes. */
const SMALLEST_DEV_IOMMU = 56;

type HeapStruct = 'dev_iommu' | 'fwspec';

/**
 * The fields that a use-after-free or double free can be of, given the function that made the access. Both structures are allocated below
 * iommu_fwspec_init() (dev_iommu_get() is inlined there), so that the allocation stack alone does not tell them apart, but the size does.
 */
export function fieldsOfObject(
  kasan: KasanReport,
  fn: string | null,
  query: LayoutQuery,
): { fields: string[]; because: Claim[] } {
  const structs = structsOf(kasan);
  const size = kasan.objectSize;
  const place =
    size === null
      ? 'a slab object of unknown size'
      : `a ${size}-byte object${kasan.cache === null ? '' : ` of ${kasan.cache}`}${kasan.objectOffset === null ? '' : `, ${kasan.objectOffset} bytes inside`}`;
  const lines = [
    kasan.line,
    ...(kasan.allocated === null ? [] : [kasan.allocated.line]),
    ...(kasan.freed === null ? [] : [kasan.freed.line]),
  ];

  if (/double-free|invalid-free/.test(kasan.bug)) {
    const freer =
      fn !== null &&
      /^(?:dev_iommu_free|iommu_fwspec_free|kfree|__kmem_cache_free|__iommu_probe_device|iommu_init_device)$/.test(fn);
    const ours = freer && (kasan.allocated === null || allocatedHere(kasan));
    return ours
      ? { fields: structs, because: [{ text: `${place} freed twice: ${structs.join(' or ')}`, lines }] }
      : { fields: [], because: [] };
  }
  const accesses = fn === null ? null : accessesOf(fn);
  if (fn === null || accesses === null) return { fields: [], because: [] };
  const fits = (field: string): boolean =>
    accesses.some((a) => a.slice(2) === field && (kasan.access === null || a[0] === kasan.access[0]));
  const fields =
    kasan.objectOffset === null
      ? accesses
          .map((a) => a.slice(2))
          .filter((f, i, all) => fits(f) && all.indexOf(f) === i && structs.some((s) => f.startsWith(`${s}.`)))
      : structs
          .flatMap((s) => fieldsAt(s, kasan.objectOffset ?? 0, kasan.size ?? 0, query))
          .flatMap((h) => (fits(h.field) ? [h.field] : []));
  const unique = [...new Set(fields)];
  if (unique.length === 0) return { fields: [], because: [] };
  const access = kasan.access ?? 'access';
  const bytes = kasan.size === null ? '' : ` of ${kasan.size} bytes`;
  return {
    fields: unique,
    because: [{ text: `${access}${bytes} in ${place}: ${unique.join(' or ')}, which ${fn} accesses so`, lines }],
  };
}

function structsOf(kasan: KasanReport): HeapStruct[] {
  if (kasan.allocated?.frames.some((f) => f.symbol.startsWith('dev_iommu_get'))) return ['dev_iommu'];
  if (kasan.objectSize === null) return ['fwspec', 'dev_iommu'];
  if (kasan.objectSize < SMALLEST_DEV_IOMMU) return ['fwspec'];
  // arm64 up to about 6.4 rounds every kmalloc up to 128 bytes: both live there.
  return ['dev_iommu', 'fwspec'];
}

function allocatedHere(kasan: KasanReport): boolean {
  return (
    kasan.allocated?.frames.some((f) =>
      /^(?:iommu_fwspec_init|dev_iommu_get|__iommu_probe_device|iommu_init_device)/.test(f.symbol),
    ) ?? false
  );
}

/** KASAN's description of a slab object (cache, size, offset, who allocated it), read as a field of `struct dev_iommu` or `iommu_fwspec`. */

import type { Frame, KasanReport } from '../../parser/types.ts';
import type { Claim } from '../types.ts';
import { accessesOf, fieldsAt, type LayoutQuery } from './fields.ts';
import { sourceName } from './symbol.ts';

/** Objects of fewer bytes than the smallest struct dev_iommu (5.7: 56) are fwspecs; an fwspec with few ids takes 20 to 60 bytes. */
const SMALLEST_DEV_IOMMU = 56;

type HeapStruct = 'dev_iommu' | 'fwspec';
const BOTH: readonly HeapStruct[] = ['dev_iommu', 'fwspec'];

/** Frames of the allocator itself, above the function that asked for the object or gave it up. */
const ALLOCATOR =
  /^(?:_*kasan_\w+|save_stack\w*|stack_trace_save|set_track\w*|set_alloc_info|set_free_info|_*kmem_cache_\w+|_*k[mzc]alloc\w*|_*do_k\w+|_*krealloc\w*|_*k?z?free\w*|_*kfree\w*|poison_\w+|stack_depot_\w+|save_track|_*slab_\w+|_*do_slab_\w+|slab_\w+|free_to_partial_list|post_alloc_hook|___?cache_free|do_kmem\w*)$/;

/**
 * What a function allocates of the two. dev_iommu_get() is static and inlined: below iommu_fwspec_init() it may be either struct, in the probe it is dev_iommu.
 * Objects of all other functions are of neither.
 */
const MAKES: readonly (readonly [RegExp, readonly HeapStruct[]])[] = [
  [/^dev_iommu_get$/, ['dev_iommu']],
  [/^(?:__iommu_probe_device|iommu_init_device|iommu_probe_device)$/, ['dev_iommu']],
  [/^iommu_fwspec_add_ids$/, ['fwspec']],
  [/^(?:iommu_fwspec_init|acpi_iommu_fwspec_init|of_iommu_\w+)$/, BOTH],
];

/** What a function frees of the two. dev_iommu_free(), which is inlined too, frees both. */
const FREES: readonly (readonly [RegExp, readonly HeapStruct[]])[] = [
  [/^(?:iommu_fwspec_free|iommu_fwspec_add_ids)$/, ['fwspec']],
  [
    /^(?:dev_iommu_free|__iommu_probe_device|iommu_init_device|iommu_deinit_device|iommu_release_device|iommu_probe_device|__iommu_group_remove_device|remove_iommu_group|of_iommu_\w+)$/,
    BOTH,
  ],
];

/**
 * The fields that a use-after-free or double free can be of, given the function that made the access. Both structures are allocated below
 * iommu_fwspec_init() (dev_iommu_get() is inlined there), so that the allocation stack alone does not tell them apart, but the size does.
 */
export function fieldsOfObject(
  kasan: KasanReport,
  fn: string | null,
  query: LayoutQuery,
): { fields: string[]; because: Claim[] } {
  const structs = structsOf(kasan) ?? BOTH;
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
      ? { fields: [...structs], because: [{ text: `${place} freed twice: ${structs.join(' or ')}`, lines }] }
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

/** Of which of the two structs the object is, by the stacks that made and freed it and by its size; [] for another's object, null where nothing tells. */
export function structsOf(kasan: KasanReport): readonly HeapStruct[] | null {
  const made = ownedBy(kasan.allocated?.frames, MAKES);
  const freed = ownedBy(kasan.freed?.frames, FREES);
  // arm64 up to about 6.4 rounds every kmalloc up to 128 bytes: both live there.
  const bySize: readonly HeapStruct[] | null =
    kasan.objectSize === null ? null : kasan.objectSize < SMALLEST_DEV_IOMMU ? ['fwspec'] : BOTH;
  return [freed, bySize].reduce((left, next) => {
    if (left === null || next === null) return left ?? next;
    const both = left.filter((s) => next.includes(s));
    // Freed on behalf of its owner, or stacks of two lives of one address: who made it decides.
    return both.length > 0 ? both : left;
  }, made);
}

function ownedBy(
  frames: readonly Frame[] | undefined,
  table: readonly (readonly [RegExp, readonly HeapStruct[]])[],
): readonly HeapStruct[] | null {
  const owner = frames?.map((f) => sourceName(f.symbol)).find((f) => !ALLOCATOR.test(f));
  if (owner === undefined) return null;
  return table.find(([fn]) => fn.test(owner))?.[1] ?? [];
}

function allocatedHere(kasan: KasanReport): boolean {
  return (
    kasan.allocated?.frames.some((f) =>
      /^(?:iommu_fwspec_init|dev_iommu_get|__iommu_probe_device|iommu_init_device)/.test(f.symbol),
    ) ?? false
  );
}

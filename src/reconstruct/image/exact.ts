/** From debug information to the places of every field that the model names. */
import type { StructPlace, StructReader } from '../../image/layout.ts';
import { type ExactLayouts, KERNEL_NAMES, OTHER_FIELDS, type Place, TELLING_MEMBER } from '../../sim/layouts/exact.ts';
import type { StructName } from '../../sim/layouts/structs.ts';

export type Exact =
  | { readonly is: 'read'; readonly exact: ExactLayouts }
  | { readonly is: 'not read'; readonly why: string };

/** The one definition that has a member; null where none has. Several that place its members otherwise contradict each other. */
function oneOf(places: readonly StructPlace[], member: string): StructPlace | 'several' | null {
  const having = places.filter((place) => place.fields.has(member));
  const first = having[0];
  if (first === undefined) return null;
  const same = having.every((place) => place.fields.get(member)!.offset === first.fields.get(member)!.offset);
  return same ? first : 'several';
}

/** `structs` answers by the kernel's names. */
export function exactLayouts(name: string, word: 4 | 8, structs: StructReader): Exact {
  const found: Partial<Record<StructName, Readonly<Record<string, Place>>>> = {};
  const sizes: Partial<Record<StructName, number>> = {};
  for (const struct of Object.keys(KERNEL_NAMES) as StructName[]) {
    const kernel = KERNEL_NAMES[struct];
    const place = oneOf(structs(kernel), TELLING_MEMBER[struct]);
    if (place === 'several') return { is: 'not read', why: `it has several structs ${kernel} that differ` };
    if (place === null) continue;
    found[struct] = Object.fromEntries(place.fields);
    sizes[struct] = place.size;
  }
  if (found.dev_iommu === undefined)
    return {
      is: 'not read',
      why: 'its debug information has no struct dev_iommu: built without CONFIG_IOMMU_API, or older than v5.7',
    };
  const device = oneOf(structs('device'), 'iommu');
  const others: Record<string, Place> = {};
  for (const [struct, field] of OTHER_FIELDS) {
    const place = oneOf(structs(struct), field);
    const at = place === null || place === 'several' ? undefined : place.fields.get(field);
    if (at !== undefined) others[`${struct}.${field}`] = at;
  }
  const deviceIommu = device === null || device === 'several' ? null : device.fields.get('iommu')!.offset;
  return { is: 'read', exact: { name, word, deviceIommu, structs: found, sizes, others } };
}

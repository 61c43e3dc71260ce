/** A gate in words: what a place is in machine code. */
import type { Gate } from './plan.ts';

/** "store 1 of dev->iommu in dev_iommu_free"; a driver's function is named by its member: "iommu_ops.of_xlate". */
export function placeText({ places }: Pick<Gate, 'places'>): string {
  const [place] = places;
  if (place === undefined) return 'nowhere';
  const fn = place.fn.startsWith('@') ? `iommu_ops.${place.fn.slice(1)}` : place.fn;
  switch (place.event) {
    case 'entry':
      return `the entry of ${fn}`;
    case 'return':
      return `half a second behind the return of ${fn}`;
    case 'call':
      return `call ${place.nth} of ${place.callee} in ${fn}`;
    default:
      return `${place.event} ${place.nth} of dev->${place.member} in ${fn}`;
  }
}

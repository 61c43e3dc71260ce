/**
 * A driver's function that stands in a module of another name than the kernel's own source file of that driver gives one: it is another's code, with a function
 * of the same name, and what the release says of the driver's code is not known to hold of it. Modules by drivers/iommu/Makefile (`sim/drivers/names.ts`).
 */
import type { Frame } from '../../parser/types.ts';
import { DRIVER_NAMES } from '../../sim/drivers/names.ts';
import type { Claim } from '../types.ts';
import type { Case } from './case.ts';
import { some } from './phrases.ts';
import { baseName, isPlacing } from './place.ts';

/** What the log says of it, or null where every function from the fault to the core's is in the kernel's image or in its driver's own module. */
export function foreignModule({ incident, kernel }: Pick<Case, 'incident' | 'kernel'>): Claim | null {
  // The tree that was built is at hand: it is that code that was asked about.
  if (kernel.code !== undefined) return null;
  const inner: Frame[] = incident.pc === null ? [] : [incident.pc];
  for (const frame of incident.frames) {
    if (!frame.reliable) continue;
    inner.push(frame);
    if (isPlacing(baseName(frame.symbol))) break;
  }
  for (const frame of inner) {
    const text = foreign(frame);
    if (text !== null) return { text, lines: some([frame.line]) };
  }
  return null;
}

const moduleName = (name: string) => name.replaceAll('-', '_');

function foreign({ symbol, module }: Frame): string | null {
  if (module === null) return null;
  const name = baseName(symbol);
  if (isPlacing(name) || name === 'of_iommu_xlate')
    return `${name}() stands in the module ${module}, and is in the image of every kernel: it is another's, under its name`;
  const drivers = DRIVER_NAMES.filter((d) => d.symbols.test(name) || d.ofXlate === name);
  const own = drivers.flatMap((d) => d.modules);
  // Where the Makefile has none, some name it as the driver names itself: rk_iommu.
  const names = [...own, ...drivers.flatMap((d) => [d.name, ...d.printsAs]).map(moduleName)];
  if (drivers.length === 0 || names.includes(moduleName(module))) return null;
  return `${name}() stands in the module ${module}; the kernel's own source of it makes ${own.join(' or ')}: that this is the release's code is not known`;
}

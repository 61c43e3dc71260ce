/** iommu_probe_device_lock, as far as an era's code takes it, and the section that a2e7e59a9426 made one. */

import { closeSection, lock, type Node, openSection, unlock } from '../machine/program.ts';
import type { Code } from './code.ts';

const MUTEX = 'iommu_probe_device_lock';

type Bracket = readonly [enter: readonly Node[], leave: readonly Node[]];

/** Enters and leaves the section, with the lock where `held`. */
function bracket(held: boolean): Bracket {
  return held
    ? [
        [lock(MUTEX), openSection],
        [closeSection, unlock(MUTEX)],
      ]
    : [[openSection], [closeSection]];
}

/** The section around a translation: under the lock from a2e7e59a9426 on. */
export const aroundXlate = (code: Code): Bracket => bracket(code.lock === 'global');

/** The function-static mutex of 01657bc14a39, and the bounds of what a2e7e59a9426 serialises where the caller takes it instead. */
export const insideProbe = (code: Code): Bracket => bracket(code.lock === 'static');

/** Around a probe whose thread lets go for a while: [enter, leave] whoever took the lock. */
export const whoeverTook = (code: Code): Bracket => bracket(code.lock !== 'none');

/** The caller's lock of a2e7e59a9426 around `body`. */
export function globalLock(code: Code, body: readonly Node[]): readonly Node[] {
  return code.lock === 'global' ? [lock(MUTEX), ...body, unlock(MUTEX)] : body;
}

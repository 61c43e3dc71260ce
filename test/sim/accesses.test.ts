/** Each fault of the model is one that a log can show: its function is known to make that access, so that an address there is read as that field. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DRIVER_ACCESSES, FUNCTION_ACCESSES } from '../../src/sim/layouts/accesses.ts';
import { STRAY } from '../../src/sim/procedures/stray.ts';

test('every outcome of every model is of an access that its function is known to make', () => {
  const pinned = JSON.parse(readFileSync('test/golden/model.json', 'utf8')) as Record<string, readonly string[]>;
  const unknown = new Set<string>();
  let known = 0;
  for (const row of Object.values(pinned).flat()) {
    const [, how, field, fn = ''] =
      /^(?:null|uaf)-(read|write) ((?:dev_iommu|fwspec|iommu_device)\.\w+) in (\w+):/.exec(row) ?? [];
    // Whoever stores priv astray is no function that has a name.
    if (how === undefined || fn === STRAY) continue;
    const accesses = FUNCTION_ACCESSES[fn] ?? DRIVER_ACCESSES.find((d) => d.ending.test(fn))?.accesses ?? [];
    const access = `${how === 'read' ? 'r' : 'w'} ${field}`;
    if (accesses.some((a) => a === access)) known++;
    else unknown.add(`${fn} ${access}`);
  }
  expect([...unknown]).toEqual([]);
  expect(known).toBeGreaterThan(1000);
});

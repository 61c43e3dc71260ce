/** With the kernel's own build every format shows the source of the frames: what the files of a build say of themselves is shown, never obeyed. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import type { PlacedFrame, Triage } from '../../src/reconstruct/types.ts';
import { toTriageJson } from '../../src/report/json.ts';
import { FORMATS, type Format, rendererFor } from '../../src/report/render.ts';

const LOG = 'samples/dmesg/qcom-null-priv-5.10.log';

/** A judged boot with these places, as --vmlinux would give them. */
function withPlaces(source: PlacedFrame['source']): Triage {
  const [judged] = triage(readFileSync(LOG), { name: LOG });
  const places: PlacedFrame[] = [{ what: 'pc', symbol: 'qcom_iommu_of_xlate', line: 107, source }];
  return { ...judged!, crashes: judged!.crashes.map((crash) => ({ ...crash, places })) };
}

async function rendered(format: Format, boot: Triage): Promise<string> {
  const renderer = await rendererFor(format, { columns: 80, colour: false, ascii: false, several: false });
  return `${await renderer.add(boot)}${renderer.end()}`;
}

const INLINED = [
  { function: 'dev_iommu_priv_set', file: '/home/alice/linux/include/linux/iommu.h', line: 644 },
  { function: 'qcom_iommu_of_xlate', file: 'drivers/iommu/arm/arm-smmu/qcom_iommu.c', line: 571 },
];

describe('the source of a frame', () => {
  it.each(['text', 'mail', 'markdown', 'html'] as const)('is in %s, from the root of the tree on', async (format) => {
    const whole = await rendered(format, withPlaces(INLINED));
    const text = (format === 'html' ? whole.replace(/<[^>]+>/g, '') : whole).replace(/\s+/g, ' ');
    expect(text).toMatch(/dev_iommu_priv_set\(\)\S* at include\/linux\/iommu\.h:644/);
    expect(text).toMatch(/inlined into \S*qcom_iommu_of_xlate\(\)/);
    if (format !== 'html') expect(text).not.toContain('alice');
  });

  it('is in JSON as the schema says', () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync('schema/triage.schema.json', 'utf8')));
    const json = toTriageJson(withPlaces(INLINED));
    expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
    expect(json.crashes[0]).toMatchObject({ places: [{ what: 'pc', line: 107, source: INLINED }] });
  });

  it.each(FORMATS)('obeys nothing of a name in %s', async (format) => {
    const evil = 'f\u001b[31m\u202e<script>alert(1)</script>\n## x\r\n@everyone';
    const text = await rendered(format, withPlaces([{ function: evil, file: `${evil}.c`, line: 1 }]));
    expect(text).not.toMatch(/\u001b|\u202e/);
    if (format === 'html') expect(text).not.toContain('<script>alert');
    if (format === 'markdown') expect(text).not.toMatch(/(?<!\\)<script>alert/);
    expect(text).not.toMatch(/^## x/m);
  });
});

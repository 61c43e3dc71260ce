/** A console drops lines and says nothing: what is left of the trace never makes a crash of the race another's. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';

const SAMPLES = 'samples/dmesg';
const NOT_FIXED = { notFixed: ['a2e7e59a9426'] };

const verdicts = (text: string) =>
  triage(Buffer.from(text, 'latin1'), { name: 'x.log' }, NOT_FIXED).map(({ verdict }) => verdict);
const classes = (text: string) => verdicts(text).map((v) => v.class);

const confirmed = readdirSync(SAMPLES)
  .filter((name) => name.endsWith('.log'))
  .map((name) => ({ name, text: readFileSync(`${SAMPLES}/${name}`, 'latin1') }))
  .filter(({ text }) => classes(text).includes('confirmed'));

describe('a trace that lost lines', () => {
  it('is tried on many', () => expect(confirmed.length).toBeGreaterThan(8));

  it.each(confirmed)('$name: one to four in a row, anywhere in the inner half', ({ text }) => {
    const lines = text.split('\n');
    const frames = lines.flatMap((line, i) => (/^\S.*\] {1,3}[a-z_]\w*\+0x/.test(line) ? [i] : [])).slice(0, 9);
    expect(frames.length).toBeGreaterThan(4);
    for (const at of frames)
      for (let count = 1; count <= 4; count++) {
        const left = lines.toSpliced(at, count).join('\n');
        const of = classes(left);
        expect(of.some((c) => c === 'excluded') && !of.includes('confirmed'), `${count} lines from ${lines[at]}`).toBe(
          false,
        );
      }
  });

  it('says between which two', () => {
    const { text } = confirmed.find(({ name }) => name.startsWith('qcom'))!;
    const [verdict] = verdicts(text.replace(/^.* of_iommu_configure\+.*\n/m, ''));
    expect(verdict?.class).toBe('insufficient');
    expect(verdict?.because[0]?.text).toContain(
      'of_iommu_xlate() called from of_dma_configure_id(), which does not call it',
    );
  });

  it("is no way out for a crash of another's: the callers of its own are whole", () => {
    const { text } = confirmed.find(({ name }) => name.startsWith('qcom'))!;
    const others = text
      .replace(/^.* (?:of_iommu_xlate|of_iommu_configure)\+.*\n/gm, '')
      .replace(/of_dma_configure_id\+/g, 'vendor_attach_clients+');
    expect(classes(others)).toEqual(['excluded']);
  });
});

/** Eras and drivers that never were together are left out before anything is explored, as `simulate` refuses them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';
import { absence } from '../../../src/sim/drivers/exists.ts';
import { DRIVERS } from '../../../src/sim/drivers/models.ts';
import { decodeReplay } from '../../../src/sim/explain/replay.ts';

const DART = readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'latin1');
const judge = (text: string, options = {}) =>
  triage(Buffer.from(text, 'latin1'), { name: 'x' }, options).find((b) => b.crashes.length > 0)!;

/** The same crash in a log that neither names its kernel nor shows a function that v5.7 did not have. */
const unnamed = DART.replace(/^.*Linux version.*\n/m, '')
  .replace(/(Not tainted) 6\.1\.\d+ #\d+/, '$1')
  .replaceAll('of_dma_configure_id', 'of_dma_configure');

describe('a driver that the first eras do not have', () => {
  it('narrows what the kernel may be, and the witness is of an era that has it', () => {
    const { kernel, verdict } = judge(unnamed);
    expect(kernel.driver).toBe('apple-dart');
    expect(kernel.eras).not.toContain('B');
    expect(kernel.eras).toContain('B1');
    expect(kernel.because.map((c) => c.text)).toContain(
      'no kernel of era B has the driver apple-dart, which came with v5.15',
    );
    expect(verdict.because.map((c) => c.text).join()).not.toMatch(/era B,/);
    const witness = decodeReplay(verdict.witness!);
    expect(witness.ok && absence(witness.setUp.driver, witness.setUp.era.id)).toBe(null);
  });

  it('of a kernel that cannot have it nothing is explored and nothing said: one of the two is not what it seems', () => {
    const { verdict } = judge(DART.replaceAll(/\b6\.1\.\d+\b/g, '5.7.14'));
    expect(verdict).toMatchObject({ class: 'insufficient', witness: null, search: null, outcomes: [] });
    expect(verdict.sentence).toContain('o kernel of era B has the driver apple-dart, which came with v5.15');
    expect(verdict.settle.map((s) => s.command).join()).toMatch(/--kernel.*--source.*--driver/);
  });

  it('is no candidate where the log does not name one', () => {
    const text = DART.replaceAll(/apple[-_]dart/g, 'labdart').replaceAll(/labdart_of_xlate/g, 'iommu_fwspec_init');
    const { verdict } = judge(text.replaceAll(/\b6\.1\.\d+\b/g, '5.7.14'));
    const never = [...DRIVERS.values()].filter((d) => absence(d, 'B') !== null).map((d) => d.name);
    expect(never).toContain('apple-dart');
    const said = [verdict.sentence, ...verdict.because.map((b) => b.text), ...verdict.rivals.map((r) => r.because)];
    for (const name of never) expect(said.join(' ')).not.toContain(name);
  });
});

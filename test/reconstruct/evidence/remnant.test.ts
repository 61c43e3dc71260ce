/** What is left of a report where the capture lost a part: too little to tell, unless the rest is of something else. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';
import { dropped, otherPointer } from '../verdict/perturbations.ts';

const DART = readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'latin1');
const REVERTED = { notFixed: ['a2e7e59a9426'] };
const judge = (text: string) => triage(Buffer.from(text, 'latin1'), { name: 'log' }, REVERTED)[0]!.verdict;
const from = (text: RegExp) => {
  const lines = DART.split('\n');
  return lines.slice(lines.findIndex((l) => text.test(l))).join('\n');
};

describe('a report without its head', () => {
  it('that begins at its trace is not enough, though the Code: line names a field', () => {
    expect(judge(from(/Call trace:/))).toMatchObject({ class: 'insufficient' });
  });

  /** Quoted from its Internal error line on, without registers and the inner end of the trace. */
  const quoted = from(/Internal error/)
    .split('\n')
    .filter((line) => !/ (?:pc|lr|sp) : | x\d+ ?: |Call trace:|of_|dma_configure/.test(line))
    .join('\n');

  it('that begins inside its trace says what had called', () => {
    expect(judge(quoted).sentence).toMatch(/begins inside its call trace, at `really_probe`/);
  });

  it('of another thread is something else', () => {
    const other = quoted.replace(/really_probe|__?driver_probe_device/g, 'ext4_readdir');
    expect(judge(other)).toMatchObject({ class: 'excluded' });
  });
});

describe('a report with lines lost inside', () => {
  it('is not refuted by the functions that are missing', () => {
    const at = DART.split('\n').findIndex((l) => / of_iommu_configure\+/.test(l)) + 1;
    const keep = new Set(DART.split('\n').map((_, i) => i + 1));
    keep.delete(at);
    const lines = DART.split('\n');
    const unmarked = lines.filter((_, i) => i + 1 !== at).join('\n');
    // Without the mark only the kernel's own calls say that a line is gone: of_dma_configure_id() does not call of_iommu_xlate().
    expect(judge(unmarked)).toMatchObject({
      class: 'insufficient',
      sentence: expect.stringContaining('which does not call it'),
    });
    let marked = DART;
    for (let seed = 0; marked === DART; seed++) marked = dropped(DART, seed, keep, 200);
    expect(judge(marked)).toMatchObject({
      class: 'insufficient',
      sentence: expect.stringContaining('ines of the report were lost'),
    });
  });
});

describe('a panic', () => {
  const panic = (why: string) =>
    judge(`[    0.000000] Linux version 6.1.55 (b@h) #1\n[    9.000000] Kernel panic - not syncing: ${why}\n`);

  it('that ends a report says that the report is lost', () => {
    expect(panic('Oops: Fatal exception').sentence).toContain('panic ends a report that is not in the log');
  });

  it('of its own is something else', () => {
    expect(panic('VFS: Unable to mount root fs on unknown-block(0,0)').class).toBe('excluded');
    expect(panic('Attempted to kill init! exitcode=0x00007f00').class).toBe('excluded');
  });
});

it('a trace of the notifier that a vendor hooks into die() begins below the exception entry', () => {
  const stamp = '[    4.260100] ';
  const notifier = [
    'dump_backtrace+0xf8/0x1f0',
    'dump_stack+0x1c/0x2c',
    'mrdump_common_die+0x184/0x40c [mrdump]',
    'die+0x16c/0x568',
    'do_page_fault+0xb8/0x678',
    'do_mem_abort+0x68/0x148',
    'el1_abort+0x40/0x64',
    'el1h_64_sync_handler+0x54/0x88',
    'el1h_64_sync+0x68/0x6c',
  ];
  const dumped = DART.replace(/(Call trace:\n)/, `$1${notifier.map((f) => `${stamp} ${f}\n`).join('')}`);
  expect(dumped).not.toBe(DART);
  expect(judge(dumped)).toMatchObject({
    class: 'confirmed',
    outcome: 'null-write dev_iommu.priv in apple_dart_of_xlate',
  });
});

it('a small number is no NULL pointer: address and register may agree, and it is still not the race', () => {
  expect(judge(otherPointer(DART, 16)!).class).toBe('excluded');
});

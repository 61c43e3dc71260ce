/** A log's last line without a newline, and a first one without its stamp, may be halves: what they still say for certain, and what not. */
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../src/parser/parse.ts';

const parse = (text: string) => parseLog(Buffer.from(text), { name: 'x' })[0]!;
const BEFORE = '[    1.000000] foo\n';

describe('a line that no newline ends', () => {
  it('names no group: 1 may have been 12', () => {
    const line = `${BEFORE}[    2.100000] platform 5f100000.dma: Adding to iommu group 1`;
    expect(parse(line).events).toEqual([]);
    expect(parse(line).fragments).toMatchObject([
      { device: '5f100000.dma', completions: ['%s %s: Adding to iommu group %d'] },
    ]);
    expect(parse(`${line}\n`).events).toMatchObject([{ kind: 'group-add', group: 1 }]);
  });

  it('names no release: 6.1.19 may have been 6.1.192', () => {
    expect(parse('[    0.000000] Linux version 6.1.19').events).toEqual([]);
    expect(parse('[    0.000000] Linux version 6.1.19 (build@lab)').events).toMatchObject([{ release: '6.1.19' }]);
  });

  it('gives no address, syndrome or register', () => {
    const head = '[    2.0] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000040';
    expect(parse(head.slice(0, -2)).incidents[0]?.fault?.address ?? null).toBeNull();
    expect(parse(`${head}\n`).incidents[0]?.fault?.address).toBe(0x40n);
    const esr = parse(`${head}\n[    2.0] Mem abort info:\n[    2.0]   ESR = 0x9600`).incidents[0]!;
    expect([esr.fault?.address, esr.fault?.esr]).toEqual([0x40n, null]);
    const registers = parse(
      `${head}\n[    2.0] Internal error: Oops: 0000000096000046 [#1] SMP\n[    2.0] x29: ffff800008123a10 x28: 00`,
    ).incidents[0]!;
    expect([...registers.registers.keys()]).toEqual(['x29']);
  });

  it('keeps a deferral whose reason is gone', () => {
    expect(parse('[    2.1] platform 5f1.dma: deferred probe pending: platform: wait for sup').events).toMatchObject([
      { kind: 'deferral', what: 'pending', reason: null },
    ]);
  });
});

describe('a first line that has lost its start', () => {
  const rest = '[    2.000000] foo\n'.repeat(5);
  it('is no event of a driver that there is not', () => {
    expect(
      parse(
        `pple-dart 5f000000.iommu: DART [pagesize 1000, 16 streams, bypass support: 0, bypass forced: 0] initialized\n${rest}`,
      ).events,
    ).toEqual([]);
    expect(parse(`atform 5f100000.dma: Adding to iommu group 1\n${rest}`).events).toEqual([]);
  });
  it('is one where the front is whole', () => {
    expect(parse(`platform 5f100000.dma: Adding to iommu group 1\n${rest}`).events).toMatchObject([{ by: 'platform' }]);
  });
});

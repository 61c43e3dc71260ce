import { describe, expect, it } from 'vitest';
import { fits } from '../../src/parser/grammars/fragments.ts';
import { KNOWN_MESSAGES } from '../../src/parser/grammars/messages.ts';
import { parseLog } from '../../src/parser/parse.ts';

const fragment = (text: string) => parseLog(Buffer.from(text), { name: 'x' })[0]!.fragments[0];

describe('a line cut short', () => {
  it.each(['[    1.204417] 15000000.iommu', '[x.yyyyyyyy] addr.iommu', '15000000.iommu\n'])(
    'keeps every message that %j can become',
    (text) => {
      const found = fragment(text)!;
      expect(found.device).toMatch(/\.iommu$/);
      expect(found.completions).toContain('%s %s: Adding to iommu group %d');
      expect(found.completions).toContain('%s %s: deferred probe pending');
      expect(found.completions.some((c) => c.includes('DART [pagesize'))).toBe(true);
    },
  );

  it('leaves fewer the more of it is there', () => {
    const texts = [
      'platform 5f100000.dma',
      'platform 5f100000.dma: ',
      'platform 5f100000.dma: deferred',
      'platform 5f100000.dma: deferred probe p',
    ];
    const counts = texts.map((t) => fragment(`[    2.100000] ${t}`)!.completions.length);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(counts.at(-1)).toBe(2);
  });

  it('knows by the driver in front which messages are out', () => {
    const { completions } = fragment('[    3.100000] apple-dart 15000000.iommu: DART [pagesize 4000, 16')!;
    expect(completions.every((c) => c.includes('DART'))).toBe(true);
  });

  it('does not take a whole message, or prose, for one', () => {
    expect(fragment('[    2.1] platform 5f100000.dma: Adding to iommu group 7\n')).toBeUndefined();
    expect(fragment('my phone dies at boot now and then')).toBeUndefined();
    expect(fragment('[    2.100000] usb 1-1: new high-speed USB device number 2')).toBeUndefined();
  });

  it('every proper prefix of a known message fits it, and the message itself is whole', () => {
    for (const { format } of KNOWN_MESSAGES) {
      const message = format.replace(/%[#0-9lhz]*(?:p[A-Z]?|[a-zA-Z])/g, '7');
      const leading = format.startsWith('%') ? 2 : 1;
      for (let n = leading; n < message.length; n++)
        expect(fits(message.slice(0, n), format), `${message.slice(0, n)} | ${format}`).not.toBe('no');
      expect(fits(message, format), message).toBe('whole');
    }
  });
});

describe('a stack without its headline', () => {
  const FRAMES =
    '[   44.5] RSP: 0018:ffffa651c134fc20 EFLAGS: 00010246\n[   44.6]  foo_open+0x1c/0x60 [foo]\n[   44.7]  do_dentry_open+0x14d/0x3a0\n';
  const text = (log: string) => parseLog(Buffer.from(log), { name: 'x' })[0]!.crashText;
  it('is what only a crash, a warning or a dumped stack prints', () => {
    expect(text(FRAMES)).toEqual([expect.objectContaining({ line: 1, known: true, release: null })]);
    expect(text(FRAMES.replace(/^\[.*?\] /gm, ''))).toHaveLength(1);
  });
  it('says nothing in a boot that is there from its beginning, nor as the tracing of initcalls', () => {
    expect(text(`[    0.000000] Linux version 6.6.17 (b@h) (gcc 12.2.0) #1 SMP\n${FRAMES}`)).toEqual([]);
    expect(
      text('[    2.1] calling  foo_init+0x0/0x16 @ 1\n[    2.2] initcall foo_init+0x0/0x16 returned 0 after 0 usecs\n'),
    ).toEqual([]);
  });
});

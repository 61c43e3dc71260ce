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

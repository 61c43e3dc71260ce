import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText, sanitize, sanitizeAscii, sanitizeBlock } from '../../src/report/safe/sanitize.ts';
import { size } from '../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from './attacks.ts';

describe('sanitize', () => {
  for (const [name, text] of Object.entries(ATTACKS))
    it(`shows instead of obeying: ${name}`, () => {
      expect(activeIn(sanitize(text))).toBeNull();
      expect(sanitize(text)).not.toContain('\n');
    });

  it('writes the escapes so that a reader sees what was there', () => {
    expect(sanitize('\x1b[31m')).toBe('\\x1b[31m');
    expect(sanitize('a\u202eb\u{e0041}')).toBe('a\\u202eb\\u{e0041}');
    expect(sanitize('a\r\nb\x7f\x9b')).toBe('a\\x0d\\x0ab\\x7f\\x9b');
    expect(sanitize('\ud800')).toBe('\\ud800');
  });

  it('turns a tab into a blank and leaves clean text alone', () => {
    expect(sanitize('a\tb')).toBe('a b');
    expect(sanitize('pc : apple_dart_of_xlate+0x54/0x1f8 [apple_dart]')).toBe(
      'pc : apple_dart_of_xlate+0x54/0x1f8 [apple_dart]',
    );
    expect(sanitize('Müller é 日本')).toBe('Müller é 日本');
  });

  it('keeps line feeds only where the caller lays out lines', () => {
    expect(sanitizeBlock('a\x1b\nb\r\n')).toBe('a\\x1b\nb\\x0d\n');
  });

  it('leaves nothing but ASCII when asked for', () => {
    expect(sanitizeAscii('Müller\u{1f600}')).toBe('M\\xfcller\\u{1f600}');
  });

  it(`holds for any text, and is idempotent (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        const out = sanitize(text);
        expect(activeIn(out)).toBeNull();
        expect(out.includes('\n')).toBe(false);
        expect(sanitize(out)).toBe(out);
        expect(sanitizeAscii(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
      { seed: SEED, numRuns: size(2000, 20_000) },
    );
  });
});

describe('jsonText', () => {
  it(`is safe to print and gives back the very text (seed ${SEED})`, () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(0, 2), (text, indent) => {
        const value = { [`k${text}`]: text, list: [text] };
        const out = jsonText(value, indent);
        expect(activeIn(out)).toBeNull();
        expect(JSON.parse(out)).toEqual(value);
        if (indent === 0) expect(out).not.toContain('\n');
      }),
      { seed: SEED, numRuns: size(1000, 10_000) },
    );
  });
});

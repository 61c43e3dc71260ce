/** src/bytes.ts: with Node's Buffer and without it the same answers, whatever the bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeBy, ofBase64, ofHex, plain } from '../src/bytes.ts';

const native = nativeBy(Buffer as unknown as Parameters<typeof nativeBy>[0]);
const [nativeView, plainView] = [native.view, (bytes: Uint8Array) => Uint8Array.from(bytes)];
const text = fc.string({ unit: fc.constantFrom(...'ab é€😀\ud800\udc00\ufeff\ufffd\0ÿ'), maxLength: 40 });
/** Texts' bytes, cut and strewn with others. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.tuple(text, fc.nat(8), fc.nat(8), fc.uint8Array({ maxLength: 3 })).map(([of, from, to, odd]) => {
    const whole = new TextEncoder().encode(of);
    return Uint8Array.from([...whole.slice(from), ...odd, ...whole.slice(0, to)]);
  }),
);

describe('bytes', () => {
  it('are decoded and cut alike', () => {
    fc.assert(
      fc.property(bytes, fc.nat(70), fc.nat(70), (some, from, to) => {
        for (const way of ['latin1', 'utf8'] as const) {
          expect(plain[way](plainView(some))).toBe(native[way](nativeView(some)));
          expect(plain[way](plainView(some), from, to)).toBe(native[way](nativeView(some), from, to));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('are made of text alike', () => {
    fc.assert(
      fc.property(text, (some) => {
        for (const way of ['ofLatin1', 'ofUtf8'] as const)
          expect([...plain[way](some)]).toEqual([...native[way](some)]);
      }),
    );
  });

  it('are found alike', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
    fc.assert(
      fc.property(
        few,
        few.filter((sought) => sought !== ''),
        fc.nat(14),
        (some, sought, from) => {
          const [a, b] = [plain.ofLatin1(some), native.ofLatin1(some)];
          expect(plain.find(a, sought, from)).toBe(native.find(b, sought, from));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('are put together alike, and copied', () => {
    for (const way of [plain, native]) {
      const piece = Uint8Array.of(1, 2);
      const all = way.concat([piece, new Uint8Array(0), piece]);
      piece[0] = 9;
      expect([...all]).toEqual([1, 2, 1, 2]);
      expect(way.allocate(5)).toHaveLength(5);
    }
  });

  it('decode base64 as Buffer does, what is none of it passed over', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'AQfz09+/-_=\n !'), maxLength: 24 });
    fc.assert(
      fc.property(letters, (some) => {
        expect([...ofBase64(some)]).toEqual([...Buffer.from(some, 'base64')]);
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (some) => {
        expect([...ofBase64(Buffer.from(some).toString('base64'))]).toEqual([...some]);
        expect([...ofHex(Buffer.from(some).toString('hex'))]).toEqual([...some]);
      }),
    );
  });
});

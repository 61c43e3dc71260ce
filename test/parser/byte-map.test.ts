import { describe, expect, it } from 'vitest';
import { ofLatin1 } from '../../src/bytes.ts';
import { ByteMap, hashOf } from '../../src/parser/grammars/byte-map.ts';
import { Recent, RecentBytes } from '../../src/parser/grammars/recent.ts';

const bytes = (number: number) => ofLatin1(`key ${number}`);

describe('a map by bytes', () => {
  it('gives what was put there, and nothing for other bytes', () => {
    const map = new ByteMap<number>(1024, 1 << 16);
    for (let i = 0; i < 1000; i++)
      expect(map.set(bytes(i), 0, bytes(i).length, hashOf(bytes(i), 0, bytes(i).length), i)).toBe(true);
    let found = 0;
    for (let i = 0; i < 2000; i++) {
      const got = map.get(bytes(i), 0, bytes(i).length, hashOf(bytes(i), 0, bytes(i).length));
      if (got === undefined) continue;
      expect(got).toBe(i);
      found++;
    }
    expect(found).toBeGreaterThan(990);
  });

  it('looks at a few keys of one hash, and keeps no more of them', () => {
    const map = new ByteMap<number>(1024, 1 << 16);
    for (let i = 0; i < 500; i++) map.set(bytes(i), 0, bytes(i).length, 7, i);
    const kept = Array.from({ length: 500 }, (_, i) => map.get(bytes(i), 0, bytes(i).length, 7)).filter(
      (v) => v !== undefined,
    );
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(40);
  });

  it('is full at so many keys, or bytes, and empty when it is cleared', () => {
    const few = new ByteMap<number>(4, 1 << 16);
    const put = (map: ByteMap<number>, i: number) => map.set(bytes(i), 0, bytes(i).length, i, i);
    expect([0, 1, 2, 3, 4].map((i) => put(few, i))).toEqual([true, true, true, true, false]);
    expect([0, 1, 2].map((i) => put(new ByteMap<number>(4, 4), i))).toEqual([false, false, false]);
    few.clear();
    expect(few.get(bytes(1), 0, bytes(1).length, 1)).toBeUndefined();
    expect(put(few, 1)).toBe(true);
  });
});

describe.each([
  ['texts', () => new Recent<number>(64, 1 << 16)] as const,
  ['bytes', () => new RecentBytes<number>(64, 1 << 16)] as const,
])('what was met lately, by %s', (_, make) => {
  it('keeps what is asked for again and again, and forgets the rest', () => {
    const recent = make();
    const set = (i: number) =>
      recent instanceof Recent ? recent.set(`key ${i}`, i) : recent.set(bytes(i), bytes(i).length, i);
    const get = (i: number) =>
      recent instanceof Recent ? recent.get(`key ${i}`) : recent.get(bytes(i), bytes(i).length);
    for (let i = 0; i < 1000; i++) {
      set(i);
      expect(get(i)).toBe(i);
      expect(get(0)).toBe(0);
    }
    expect(get(999)).toBe(999);
    expect(get(500)).toBeUndefined();
  });
});

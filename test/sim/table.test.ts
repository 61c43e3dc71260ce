/** The set of states beside a Map that keeps them by their text. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIRST_STATES, StateTable } from '../../src/sim/explore/table.ts';
import { size } from '../size.ts';

it('numbers states in the order they came, each once, whatever their shards and however often it grows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 3 * FIRST_STATES }),
      fc.nat(),
      (words, shards, most, seed) => {
        const table = new StateTable(words, most);
        const known = new Map<string, number>();
        const state = new Uint32Array(words);
        let random = seed | 1;
        for (let i = 0; i < 4 * FIRST_STATES; i++) {
          // Few values a word, so that states come again; some with the highest bit.
          for (let w = 0; w < words; w++) {
            random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
            state[w] = random < 0x80000000 ? random >>> 28 : random & 0xf000000f;
          }
          const shard = (state[0]! % 97) % shards;
          const number = table.add(state, shard);
          const text = state.join();
          expect(number).toBe(known.get(text) ?? known.size);
          known.set(text, number);
        }
        expect(table.count).toBe(known.size);
        for (const [text, number] of known)
          expect(table.states.subarray(number * words, (number + 1) * words).join()).toBe(text);
      },
    ),
    { numRuns: size(2, 12) },
  );
});

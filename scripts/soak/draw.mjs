// Random numbers of a seed: each turn of the soak has its own, so that one turn can be had again without those before it.

/** mulberry32. `draw(n)`: from 0 to below n. */
export function drawing(seed) {
  let state = seed >>> 0;
  const draw = (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
  return {
    draw,
    pick: (list) => list[draw(list.length)],
    /** True one time in `n`. */
    one: (n) => draw(n) === 0,
    /** These words, or none of them. */
    maybe: (...words) => (draw(2) === 0 ? words : []),
  };
}

/** The seed of a turn. */
export const turnSeed = (seed, turn) => Math.imul(seed ^ 0x9e3779b9, turn * 2 + 1) >>> 0;

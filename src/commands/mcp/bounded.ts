/** An answer that fits: lists shortened and texts cut, step by step, until its JSON has at most so many characters. It stays what its schema says. */

/** How much of lists and texts is left at each step, from all to little. A list keeps three at least: some are pairs. */
const STEPS: readonly { readonly items: number; readonly characters: number }[] = [
  { items: 100, characters: 4000 },
  { items: 40, characters: 1000 },
  { items: 16, characters: 400 },
  { items: 6, characters: 200 },
  { items: 3, characters: 160 },
];

/** Strings that are of use whole or not at all. */
const WHOLE: ReadonlySet<string> = new Set(['schema', 'witness', 'replay', 'command']);

export interface Bounded<T> {
  readonly value: T;
  /** How many items of lists and how many texts were cut; null: none. */
  readonly cut: { readonly items: number; readonly texts: number } | null;
}

function shortened(
  value: unknown,
  limit: (typeof STEPS)[number],
  cut: { items: number; texts: number },
  key = '',
): unknown {
  if (typeof value === 'string') {
    if (WHOLE.has(key) || value.length <= limit.characters) return value;
    cut.texts++;
    // Not between the halves of a character.
    return `${value.slice(0, limit.characters).replace(/[\ud800-\udbff]$/, '')}...`;
  }
  if (Array.isArray(value)) {
    if (value.length > limit.items) cut.items += value.length - limit.items;
    return value.slice(0, limit.items).map((item) => shortened(item, limit, cut, key));
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, shortened(of, limit, cut, name)]));
}

/** `most`: characters of JSON. Throws where even the shortest is longer. */
export function bounded<T extends object>(value: T, most: number): Bounded<T> {
  if (JSON.stringify(value).length <= most) return { value, cut: null };
  for (const step of STEPS) {
    const cut = { items: 0, texts: 0 };
    const short = shortened(value, step, cut) as T;
    if (JSON.stringify(short).length <= most) return { value: short, cut };
  }
  // What is left is the number of boots, or of outcomes: the first of them say most.
  const cut = { items: 0, texts: 0 };
  const last = shortened(value, STEPS.at(-1)!, cut) as Record<string, unknown>;
  for (let left = STEPS.at(-1)!.items - 1; left > 0; left--) {
    for (const [name, of] of Object.entries(last))
      if (Array.isArray(of) && of.length > left) {
        cut.items += of.length - left;
        last[name] = of.slice(0, left);
      }
    if (JSON.stringify(last).length <= most) return { value: last as T, cut };
  }
  throw new RangeError(`an answer cannot be shortened to ${most} characters`);
}

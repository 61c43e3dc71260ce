/**
 * A log cut anywhere says less, never something else. Each sample is cut at offsets drawn from a seed, from either end; `npm run cuts` cuts at every byte.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { size } from '../size.ts';
import { inventedBy, wholeOf } from './facts.ts';
import { drawn } from './lines.ts';
import { rememberMatches } from './remembered.ts';

const ALL = process.env.CUTS === 'all';
const SEED = Number(process.env.CUTS_SEED ?? 20231103);
const PER_SAMPLE = size(20, 400);
/** Samples of this size are cut at every byte in any case. */
const SMALL = 512;
const FOLDER = 'samples/dmesg';

describe(`a log cut from either end (${ALL ? 'every byte' : `seed ${SEED}`})`, () => {
  if (ALL) rememberMatches();
  for (const file of readdirSync(FOLDER).filter((f) => f.endsWith('.log'))) {
    it(`${file} says nothing that the whole does not`, { timeout: 3_600_000 }, async () => {
      const bytes = readFileSync(`${FOLDER}/${file}`);
      const whole = wholeOf(bytes);
      const every = ALL || bytes.length <= SMALL;
      const offsets = every
        ? Array.from({ length: bytes.length + 1 }, (_, i) => i)
        : drawn(SEED, PER_SAMPLE, bytes.length);
      const wrong: string[] = [];
      let cuts = 0;
      for (const at of offsets) {
        for (const said of [inventedBy(whole, 0, at), inventedBy(whole, at, bytes.length)])
          if (said !== null) wrong.push(said);
        cuts += 2;
        // vitest asks now and then whether the worker lives.
        if (cuts % 400 === 0) await new Promise((go) => setImmediate(go));
      }
      if (ALL) console.log(`${file}: ${cuts} cuts, ${wrong.length} wrong`);
      expect(wrong.slice(0, 10)).toEqual([]);
    });
  }
});

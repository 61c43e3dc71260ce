/**
 * Truncation: a log cut anywhere, from either end, never claims more than the whole, and less only stepwise (src/eval/cuts.ts). A seeded few on the
 * samples; `npm run truncate` cuts the labelled race logs at every line end and at 2,000 random bytes from either end, and says what the smallest piece is
 * that is still confirmed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { broken, claimOf, type End, firstConfirmed, lineEnds, piecesOf } from '../../../src/eval/cuts.ts';
import { optionsOf } from '../../../src/eval/logs.ts';
import { triage } from '../../../src/reconstruct/triage.ts';
import { drawn } from '../../parser/lines.ts';
import { rememberReadings } from '../../parser/remembered.ts';
import { size } from '../../size.ts';

const FOLDER = process.env.TRUNCATE ?? 'samples/dmesg';
const ALL = process.env.TRUNCATE !== undefined;
const RANDOM = Number(process.env.TRUNCATE_BYTES ?? (ALL ? 2000 : size(4, 60)));
const SEED = Number(process.env.TRUNCATE_SEED ?? 20231103);
const ONLY = new RegExp(process.env.TRUNCATE_ONLY ?? '');
/** Of the samples every so many lines are cut, beginning with a drawn one. */
const STEP = ALL ? 1 : size(53, 3);

interface Sidecar {
  readonly label: string;
  readonly expect: { readonly flags?: readonly string[] };
}

/** Race logs of a folder: with a sidecar by its label; the samples by their index. */
function logs(): readonly { readonly file: string; readonly flags: readonly string[] }[] {
  const index = `${FOLDER}/index.json`;
  if (existsSync(index)) {
    const samples = JSON.parse(readFileSync(index, 'utf8')) as { file: string; flags?: readonly string[] }[];
    return samples.map(({ file, flags }) => ({ file, flags: flags ?? [] }));
  }
  return readdirSync(FOLDER)
    .filter((f) => f.endsWith('.log') && ONLY.test(f))
    .flatMap((file) => {
      const side = JSON.parse(readFileSync(`${FOLDER}/${file.replace(/\.log$/, '.json')}`, 'utf8')) as Sidecar;
      return side.label === 'race-crash' ? [{ file, flags: side.expect.flags ?? [] }] : [];
    });
}

const turn = () => new Promise((go) => setImmediate(go));

describe(`a log cut shorter and shorter (seed ${SEED})`, () => {
  rememberReadings();
  for (const { file, flags } of logs()) {
    it(`${file} says no more than the whole, and less stepwise`, { timeout: 3_600_000 }, async () => {
      const bytes = readFileSync(`${FOLDER}/${file}`);
      const judge = (piece: Uint8Array) => triage(piece, { name: file }, optionsOf(flags));
      const whole = claimOf(judge(bytes), 0);
      const ends = lineEnds(bytes).filter((_, i) => i % STEP === SEED % STEP);
      const wrong: string[] = [];
      const smallest: string[] = [];
      for (const end of ['tail', 'head'] satisfies End[]) {
        const offsets = [0, ...ends, ...drawn(SEED, RANDOM, bytes.length), bytes.length];
        const pieces = [];
        for (let i = 0; i < offsets.length; i += 200) {
          pieces.push(...piecesOf(bytes, end, offsets.slice(i, i + 200), judge));
          await turn();
        }
        pieces.sort((a, b) => (end === 'tail' ? a.at - b.at : b.at - a.at));
        wrong.push(...broken(whole, end, pieces));
        const first = firstConfirmed(pieces);
        smallest.push(first === null ? 'none' : `${end === 'tail' ? first : bytes.length - first} bytes`);
      }
      if (ALL)
        console.log(
          `${file} (${bytes.length} bytes): ${whole.class}; smallest confirmed with its tail cut ${smallest[0]}, with its head cut ${smallest[1]}; ${wrong.length} wrong${wrong
            .slice(0, 12)
            .map((w) => `\n  ${w}`)
            .join('')}`,
        );
      else expect(wrong.slice(0, 10)).toEqual([]);
    });
  }
});

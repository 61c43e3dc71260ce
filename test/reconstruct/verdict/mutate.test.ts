/**
 * Damage: in logs that are confirmed, every number of every line cut at each digit from either end and every line cut at each column is never confirmed of
 * another crash, and never excluded (src/eval/mutations.ts). A seeded few on the samples; `npm run mutate` does all of the labelled logs'.
 */
import { describe, expect, it } from 'vitest';
import { mutationsOf, mutationsOfLog, strayIn } from '../../../src/eval/mutations.ts';
import { drawn } from '../../parser/lines.ts';
import { rememberReadings } from '../../parser/remembered.ts';
import { size } from '../../size.ts';
import { confirmedLogs, judge } from '../known-logs.ts';
import { numbers } from './perturbations.ts';

const FOLDER = process.env.MUTATE ?? 'samples/dmesg';
const ALL = process.env.MUTATE !== undefined;
/** Of each log so many; all unless it is said. */
const EACH = Number(process.env.MUTATE_EACH ?? (ALL ? Number.POSITIVE_INFINITY : size(40, 400)));
const SEED = Number(process.env.MUTATE_SEED ?? 20261126);
const ONLY = new RegExp(process.env.MUTATE_ONLY ?? '');

const turn = () => new Promise((go) => setImmediate(go));

/** How many mutations a log has. */
const countOf = (text: string) => text.split('\n').reduce((sum, line) => sum + mutationsOf(line).length, 0);

describe(`a log with a number or a line cut (seed ${SEED})`, () => {
  rememberReadings();
  const logs = confirmedLogs(FOLDER).filter(({ file }) => ONLY.test(file));

  it('has logs to damage', () => {
    expect(logs.length).toBeGreaterThan(0);
  });

  for (const { file, text, options, whole } of logs) {
    it(`${file}: none is confirmed of anything else, and none excluded`, { timeout: 7_200_000 }, async () => {
      const classes = new Map<string, number>();
      const wrong: string[] = [];
      // Where several crashes are confirmed, one that is damaged leaves the others.
      const outcomes = new Set(
        whole.crashes.filter((c) => c.verdict.class === 'confirmed').map((c) => c.verdict.outcome),
      );
      const judged = (name: string, mutated: string): void => {
        const { verdict } = judge(mutated, options);
        classes.set(verdict.class, (classes.get(verdict.class) ?? 0) + 1);
        // The line that tells a read from a write lost, both are outcomes of the race.
        const other = verdict.class === 'confirmed' && !verdict.outcomes.some((o) => outcomes.has(o.outcome));
        if (other || verdict.class === 'excluded') wrong.push(`${name}: ${verdict.class} ${verdict.sentence}`);
      };
      // Of all mutations, or of the drawn ones among them; the runner hears of it now and then.
      const drawnOnes = Number.isFinite(EACH) ? new Set(drawn(SEED, EACH, countOf(text) - 1)) : null;
      let at = 0;
      for (const m of mutationsOfLog(text)) {
        if (drawnOnes?.has(at++) !== false) judged(`line ${m.line}, ${m.what}`, m.text);
        if (at % 64 === 0) await turn();
      }
      if (ALL) {
        const counts = [...classes].map(([name, n]) => `${n} ${name}`).join(', ');
        console.log(
          `${file}: ${counts}; ${wrong.length} wrong${wrong
            .slice(0, 12)
            .map((w) => `\n  ${w}`)
            .join('')}`,
        );
      }
      expect(wrong.slice(0, 10)).toEqual([]);
    });
  }
});

/** In the reports and the banner, as most lines of a boot say nothing of its crash. */
const BEARING =
  /Linux version|CPU: |Unable to handle|KASAN|\+0x|Code: |ESR|WnR|\bx\d+ ?:|\br\d+ ?:|PC is|\] pgd|of size|belongs|located/;

describe(`a log with a character in it that the kernel did not print (seed ${SEED})`, () => {
  rememberReadings();
  const each = Number.isFinite(EACH) ? EACH : 2000;

  for (const { file, text, options, whole } of confirmedLogs(FOLDER).filter((log) => ONLY.test(log.file)))
    it(`${file}: none is confirmed of another kernel or crash, and none excluded`, { timeout: 7_200_000 }, async () => {
      const lines = text.split('\n');
      const bearing = lines.flatMap((line, i) => (BEARING.test(line) ? [i] : []));
      const outcomes = new Set(whole.crashes.map((c) => c.verdict.outcome));
      const draw = numbers(SEED);
      const wrong: string[] = [];
      for (let n = 0; n < each; n++) {
        const at = bearing[draw(bearing.length)]!;
        const m = strayIn(lines[at]!, draw);
        const damaged = [...lines.slice(0, at), m.text, ...lines.slice(at + 1)].join('\n');
        const { verdict, kernel } = judge(Buffer.from(damaged, 'utf8'), options);
        const same = kernel.release === whole.kernel.release && verdict.outcomes.some((o) => outcomes.has(o.outcome));
        if ((verdict.class === 'confirmed' && !same) || verdict.class === 'excluded')
          wrong.push(`line ${at + 1}, ${m.what}: ${verdict.class} ${kernel.release} ${verdict.sentence}`);
        if (n % 64 === 0) await turn();
      }
      if (ALL) console.log(`${file}: ${each} with a stray character; ${wrong.length} wrong`);
      expect(wrong.slice(0, 10)).toEqual([]);
    });
});

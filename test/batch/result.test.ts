/** What comes back from a worker is believed only as far as it is what was asked for. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkedOutcomes } from '../../src/batch/result.ts';
import { type Outcome, run } from '../../src/batch/task.ts';

const MODEL = '0.1.0+test';
const LOG = readFileSync('samples/dmesg/dart-null-priv-6.1.log');

async function honest(): Promise<Extract<Outcome, { is: 'judged' }>> {
  const task = { items: [{ path: 'a.log', content: LOG }], model: MODEL, options: {} };
  const [one] = await run(task, async (contents) => contents.map(() => true));
  if (one?.is !== 'judged') throw new Error('the sample is judged');
  return one;
}

describe('the result of a job', () => {
  it('is taken as it came where it is what was asked for', async () => {
    const one = await honest();
    expect(checkedOutcomes([one], MODEL, [one.content])).toEqual([one]);
    expect(checkedOutcomes([one], MODEL, [null])).toEqual([one]);
    const unreadable: Outcome = { is: 'unreadable', said: [{ code: 'OR201', text: 'permission denied' }] };
    expect(checkedOutcomes([unreadable, { is: 'archive' }], MODEL, [null, null])).toEqual([
      unreadable,
      { is: 'archive' },
    ]);
  });

  it('is a defect with a line for its input, never gone and never in the journal, where it is anything else', async () => {
    const one = await honest();
    const [line] = one.lines as [string];
    const other = 'f'.repeat(64);
    const poisoned: readonly [unknown, RegExp][] = [
      [null, /not one for each input/],
      [[], /not one for each input/],
      [[one, one], /not one for each input/],
      [[null], /diagnostics are none/],
      [[{ ...one, said: [{ code: 'rm', text: '' }] }], /diagnostics are none/],
      [[{ ...one, said: [{ code: 'OR101', text: 'x'.repeat(5000) }] }], /diagnostics are none/],
      [[{ ...one, is: 'confirmed' }], /no known shape/],
      [[{ ...one, content: 'x' }], /no known shape/],
      [[{ ...one, lines: [] }], /has no line/],
      [[{ ...one, lines: [line.trimEnd()] }], /not one line/],
      [[{ ...one, lines: [line + line] }], /not one line/],
      [[{ ...one, lines: [5] }], /not one line/],
      [[{ ...one, lines: ['{}\n'] }], /is not of oopsreplay\/batch\/1/],
      [[{ ...one, lines: ['rubbish\n'] }], /no JSON/],
      [[{ ...one, lines: [line.replace(MODEL, '9.9.9')] }], /another model/],
      [[{ ...one, lines: [line.replace(one.content, other)] }], /another content/],
      [[{ ...one, content: other, lines: [line.replace(one.content, other)] }], /another content/],
      [[{ is: 'unreadable', said: [] }], /does not say why/],
    ];
    for (const [value, why] of poisoned) {
      const [came] = checkedOutcomes(value, MODEL, [one.content]);
      expect(came).toEqual({ is: 'defect', said: [{ code: 'OR302', text: expect.stringMatching(why) }] });
    }
  });
});

/** Where NULL is followed no page is: a status that needs one is of another fault, and proves nothing. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';

const QCOM = readFileSync('samples/dmesg/qcom-null-priv-5.10.log', 'latin1');

/** The same report with another data fault status code, in all three places that show it. */
function withStatus(status: number): string {
  const esr = (0x96000040 | status) >>> 0;
  return QCOM.replace(/96000046/g, esr.toString(16)).replace(
    /ISS = 0x00000046/,
    `ISS = 0x000000${(0x40 | status).toString(16)}`,
  );
}
const judged = (text: string) => triage(Buffer.from(text, 'latin1'), { name: 'x.log' }, {})[0]!.verdict;

it.each([0x04, 0x05, 0x06, 0x07])('status %i, a translation fault, is what a NULL pointer ends in', (status) => {
  expect(judged(withStatus(status)).class).toBe('confirmed');
});

it.each([0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x21])('status %i is not, and it is said', (status) => {
  const verdict = judged(withStatus(status));
  expect(verdict.class).toBe('possible');
  expect(verdict.because.map(({ text }) => text).join('\n')).toMatch(
    /near NULL no page is: the two are not of one fault/,
  );
});

it('an external abort is of the bus', () => {
  expect(judged(withStatus(0x10)).class).toBe('excluded');
});

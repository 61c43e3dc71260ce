/** --not-fixed for a release of which no kernel ever was without the fix: nobody is told to say what was said, and no release is called a contradiction of it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';

const LATER = readFileSync('samples/dmesg/dart-release-says-fixed-6.6.log', 'latin1').replace(/\b6\.6\.\d+/g, '6.8.3');
const judge = (options: { readonly notFixed?: readonly string[] }) =>
  triage(Buffer.from(LATER, 'latin1'), { name: 'x.log' }, options)[0]!.verdict;
const commands = ({ settle }: ReturnType<typeof judge>) => settle.map(({ command }) => command ?? '').join('\n');

it('without the word it is a contradiction, which the word may settle', () => {
  const verdict = judge({});
  expect(verdict).toMatchObject({ class: 'possible', contradiction: true });
  expect(commands(verdict)).toContain('--not-fixed a2e7e59a9426');
});

it('with it the tree has to show what it has instead', () => {
  const verdict = judge({ notFixed: ['a2e7e59a9426'] });
  expect(verdict).toMatchObject({ class: 'possible', contradiction: false, hypothesis: 'xlate-vs-probe-free' });
  expect(verdict.sentence).toContain('No release has this code without it');
  expect(commands(verdict)).not.toContain('--not-fixed');
  expect(commands(verdict)).toContain('--source DIR');
  expect(verdict.because[0]?.text).not.toContain('contradiction');
});

/** `--format ktap`: KTAP version 1 (Documentation/dev-tools/ktap.rst), a test for each boot, what is said of it as diagnostic lines above its result. */
import type { Triage } from '../../reconstruct/types.ts';
import { sanitizeAscii } from '../safe/sanitize.ts';
import { bestClaims } from '../story/selection.ts';
import { withoutMarks } from '../story/wording.ts';
import { wrap } from '../text/layout.ts';
import { caseEnd, caseName, headlineText, nextSteps, sentenceText } from './shared.ts';

const EVIDENCE_SHOWN = 3;
const WIDTH = 100;

export interface KtapTest {
  readonly ok: boolean;
  /** What the test is called, without "#", which would end it. */
  readonly name: string;
  /** What stands behind the "#" of the result. */
  readonly why: string;
  readonly lines: readonly string[];
}

/** A sentence on as many lines as it takes; commands and lines of the log stay as they are. */
function filled(text: string): readonly string[] {
  return wrap(sanitizeAscii(text), WIDTH).map((line, i) => (i === 0 ? line : `  ${line}`));
}

export function ktapTest(triage: Triage): KtapTest {
  const { verdict, log } = triage;
  const end = caseEnd(verdict);
  // What the sentence has said need not be said again.
  const sentence = verdict.sentence.toLowerCase();
  const claims = verdict.because.filter(({ text }) => !sentence.includes(text.toLowerCase()));
  const evidence = bestClaims(claims, EVIDENCE_SHOWN).flatMap(({ text, lines }) => [
    ...filled(`- ${withoutMarks(text)}`),
    ...lines.slice(0, 2).map((line) => `  ${line}| ${(log.lineText(line) ?? '').trim()}`),
  ]);
  const next = nextSteps(triage).flatMap(({ text, command }) => [
    ...filled(`next: ${text}`),
    ...(command === null ? [] : [`    ${command}`]),
  ]);
  const story = verdict.witness === null ? [] : [`witness: oopsreplay replay ${verdict.witness}`];
  return {
    ok: end !== 'failed',
    name: sanitizeAscii(caseName(triage)).replaceAll('#', '\\x23'),
    why: (end === 'skipped' ? 'SKIP ' : '') + sanitizeAscii(headlineText(triage)),
    lines: [...filled(sentenceText(triage)), ...evidence, ...story, ...next].map(sanitizeAscii),
  };
}

export function ktapText(tests: readonly KtapTest[]): string {
  const lines = tests.flatMap(({ ok, name, why, lines: said }, i) => [
    ...said.map((line) => `# ${line}`),
    `${ok ? 'ok' : 'not ok'} ${i + 1} ${name} # ${why}`,
  ]);
  return `${['KTAP version 1', `1..${tests.length}`, ...lines].join('\n')}\n`;
}

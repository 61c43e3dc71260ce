/**
 * What the formats for continuous integration share. One boot of a log is one test case; what it asks is the program's question: is the race in this
 * log?
 */
import type { Triage, Verdict, VerdictClass } from '../../reconstruct/types.ts';
import { sanitize } from '../safe/sanitize.ts';
import { nextSteps as steps } from '../story/next.ts';
import { decidingCrash, HEADLINE, headlineOf, sourceWords, withoutMarks } from '../story/wording.ts';

/** The test case's end: the race is there or may be, it is not there, or the log does not let anybody tell. */
export type CaseEnd = 'failed' | 'passed' | 'skipped';

const CASE_END: Readonly<Record<VerdictClass, CaseEnd>> = {
  confirmed: 'failed',
  possible: 'failed',
  insufficient: 'skipped',
  excluded: 'passed',
  'no-crash': 'passed',
};

/** A contradiction (OR401) is neither: either the kernel is not what its release says, or the crash is not the race's. */
export function caseEnd({ class: is, contradiction }: Verdict): CaseEnd {
  return contradiction ? 'skipped' : CASE_END[is];
}

/** What the case is called; never empty. */
export function caseName(triage: Triage): string {
  return sanitize(sourceWords(triage)).trim() || 'log';
}

/** "CONFIRMED: BUG: unable to handle kernel NULL pointer dereference in ..." on one line. */
export function headlineText(triage: Triage): string {
  return sanitize(withoutMarks(`${HEADLINE[triage.verdict.class]}: ${headlineOf(triage)}`));
}

export function sentenceText({ verdict }: Triage): string {
  return sanitize(withoutMarks(verdict.sentence));
}

/** What to do next, a sentence each: advice, and what would settle an open verdict, some with a command that is to be copied whole. */
export function nextSteps(triage: Triage): readonly { readonly text: string; readonly command: string | null }[] {
  return steps(triage).map(({ text, command }) => ({
    text: sanitize(withoutMarks(text)),
    command: command === null ? null : sanitize(command),
  }));
}

/** The lines of the crash that decided; null where there is none. */
export function crashLines(triage: Triage): readonly [first: number, last: number] | null {
  const incident = decidingCrash(triage)?.incident;
  return incident === undefined ? null : [incident.span.line, Math.max(incident.span.line, incident.lastLine)];
}

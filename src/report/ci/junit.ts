/**
 * `--format junit`: one suite, a test case for each boot, as Jenkins, GitLab and Surefire's readers take it. The text report stands in the failure of a case,
 * or in its output. No time of day and no host: the same logs give the same file; a case takes as
 * long as its boot took to the crash.
 */
import type { Triage } from '../../reconstruct/types.ts';
import { type Markup, markup, trusted } from '../safe/markup.ts';
import { sanitize } from '../safe/sanitize.ts';
import { decidingCrash } from '../story/wording.ts';
import { renderTerminal } from '../text/terminal.ts';
import { type CaseEnd, caseEnd, caseName, headlineText, sentenceText } from './shared.ts';

const CLASS_NAME = 'oopsreplay.xlate-vs-probe-free';

export interface JunitCase {
  readonly xml: Markup;
  readonly end: CaseEnd;
  readonly seconds: number;
}

/** Seconds from the boot's beginning to its crash: what the log itself knows of time; 0 where it does not. */
function secondsOf(triage: Triage): number {
  const time = decidingCrash(triage)?.incident.time ?? null;
  return time === null ? 0 : Math.max(0, time) / 1e6;
}

const timeText = (seconds: number) => String(Number(seconds.toFixed(3)));

/** XML 1.0 has no way to write the two noncharacters of the basic plane. */
function legal(text: string): string {
  return text.replace(/[\ufffe\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

/** What the case says of its end, and where the report goes. */
function inside(triage: Triage, end: JunitCase['end'], report: string): Markup {
  const message = legal(headlineText(triage));
  switch (end) {
    case 'failed':
      return markup`<failure type="${triage.verdict.class}" message="${message}">${report}</failure>`;
    case 'skipped':
      return markup`<skipped message="${message}: ${legal(sentenceText(triage))}"/>
      <system-out>${report}</system-out>`;
    case 'passed':
      return markup`<system-out>${report}</system-out>`;
  }
}

/** `ascii` as for the text report. */
export async function junitCase(triage: Triage, ascii: boolean): Promise<JunitCase> {
  const end = caseEnd(triage.verdict);
  const report = legal(await renderTerminal(triage, { columns: 80, colour: false, ascii }));
  const seconds = secondsOf(triage);
  return {
    end,
    seconds,
    xml: markup`    <testcase classname="${CLASS_NAME}" name="${legal(caseName(triage))}" time="${timeText(seconds)}">
      ${inside(triage, end, report)}
    </testcase>
`,
  };
}

export function junitFile(cases: readonly JunitCase[], suite = 'oopsreplay'): string {
  const count = (end: JunitCase['end']) => cases.filter((one) => one.end === end).length;
  const counts = trusted(
    `tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${timeText(cases.reduce((sum, one) => sum + one.seconds, 0))}"`,
  );
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="${legal(sanitize(suite))}" ${counts}>
${cases.map(({ xml }) => xml)}  </testsuite>
</testsuites>
`.markup;
}

/** `--brief`: one line a boot, `FILE:LINE: WORD title; fix ...; go to ...`, as editors, grep and compilers' readers know it. */

import { compareVersions, versionOf } from '../../reconstruct/kernel/version.ts';
import type { Triage } from '../../reconstruct/types.ts';
import { sanitize, sanitizeAscii } from '../safe/sanitize.ts';
import { suggestionOf } from '../story/selection.ts';
import { decidingCrash, HEADLINE, headlineOf, sourceWords, withoutMarks } from '../story/wording.ts';

/** Of the releases that a suggestion names, the nearest that is newer than the log's own; the first where that is not known. */
function release(triage: Triage): string | null {
  const named = [...(suggestionOf(triage) ?? '').matchAll(/\b\d+\.\d+(?:\.\d+)?\b(?!\.[\dy])/g)].map(([text]) => text);
  const own = triage.kernel.version ?? null;
  if (own === null) return named[0] ?? null;
  const newer = named.filter((text) => compareVersions(versionOf(text), own) > 0);
  return newer.sort((a, b) => compareVersions(versionOf(a), versionOf(b)))[0] ?? null;
}

/** One line, with its line feed. */
export function briefLine(triage: Triage, ascii: boolean): string {
  const { verdict, kernel, fragments } = triage;
  const line = decidingCrash(triage)?.incident.span.line ?? fragments[0]?.span.line ?? 1;
  const ofRace = verdict.class === 'confirmed' || verdict.class === 'possible';
  const to = ofRace ? release(triage) : null;
  const parts = [
    `${HEADLINE[verdict.class]} ${headlineOf(triage)}`,
    ...(ofRace ? [`fix ${kernel.fix.status}`] : []),
    ...(to === null ? [] : [`go to ${to}`]),
  ];
  const clean = ascii ? sanitizeAscii : sanitize;
  return `${clean(`${sourceWords(triage)}:${line}: ${withoutMarks(parts.join('; '))}`)}\n`;
}

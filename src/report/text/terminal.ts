/** What `dmesg | oopsreplay` prints: the verdict first, then what a tired kernel engineer asks next, in the order of asking. */

import type { Triage, VerdictClass } from '../../reconstruct/types.ts';
import { sectionsFor, type Told, toldOf } from '../story/sections.ts';
import { fixFact, HEADLINE, headlineOf, kernelWords, placeWords, plainWords, sourceWords } from '../story/wording.ts';
import { clip, hang } from './layout.ts';
import { labelled, ours, type Page, pageOf, type TerminalOptions } from './page.ts';
import { TEXT_SECTIONS } from './sections.ts';

/** Diagnostics about the verdict itself, which standard error alone would part from it. */
const CONTRADICTIONS: ReadonlySet<string> = new Set(['OR401', 'OR403', 'OR404', 'OR405']);

function paintHeadline(page: Page, verdict: VerdictClass, word: string): string {
  const { bold, red, yellow, green, cyan } = page.paint;
  switch (verdict) {
    case 'confirmed':
      return bold(red(word));
    case 'possible':
      return bold(yellow(word));
    case 'insufficient':
      return bold(cyan(word));
    case 'excluded':
    case 'no-crash':
      return bold(green(word));
  }
}

function headline(page: Page, triage: Triage): string[] {
  const { verdict } = triage;
  const word = HEADLINE[verdict.class];
  const lines = hang(`${word}  `, page.clean(headlineOf(triage)), page.width);
  return lines.map((line, i) => (i === 0 ? line.replace(word, paintHeadline(page, verdict.class, word)) : line));
}

function place(page: Page, { triage, crash }: Told): string[] {
  if (crash === null) return [];
  const { crashes } = triage;
  const number = crashes.length > 1 ? `crash ${crashes.indexOf(crash) + 1} of ${crashes.length}, ` : '';
  return [
    ...labelled(page, 'where', number + placeWords(crash)),
    ...labelled(page, 'corrupted', crash.incident.corrupted),
  ];
}

/** Under the headline: the verdict for who never heard of the race, and where it is no proof, why. */
function lead(page: Page, { triage, other }: Told): string[] {
  const { verdict } = triage;
  const plain = plainWords(triage);
  const said = (text: string | null) => (text === null ? [] : hang('  ', ours(page, text), page.width));
  if (verdict.class === 'no-crash') return [];
  if (other !== null) return said(verdict.hypothesis === null ? other.what[0]!.text : verdict.sentence);
  return [...said(plain), ...(verdict.story === null || verdict.class !== 'confirmed' ? said(verdict.sentence) : [])];
}

/** One boot as text; ends in a line feed. */
export async function renderTerminal(triage: Triage, options: TerminalOptions): Promise<string> {
  const page = pageOf(options);
  const told = toldOf(triage);
  const { verdict, kernel } = triage;
  const ofRace = told.other === null || verdict.hypothesis !== null;
  const lines = [...headline(page, triage), ...lead(page, told)];
  if (verdict.class !== 'no-crash') lines.push('');
  lines.push(
    // The fix of the race is of no use to who has another bug.
    ...(told.other === null ? labelled(page, 'fix', fixFact(kernel)) : []),
    ...place(page, told),
    ...labelled(page, 'kernel', kernelWords(kernel, ofRace)),
    ...triage.diagnostics
      .filter(({ code }) => CONTRADICTIONS.has(code))
      .flatMap(({ code, text }) => labelled(page, code, text)),
  );
  if (lines.at(-1) === '') lines.pop();
  for (const { id, title } of sectionsFor('text', verdict.class))
    lines.push(...(await TEXT_SECTIONS[id]({ ...told, page, title })));
  return `${lines.join('\n')}\n`;
}

/** The line above each of several results. */
export function renderHeading(triage: Triage, options: TerminalOptions): string {
  const page = pageOf(options);
  return `${page.paint.bold(clip(`== ${page.clean(sourceWords(triage))} ==`, page.width))}\n`;
}

/** What `dmesg | oopsreplay` prints: the verdict first, then what a tired kernel engineer asks next, in the order of asking. */

import type { Triage, Verdict, VerdictClass } from '../../reconstruct/types.ts';
import { sectionsFor, type Told, toldOf } from '../story/sections.ts';
import { fixFact, HEADLINE, headlineRest, kernelWords, placeWords, sourceWords } from '../story/wording.ts';
import { clip, hang } from './layout.ts';
import { LABEL, labelled, ours, type Page, pageOf, type TerminalOptions } from './page.ts';
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

function headline(page: Page, verdict: Verdict): string[] {
  const word = HEADLINE[verdict.class];
  const lines = hang(`${word}  `, page.clean(headlineRest(verdict)), page.width);
  return lines.map((line, i) => (i === 0 ? line.replace(word, paintHeadline(page, verdict.class, word)) : line));
}

function crashLines(page: Page, { triage, crash }: Told): string[] {
  if (crash === null) return [];
  const number = triage.crashes.indexOf(crash) + 1;
  return [
    ...labelled(page, triage.crashes.length > 1 ? `crash ${number}` : 'crash', crash.incident.title),
    ...hang(' '.repeat(LABEL + 2), page.clean(placeWords(crash)), page.width),
    ...labelled(page, 'corrupted', crash.incident.corrupted),
  ];
}

/** One boot as text; ends in a line feed. */
export async function renderTerminal(triage: Triage, options: TerminalOptions): Promise<string> {
  const page = pageOf(options);
  const told = toldOf(triage);
  const { verdict, kernel } = triage;
  const lines = headline(page, verdict);
  if (verdict.class !== 'no-crash')
    lines.push(...hang('  ', ours(page, verdict.sentence), page.width), '', ...crashLines(page, told));
  lines.push(
    ...labelled(page, 'kernel', kernelWords(kernel)),
    ...labelled(page, 'fix', fixFact(kernel)),
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

/** How the sections of a report are drawn on a terminal; what stands where: story/sections.ts. */

import type { Claim } from '../../reconstruct/types.ts';
import { plural, titleWords } from '../../words.ts';
import { nextSteps } from '../story/next.ts';
import type { Drawn, Told } from '../story/sections.ts';

import {
  alignmentClaims,
  atLines,
  bestClaims,
  firstOf,
  otherCrashes,
  sourceClaims,
  unexplainedLine,
} from '../story/selection.ts';

import { causeSteps, classWords, explainedWords, interleavingWords, searchWords } from '../story/wording.ts';
import { diagram } from './diagram.ts';
import { clip, hang } from './layout.ts';
import { labelled, ours, type Page, quote } from './page.ts';

/** The race is in the innermost frames; a report has all. */
const PLACES_SHOWN = 6;

/** What a section is drawn from: the title is above it unless it has none. */
interface Screen extends Told {
  readonly page: Page;
  readonly title: string | null;
}

const EVIDENCE_SHOWN = 3;
const LINES_PER_CLAIM = 2;
const FRAGMENTS_SHOWN = 3;
const COMPLETIONS_SHOWN = 4;
const CRASHES_LISTED = 20;
const LINES_NAMED = 3;
const TITLES_LISTED = 5;

/** A claim and the log lines that bear it, quoted under it with their numbers. */
function quotedClaim({ page, triage }: Screen, claim: Claim): string[] {
  const out = hang('    - ', ours(page, claim.text), page.width, '      ');
  const { shown: numbers, more } = firstOf(claim.lines, LINES_PER_CLAIM);
  const digits = Math.max(0, ...numbers.map((n) => String(n).length));
  for (const number of numbers) {
    const text = triage.log.lineText(number);
    if (text === null) continue;
    out.push(...quote(page, `      ${String(number).padStart(digits)}| `, text));
  }
  if (more > 0) out.push(page.paint.dim(`      ${' '.repeat(digits)}  and ${plural(more, 'more line')}`));
  return out;
}

/** A blank line, the title, what stands under it; nothing where that is nothing. `behind`: what the title goes on with. */
function titled({ page, title }: Pick<Screen, 'page' | 'title'>, lines: readonly string[], behind = ''): string[] {
  if (lines.length === 0) return [];
  return ['', ...(title === null ? [] : [`  ${page.paint.bold(title)}${behind}`]), ...lines];
}

function evidence(screen: Screen): string[] {
  const { page, verdict, crash, triage, other } = screen;
  if (crash === null && triage.log.crashText.length === 0) return [];
  // Of another crash the sentence below says why it is not the race.
  if (other !== null && verdict.hypothesis === null) return [];
  // What the sentence above has said already need not be said again.
  const said = verdict.sentence.toLowerCase();
  const claims = verdict.because.filter((claim) => !said.includes(claim.text.toLowerCase()));
  const best = bestClaims(claims, EVIDENCE_SHOWN);
  const left = claims.length - best.length;
  const more = left > 0 ? page.paint.dim(` (${best.length} of ${claims.length}; all: oopsreplay report)`) : '';
  return titled(
    screen,
    best.flatMap((claim) => quotedClaim(screen, claim)),
    more,
  );
}

function happened(screen: Screen): string[] {
  const { page, verdict } = screen;
  if (verdict.story === null) return [];
  const sentence = verdict.class === 'confirmed' ? [...hang('  ', ours(page, verdict.sentence), page.width), ''] : [];
  const lines = diagram(verdict.story, { width: page.width - 2, clean: page.clean, keep: causeSteps(verdict.cause) });
  return titled(screen, [
    ...sentence,
    ...lines.map((line) => `  ${line.includes('***') ? page.paint.bold(page.paint.red(line)) : line}`.trimEnd()),
  ]);
}

async function rivals(screen: Screen): Promise<string[]> {
  const { page, verdict } = screen;
  // The sentence has named what explains an excluded crash; the refuted ones say nothing new about it then.
  const shown = verdict.class === 'excluded' ? verdict.rivals.filter((r) => r.status === 'open') : verdict.rivals;
  if (shown.length === 0) return [];
  const { rivalsTable } = await import('./rivals.ts');
  const table = rivalsTable(shown, { width: page.width - 2, ascii: page.ascii });
  return titled(
    screen,
    table.map((line) => `  ${line}`),
  );
}

function replayed(screen: Screen): string[] {
  const { page, triage, verdict } = screen;
  const said = (text: string | null) => (text === null ? [] : hang('  ', ours(page, text), page.width, '    '));
  const unexplained = unexplainedLine(triage, verdict);
  return titled(screen, [
    ...said(explainedWords(verdict)),
    ...(unexplained === null ? [] : quote(page, `    ${unexplained.line}| `, unexplained.text)),
    ...said(interleavingWords(verdict)),
    ...said(searchWords(verdict)),
    // A coinage is explained where it stands for the first time, and once.
    ...said(verdict.search === null ? null : `words: oopsreplay explain era-${verdict.search.era.toLowerCase()}`),
  ]);
}

function item(page: Page, text: string): string[] {
  return hang('    - ', ours(page, text), page.width, '      ');
}

/** Advice and what would settle an open verdict. Commands are never wrapped: they are there to be copied. */
function settle(screen: Screen): string[] {
  const { page, triage } = screen;
  return titled(
    screen,
    nextSteps(triage).flatMap(({ text, command }) => [
      ...item(page, text),
      ...(command === null
        ? []
        : command.split('\n').map((line) => `        ${page.paint.cyan(page.clean(line).trim())}`)),
    ]),
  );
}

/** What this report says beside what its kind means, which stands under the headline. */
function what(screen: Screen): string[] {
  const { page, other, verdict } = screen;
  if (other === null) return [];
  const [means, ...more] = other.what;
  return titled(screen, [
    ...(verdict.hypothesis === null ? [] : item(page, means!.text)),
    ...more.flatMap(({ text, lines }) => item(page, text + atLines(lines, LINES_NAMED))),
  ]);
}

function who(screen: Screen): string[] {
  const claims = screen.other?.who ?? [];
  return titled(
    screen,
    claims.flatMap(({ text, lines }) => item(screen.page, text + atLines(lines, LINES_NAMED))),
  );
}

function whyNot(screen: Screen): string[] {
  const { page, verdict } = screen;
  // Where another hypothesis explains it, the headline's sentence has said so.
  if (verdict.hypothesis !== null) return [];
  return titled(screen, hang('    ', ours(page, verdict.sentence), page.width));
}

/** What a boot without a crash shows all the same. */
function findings(screen: Screen): string[] {
  return titled(
    screen,
    screen.verdict.because.flatMap((claim) => quotedClaim(screen, claim)),
  );
}

function alignment(screen: Screen): string[] {
  return titled(
    screen,
    alignmentClaims(screen.triage).flatMap(({ text }) => item(screen.page, text)),
  );
}

function sourcePlaces(screen: Screen): string[] {
  return titled(
    screen,
    sourceClaims(screen.crash)
      .slice(0, PLACES_SHOWN)
      .flatMap(({ text }) => item(screen.page, text)),
  );
}

function fragments(screen: Screen): string[] {
  const { page, triage } = screen;
  if (triage.crashes.length > 0) return [];
  const { shown, more } = firstOf(triage.fragments, FRAGMENTS_SHOWN);
  const out = shown.flatMap(({ span, text, completions }) => {
    const could = firstOf(completions, COMPLETIONS_SHOWN);
    return [
      clip(`    ${span.line}| ${page.clean(text).trim()}`, page.width),
      ...could.shown.map((format) => clip(`      could be  ${page.clean(format)}`, page.width)),
      ...(could.more > 0 ? [`      and ${could.more} more`] : []),
    ];
  });
  if (more > 0) out.push(`    and ${plural(more, 'more fragment')}`);
  return titled(screen, out);
}

/** "2  line 145  confirmed  null-write dev_iommu.priv in ...": crashes that are none of the race's business are only counted. */
function others({ page, title, triage, crash: about }: Screen): string[] {
  const { crashes } = triage;
  if (crashes.length < 2) return [];
  const other = otherCrashes(triage, about);
  if (
    other.every(({ verdict }) => verdict.class === 'excluded' && verdict.hypothesis === null && !verdict.contradiction)
  ) {
    if (about?.verdict.class === 'excluded') {
      const { shown, more } = firstOf(other, TITLES_LISTED);
      return [
        ...shown.flatMap(({ incident }, i) =>
          labelled(page, i === 0 ? 'others' : '', `line ${incident.span.line}: ${titleWords(incident.title)}`),
        ),
        ...(more > 0 ? labelled(page, '', `and ${plural(more, 'more report')}`) : []),
      ];
    }
    const { shown, more } = firstOf(other, CRASHES_LISTED);
    const lines = shown.map(({ incident }) => incident.span.line).join(', ');
    return labelled(
      page,
      'others',
      `${plural(other.length, 'crash', 'crashes')} (line ${lines}${more > 0 ? ', ...' : ''}), not the race`,
    );
  }
  const digits = String(crashes.length).length;
  const line = Math.max(...crashes.map(({ incident }) => String(incident.span.line).length));
  const { shown, more } = firstOf(crashes, CRASHES_LISTED);
  const out = shown.flatMap(({ incident, verdict }, i) => {
    const at = `line ${String(incident.span.line).padEnd(line)}`;
    const first = `    ${String(i + 1).padStart(digits)}  ${at}  ${classWords(verdict.class).padEnd(12)}  `;
    const because = verdict.class === 'excluded' && verdict.hypothesis !== null ? ` (${verdict.hypothesis})` : '';
    return hang(first, page.clean(verdict.outcome ?? titleWords(incident.title)) + because, page.width);
  });
  if (more > 0) out.push(`    and ${plural(more, 'more crash', 'more crashes')}`);
  return titled({ page, title: `${crashes.length} ${title}` }, out);
}

export const TEXT_SECTIONS: Drawn<'text', Screen, readonly string[] | Promise<readonly string[]>> = {
  what,
  who,
  onward: settle,
  'why-not': whyNot,
  others,
  happened,
  evidence,
  findings,
  fragments,
  alignment,
  'source-places': sourcePlaces,
  rivals,
  replayed,
  settle,
};

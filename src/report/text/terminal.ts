/** What `dmesg | oopsreplay` prints: the verdict first, then what a tired kernel engineer asks next, in the order of asking. */

import picocolors from 'picocolors';
import type { Claim, JudgedCrash, Triage, Verdict, VerdictClass } from '../../reconstruct/types.ts';
import { plural } from '../../words.ts';
import { sanitize, sanitizeAscii } from '../safe/sanitize.ts';
import {
  bestClaims,
  causeSteps,
  decidingCrash,
  explainedWords,
  fixWords,
  HEADLINE,
  headlineRest,
  interleavingWords,
  kernelWords,
  placeWords,
  searchWords,
  sourceWords,
  withoutMarks,
} from '../story/wording.ts';
import { diagram } from './diagram.ts';
import { clip, hang } from './layout.ts';

export interface TerminalOptions {
  /** Columns of the terminal; 80 where the output is not one. At most 120 are used. */
  readonly columns: number;
  readonly colour: boolean;
  /** No character outside ASCII: no box drawing, and the log's own shown as escapes. */
  readonly ascii: boolean;
}

interface Page extends TerminalOptions {
  readonly width: number;
  readonly clean: (text: string) => string;
  readonly paint: ReturnType<typeof picocolors.createColors>;
}

const EVIDENCE_SHOWN = 3;
const LINES_PER_CLAIM = 2;
const CRASHES_LISTED = 20;
const LABEL = 10;
/** Diagnostics about the verdict itself, which standard error alone would part from it. */
const CONTRADICTIONS: ReadonlySet<string> = new Set(['OR401', 'OR403']);

function pageOf(options: TerminalOptions): Page {
  return {
    ...options,
    width: Math.min(120, Math.max(60, options.columns)),
    clean: options.ascii ? sanitizeAscii : sanitize,
    paint: picocolors.createColors(options.colour),
  };
}

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

/** A sentence of ours, which may name what the log named. */
function ours(page: Page, text: string): string {
  return page.clean(withoutMarks(text));
}

/** "  kernel    6.5.6 ... wrapped under itself; nothing for an empty text. */
function labelled(page: Page, label: string, text: string | null): string[] {
  if (text === null || text === '') return [];
  const first = `  ${label.padEnd(LABEL)}`;
  return hang(first, ours(page, text), page.width).map((line, i) =>
    i === 0 ? line.replace(label, page.paint.bold(label)) : line,
  );
}

function headline(page: Page, verdict: Verdict): string[] {
  const word = HEADLINE[verdict.class];
  const lines = hang(`${word}  `, page.clean(headlineRest(verdict)), page.width);
  return lines.map((line, i) => (i === 0 ? line.replace(word, paintHeadline(page, verdict.class, word)) : line));
}

/** A line of the log on two rows at most. */
function quote(page: Page, first: string, text: string): string[] {
  const rows = hang(first, page.clean(text).trim(), page.width);
  if (rows.length > 2)
    rows.splice(1, rows.length, clip(`${rows[1]} ${rows[2]!.trim()}`, page.width - 4).concat(' ...'));
  return rows.map((row) => page.paint.dim(row));
}

/** A claim and the log lines that bear it, quoted under it with their numbers. */
function evidence(page: Page, triage: Triage, claim: Claim): string[] {
  const out = hang('    - ', ours(page, claim.text), page.width, '      ');
  const numbers = claim.lines.slice(0, LINES_PER_CLAIM);
  const digits = Math.max(0, ...numbers.map((n) => String(n).length));
  for (const number of numbers) {
    const text = triage.log.lineText(number);
    if (text === null) continue;
    out.push(...quote(page, `      ${String(number).padStart(digits)}| `, text));
  }
  const more = claim.lines.length - numbers.length;
  if (more > 0) out.push(page.paint.dim(`      ${' '.repeat(digits)}  and ${plural(more, 'more line')}`));
  return out;
}

function evidenceSection(page: Page, triage: Triage, verdict: Verdict): string[] {
  // What the sentence above has said already need not be said again.
  const said = verdict.sentence.toLowerCase();
  const claims = verdict.because.filter((claim) => !said.includes(claim.text.toLowerCase()));
  const best = bestClaims(claims, EVIDENCE_SHOWN);
  if (best.length === 0) return [];
  const left = claims.length - best.length;
  const more = left > 0 ? page.paint.dim(` (${best.length} of ${claims.length}; all: oopsreplay report)`) : '';
  return ['', `  ${page.paint.bold('evidence')}${more}`, ...best.flatMap((claim) => evidence(page, triage, claim))];
}

function witnessSection(page: Page, verdict: Verdict): string[] {
  if (verdict.story === null) return [];
  const lines = diagram(verdict.story, { width: page.width - 2, clean: page.clean, keep: causeSteps(verdict.cause) });
  return [
    '',
    ...lines.map((line) => `  ${line.includes('***') ? page.paint.bold(page.paint.red(line)) : line}`.trimEnd()),
  ];
}

async function rivalsSection(page: Page, verdict: Verdict): Promise<string[]> {
  // The sentence has named what explains an excluded crash; the refuted ones say nothing new about it then.
  const rivals = verdict.class === 'excluded' ? verdict.rivals.filter((r) => r.status === 'open') : verdict.rivals;
  if (rivals.length === 0) return [];
  const { rivalsTable } = await import('./rivals.ts');
  const table = rivalsTable(rivals, { width: page.width - 2, ascii: page.ascii });
  return ['', `  ${page.paint.bold('rivals')}`, ...table.map((line) => `  ${line}`)];
}

function figures(page: Page, triage: Triage, verdict: Verdict): string[] {
  const out: string[] = [];
  const put = (text: string | null) => {
    if (text !== null) out.push(...hang('  ', ours(page, text), page.width, '    '));
  };
  put(explainedWords(verdict));
  const unexplained = verdict.explained.firstUnexplained;
  const text = unexplained === null || out.length === 0 ? null : triage.log.lineText(unexplained);
  if (text !== null) out.push(...quote(page, `    ${unexplained}| `, text));
  put(interleavingWords(verdict));
  put(searchWords(verdict));
  return out.length === 0 ? [] : ['', ...out];
}

/** Advice and what would settle an open verdict. Commands are never wrapped: they are there to be copied. */
function nextSection(page: Page, triage: Triage, verdict: Verdict): string[] {
  const out: string[] = [];
  for (const { text } of triage.advice) out.push(...hang('    - ', ours(page, text), page.width, '      '));
  for (const { text, command } of verdict.settle) {
    out.push(...hang('    - ', ours(page, text), page.width, '      '));
    if (command !== null) out.push(`        ${page.paint.cyan(page.clean(command).trim())}`);
  }
  return out.length === 0 ? [] : ['', `  ${page.paint.bold('next')}`, ...out];
}

/** What a boot without a crash shows all the same. */
function findingsSection(page: Page, triage: Triage): string[] {
  const { because } = triage.verdict;
  if (because.length === 0) return [];
  return ['', `  ${page.paint.bold('all the same')}`, ...because.flatMap((claim) => evidence(page, triage, claim))];
}

function alignmentSection(page: Page, { alignment }: Triage): string[] {
  if (alignment === null) return [];
  const claims = alignment.claims.flatMap(({ text }) => hang('    - ', page.clean(text), page.width, '      '));
  return ['', `  ${page.paint.bold('beside the good boot')}`, ...claims];
}

function fragmentsSection(page: Page, triage: Triage): string[] {
  if (triage.crashes.length > 0 || triage.fragments.length === 0) return [];
  const shown = triage.fragments.slice(0, EVIDENCE_SHOWN);
  const out = shown.flatMap(({ span, text, completions }) => [
    clip(`    ${span.line}| ${page.clean(text).trim()}`, page.width),
    ...completions.slice(0, 4).map((format) => clip(`      could be  ${page.clean(format)}`, page.width)),
    ...(completions.length > 4 ? [`      and ${completions.length - 4} more`] : []),
  ]);
  const left = triage.fragments.length - shown.length;
  if (left > 0) out.push(`    and ${plural(left, 'more fragment')}`);
  return ['', `  ${page.paint.bold('cut lines')}`, ...out];
}

/** "2  line 145  confirmed  null-write dev_iommu.priv in ...": crashes that are none of the race's business are only counted. */
function crashList(page: Page, crashes: readonly JudgedCrash[], shown: JudgedCrash | null): string[] {
  if (crashes.length < 2) return [];
  const other = crashes.filter((crash) => crash !== shown);
  if (
    other.every(({ verdict }) => verdict.class === 'excluded' && verdict.hypothesis === null && !verdict.contradiction)
  ) {
    const lines = other.slice(0, CRASHES_LISTED).map(({ incident }) => incident.span.line);
    const more = other.length > lines.length ? ', ...' : '';
    const too = shown?.verdict.class === 'excluded' ? 'not the race either' : 'not the race';
    return labelled(
      page,
      'others',
      `${plural(other.length, 'crash', 'crashes')} (line ${lines.join(', ')}${more}), ${too}`,
    );
  }
  const digits = String(crashes.length).length;
  const line = Math.max(...crashes.map(({ incident }) => String(incident.span.line).length));
  const out = crashes.slice(0, CRASHES_LISTED).flatMap(({ incident, verdict }, i) => {
    const at = `line ${String(incident.span.line).padEnd(line)}`;
    const first = `    ${String(i + 1).padStart(digits)}  ${at}  ${HEADLINE[verdict.class].toLowerCase().padEnd(12)}  `;
    const because = verdict.class === 'excluded' && verdict.hypothesis !== null ? ` (${verdict.hypothesis})` : '';
    return hang(first, page.clean(verdict.outcome ?? incident.title) + because, page.width);
  });
  if (crashes.length > CRASHES_LISTED)
    out.push(`    and ${plural(crashes.length - CRASHES_LISTED, 'more crash', 'more crashes')}`);
  return ['', `  ${page.paint.bold(`${crashes.length} crashes`)}`, ...out];
}

function crashLines(page: Page, triage: Triage, crash: JudgedCrash | null): string[] {
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
  const { verdict, kernel } = triage;
  const lines = headline(page, verdict);
  const kernelLines = [
    ...labelled(page, 'kernel', kernelWords(kernel)),
    ...(kernel.release === null && kernel.era === null ? [] : labelled(page, 'fix', fixWords(kernel))),
    ...triage.diagnostics
      .filter(({ code }) => CONTRADICTIONS.has(code))
      .flatMap(({ code, text }) => labelled(page, code, text)),
  ];
  if (verdict.class === 'no-crash')
    return `${[...lines, ...kernelLines, ...findingsSection(page, triage), ...alignmentSection(page, triage)].join('\n')}\n`;
  const crash = decidingCrash(triage);
  lines.push(...hang('  ', ours(page, verdict.sentence), page.width), '');
  lines.push(...crashLines(page, triage, crash), ...kernelLines);
  if (lines.at(-1) === '') lines.pop();
  lines.push(
    ...crashList(page, triage.crashes, crash),
    ...witnessSection(page, verdict),
    ...(crash === null ? [] : evidenceSection(page, triage, verdict)),
    ...fragmentsSection(page, triage),
    ...alignmentSection(page, triage),
    ...(await rivalsSection(page, verdict)),
    ...figures(page, triage, verdict),
    ...nextSection(page, triage, verdict),
  );
  return `${lines.join('\n')}\n`;
}

/** The line above each of several results. */
export function renderHeading(triage: Triage, options: TerminalOptions): string {
  const page = pageOf(options);
  return `${page.paint.bold(clip(`== ${page.clean(sourceWords(triage))} ==`, page.width))}\n`;
}

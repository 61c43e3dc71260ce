/**
 * The report as a plain-text mail for a kernel list or bugzilla: a subject, then 72 columns at most, except the lines of the log, which are quoted as
 * they are. What a person has to decide (tags, orders to bots) is set in, as a suggestion, with <...> where something is to be filled in.
 */

import type { JudgedCrash, Triage } from '../../reconstruct/types.ts';
import { plural, titleWords } from '../../words.ts';
import { backportFor, backportNotes, cherryPicks } from '../story/backport.ts';
import type { Capture } from '../story/kinds.ts';
import { captures, nextSteps } from '../story/next.ts';
import { questionsOf } from '../story/questions.ts';
import { reproductionOf } from '../story/reproduce.ts';
import { type Drawn, sectionsFor, type Told, toldOf } from '../story/sections.ts';

import { alignmentClaims, atLines, firstOf, otherCrashes, rivalsShown, sourceClaims } from '../story/selection.ts';

import {
  causeSteps,
  classWords,
  explainedWords,
  fixFact,
  HEADLINE,
  headlineRest,
  interleavingWords,
  kernelWords,
  placeWords,
  plainWords,
  saysMore,
  searchWords,
  sourceWords,
  withoutMarks,
} from '../story/wording.ts';
import { diagram } from '../text/diagram.ts';
import { widthOf, wrap } from '../text/layout.ts';
import { nearestWords } from '../text/nearest-run.ts';
import { MAIL_COLUMNS, mailHeader, mailItem, mailParagraph, mailQuote, mailText } from './lines.ts';

const LINES_PER_CLAIM = 4;
const LISTED = 10;
const SPLAT_LINES = 100;
const LABEL = 9;
const INDENT = '  ';

/** A sentence of ours: its backticks are for markdown. */
const ours = (text: string) => withoutMarks(text);
const item = (text: string) => mailItem(ours(text));

function labelled(label: string, text: string | null): string[] {
  return text === null || text === '' ? [] : mailItem(ours(text), `${INDENT}${label.padEnd(LABEL)} `);
}

/** "[BUG] iommu: NULL pointer dereference in apple_dart_of_xlate (6.1.50)". */
function subject({ verdict, kernel, log }: Triage, crash: JudgedCrash | null): string {
  const release = kernel.release === null ? '' : ` (${kernel.release})`;
  if (crash === null) return `${classWords(verdict.class)}: ${log.source.name}${release}`;
  const title = crash.incident.title
    .replace(/^BUG: (?:unable to handle kernel (?=NULL))?/, '')
    .replace(/ in corrupted$/, ', report cut');
  const ofIommu = verdict.class === 'confirmed' || verdict.class === 'possible' || verdict.hypothesis !== null;
  return `[BUG] ${ofIommu ? 'iommu: ' : ''}${title}${release}`;
}

/** What a kernel list asks first, and no log says. */
const TO_FILL_IN = [
  ['how often', '<at each boot, now and then, once>'],
  ['since', '<first bad release; last good one>'],
  ['doing', '<what the machine was doing, or how to repeat it>'],
] as const;

function facts({ triage, crash, other, verdict }: Told): string[] {
  const { kernel } = triage;
  if (other !== null)
    return [
      ...labelled('crash', crash && titleWords(crash.incident.title)),
      ...labelled('where', crash && placeWords(crash)),
      ...labelled('kernel', kernelWords(kernel, verdict.hypothesis !== null)),
      ...labelled('hardware', crash?.incident.hardware ?? null),
      ...TO_FILL_IN.flatMap(([label, text]) => labelled(label, text)),
    ];
  return [
    ...labelled('log', sourceWords(triage)),
    ...labelled('crash', crash && titleWords(crash.incident.title)),
    ...labelled('where', crash && placeWords(crash)),
    ...labelled('kernel', kernelWords(kernel)),
    ...labelled('fix', fixFact(kernel)),
    ...labelled('hardware', crash?.incident.hardware ?? null),
  ];
}

function happened({ verdict: { story, cause } }: Told): string[] {
  if (story === null) return [];
  const width = MAIL_COLUMNS - INDENT.length;
  const drawn = diagram(story, { width, clean: mailText, keep: causeSteps(cause) });
  return drawn.map((line) => `${INDENT}${line}`.trimEnd());
}

/** Of a crash that no hypothesis explains, why it is not the race is nothing that a list wants to read. */
const bearsOnIt = ({ other, verdict }: Told) => other === null || verdict.hypothesis !== null;

function evidence(told: Told): string[] {
  const { triage, verdict } = told;
  if (!bearsOnIt(told)) return [];
  const claims = verdict.because.map(({ text, lines }) => ({ text, lines: firstOf(lines, LINES_PER_CLAIM).shown }));
  const digits = Math.max(0, ...claims.flatMap(({ lines }) => lines.map((line) => String(line).length)));
  return claims.flatMap(({ text, lines }) => [
    ...item(text),
    ...lines.flatMap((line) => {
      const quoted = triage.log.lineText(line);
      return quoted === null ? [] : [mailQuote(line, quoted.trim(), digits + 2)];
    }),
  ]);
}

/** The lines of the report, set in: bots and patch readers look at the margin. */
function splat({ triage, crash }: Told): string[] {
  if (crash === null) return [];
  const { shown, more } = firstOf(crash.incident.lines, SPLAT_LINES);
  return [
    ...shown.flatMap((line) => {
      const text = triage.log.lineText(line);
      return text === null ? [] : [`${INDENT}${mailText(text).trimEnd()}`];
    }),
    ...(more > 0 ? [`${INDENT}<${plural(more, 'more line')}>`] : []),
  ];
}

function rivals(told: Told): string[] {
  const { verdict } = told;
  if (!bearsOnIt(told)) return [];
  const { main, rest } = rivalsShown(verdict.rivals);
  return [
    ...main.flatMap((r) => item(`${r.hypothesis}, ${r.status}: ${r.because}`)),
    ...(rest.length === 0
      ? []
      : item(`refuted without a line of this log: ${rest.map((r) => r.hypothesis).join(', ')}`)),
  ];
}

function replayed(told: Told): string[] {
  const { verdict } = told;
  if (!bearsOnIt(told)) return [];
  const sentences = [
    interleavingWords(verdict),
    explainedWords(verdict),
    searchWords(verdict),
    nearestWords(verdict)?.sentence ?? null,
    verdict.cause === null ? null : `cause: ${verdict.cause.text}`,
  ];
  const replay = verdict.witness === null ? [] : ['', ...command(`oopsreplay replay ${verdict.witness}`)];
  const said = sentences.flatMap((sentence) => (sentence === null ? [] : item(sentence)));
  return said.length === 0 ? [] : [...said, ...replay];
}

/** Commands are for copying: a long one is broken where that can be undone, at blanks, and a word too long for a line behind its commas; it says so. */
function command(text: string): string[] {
  const out: string[] = [];
  const room = MAIL_COLUMNS - 2 * INDENT.length;
  const words = mailText(text).split(/(?<= )/);
  for (const word of words.flatMap((w) => (widthOf(w.trimEnd()) > room ? w.split(/(?<=,)/) : [w]))) {
    const last = out.at(-1);
    if (last !== undefined && widthOf((last + word).trimEnd()) <= room) out[out.length - 1] = last + word;
    // A word that no line has room for is cut like any other.
    else if (widthOf(word.trimEnd()) > room) out.push(...wrap(word, room));
    else out.push(word);
  }
  const lines = out.map((line) => `${INDENT}${INDENT}${line.trimEnd()}`);
  return lines.length > 1 ? [`${INDENT}(one line)`, ...lines] : lines;
}

function steps(captured: readonly Capture[]): string[] {
  return captured.flatMap(({ text, command: run }) => [
    ...item(text),
    ...(run === null ? [] : run.split('\n').flatMap(command)),
  ]);
}

function reproduce({ verdict }: Told): string[] {
  const found = reproductionOf(verdict);
  if (found === null) return [];
  const steps = found.steps.flatMap((step, i) => mailItem(ours(step), `${i + 1}. `));
  return [...mailParagraph(ours(found.claim)), '', ...steps];
}

function backport({ triage }: Told): string[] {
  const found = backportFor(triage);
  if (found === null) return [];
  const commands = cherryPicks(found).map((line) => `${INDENT}${INDENT}${line.replace(/ +#.*$/, '')}`);
  return [...commands, '', ...backportNotes(found).flatMap(item)];
}

/** Lines that become tags when they are moved to the margin: nobody's name is put under anything here. */
function tags({ triage, crash }: Told): string[] {
  const found = backportFor(triage);
  const { kernel } = triage;
  if (crash === null || found === null) return [];
  const { version } = kernel;
  const last = found.picks.at(-1)!;
  const needs = found.picks.slice(0, -1).map((p) => p.commit);
  const branch = version ? `${version.major}.${version.minor}.x` : '<branch>';
  const title = subject({ ...triage, kernel: { ...kernel, release: null } }, crash).replace('[BUG] ', '');
  return [
    ...mailParagraph(
      `Suggestions; look at each before you send it, and fill in what stands in <>. For the patch that brings ${last.commit} to this branch:`,
    ),
    '',
    `${INDENT}Fixes: ${last.fixes ?? '<commit> ("<subject>")'}`,
    `${INDENT}Closes: <link to this report, once an archive has it>`,
    `${INDENT}Cc: stable@vger.kernel.org # ${branch}${needs.length === 0 ? '' : `: ${needs.join(', ')}`}`,
    '',
    ...mailParagraph(
      'Where an archive has the crash already, its address belongs into a Link tag. If an older kernel did not crash on this machine, the regression tracker can follow it; these lines are a paragraph of their own then:',
    ),
    '',
    `${INDENT}#regzbot introduced: <last good release>..<first bad release>`,
    ...mailItem(title, `${INDENT}#regzbot title: `),
  ];
}

function fragments({ triage }: Told): string[] {
  const { shown, more } = firstOf(triage.fragments, LISTED);
  const digits = Math.max(0, ...shown.map(({ span }) => String(span.line).length));
  const under = ' '.repeat(digits + 4);
  return [
    ...shown.flatMap(({ span, text, completions }) => {
      const could = firstOf(completions, LINES_PER_CLAIM);
      return [
        mailQuote(span.line, text.trim(), digits),
        ...could.shown.flatMap((format) => mailItem(format, `${under}could be `)),
        ...(could.more > 0 ? [`${under}and ${could.more} more`] : []),
      ];
    }),
    ...(more > 0 ? [`${INDENT}and ${plural(more, 'more cut line')}`] : []),
  ];
}

function others({ triage, crash }: Told): string[] {
  const { shown } = firstOf(otherCrashes(triage, crash), LISTED);
  return shown.flatMap(({ incident, verdict }) =>
    item(`line ${incident.span.line}: ${titleWords(incident.title)}, ${classWords(verdict.class)}`),
  );
}

export const MAIL_SECTIONS: Drawn<'mail', Told, readonly string[]> = {
  happened,
  evidence,
  fragments,
  rivals,
  replayed,
  advice: ({ triage }) => triage.advice.flatMap(({ text }) => item(text)),
  backport,
  reproduce,
  settle: ({ triage }) => steps(captures(triage)),
  what: ({ other }) => (other?.what ?? []).flatMap(({ text, lines }) => item(text + atLines(lines))),
  who: ({ other }) => (other?.who ?? []).flatMap(({ text, lines }) => item(text + atLines(lines))),
  splat,
  questions: (told) => steps(questionsOf(told)),
  onward: ({ triage }) => steps(nextSteps(triage)),
  alignment: ({ triage }) => alignmentClaims(triage).flatMap(({ text }) => item(text)),
  'source-places': ({ crash }) => sourceClaims(crash).flatMap(({ text }) => item(text)),
  others,
  tags,
};

/** One boot as a mail; ends in a line feed. */
export function renderMail(triage: Triage): string {
  const told = toldOf(triage);
  const { verdict, crash, other } = told;
  const plain = plainWords(triage);
  const body = [
    ...(other === null ? mailItem(ours(headlineRest(verdict)), `${HEADLINE[verdict.class]}  `) : []),
    ...(plain === null ? [] : ['', ...mailParagraph(ours(plain))]),
    // A log without a crash may have nothing to add to its headline.
    ...(saysMore(verdict) && bearsOnIt(told)
      ? [...(other === null ? [''] : []), ...mailParagraph(ours(verdict.sentence))]
      : []),
    ...(bearsOnIt(told) ? [''] : []),
    ...facts(told),
    ...sectionsFor('mail', verdict.class).flatMap(({ id, title }) => {
      const lines = MAIL_SECTIONS[id](told);
      return lines.length === 0 ? [] : ['', title, '', ...lines];
    }),
  ];
  return `${[...mailHeader('Subject', subject(triage, crash)), '', ...body].join('\n')}\n`;
}

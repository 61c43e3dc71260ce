/**
 * The root-cause report. A section with nothing to say is left out, and every sentence derives from a field of the triage. It is built as a tree
 * (tree.ts), in which text of the log is text or code and nothing else. What stands where: story/sections.ts.
 */

import type { Claim, Rival, Triage } from '../../reconstruct/types.ts';
import { plural, titleWords } from '../../words.ts';
import { backportFor, backportLead, backportNotes, cherryPicks } from '../story/backport.ts';
import type { Capture } from '../story/kinds.ts';
import { captures, nextSteps } from '../story/next.ts';
import { questionsOf } from '../story/questions.ts';
import { reproductionOf } from '../story/reproduce.ts';
import { type Drawn, sectionsFor, type Told, toldOf } from '../story/sections.ts';
import {
  affectedClaims,
  alignmentClaims,
  atLines,
  firstOf,
  otherCrashes,
  PAGE,
  rivalsShown,
  sourceClaims,
  suggestionOf,
  unexplainedLine,
} from '../story/selection.ts';
import {
  CAUSE_LEAD,
  causeSteps,
  classWords,
  explainedWords,
  faultWords,
  fixWords,
  HEADLINE,
  HYPOTHESES,
  headlineOf,
  headlineRest,
  interleavingWords,
  kernelWords,
  modelWords,
  placeWords,
  plainWords,
  saysMore,
  searchWords,
  sourceWords,
} from '../story/wording.ts';
import { diagram } from '../text/diagram.ts';
import { nearestWords } from '../text/nearest-run.ts';
import { appendix } from './appendix.ts';
import { sequenceDiagram } from './mermaid.ts';
import {
  type Block,
  code,
  details,
  heading,
  type Inline,
  lines,
  list,
  markdownOf,
  paragraph,
  table,
  words,
} from './tree.ts';

/** A fenced block of about this width is shown whole by the forges' pages. */
const DIAGRAM_WIDTH = 100;
/** Lines of a sequence diagram that need no folding. */
const SHORT_SEQUENCE = 12;

const at = (numbers: readonly number[]): Inline[] => words(atLines(numbers), true);

function claimWords({ text, lines: numbers }: Claim): Inline[] {
  return [...words(text), ...at(numbers)];
}

function facts({ triage, crash, other }: Told): Block[] {
  const fact = (label: string, text: Inline[]) => [...words(`${label}: `, true), ...text];
  const said = (label: string, text: string | null) => (text === null ? [] : fact(label, words(text)));
  return list([
    fact('log', code(sourceWords(triage))),
    crash === null ? [] : fact('crash', code(titleWords(crash.incident.title))),
    said('where', crash && placeWords(crash)),
    said('fault', crash && faultWords(crash)),
    said('kernel', kernelWords(triage.kernel, other === null || triage.verdict.hypothesis !== null)),
    other === null ? said('verdict', headlineRest(triage.verdict)) : [],
    said('suggestion', suggestionOf(triage)),
  ]);
}

function happened({ verdict: { story, cause } }: Told): Block[] {
  if (story === null) return [];
  const keep = causeSteps(cause);
  const preemptions = story.preemptions === 0 ? 'no preemption' : plural(story.preemptions, 'preemption');
  const sequence = sequenceDiagram(story, keep);
  const drawn = [lines(sequence, 'mermaid')];
  return [
    paragraph(
      words(
        `One interleaving of the model that ends in this crash, of those with the fewest preemptions (it takes ${preemptions}); only the steps that matter are drawn.`,
      ),
    ),
    lines(diagram(story, { width: DIAGRAM_WIDTH, keep }), 'text'),
    ...(sequence.length > SHORT_SEQUENCE ? details('The same as a sequence diagram', drawn) : drawn),
    paragraph(words('Every step of it: ', true), code(`oopsreplay replay ${story.replay}`)),
  ];
}

/** A row for each quoted line, the claim beside the first of them; a claim without lines has a row of its own. */
function evidence({ triage, verdict }: Told): Block[] {
  const rows = verdict.because.flatMap(({ text, lines: numbers }) => {
    const quoted = firstOf(numbers, PAGE.lines).shown.map((line) => [
      words(String(line)),
      code(triage.log.lineText(line)?.trim() ?? ''),
    ]);
    return (quoted.length === 0 ? [[[], []]] : quoted).map((row, i) => [i === 0 ? words(text) : [], ...row]);
  });
  return table(['what it shows', 'line', 'log'], rows);
}

function rivals({ verdict }: Told): Block[] {
  const { main, rest } = rivalsShown(verdict.rivals);
  const rows = (of: readonly Rival[]) =>
    table(
      ['hypothesis', 'what it is', 'status', 'because'],
      of.map((r) => [
        code(r.hypothesis),
        words(HYPOTHESES[r.hypothesis] ?? ''),
        words(r.status),
        [...words(r.because), ...at(r.lines)],
      ]),
    );
  // Of a crash that no hypothesis explains the rivals are for whoever doubts.
  if (verdict.class === 'excluded' && verdict.hypothesis === null)
    return details(
      `${plural(verdict.rivals.length, 'hypothesis', 'hypotheses')} that could be confused with it`,
      rows(verdict.rivals),
    );
  if (main.length === 0) return rows(rest);
  return [...rows(main), ...details(`${rest.length} more, refuted without a line of this log`, rows(rest))];
}

function replayed({ triage, verdict }: Told): Block[] {
  const counts = interleavingWords(verdict, (decimal) => decimal);
  const unexplained = unexplainedLine(triage, verdict);
  const nearest = nearestWords(verdict);
  return [
    ...list([
      words(counts ?? ''),
      words(explainedWords(verdict) ?? ''),
      unexplained === null ? [] : [...words(`line ${unexplained.line}: `, true), ...code(unexplained.text)],
      words(searchWords(verdict) ?? ''),
      words(modelWords(verdict) ?? ''),
      nearest === null ? [] : words(nearest.sentence),
    ]),
    ...(nearest === null
      ? []
      : details('The crash beside the nearest run that passes', [lines(nearest.beside, 'text')])),
  ];
}

function rootCause({ verdict: { cause } }: Told): Block[] {
  if (cause === null) return [];
  return [paragraph(words(CAUSE_LEAD)), ...list([words(cause.before), words(cause.after)], true)];
}

function affected({ triage }: Told): Block[] {
  return list([words(`fix ${fixWords(triage.kernel)}`), ...affectedClaims(triage).map(claimWords)]);
}

function backport({ triage }: Told): Block[] {
  const found = backportFor(triage);
  if (found === null) return [];
  return [
    paragraph(words(backportLead(found))),
    lines(cherryPicks(found), 'sh'),
    ...list(backportNotes(found).map((note) => words(note))),
  ];
}

function reproduce({ verdict }: Told): Block[] {
  const found = reproductionOf(verdict);
  if (found === null) return [];
  return [
    paragraph(words(found.claim)),
    ...details('Steps, and the sleeps as a patch sketch', [
      ...list(
        found.steps.map((step) => words(step)),
        true,
      ),
      ...(found.patch.length === 0 ? [] : [lines(found.patch, 'diff')]),
    ]),
  ];
}

function steps(captured: readonly Capture[]): Block[] {
  return list(
    captured.map(({ text, command }) => [
      paragraph(words(text)),
      ...(command === null ? [] : [lines(command.split('\n'))]),
    ]),
  );
}

function whyNot({ verdict }: Told): Block[] {
  return [paragraph(words(verdict.sentence))];
}

function fragments({ triage }: Told): Block[] {
  const { shown, more } = firstOf(triage.fragments, PAGE.listed);
  const items = shown.map(({ span, text, completions }) => {
    const could = firstOf(completions, PAGE.lines);
    const formats = could.shown.flatMap((format, i) => [...words(i === 0 ? '' : ', ', true), ...code(format)]);
    const rest = could.more > 0 ? words(` and ${could.more} more`, true) : [];
    const become = formats.length === 0 ? [] : [...words(', which could become ', true), ...formats, ...rest];
    return [...words(`line ${span.line}: `, true), ...code(text.trim()), ...become];
  });
  return [...list(items), ...(more > 0 ? [paragraph(words(`${plural(more, 'more cut line')}.`))] : [])];
}

function others({ triage, crash }: Told): Block[] {
  const { shown, more } = firstOf(otherCrashes(triage, crash), PAGE.listed);
  const items = shown.map(({ incident, verdict }) => [
    ...words(`line ${incident.span.line}: `, true),
    ...code(titleWords(incident.title)),
    ...words(`, ${classWords(verdict.class)}`, true),
  ]);
  return [...list(items), ...(more > 0 ? [paragraph(words(`${plural(more, 'more crash', 'more crashes')}.`))] : [])];
}

function diagnostics({ triage }: Told): Block[] {
  const { shown } = firstOf(triage.diagnostics, PAGE.listed);
  return list(
    shown.map(({ code: name, text, line }) => [...words(`${name}: ${text}`), ...at(line === null ? [] : [line])]),
  );
}

export const MARKDOWN_SECTIONS: Drawn<'markdown', Told, readonly Block[]> = {
  happened,
  evidence,
  rivals,
  replayed,
  'root-cause': rootCause,
  affected,
  backport,
  reproduce,
  settle: ({ triage }) => steps(captures(triage)),
  what: ({ other }) => list((other?.what ?? []).map(claimWords)),
  who: ({ other }) => list((other?.who ?? []).map(claimWords)),
  questions: (told) => steps(questionsOf(told)),
  onward: ({ triage }) => steps(nextSteps(triage)),
  read: ({ crash }) => (crash === null ? [] : appendix(crash)),
  'why-not': whyNot,
  fragments,
  alignment: ({ triage }) => list(alignmentClaims(triage).map(claimWords)),
  'source-places': ({ crash }) => list(sourceClaims(crash).map(claimWords)),
  others,
  diagnostics,
  'as-read': ({ crash }) => (crash === null ? [] : details('Title, registers, frames', appendix(crash))),
};

/** One boot as a markdown report; ends in a line feed. */
export function renderMarkdown(triage: Triage): string {
  const told = toldOf(triage);
  const { verdict, other } = told;
  const plain = plainWords(triage);
  return markdownOf([
    heading(1, words(`${HEADLINE[verdict.class]}: ${headlineOf(triage)}`)),
    ...(plain === null ? [] : [paragraph(words(plain))]),
    ...(saysMore(verdict) && (other === null || verdict.hypothesis !== null)
      ? [paragraph(words(verdict.sentence))]
      : []),
    ...facts(told),
    ...sectionsFor('markdown', verdict.class).flatMap(({ id, title }) => {
      const body = MARKDOWN_SECTIONS[id](told);
      return body.length === 0 ? [] : [heading(2, words(title)), ...body];
    }),
  ]);
}

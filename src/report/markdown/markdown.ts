/**
 * The root-cause report. A section with nothing to say is left out, and every sentence derives from a field of the triage. It is built as a tree
 * (markdown-tree.ts), in which text of the log is text or code and nothing else.
 */

import type { Claim, JudgedCrash, Triage, Verdict } from '../../reconstruct/types.ts';
import { plural } from '../../words.ts';
import { backportFor, backportNotes, cherryPicks } from '../story/backport.ts';
import { reproductionOf } from '../story/reproduce.ts';
import {
  causeSteps,
  decidingCrash,
  explainedWords,
  fixWords,
  HEADLINE,
  HYPOTHESES,
  headlineRest,
  interleavingWords,
  kernelWords,
  placeWords,
  saysMore,
  searchWords,
  sourceWords,
} from '../story/wording.ts';
import { diagram } from '../text/diagram.ts';
import { nearestWords } from '../text/nearest-run.ts';
import { appendix, otherCrashes } from './appendix.ts';
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
const LINES_PER_CLAIM = 6;
const LISTED = 50;
/** Lines of a sequence diagram that need no folding. */
const SHORT_SEQUENCE = 12;

type Section = readonly [title: string, blocks: readonly Block[]];

const at = (numbers: readonly number[]): Inline[] =>
  numbers.length === 0 ? [] : words(` (line ${numbers.slice(0, LINES_PER_CLAIM).join(', ')})`, true);

function claimWords({ text, lines: numbers }: Claim): Inline[] {
  return [...words(text), ...at(numbers)];
}

function facts(triage: Triage, crash: JudgedCrash | null): Block[] {
  const kernel = kernelWords(triage.kernel);
  const fault = crash?.fault ?? null;
  const todo = triage.advice.find(({ text }) => text.startsWith('suggestion: '));
  const fact = (label: string, text: Inline[]) => [...words(`${label}: `, true), ...text];
  return list([
    fact('log', code(sourceWords(triage))),
    crash === null ? [] : fact('crash', code(crash.incident.title)),
    crash === null ? [] : fact('where', words(placeWords(crash))),
    fault === null || fault.fields.length === 0
      ? []
      : fact('fault', words(`${fault.access ?? 'access'} of ${fault.fields.map((f) => `\`${f}\``).join(' or ')}`)),
    kernel === null ? [] : fact('kernel', words(kernel)),
    todo === undefined ? [] : words(todo.text),
  ]);
}

function happened({ story, cause }: Verdict): Block[] {
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
function evidence(triage: Triage, claims: readonly Claim[]): Block[] {
  const rows = claims.flatMap(({ text, lines: numbers }) => {
    const quoted = numbers
      .slice(0, LINES_PER_CLAIM)
      .map((line) => [words(String(line)), code(triage.log.lineText(line)?.trim() ?? '')]);
    return (quoted.length === 0 ? [[[], []]] : quoted).map((row, i) => [i === 0 ? words(text) : [], ...row]);
  });
  return table(['what it shows', 'line', 'log'], rows);
}

/** What the log itself refutes is argued; what the kernel's age or the model refutes is listed for whoever doubts. */
function rivals({ rivals: all }: Verdict): Block[] {
  const main = all.filter((r) => r.status !== 'refuted' || r.lines.length > 0);
  const rest = all.filter((r) => !main.includes(r));
  const rows = (of: Verdict['rivals']) =>
    table(
      ['hypothesis', 'what it is', 'status', 'because'],
      of.map((r) => [
        code(r.hypothesis),
        words(HYPOTHESES[r.hypothesis] ?? ''),
        words(r.status),
        [...words(r.because), ...at(r.lines)],
      ]),
    );
  if (main.length === 0) return rows(rest);
  return [...rows(main), ...details(`${rest.length} more, refuted without a line of this log`, rows(rest))];
}

function replayed(triage: Triage, verdict: Verdict): Block[] {
  const counts = interleavingWords(verdict, (decimal) => decimal);
  const explained = explainedWords(verdict);
  const line = verdict.explained.firstUnexplained;
  const text = line === null || explained === null ? null : triage.log.lineText(line);
  const { search } = verdict;
  const nearest = nearestWords(verdict);
  return [
    ...list([
      words(counts ?? ''),
      words(explained ?? ''),
      text === null ? [] : [...words(`line ${line}: `, true), ...code(text.trim())],
      words(searchWords(verdict) ?? ''),
      search === null ? [] : words(`memory: ${search.memory}, granularity: ${search.granularity}`),
      nearest === null ? [] : words(nearest.sentence),
    ]),
    ...(nearest === null
      ? []
      : details('The crash beside the nearest run that passes', [lines(nearest.beside, 'text')])),
  ];
}

function rootCause({ cause }: Verdict): Block[] {
  if (cause === null) return [];
  return [
    paragraph(
      words(
        'Every interleaving that fits the log and ends in this crash has these two steps in this order; with the two reversed, none is left:',
      ),
    ),
    ...list([words(cause.before), words(cause.after)], true),
  ];
}

function affected(triage: Triage): Block[] {
  const { kernel, advice } = triage;
  const more = kernel.because.filter(({ text }) => !kernel.fix.because.includes(text));
  return list([words(`fix ${fixWords(kernel)}`), ...more.map(claimWords), ...advice.map(claimWords)]);
}

function backport(triage: Triage): Block[] {
  const found = backportFor(triage);
  if (found === null) return [];
  const start = found.onto.startsWith('v') ? `onto ${found.onto}, ` : '';
  return [
    paragraph(words(`Suggestion: ${start}in this order, in a clone that has mainline:`)),
    lines(cherryPicks(found), 'sh'),
    ...list(backportNotes(found).map((note) => words(note))),
  ];
}

function reproduce(verdict: Verdict): Block[] {
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

function settle({ settle: open }: Verdict): Block[] {
  return list(
    open.map(({ text, command }) => [
      paragraph(words(text)),
      ...(command === null ? [] : [lines(command.split('\n'))]),
    ]),
  );
}

function fragments(triage: Triage): Block[] {
  const shown = triage.fragments.slice(0, LISTED);
  const left = triage.fragments.length - shown.length;
  return [
    ...list(
      shown.map(({ span, text, completions }) => {
        const could = completions
          .slice(0, LINES_PER_CLAIM)
          .flatMap((c, i) => [...words(i === 0 ? '' : ', ', true), ...code(c)]);
        const more = completions.length - LINES_PER_CLAIM;
        const rest = more > 0 ? words(` and ${more} more`, true) : [];
        const become = could.length === 0 ? [] : [...words(', which could become ', true), ...could, ...rest];
        return [...words(`line ${span.line}: `, true), ...code(text.trim()), ...become];
      }),
    ),
    ...(left > 0 ? [paragraph(words(`${plural(left, 'more cut line')}.`))] : []),
  ];
}

function others(triage: Triage, crash: JudgedCrash | null): Block[] {
  const items = otherCrashes(triage, crash);
  const left = items.length - LISTED;
  return [
    ...list(items.slice(0, LISTED)),
    ...(left > 0 ? [paragraph(words(`${plural(left, 'more crash', 'more crashes')}.`))] : []),
  ];
}

function diagnostics(triage: Triage): Block[] {
  return list(
    triage.diagnostics
      .slice(0, LISTED)
      .map(({ code: name, text, line }) => [...words(`${name}: ${text}`), ...at(line === null ? [] : [line])]),
  );
}

/** One boot as a markdown report; ends in a line feed. */
export function renderMarkdown(triage: Triage): string {
  const { verdict } = triage;
  const crash = decidingCrash(triage);
  const sections: Section[] = [
    ['What happened', happened(verdict)],
    ['Evidence', verdict.because.length === 0 ? [] : evidence(triage, verdict.because)],
    ['Rival explanations', rivals(verdict)],
    ['What the replay showed', replayed(triage, verdict)],
    ['Root cause', rootCause(verdict)],
    ['Is this kernel affected?', affected(triage)],
    ['How to backport the fix', backport(triage)],
    ['How to reproduce it', reproduce(verdict)],
    ['What would settle it', settle(verdict)],
    ['Cut lines', fragments(triage)],
    ['Beside the good boot', list((triage.alignment?.claims ?? []).map(claimWords))],
    ['Other crashes in this log', others(triage, crash)],
    ['Diagnostics', diagnostics(triage)],
    ['Appendix: the crash as it was read', crash === null ? [] : details('Title, registers, frames', appendix(crash))],
  ];
  return markdownOf([
    heading(1, words(`${HEADLINE[verdict.class]}: ${headlineRest(verdict)}`)),
    ...(saysMore(verdict) ? [paragraph(words(verdict.sentence))] : []),
    ...facts(triage, crash),
    ...sections.flatMap(([title, body]) => (body.length === 0 ? [] : [heading(2, words(title)), ...body])),
  ]);
}

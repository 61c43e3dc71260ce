/**
 * The root-cause report. A section with nothing to say is left out, and every sentence derives from a field of the triage. Log text stands in code
 * spans and fences only (escape.ts), so that a device name cannot become a link, a mention or a heading.
 */

import type { Claim, JudgedCrash, Triage, Verdict } from '../reconstruct/types.ts';
import { appendix, otherCrashes } from './appendix.ts';
import { diagram } from './diagram.ts';
import { cell, codeCell, codeSpan, fence, prose } from './escape.ts';
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
  plural,
  searchWords,
  sourceWords,
} from './wording.ts';

/** A fenced block of about this width is shown whole by the forges' pages. */
const DIAGRAM_WIDTH = 100;
const LINES_PER_CLAIM = 6;
const LISTED = 50;

type Section = readonly [title: string, blocks: readonly string[]];

const bullets = (items: readonly string[]) => (items.length === 0 ? [] : [items.map((item) => `- ${item}`).join('\n')]);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [[row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')];
}

function claimText({ text, lines }: Claim): string {
  return prose(text) + (lines.length === 0 ? '' : ` (line ${lines.slice(0, LINES_PER_CLAIM).join(', ')})`);
}

/** A row for each quoted line, the claim beside the first of them; a claim without lines has a row of its own. */
function evidenceRows(triage: Triage, claims: readonly Claim[]): string[][] {
  return claims.flatMap(({ text, lines }) => {
    const quoted = lines
      .slice(0, LINES_PER_CLAIM)
      .map((line) => [String(line), codeCell(triage.log.lineText(line)?.trim() ?? '')]);
    const rows = quoted.length === 0 ? [['', '']] : quoted;
    return rows.map((row, i) => [i === 0 ? cell(text) : '', ...row]);
  });
}

function facts(triage: Triage, crash: JudgedCrash | null): string[] {
  const kernel = kernelWords(triage.kernel);
  const fault = crash?.fault ?? null;
  const items = [`log: ${codeSpan(sourceWords(triage))}`];
  if (crash !== null) items.push(`crash: ${codeSpan(crash.incident.title)}`, `where: ${prose(placeWords(crash))}`);
  if (fault !== null && fault.fields.length > 0)
    items.push(`fault: ${fault.access ?? 'access'} of ${fault.fields.map(codeSpan).join(' or ')}`);
  if (kernel !== null) items.push(`kernel: ${prose(kernel)}`);
  return bullets(items);
}

function happened({ story, cause }: Verdict): string[] {
  if (story === null) return [];
  const preemptions = story.preemptions === 0 ? 'no preemption' : plural(story.preemptions, 'preemption');
  return [
    `One interleaving of the model that ends in this crash, of those with the fewest preemptions (it takes ${preemptions}); only the steps that matter are drawn.`,
    fence(diagram(story, { width: DIAGRAM_WIDTH, keep: causeSteps(cause) }), 'text'),
    `Replay string: ${codeSpan(story.replay)}`,
  ];
}

function rivalRows({ rivals }: Verdict): string[][] {
  return rivals.map(({ hypothesis, status, because, lines }) => [
    codeCell(hypothesis),
    cell(HYPOTHESES[hypothesis] ?? ''),
    status,
    cell(because) + (lines.length === 0 ? '' : ` (line ${lines.slice(0, LINES_PER_CLAIM).join(', ')})`),
  ]);
}

function replayed(triage: Triage, verdict: Verdict): string[] {
  const items: string[] = [];
  const counts = interleavingWords(verdict, (decimal) => decimal);
  if (counts !== null) items.push(prose(counts));
  const explained = explainedWords(verdict);
  if (explained !== null) items.push(prose(explained));
  const line = verdict.explained.firstUnexplained;
  const text = line === null || explained === null ? null : triage.log.lineText(line);
  if (text !== null) items.push(`line ${line}: ${codeSpan(text.trim())}`);
  const search = searchWords(verdict);
  if (search !== null)
    items.push(prose(search), `memory: ${verdict.search?.memory}, granularity: ${verdict.search?.granularity}`);
  return bullets(items);
}

function rootCause({ cause }: Verdict): string[] {
  if (cause === null) return [];
  return [
    'Every interleaving that fits the log and ends in this crash has these two steps in this order; with the two reversed, none is left:',
    `1. ${prose(cause.before)}\n2. ${prose(cause.after)}`,
  ];
}

function affected(triage: Triage): string[] {
  const { kernel } = triage;
  const more = kernel.because.filter(({ text }) => !kernel.fix.because.includes(text));
  return bullets([`fix ${prose(fixWords(kernel))}`, ...more.map(claimText)]);
}

function settle({ settle: open }: Verdict): string[] {
  return open.flatMap(({ text, command }) => [
    `- ${prose(text)}`,
    ...(command === null ? [] : [fence(command.split('\n'))]),
  ]);
}

function fragments(triage: Triage): string[] {
  const shown = triage.fragments.slice(0, LISTED);
  const left = triage.fragments.length - shown.length;
  return [
    ...bullets(
      shown.map(({ span, text, completions }) => {
        const could = completions.slice(0, LINES_PER_CLAIM).map(codeSpan).join(', ');
        return `line ${span.line}: ${codeSpan(text.trim())}${could === '' ? '' : `, which could become ${could}`}`;
      }),
    ),
    ...(left > 0 ? [`${plural(left, 'more cut line')}.`] : []),
  ];
}

function others(triage: Triage, crash: JudgedCrash | null): string[] {
  const items = otherCrashes(triage, crash);
  const left = items.length - LISTED;
  return items.length === 0
    ? []
    : [items.slice(0, LISTED).join('\n'), ...(left > 0 ? [`${plural(left, 'more crash', 'more crashes')}.`] : [])];
}

/** One boot as a markdown report; ends in a line feed. */
export function renderMarkdown(triage: Triage): string {
  const { verdict } = triage;
  const crash = decidingCrash(triage);
  const sections: Section[] = [
    ['What happened', happened(verdict)],
    [
      'Evidence',
      crash === null && verdict.class !== 'no-crash'
        ? []
        : table(['what it shows', 'line', 'log'], evidenceRows(triage, verdict.because)),
    ],
    ['Rival explanations', table(['hypothesis', 'what it is', 'status', 'because'], rivalRows(verdict))],
    ['What the replay showed', replayed(triage, verdict)],
    ['Root cause', rootCause(verdict)],
    ['Is this kernel affected?', affected(triage)],
    ['What to do', bullets(triage.advice.map(claimText))],
    ['What would settle it', settle(verdict)],
    ['Cut lines', fragments(triage)],
    ['Other crashes in this log', others(triage, crash)],
    [
      'Diagnostics',
      bullets(
        triage.diagnostics
          .slice(0, LISTED)
          .map(({ code, text, line }) => `${code}: ${prose(text)}${line === null ? '' : ` (line ${line})`}`),
      ),
    ],
    ['Appendix: the crash as it was read', crash === null ? [] : appendix(crash)],
  ];
  const blocks = [
    `# ${HEADLINE[verdict.class]}: ${prose(headlineRest(verdict))}`,
    prose(verdict.sentence),
    ...facts(triage, crash),
    ...sections.flatMap(([title, body]) => (body.length === 0 ? [] : [`## ${title}`, ...body])),
  ];
  return `${blocks.join('\n\n')}\n`;
}

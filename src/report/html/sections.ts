/** One boot as an article of the page: the verdict first, then what a reader asks next. A section with nothing to say is left out. */

import type { Claim, JudgedCrash, Triage, Verdict } from '../../reconstruct/types.ts';
import { plural } from '../../words.ts';
import { code, type Markup, markup, sentence } from '../safe/markup.ts';
import { backportFor, backportNotes, cherryPicks } from '../story/backport.ts';
import { reproductionOf } from '../story/reproduce.ts';
import {
  decidingCrash,
  explainedWords,
  fixWords,
  HEADLINE,
  HYPOTHESES,
  headlineRest,
  interleavingWords,
  kernelWords,
  placeWords,
  searchWords,
  sourceWords,
} from '../story/wording.ts';
import { appendix } from './appendix.ts';
import { storyOf } from './runs.ts';
import { storySection } from './story.ts';

const LINES_PER_CLAIM = 6;
const LISTED = 50;
const SUGGESTION = 'suggestion: ';

type Section = readonly [title: string, body: Markup | null];

function list(items: readonly Markup[]): Markup | null {
  return items.length === 0 ? null : markup`<ul>\n${items.map((item) => markup`<li>${item}</li>\n`)}</ul>`;
}

function table(label: string, head: readonly string[], rows: readonly Markup[]): Markup | null {
  if (rows.length === 0) return null;
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="${label}">
<table>
<thead><tr>${head.map((cell) => markup`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table>
</div>`;
}

function lineWords(lines: readonly number[]): string {
  return lines.length === 0 ? '' : ` (line ${lines.slice(0, LINES_PER_CLAIM).join(', ')})`;
}

function claimItem({ text, lines }: Claim): Markup {
  return markup`${sentence(text)}${lineWords(lines)}`;
}

/** A row for each quoted line, the claim beside the first of them. */
function evidenceRows(triage: Triage, claims: readonly Claim[]): Markup[] {
  return claims.flatMap(({ text, lines }) => {
    const quoted = lines.slice(0, LINES_PER_CLAIM);
    const claim = markup`<td rowspan="${Math.max(1, quoted.length)}">${sentence(text)}</td>`;
    if (quoted.length === 0) return [markup`<tr>${claim}<td></td><td></td></tr>\n`];
    return quoted.map(
      (line, i) =>
        markup`<tr>${i === 0 ? claim : null}<td class="number">${line}</td><td>${code(triage.log.lineText(line)?.trim() ?? '')}</td></tr>\n`,
    );
  });
}

function facts(triage: Triage, crash: JudgedCrash | null): Markup {
  const fault = crash?.fault ?? null;
  const kernel = kernelWords(triage.kernel);
  const rows: (readonly [string, Markup])[] = [['log', code(sourceWords(triage))]];
  if (crash !== null) rows.push(['crash', code(crash.incident.title)], ['where', sentence(placeWords(crash))]);
  if (fault !== null && fault.fields.length > 0)
    rows.push([
      'fault',
      markup`${fault.access ?? 'access'} of ${fault.fields.map((field, i) => markup`${i > 0 ? ' or ' : ''}${code(field)}`)}`,
    ]);
  if (kernel !== null) rows.push(['kernel', sentence(kernel)]);
  if (triage.kernel.release !== null || triage.kernel.era !== null)
    rows.push(['fix', sentence(fixWords(triage.kernel))]);
  const todo = triage.advice.find(({ text }) => text.startsWith(SUGGESTION));
  if (todo !== undefined) rows.push(['next', sentence(todo.text.slice(SUGGESTION.length))]);
  return markup`<dl class="facts">\n${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}

function happened(triage: Triage, crash: JudgedCrash | null, id: string): Markup | null {
  const story = crash && storyOf(triage, crash);
  return story && storySection(story, id);
}

function rivals({ rivals: all }: Verdict): Markup | null {
  const rows = all.map(
    ({ hypothesis, status, because, lines }) =>
      markup`<tr><td>${code(hypothesis)}<br>${sentence(HYPOTHESES[hypothesis] ?? '')}</td><td><span class="status ${status}">${status}</span></td><td>${sentence(because)}${lineWords(lines)}</td></tr>\n`,
  );
  return table('Rival explanations', ['hypothesis', 'status', 'because'], rows);
}

function replayed(triage: Triage, verdict: Verdict): Markup | null {
  const explained = explainedWords(verdict);
  const line = explained === null ? null : verdict.explained.firstUnexplained;
  const text = line === null ? null : triage.log.lineText(line);
  const search = searchWords(verdict);
  const counts = interleavingWords(verdict, (decimal) => decimal);
  return list([
    ...(counts === null ? [] : [sentence(counts)]),
    ...(explained === null ? [] : [sentence(explained)]),
    ...(text === null ? [] : [markup`line ${line}: ${code(text.trim())}`]),
    ...(search === null
      ? []
      : [sentence(search), markup`memory: ${verdict.search!.memory}, granularity: ${verdict.search!.granularity}`]),
  ]);
}

function rootCause({ cause }: Verdict): Markup | null {
  if (cause === null) return null;
  return markup`<p>Every interleaving that fits the log and ends in this crash has these two steps in this order; with the two reversed, none is left:</p>
<ol>
<li>${sentence(cause.before)}</li>
<li>${sentence(cause.after)}</li>
</ol>`;
}

function affected({ kernel, advice }: Triage): Markup | null {
  const more = kernel.because.filter(({ text }) => !kernel.fix.because.includes(text));
  return list([markup`fix ${sentence(fixWords(kernel))}`, ...more.map(claimItem), ...advice.map(claimItem)]);
}

const lines = (text: readonly string[]) => markup`<pre tabindex="0"><code>${text.join('\n')}</code></pre>`;

function backport(triage: Triage): Markup | null {
  const found = backportFor(triage);
  if (found === null) return null;
  const start = found.onto.startsWith('v') ? `onto ${found.onto}, ` : '';
  return markup`<p>Suggestion: ${start}in this order, in a clone that has mainline:</p>
${lines(cherryPicks(found))}
${list(backportNotes(found).map(sentence))}`;
}

function reproduce(verdict: Verdict): Markup | null {
  const found = reproductionOf(verdict);
  if (found === null) return null;
  return markup`<p>${sentence(found.claim)}</p>
<ol>
${found.steps.map((step) => markup`<li>${sentence(step)}</li>\n`)}</ol>${
    found.patch.length === 0 ? null : markup`\n<p>The sleeps as a patch sketch:</p>\n${lines(found.patch)}`
  }`;
}

function settle({ settle: open }: Verdict): Markup | null {
  return list(open.map(({ text, command }) => markup`${sentence(text)}${command === null ? null : lines([command])}`));
}

function fragments({ fragments: all }: Triage): Markup | null {
  const items = all.slice(0, LISTED).map(({ span, text, completions }) => {
    const could = completions.slice(0, LINES_PER_CLAIM).map((format, i) => markup`${i > 0 ? ', ' : ''}${code(format)}`);
    return markup`line ${span.line}: ${code(text.trim())}${could.length === 0 ? null : markup`, which could become ${could}`}`;
  });
  const left = all.length - items.length;
  return list(left > 0 ? [...items, markup`${plural(left, 'more cut line')}`] : items);
}

function others({ crashes }: Triage, shown: JudgedCrash | null): Markup | null {
  const other = crashes.filter((crash) => crash !== shown);
  const items = other
    .slice(0, LISTED)
    .map(
      ({ incident, verdict }) =>
        markup`line ${incident.span.line}: ${code(incident.title)}, ${HEADLINE[verdict.class].toLowerCase()}`,
    );
  const left = other.length - items.length;
  return list(left > 0 ? [...items, markup`${plural(left, 'more crash', 'more crashes')}`] : items);
}

function diagnostics(triage: Triage): Markup | null {
  return list(
    triage.diagnostics
      .slice(0, LISTED)
      .map(({ code: id, text, line }) => markup`${id}: ${sentence(text)}${line === null ? '' : ` (line ${line})`}`),
  );
}

/** `id` is unique on the page. */
export function article(triage: Triage, id: string): Markup {
  const { verdict } = triage;
  const crash = decidingCrash(triage);
  const evidence = ['what it shows', 'line', 'log'];
  const sections: readonly Section[] = [
    ['What happened', happened(triage, crash, id)],
    ['Evidence', table('Evidence', evidence, evidenceRows(triage, verdict.because))],
    ['Rival explanations', rivals(verdict)],
    ['What the replay showed', replayed(triage, verdict)],
    ['Root cause', rootCause(verdict)],
    ['Is this kernel affected?', affected(triage)],
    ['How to backport the fix', backport(triage)],
    ['How to reproduce it', reproduce(verdict)],
    ['What would settle it', settle(verdict)],
    ['Cut lines', fragments(triage)],
    ['Beside the good boot', list((triage.alignment?.claims ?? []).map(claimItem))],
    ['Other crashes in this log', others(triage, crash)],
    ['Diagnostics', diagnostics(triage)],
    ['Appendix: the crash as it was read', crash && appendix(crash)],
  ];
  const shown = sections.map(([title, body]) =>
    body === null ? null : markup`<section>\n<h3>${title}</h3>\n${body}\n</section>\n`,
  );
  return markup`<article id="${id}" aria-labelledby="${id}-title">
<header class="${verdict.class}">
<h2 id="${id}-title"><span class="verdict">${HEADLINE[verdict.class]}</span> ${sentence(headlineRest(verdict))}</h2>
<p>${sentence(verdict.sentence)}</p>
${facts(triage, crash)}
</header>
${shown}</article>`;
}

/** One boot as an article of the page: the verdict first, then what a reader asks next. A section with nothing to say is left out. */

import type { Claim, Triage } from '../../reconstruct/types.ts';
import { plural, titleWords } from '../../words.ts';
import { code, type Markup, markup, sentence } from '../safe/markup.ts';
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
  sourceClaims,
  suggestionOf,
  unexplainedLine,
} from '../story/selection.ts';
import {
  CAUSE_LEAD,
  classWords,
  explainedWords,
  faultWords,
  fixFact,
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
  searchWords,
  sourceWords,
} from '../story/wording.ts';
import { appendix } from './appendix.ts';
import { storyOf } from './runs.ts';
import { storySection } from './story.ts';

/** `id` is the article's, unique on the page. */
interface Article extends Told {
  readonly id: string;
}

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

function claimItem({ text, lines }: Claim): Markup {
  return markup`${sentence(text)}${atLines(lines)}`;
}

/** A row for each quoted line, the claim beside the first of them. */
function evidence({ triage, verdict }: Told): Markup | null {
  const rows = verdict.because.flatMap(({ text, lines }) => {
    const { shown: quoted } = firstOf(lines, PAGE.lines);
    const claim = markup`<td rowspan="${Math.max(1, quoted.length)}">${sentence(text)}</td>`;
    if (quoted.length === 0) return [markup`<tr>${claim}<td></td><td></td></tr>\n`];
    return quoted.map(
      (line, i) =>
        markup`<tr>${i === 0 ? claim : null}<td class="number">${line}</td><td>${code(triage.log.lineText(line)?.trim() ?? '')}</td></tr>\n`,
    );
  });
  return table('Evidence', ['what it shows', 'line', 'log'], rows);
}

function facts({ triage, crash, other, verdict }: Told): Markup {
  const rows: Markup[] = [];
  const put = (name: string, value: Markup | null) => {
    if (value !== null) rows.push(markup`<dt>${name}</dt><dd>${value}</dd>\n`);
  };
  const said = (name: string, text: string | null) => put(name, text === null ? null : sentence(text));
  put('log', code(sourceWords(triage)));
  put('crash', crash && code(titleWords(crash.incident.title)));
  said('where', crash && placeWords(crash));
  said('fault', crash && faultWords(crash));
  said('kernel', kernelWords(triage.kernel, other === null || verdict.hypothesis !== null));
  // The fix of the race is of no use to who has another bug.
  if (other === null) {
    said('fix', fixFact(triage.kernel));
    if (crash !== null) said('verdict', headlineRest(verdict));
  }
  said('next', suggestionOf(triage));
  return markup`<dl class="facts">\n${rows}</dl>`;
}

function happened({ triage, crash, id }: Article): Markup | null {
  const story = crash && storyOf(triage, crash);
  return story && storySection(story, id);
}

function rivals({ verdict }: Told): Markup | null {
  const rows = verdict.rivals.map(
    ({ hypothesis, status, because, lines }) =>
      markup`<tr><td>${code(hypothesis)}<br>${sentence(HYPOTHESES[hypothesis] ?? '')}</td><td><span class="status ${status}">${status}</span></td><td>${sentence(because)}${atLines(lines)}</td></tr>\n`,
  );
  const drawn = table('Rival explanations', ['hypothesis', 'status', 'because'], rows);
  // Of a crash that no hypothesis explains the rivals are for whoever doubts.
  return drawn !== null && verdict.class === 'excluded' && verdict.hypothesis === null
    ? markup`<details><summary>${plural(rows.length, 'hypothesis', 'hypotheses')} that could be confused with it</summary>\n${drawn}\n</details>`
    : drawn;
}

function replayed({ triage, verdict }: Told): Markup | null {
  const unexplained = unexplainedLine(triage, verdict);
  const said = (text: string | null) => (text === null ? [] : [sentence(text)]);
  return list([
    ...said(interleavingWords(verdict, (decimal) => decimal)),
    ...said(explainedWords(verdict)),
    ...(unexplained === null ? [] : [markup`line ${unexplained.line}: ${code(unexplained.text)}`]),
    ...said(searchWords(verdict)),
    ...said(modelWords(verdict)),
  ]);
}

function rootCause({ verdict: { cause } }: Told): Markup | null {
  if (cause === null) return null;
  return markup`<p>${sentence(CAUSE_LEAD)}</p>
<ol>
<li>${sentence(cause.before)}</li>
<li>${sentence(cause.after)}</li>
</ol>`;
}

function affected({ triage }: Told): Markup | null {
  return list([markup`fix ${sentence(fixWords(triage.kernel))}`, ...affectedClaims(triage).map(claimItem)]);
}

const lines = (text: readonly string[]) => markup`<pre tabindex="0"><code>${text.join('\n')}</code></pre>`;

function backport({ triage }: Told): Markup | null {
  const found = backportFor(triage);
  if (found === null) return null;
  return markup`<p>${sentence(backportLead(found))}</p>
${lines(cherryPicks(found))}
${list(backportNotes(found).map(sentence))}`;
}

function reproduce({ verdict }: Told): Markup | null {
  const found = reproductionOf(verdict);
  if (found === null) return null;
  return markup`<p>${sentence(found.claim)}</p>
<ol>
${found.steps.map((step) => markup`<li>${sentence(step)}</li>\n`)}</ol>${
    found.patch.length === 0 ? null : markup`\n<p>The sleeps as a patch sketch:</p>\n${lines(found.patch)}`
  }`;
}

function steps(captured: readonly Capture[]): Markup | null {
  return list(
    captured.map(({ text, command }) => markup`${sentence(text)}${command === null ? null : lines([command])}`),
  );
}

function fragments({ triage }: Told): Markup | null {
  const { shown, more } = firstOf(triage.fragments, PAGE.listed);
  const items = shown.map(({ span, text, completions }) => {
    const could = firstOf(completions, PAGE.lines).shown.map(
      (format, i) => markup`${i > 0 ? ', ' : ''}${code(format)}`,
    );
    return markup`line ${span.line}: ${code(text.trim())}${could.length === 0 ? null : markup`, which could become ${could}`}`;
  });
  return list(more > 0 ? [...items, markup`${plural(more, 'more cut line')}`] : items);
}

function others({ triage, crash }: Told): Markup | null {
  const { shown, more } = firstOf(otherCrashes(triage, crash), PAGE.listed);
  const items = shown.map(
    ({ incident, verdict }) =>
      markup`line ${incident.span.line}: ${code(titleWords(incident.title))}, ${classWords(verdict.class)}`,
  );
  return list(more > 0 ? [...items, markup`${plural(more, 'more crash', 'more crashes')}`] : items);
}

function diagnostics({ triage }: Told): Markup | null {
  const { shown } = firstOf(triage.diagnostics, PAGE.listed);
  return list(
    shown.map(({ code: id, text, line }) => markup`${id}: ${sentence(text)}${atLines(line === null ? [] : [line])}`),
  );
}

export const HTML_SECTIONS: Drawn<'html', Article, Markup | null> = {
  happened,
  evidence,
  rivals,
  replayed,
  'root-cause': rootCause,
  affected,
  backport,
  reproduce,
  settle: ({ triage }) => steps(captures(triage)),
  what: ({ other }) => list((other?.what ?? []).map(claimItem)),
  who: ({ other }) => list((other?.who ?? []).map(claimItem)),
  questions: (told) => steps(questionsOf(told)),
  onward: ({ triage }) => steps(nextSteps(triage)),
  read: ({ crash }) => crash && appendix(crash),
  'why-not': ({ verdict }) => markup`<p>${sentence(verdict.sentence)}</p>`,
  fragments,
  alignment: ({ triage }) => list(alignmentClaims(triage).map(claimItem)),
  'source-places': ({ crash }) => list(sourceClaims(crash).map(claimItem)),
  others,
  diagnostics,
  'as-read': ({ crash }) => crash && appendix(crash),
};

/** `id` is unique on the page. */
export function article(triage: Triage, id: string): Markup {
  const told = { ...toldOf(triage), id };
  const { verdict, other } = told;
  const plain = plainWords(triage);
  const shown = sectionsFor('html', verdict.class).map(({ id: section, title }) => {
    const body = HTML_SECTIONS[section](told);
    return body === null ? null : markup`<section>\n<h3>${title}</h3>\n${body}\n</section>\n`;
  });
  return markup`<article id="${id}" aria-labelledby="${id}-title">
<header class="${verdict.class}">
<h2 id="${id}-title"><span class="verdict">${HEADLINE[verdict.class]}</span> ${sentence(headlineOf(triage))}</h2>
${plain === null ? null : markup`<p>${sentence(plain)}</p>\n`}${other === null || verdict.hypothesis !== null ? markup`<p>${sentence(verdict.sentence)}</p>` : null}
${facts(told)}
</header>
${shown}</article>`;
}

/**
 * `--format html`: the news, what is where and when, and the buckets as an issue tracker lists them. One file that needs nothing else, to be opened from
 * anywhere: its policy lets no request out and runs no script but its own, and without that it is a plain table.
 */
import { beginning } from '../../report/html/head.ts';
import type { Own } from '../../report/html/shape.ts';
import { code, type Markup, markup, sentence, trusted } from '../../report/safe/markup.ts';
import { jsonText, sanitize } from '../../report/safe/sanitize.ts';
import { CLASSES } from '../ledger.ts';
import type { Bucket, Count } from '../statistics.ts';
import {
  countsWords,
  cutWords,
  datedWords,
  differenceWords,
  knownWords,
  number,
  plural,
  seenWords,
  shareWords,
  TEST,
  totalWords,
  whatWords,
  whereWords,
} from '../words.ts';
import { bar, releaseChart, sparkline, sumOf, timeChart } from './charts.ts';
import { hrefOf } from './links.ts';
import { allOf, exampleOf, knownOf, newsIn, type Page, statusIn } from './page.ts';
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './page-bundle.js';

/** What each class says, in a legend's few words. */
const MEANS: Readonly<Record<(typeof CLASSES)[number], string>> = {
  confirmed: 'the race, proven from the log',
  possible: 'the race, but something is open',
  insufficient: 'too little is left to tell',
  excluded: 'a crash of another kind',
  'no-crash': 'nothing crashed',
};

function news(page: Page): Markup {
  const all = newsIn(page);
  const shown = new Set(allOf(page).map((b) => b.id));
  const items = all.map(({ text, ids }) => {
    const links = ids.filter((id) => shown.has(id)).slice(0, 5);
    const more = ids.length - links.length;
    return markup`<li>${sentence(text)}${
      links.length === 0
        ? null
        : markup` <small>(${links.map((id, i) => markup`${i > 0 ? ', ' : ''}<a href="#${id}">${id}</a>`)}${more > 0 ? `, ${number(more)} more` : ''})</small>`
    }</li>\n`;
  });
  return markup`<section class="news ${all[0]?.kind ?? 'quiet'}" aria-labelledby="news">
<h2 id="news">News</h2>
<ul>
${items}</ul>
</section>`;
}

function legend({ statistics: { classes } }: Page): Markup {
  const counts = CLASSES.map((c) => classes[c]);
  return markup`${bar(counts, Math.max(1, sumOf(counts)), 'bar whole')}
<ul class="legend">
${CLASSES.map((c) => markup`<li><span class="swatch ${c}"></span><dfn>${c}</dfn> ${number(classes[c])}: ${MEANS[c]}</li>\n`)}</ul>`;
}

const few = (counts: readonly Count[], most: number) => countsWords(counts, most);

interface Drawing {
  readonly page: Page;
  readonly status: (bucket: Bucket) => string;
  /** The class of the column of statuses: where nothing stands in it, it is not shown. */
  readonly column: string;
  readonly first: string;
  readonly last: string;
}

function row({ page, status, column, first, last }: Drawing, b: Bucket): Markup {
  const example = exampleOf(page, b);
  const is = status(b);
  const known = knownOf(page, b);
  const ticket = known?.ticket ?? '';
  const badge = is === '' ? null : markup`<span class="badge${is.startsWith('REOPENED') ? ' back' : ''}">${is}</span>`;
  const where = whereWords(b);
  const link = example === null ? null : markup` <a href="${hrefOf(example, page.file ?? null)}">log</a>`;
  return markup`<tr id="${b.id}" data-c="${b.class}" data-n="${b.logs}" data-f="${b.first ?? ''}" data-l="${b.last ?? ''}"><td><b class="${b.class}">${b.class}</b></td><td class="title"><span class="what">${whatWords(b)}</span>${where === '' ? null : markup`<br><small>${where}</small>`}${link}</td><td class="${column}">${/^https?:\/\//.test(ticket) ? markup`<a href="${ticket}">${badge}</a>` : badge}</td><td class="number">${number(b.logs)}</td><td class="date middle">${b.first?.slice(0, 10) ?? ''}</td><td class="date middle">${b.last?.slice(0, 10) ?? ''}</td><td class="wide">${sparkline(b.days, first, last)}</td><td class="wide">${few(b.releases, 2)}</td><td class="widest">${few(b.hardware, 1)}</td></tr>
`;
}

/** Quoted lines of a crash that came once, and of another kind: ten thousand of them stand on one page. */
const FEW_LINES = 6;

function ownOf(page: Page, b: Bucket): Own {
  const detail = page.details?.(b) ?? null;
  const known = knownOf(page, b);
  const paths = page.paths?.get(b.id) ?? [];
  const isSmall = b.class === 'excluded' && b.hypothesis === null && b.logs === 1;
  const facts = [
    ['bucket', [b.id, ...b.aliases].join(', also ')],
    ['known', known === null ? '' : knownWords(known)],
    ['where', whereWords(b)],
    ['boots', `${shareWords(b.share)}${b.duplicates > 0 ? `, and ${plural(b.duplicates, 'duplicate')}` : ''}`],
    ['seen', [seenWords(b), datedWords(b)].filter((w) => w !== '').join(', ')],
    ['kernels', few(b.releases, 20)],
    ['hardware', few(b.hardware, 20)],
    ['drivers', few(b.drivers, 10)],
    ['again', detail?.witness ? `oopsreplay replay ${detail.witness}` : ''],
  ] as const;
  const all = b.logs + b.duplicates;
  return {
    facts: facts.filter(([, text]) => text !== '').map(([name, text]) => [name, sanitize(text)]),
    sentence: detail?.sentence ? sanitize(detail.sentence.replaceAll('`', '')) : null,
    because: (detail?.because ?? []).slice(0, isSmall ? 1 : 5).map(sanitize),
    quote: (detail?.quote ?? []).slice(0, isSmall ? FEW_LINES : 12).map(([line, text]) => [line, sanitize(text)]),
    logs: paths.map((path) => [sanitize(path), hrefOf(path, page.file ?? null)]),
    more: Math.max(0, all - paths.length),
  };
}

/** JSON inside an element: no `<` in it, so that nothing in it ends the element. */
const dataBlock = (id: string, value: unknown) =>
  trusted(`<script type="application/json" id="${id}">${jsonText(value).replaceAll('<', '\\u003c')}</script>`);

function tools(): Markup {
  return markup`<div class="tools" id="tools" role="search" aria-label="Buckets" hidden>
<label>Filter <input type="search" id="filter" placeholder="title, id, kernel, hardware, ticket" autocomplete="off"></label>
<fieldset><legend>Classes</legend>${CLASSES.map((c) => markup`<label><input type="checkbox" value="${c}" checked> <span class="swatch ${c}"></span>${c}</label>`)}</fieldset>
<label>Order <select id="order"><option value="class">by class</option><option value="boots">most boots</option><option value="last">last seen</option><option value="first">first seen</option><option value="title">title</option></select></label>
<span id="count" class="muted" role="status"></span>
</div>`;
}

function list(page: Page): Markup {
  const buckets = allOf(page);
  if (buckets.length === 0) return markup`<p>No bucket is of what was asked for.</p>`;
  const { days } = page.statistics;
  const status = statusIn(page);
  const column = buckets.some((b) => status(b) !== '') ? 'status' : 'void';
  const drawing = {
    page,
    status,
    column,
    first: days[0]?.day ?? '',
    last: days.at(-1)?.day ?? '',
  };
  return markup`${tools()}
<div class="scroll" tabindex="0" role="group" aria-labelledby="buckets-title">
<table id="buckets">
<thead><tr><th scope="col">class</th><th scope="col">what</th><th scope="col" class="${column}">status</th><th scope="col" class="number">boots</th><th scope="col" class="middle">first seen</th><th scope="col" class="middle">last seen</th><th scope="col" class="wide">over time</th><th scope="col" class="wide">kernels</th><th scope="col" class="widest">hardware</th></tr></thead>
<tbody class="waits">
${buckets.map((b) => row(drawing, b))}</tbody>
</table>
</div>
<p class="more"><button type="button" id="more" hidden>more</button></p>
${dataBlock('own', Object.fromEntries(buckets.map((b) => [b.id, ownOf(page, b)])))}`;
}

function changes({ differences }: Page): Markup | null {
  if (differences === null) return null;
  const changed = differences.filter((d) => d.change !== 'same');
  return markup`<section>
<h2>Against the baseline</h2>
<p class="muted">${TEST}</p>
${
  changed.length === 0
    ? markup`<p>Nothing is new, gone, more or less.</p>`
    : markup`<div class="scroll" tabindex="0" role="group" aria-label="Against the baseline"><table><thead><tr><th scope="col">change</th><th scope="col">bucket</th><th scope="col">what</th><th scope="col">counts</th></tr></thead><tbody>
${changed.map((d) => markup`<tr><td>${d.change}</td><td>${d.change === 'gone' ? code(d.id) : markup`<a href="#${d.id}">${d.id}</a>`}</td><td class="title"><b class="${d.bucket.class}">${d.bucket.class}</b> ${whatWords(d.bucket)}</td><td>${differenceWords(d)}</td></tr>\n`)}</tbody></table></div>`
}
</section>`;
}

export function renderBatchHtml(page: Page): string {
  const { statistics } = page;
  const charts = [timeChart(statistics), releaseChart(statistics)];
  const title = `${plural(statistics.logs, 'boot')} - oopsreplay batch`;
  return markup`${beginning(title, { STYLE, STYLE_HASH, SCRIPT_HASH }, SCRIPT)}
<h1>oopsreplay: batch</h1>
${page.stopped ? markup`<p>Interrupted: these are the results so far.</p>` : null}
${news(page)}
${legend(page)}
<p class="muted">${totalWords(statistics)
    // The legend has the classes.
    .filter((_, i) => i !== 1)
    .map((words, i) => markup`${i > 0 ? trusted('<br>') : ''}${words}`)}</p>
<h2 id="buckets-title">Buckets</h2>
${list(page)}
${changes(page)}
<div class="charts">
${charts}
</div>
${statistics.cuts.length === 0 ? null : markup`<section><h2>Cut while an IOMMU instance registered</h2><ul>${statistics.cuts.map((cut) => markup`<li>${cutWords(cut)}</li>\n`)}</ul></section>`}
<p class="muted">${statistics.model}</p>
</main>
</body>
</html>
`.markup;
}

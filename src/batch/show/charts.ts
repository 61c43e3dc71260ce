/** Bars of the page: drawn in shares of their width, so that they are as sharp at 400 px as at 2000; their words stand beside them as text. */
import { type Markup, markup, trusted } from '../../report/safe/markup.ts';
import { CLASSES } from '../ledger.ts';
import { branchOfRelease } from '../releases.ts';
import type { Count, Statistics } from '../statistics.ts';
import { number, plural } from '../words.ts';

type Classes = readonly number[];

/** Releases without the race that stand beside those with it: so many need no folding. */
const FEW = 3;

export const sumOf = (classes: Classes) => classes.reduce((a, b) => a + b, 0);
const raceIn = (classes: Classes) => classes[0]! + classes[1]!;

/** "12 boots: 2 confirmed, 10 excluded". */
export function classesWords(classes: Classes): string {
  const parts = classes.flatMap((n, c) => (n > 0 ? [`${number(n)} ${CLASSES[c]}`] : []));
  return `${plural(sumOf(classes), 'boot')}: ${parts.join(', ')}`;
}

/** One bar, a piece for each class; as long as its share of the longest. */
export function bar(classes: Classes, most: number, cls = 'bar'): Markup {
  let x = 0;
  const pieces = classes.map((n, c) => {
    if (n === 0) return '';
    const width = (n / most) * 100;
    const piece = `<rect class="${CLASSES[c]}" x="${x.toFixed(2)}%" width="${Math.max(width, 0.4).toFixed(2)}%" height="100%"/>`;
    x += width;
    return piece;
  });
  return trusted(`<svg class="${cls}" aria-hidden="true">${pieces.join('')}</svg>`);
}

/** The Monday before a day. */
function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

/** The first day of what a bar stands for, how far it is to the next, and what it is called. */
const UNITS = [
  { name: 'day', start: (day: string) => day, days: 1, label: (day: string) => day },
  { name: 'week', start: mondayOf, days: 7, label: (day: string) => day },
  { name: 'month', start: (day: string) => `${day.slice(0, 7)}-01`, days: 31, label: (day: string) => day.slice(0, 7) },
  {
    name: 'quarter',
    start: (day: string) =>
      `${day.slice(0, 5)}${String(Math.floor((Number(day.slice(5, 7)) - 1) / 3) * 3 + 1).padStart(2, '0')}-01`,
    days: 92,
    label: (day: string) => `${day.slice(0, 4)} Q${(Number(day.slice(5, 7)) + 2) / 3}`,
  },
  {
    name: 'year',
    start: (day: string) => `${day.slice(0, 4)}-01-01`,
    days: 366,
    label: (day: string) => day.slice(0, 4),
  },
] as const;

/** Bars of a chart that a phone still shows apart. */
const MOST_BARS = 56;

interface Time {
  readonly unit: string;
  readonly bars: readonly { readonly name: string; readonly classes: Classes }[];
}

const dayAfter = (day: string, days: number) =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

/** The boots by the shortest unit that gives a readable number of bars; none is left out, and time without boots is there as well. */
export function timeOf({ days }: Pick<Statistics, 'days'>): Time {
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  if (first === undefined || last === undefined) return { unit: 'day', bars: [] };
  const span = (Date.parse(last) - Date.parse(first)) / 86_400_000;
  const unit = UNITS.find((u) => span / u.days < MOST_BARS - 1) ?? UNITS.at(-1)!;
  const bars = new Map<string, number[]>();
  for (let at = unit.start(first); at <= last; at = unit.start(dayAfter(at, unit.days)))
    bars.set(
      at,
      CLASSES.map(() => 0),
    );
  for (const { day, classes } of days) {
    const sums = bars.get(unit.start(day))!;
    classes.forEach((n, c) => {
      sums[c]! += n;
    });
  }
  return { unit: unit.name, bars: [...bars].map(([at, classes]) => ({ name: unit.label(at), classes })) };
}

export function timeChart(statistics: Pick<Statistics, 'days'>): Markup | null {
  const { unit, bars } = timeOf(statistics);
  if (bars.length === 0) return null;
  const most = Math.max(...bars.map((b) => sumOf(b.classes)));
  const step = 100 / Math.max(bars.length, 8);
  const drawn = bars.map(({ name, classes }, i) => {
    let y = 100;
    const pieces = classes.map((n, c) => {
      if (n === 0) return '';
      const height = (n / most) * 100;
      y -= height;
      return `<rect class="${CLASSES[c]}" x="${(i * step).toFixed(2)}%" y="${y.toFixed(2)}%" width="${(step * 0.85).toFixed(2)}%" height="${Math.max(height, 0.6).toFixed(2)}%"/>`;
    });
    return markup`<g><title>${name}, ${classesWords(classes)}</title>${trusted(pieces.join(''))}</g>`;
  });
  const [first, last] = [bars[0]!, bars.at(-1)!];
  const peak = bars.reduce((a, b) => (sumOf(b.classes) > sumOf(a.classes) ? b : a));
  return markup`<section>
<h2>Boots by ${unit}</h2>
<svg class="days" role="img" aria-label="Boots by ${unit}, ${first.name} to ${last.name}, at most ${number(most)} (${peak.name})">${drawn}</svg>
<div class="axis muted"><span>${first.name}</span>${bars.length > 2 ? markup`<span>most: ${number(most)} (${peak.name})</span>` : null}${bars.length > 1 ? markup`<span>${last.name}</span>` : null}</div>
<details><summary>in numbers</summary>
<ul>
${bars
  .filter(({ classes }) => sumOf(classes) > 0)
  .reverse()
  .map(({ name, classes }) => markup`<li>${name}, ${classesWords(classes)}</li>\n`)}</ul>
</details>
</section>`;
}

interface Release {
  readonly release: string;
  readonly classes: Classes;
}

function releaseList(releases: readonly Release[], most: number): Markup | null {
  if (releases.length === 0) return null;
  const rows = releases.map(
    ({ release, classes }) =>
      markup`<li class="release"><code>${release}</code>${bar(classes, most)}<small>${classesWords(classes)}</small></li>\n`,
  );
  return markup`<ol>
${rows}</ol>
`;
}

/** A branch's releases: those with the race stand open; beside them the rest takes a line until it is asked for. */
function releasesOf(list: readonly Release[], most: number): Markup {
  const raced = list.filter(({ classes }) => raceIn(classes) > 0);
  const rest = list.filter(({ classes }) => raceIn(classes) === 0);
  if (raced.length === 0 || rest.length <= FEW) return markup`${releaseList(list, most)}`;
  return markup`${releaseList(raced, most)}<details class="rest"><summary>${plural(rest.length, 'release')} without confirmed or possible</summary>
${releaseList(rest, most)}</details>
`;
}

/** Every release in the order of its version, by branch; branches with the race first, and open. */
export function releaseChart({ releases }: Pick<Statistics, 'releases'>): Markup | null {
  if (releases.length === 0) return null;
  const branches = new Map<string, (typeof releases)[number][]>();
  for (const one of releases) {
    const name = branchOfRelease(one.release) ?? 'other';
    branches.set(name, [...(branches.get(name) ?? []), one]);
  }
  const groups = [...branches].map(([name, list]) => ({
    name,
    list,
    classes: CLASSES.map((_, c) => list.reduce((sum, { classes }) => sum + classes[c]!, 0)),
  }));
  const most = Math.max(...releases.map(({ classes }) => sumOf(classes)));
  const mostOfAll = Math.max(...groups.map(({ classes }) => sumOf(classes)));
  const ordered = [...groups.filter((g) => raceIn(g.classes) > 0), ...groups.filter((g) => raceIn(g.classes) === 0)];
  return markup`<section>
<h2>Boots by release</h2>
${ordered.map(
  ({ name, list, classes }) => markup`<details class="branch"${trusted(raceIn(classes) > 0 ? ' open' : '')}>
<summary><b>${name}</b> <small>${classesWords(classes)}</small>${bar(classes, mostOfAll)}</summary>
${releasesOf(list, most)}</details>
`,
)}</section>`;
}

const SPARKS = 24;

/** A bucket's boots over the time of all: a line of small bars. */
export function sparkline(days: readonly Count[], first: string, last: string): Markup | null {
  if (days.length === 0 || first === last) return null;
  const [from, to] = [Date.parse(first), Date.parse(last)];
  const bins = new Array<number>(SPARKS).fill(0);
  for (const [day, n] of days)
    bins[Math.min(SPARKS - 1, Math.floor(((Date.parse(day) - from) / (to - from)) * SPARKS))]! += n;
  const most = Math.max(...bins);
  const path = bins.map((n, i) => {
    const height = n === 0 ? 0 : Math.max(2, Math.round((n / most) * 12));
    return n === 0 ? '' : `M${i * 3} 12v-${height}h2v${height}z`;
  });
  return trusted(
    `<svg class="spark" viewBox="0 0 72 12" preserveAspectRatio="none" aria-hidden="true"><path d="${path.join('')}"/></svg>`,
  );
}

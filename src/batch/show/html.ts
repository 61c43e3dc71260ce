/** One file, to be opened anywhere: no script, nothing loaded from elsewhere, charts as SVG in the page. */
import { html } from '../../report/safe/escape.ts';
import { CLASSES } from '../ledger.ts';
import {
  countsWords,
  cutWords,
  differenceWords,
  number,
  seenWords,
  shareWords,
  TEST,
  totalWords,
  whatWords,
  whereWords,
} from '../words.ts';
import { exampleOf, type Page } from './page.ts';

const STYLE = `
:root { color-scheme: light dark; --confirmed: #c62828; --possible: #ef8f00; --insufficient: #5c6bc0; --excluded: #8d8d8d; --no-crash: #66a568; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #8884; }
code { font: 12px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
${CLASSES.map((c) => `.${c} { fill: var(--${c}); } b.${c} { color: var(--${c}); }`).join('\n')}
small { opacity: .75; }`;

/** Bars at most; of more the last ones are shown, and that is said. */
const MOST_BARS = 90;
const WIDTH = 960;
const HEIGHT = 180;
const BASE = 150;

interface Bar {
  readonly name: string;
  readonly classes: readonly number[];
}

/** Stacked bars of boots by class; each says its figures when it is pointed at. */
function chart(title: string, all: readonly Bar[]): string {
  if (all.length === 0) return '';
  const bars = all.slice(-MOST_BARS);
  const sum = (bar: Bar) => bar.classes.reduce((a, b) => a + b, 0);
  const most = Math.max(...bars.map(sum));
  const step = (WIDTH - 50) / bars.length;
  const width = Math.max(1, Math.min(48, step - 2));
  const shown = Math.ceil(bars.length / 12);
  const parts = bars.map((bar, i) => {
    const x = 46 + i * step;
    let y = BASE;
    const rects = bar.classes.map((n, c) => {
      const height = (n / most) * (BASE - 20);
      y -= height;
      return n === 0
        ? ''
        : `<rect class="${CLASSES[c]}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}"/>`;
    });
    const figures = bar.classes.map((n, c) => (n > 0 ? `${number(n)} ${CLASSES[c]}` : '')).filter((f) => f !== '');
    const label =
      i % shown === 0 ? `<text x="${x.toFixed(1)}" y="${BASE + 16}">${html(bar.name.slice(0, 14))}</text>` : '';
    return `<g><title>${html(`${bar.name}: ${figures.join(', ')}`)}</title>${rects.join('')}</g>${label}`;
  });
  const left = all.length - bars.length;
  return `<h2>${html(title)}</h2>${left > 0 ? `<p><small>the last ${bars.length}; ${number(left)} earlier are not drawn</small></p>` : ''}
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${html(title)}">
<line x1="44" y1="${BASE}" x2="${WIDTH}" y2="${BASE}" stroke="currentColor" stroke-opacity=".4"/>
<text x="0" y="26">${number(most)}</text><text x="0" y="${BASE}">0</text>
${parts.join('\n')}
</svg>`;
}

export function renderBatchHtml(page: Page): string {
  const { statistics, differences } = page;
  const rows = statistics.buckets.map(
    (
      b,
    ) => `<tr id="${b.id}"><td><code>${b.id}</code></td><td><b class="${b.class}">${b.class}</b> ${html(whatWords(b))}<br><small>${html(whereWords(b))}</small></td>
<td>${html(shareWords(b.share))}${b.duplicates > 0 ? `<br><small>and ${number(b.duplicates)} duplicates</small>` : ''}</td><td>${html(seenWords(b))}</td>
<td><small>${html(countsWords(b.releases, 5))}<br>${html(countsWords(b.hardware, 5))}</small></td><td><code>${html(exampleOf(page, b) ?? '')}</code></td></tr>`,
  );
  const changed = (differences ?? []).filter((d) => d.change !== 'same');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>oopsreplay batch</title><style>${STYLE}</style></head><body>
<h1>oopsreplay batch</h1>
${totalWords(statistics)
  .map((w) => `<p>${html(w)}</p>`)
  .join('\n')}
${page.stopped ? '<p>Interrupted: these are the results so far.</p>' : ''}
${chart(
  'boots per day',
  statistics.days.map(({ day, classes }) => ({ name: day, classes })),
)}
${chart(
  'boots per release',
  statistics.releases.map(({ release, classes }) => ({ name: release, classes })),
)}
<h2>buckets</h2>
<table><tr><th>bucket</th><th>what</th><th>boots (95 % interval)</th><th>seen</th><th>kernels, hardware</th><th>example</th></tr>
${rows.join('\n')}
</table>
${statistics.cuts.length > 0 ? `<h2>cut while an IOMMU instance registered</h2><ul>${statistics.cuts.map((c) => `<li>${html(cutWords(c))}</li>`).join('\n')}</ul>` : ''}
${
  differences === null
    ? ''
    : `<h2>against the baseline</h2><p>${html(TEST)}</p><table><tr><th>change</th><th>bucket</th><th>what</th><th>counts</th></tr>
${changed.map((d) => `<tr><td>${d.change}</td><td><code>${d.id}</code></td><td>${html(`${d.bucket.class}: ${whatWords(d.bucket)}`)}</td><td>${html(differenceWords(d))}</td></tr>`).join('\n')}</table>`
}
<p><small>${html(statistics.model)}</small></p>
</body></html>
`;
}

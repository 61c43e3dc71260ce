/**
 * `--format html`: one file that needs nothing else. Its policy lets no request out and runs no script but the page's own, which stands in it with its
 * hash; the static page is whole without it.
 */
import type { Triage } from '../../reconstruct/types.ts';
import { type Markup, markup, trusted } from '../safe/markup.ts';
import { sanitize } from '../safe/sanitize.ts';
import { HEADLINE } from '../story/wording.ts';
import { clip } from '../text/layout.ts';
import { beginning } from './head.ts';
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './page-bundle.js';
import { article } from './sections.ts';

/** Columns of the log's name in the title: a tab shows no more. */
const NAME_SHOWN = 40;

function head(triage: Triage, several: boolean): Markup {
  const { name } = triage.log.source;
  const of = several
    ? 'kernel logs'
    : `${HEADLINE[triage.verdict.class]}: ${clip(sanitize(name.split('/').at(-1)!), NAME_SHOWN)}`;
  return markup`${beginning(`${of} - oopsreplay`, { STYLE, STYLE_HASH, SCRIPT_HASH })}
<h1>oopsreplay: ${several ? 'reports' : 'report'}</h1>
`;
}

/** The page from its first byte to this boot's article; `number` counts the articles from 1. */
export function renderArticle(triage: Triage, number: number, several: boolean): string {
  const beginning = number === 1 ? head(triage, several) : null;
  return markup`${beginning}${article(triage, `r${number}`)}\n`.markup;
}

/** This boot's article alone, for a page that is there already. */
export function renderBoot(triage: Triage, number: number): string {
  return article(triage, `r${number}`).markup;
}

export function renderEnd(): string {
  return markup`</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup;
}

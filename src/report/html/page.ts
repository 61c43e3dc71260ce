/**
 * `--format html`: one file that needs nothing else. Its policy lets no request out and runs no script but the page's own, which stands in it with its
 * hash; the static page is whole without it.
 */
import type { Triage } from '../../reconstruct/types.ts';
import { type Markup, markup, trusted } from '../safe/markup.ts';
import { sanitize } from '../safe/sanitize.ts';
import { HEADLINE } from '../story/wording.ts';
import { clip } from '../text/layout.ts';
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './page-bundle.js';
import { article } from './sections.ts';

/** Columns of the log's name in the title: a tab shows no more. */
const NAME_SHOWN = 40;

function policy(): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `script-src 'sha256-${SCRIPT_HASH}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function head(triage: Triage, several: boolean): Markup {
  const { name } = triage.log.source;
  const of = several
    ? 'kernel logs'
    : `${HEADLINE[triage.verdict.class]}: ${clip(sanitize(name.split('/').at(-1)!), NAME_SHOWN)}`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy())}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="oopsreplay">
<title>${of} - oopsreplay</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
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

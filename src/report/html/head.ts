/** What every HTML page of this program begins with: a policy that lets no request out and runs no script but the page's own, by its hash. */
import { type Markup, markup, trusted } from '../safe/markup.ts';

/** What `scripts/page.mjs` made of a page's script and style. */
export interface PageBundle {
  readonly STYLE: string;
  readonly STYLE_HASH: string;
  readonly SCRIPT_HASH: string;
}

function policy({ STYLE_HASH, SCRIPT_HASH }: PageBundle): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `script-src 'sha256-${SCRIPT_HASH}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** From the doctype to the opened `main`; `script` goes into the head, for a page that has it there. */
export function beginning(title: string | Markup, bundle: PageBundle, script: string | null = null): Markup {
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy(bundle))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="oopsreplay">
<title>${title}</title>
<style>${trusted(bundle.STYLE)}</style>${script === null ? null : markup`\n<script>${trusted(script)}</script>`}
</head>
<body>
<main>`;
}

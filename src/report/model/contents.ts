/** The table of contents of a page in docs/: a link to each of its sections. */

/** GitHub's and GitLab's name for a heading's place: small letters, punctuation gone, blanks as dashes. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** The headings of that depth, outside of fenced blocks. */
export function headingsOf(page: string, depth: number): readonly string[] {
  const outside = page.replace(/^```[\s\S]*?^```$/gm, '');
  const found = outside.matchAll(/^(#+) (.+)$/gm);
  return [...found].filter(([, marks]) => marks!.length === depth).map(([, , text]) => text!);
}

const MARK = '<!-- contents -->';

/** The page with a list of its sections where the mark stands (with the list that stood there gone), or before the first section. */
export function withContents(page: string): string {
  const list = headingsOf(page, 2).map((heading) => `- [${heading}](#${anchorOf(heading)})`);
  const block = [MARK, ...list].join('\n');
  if (!page.includes(MARK)) return page.replace(/^## /m, () => `${block}\n\n## `);
  return page.replace(/^<!-- contents -->\n(?:- \[.*\n)*/m, () => `${block}\n`);
}

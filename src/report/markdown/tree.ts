/**
 * A markdown page as a tree, and its text. What may come from a log goes through `words`, `code` and `lines` alone: there it is sanitized and becomes
 * text or code, never a node of another kind; the serializer escapes the text.
 */
import type { BlockContent, Code, List, ListItem, PhrasingContent, RootContent, Table } from 'mdast';
import { gfmToMarkdown } from 'mdast-util-gfm';
import { toMarkdown } from 'mdast-util-to-markdown';
import { pieces } from '../safe/escape.ts';
import { sanitize } from '../safe/sanitize.ts';

export type Block = RootContent;
export type Inline = PhrasingContent;

/** A sentence of ours: what is code in it, or would be a link, becomes code. `part`: it goes on before or behind, so that its blanks at the ends stay. */
export function words(sentence: string, part = false): Inline[] {
  const text = (value: string): Inline => ({ type: 'text', value });
  const inner = pieces(sentence).map(
    (piece): Inline => (piece.code ? { type: 'inlineCode', value: piece.text } : text(piece.text)),
  );
  if (!part) return inner;
  const before = sentence.startsWith(' ') ? [text(' ')] : [];
  return [...before, ...inner, ...(sentence.endsWith(' ') ? [text(' ')] : [])];
}

/** A name or a line of the log. Nothing where it is blank, since markdown has no empty code. */
export function code(text: string): Inline[] {
  const value = sanitize(text);
  return value.trim() === '' ? [] : [{ type: 'inlineCode', value }];
}

/** Lines of a log, a drawing or commands, as a fenced block. */
export function lines(of: readonly string[], lang: string | null = null): Code {
  return { type: 'code', lang, value: of.map(sanitize).join('\n') };
}

export function heading(depth: 1 | 2 | 3, children: Inline[]): Block {
  return { type: 'heading', depth, children };
}

export function paragraph(...children: readonly Inline[][]): BlockContent {
  return { type: 'paragraph', children: children.flat() };
}

/** An item is its words, or blocks. Empty items are left out, and so is a list of none. */
export function list(items: readonly (Inline[] | BlockContent[])[], ordered = false): Block[] {
  const children = items.filter((item) => item.length > 0).map(itemOf);
  if (children.length === 0) return [];
  const spread = children.some((child) => child.spread === true);
  return [{ type: 'list', ordered, spread, children } satisfies List];
}

function isBlocks(item: Inline[] | BlockContent[]): item is BlockContent[] {
  const first = item[0]!.type;
  return first === 'paragraph' || first === 'code' || first === 'list';
}

function itemOf(item: Inline[] | BlockContent[]): ListItem {
  if (!isBlocks(item)) return { type: 'listItem', spread: false, children: [{ type: 'paragraph', children: item }] };
  return { type: 'listItem', spread: item.length > 1, children: item };
}

export function table(head: readonly string[], rows: readonly (readonly Inline[][])[]): Block[] {
  if (rows.length === 0) return [];
  const cells = (of: readonly Inline[][]): Table['children'][number] => ({
    type: 'tableRow',
    children: of.map((children) => ({ type: 'tableCell', children: children.map(inCell) })),
  });
  return [{ type: 'table', children: [cells(head.map((text) => words(text))), ...rows.map(cells)] }];
}

/** GFM splits a row at every bar, in code too, and renderers disagree about `\|`: it is shown like any other character with power. */
function inCell(node: Inline): Inline {
  return node.type === 'inlineCode' ? { ...node, value: node.value.replaceAll('|', '\\x7c') } : node;
}

/** Blocks that a reader opens if he needs them. `summary` is ours. */
export function details(summary: string, blocks: readonly Block[]): Block[] {
  if (blocks.length === 0) return [];
  return [
    { type: 'html', value: `<details>\n<summary>${summary}</summary>` },
    ...blocks,
    { type: 'html', value: '</details>' },
  ];
}

/** The page's text; ends in a line feed. */
export function markdownOf(blocks: readonly Block[]): string {
  return toMarkdown(
    { type: 'root', children: [...blocks] },
    {
      bullet: '-',
      rule: '-',
      extensions: [gfmToMarkdown({ tablePipeAlign: false })],
      // GitHub and GitLab set mathematics between dollar signs.
      unsafe: [{ character: '$', inConstruct: 'phrasing' }],
    },
  );
}

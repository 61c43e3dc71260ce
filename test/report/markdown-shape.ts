/** What a markdown text is to CommonMark and GFM: its tree, without the words; and what a forge would find in the words. */
import type { Nodes, Parents, PhrasingContent, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

let last: { readonly markdown: string; readonly tree: Root } | null = null;

export function parsed(markdown: string): Root {
  // Structure and words are asked for one after the other.
  if (last?.markdown !== markdown) {
    const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
    last = { markdown, tree };
  }
  return last.tree;
}

/** Text and code inside a paragraph, a heading or a cell are words; a link, an image, emphasis or an element there would be structure. */
const WORDS: ReadonlySet<string> = new Set(['text', 'inlineCode']);

function shape(node: Nodes): unknown {
  const { type } = node;
  const of = type === 'heading' ? `heading ${node.depth}` : type === 'html' ? `html ${node.value}` : type;
  if (!('children' in node)) return type === 'code' ? `code ${node.lang ?? ''}` : of;
  const children = (node as Parents).children.filter((child) => !WORDS.has(child.type)).map((child) => shape(child));
  return [of, ...children];
}

/** The tree as nested arrays: types, depths of headings, languages of fences, and every piece of HTML as it is. */
export function markdownShape(markdown: string): unknown {
  return shape(parsed(markdown));
}

/** What GitHub and GitLab look for in rendered text, code left out: links, mail addresses, mentions, references, emoji. */
const REFERENCES =
  /[a-z][a-z0-9+.-]*:\/\/|www\.\w|(?:mailto|xmpp):|@[\w-]|(?:^|[^&\w])#(?!0x)\w|\b(?:GH|GL)-\d|GHSA-|\b(?=\d*[a-f])[0-9a-f]{7,40}\b|:[\w+-]+:|\{[+-]|\[\[|[!$&]\d|(?<!\w)[~%]["\w]/gi;

export function forgeReferences(markdown: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: Nodes) => {
    if (!('children' in node)) return;
    let text = '';
    for (const child of node.children as PhrasingContent[]) {
      if (child.type === 'text') text += child.value;
      else {
        found.push(...(text.match(REFERENCES) ?? []));
        text = '';
        visit(child);
      }
    }
    found.push(...(text.match(REFERENCES) ?? []));
  };
  const tree = parsed(markdown);
  visit(tree);
  // An order stands at the beginning of a paragraph.
  for (const child of tree.children)
    if (child.type === 'paragraph' && child.children[0]?.type === 'text' && /^\/[a-z]/i.test(child.children[0].value))
      found.push(child.children[0].value);
  return found;
}

/**
 * Markup (HTML, XML) as a value that cannot be mixed up with text: whatever is put into a template and is not markup itself is sanitized and
 * escaped. So no word of a log becomes an element, whoever wrote the template.
 */
import { html, pieces } from './escape.ts';
import { sanitize } from './sanitize.ts';

/** Finished markup. Made by `markup` and by `trusted` alone. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Part[] | null;

/** Text of our own source files, such as a style sheet; never anything that depends on an input. */
export function trusted(text: string): Markup {
  return { markup: text };
}

function written(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return html(part);
  if (typeof part === 'number') return String(part);
  if (Array.isArray(part)) return part.map(written).join('');
  return (part as Markup).markup;
}

/**
 * A template whose values are escaped, for element content and for attribute values in quotes. Lists are joined; null is nothing.
 * ASCII only between the values: the bundle is, but a bundler cannot escape what stands in a tagged template.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return { markup: parts.map((part, i) => part + (i < values.length ? written(values[i]!) : '')).join('') };
}

/** Code up to this length stays on one line: a break at the hyphen of "dev->iommu" reads badly. */
const SHORT = 32;

/** Text of the log, or a name: one line of code. Empty text gives nothing. */
export function code(text: string): Markup {
  const body = sanitize(text);
  return body.trim() === ''
    ? trusted('')
    : markup`<code${trusted(body.length > SHORT ? '' : ' class="short"')}>${body}</code>`;
}

/** One of our sentences: what is code in it (escape.ts) becomes code. */
export function sentence(text: string): Markup {
  const body = sanitize(text).replace(/ +/g, ' ').trim();
  return markup`${pieces(body).map((piece) => (piece.code ? code(piece.text) : markup`${piece.text}`))}`;
}

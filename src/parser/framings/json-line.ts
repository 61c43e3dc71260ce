import { type Cut, name } from './cut.ts';

const STRING = /^[ \t]*"((?:[^"\\]|\\.){1,8000})",?[ \t]*$/;
/** Where loggers put the text, the likeliest first. */
const FIELDS = ['log', 'MESSAGE', 'message', 'msg', 'text', 'line', 'content', 'body', '_raw', 'textPayload'] as const;

/** A line that is a JSON string, or an object of which one field is the text: Docker's json-file, structured loggers, a list of lines. */
export function jsonLine(cut: Cut): boolean {
  const text = cut.text.trim();
  const object = text.startsWith('{"') || text.startsWith('{ "');
  if (!object && !text.startsWith('"')) return false;
  const inside = object
    ? ofObject(parsed(text.replace(/,$/, '')))
    : STRING.test(text)
      ? parsed(text.replace(/,$/, ''))
      : null;
  if (typeof inside !== 'string') return false;
  cut.text = inside.replace(/\r?\n$/, '');
  name(cut, 'json-line');
  return true;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Objects inside of each other in which a text is looked for: Splunk's "result", Elasticsearch's "_source". */
const DEPTH = 4;

/** The text of a record: a field of a known name, here or in an object inside of it, or else its longest string. */
function ofObject(value: unknown): string | null {
  return isObject(value) ? (named(value, 0) ?? longest(value, 0)) : null;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function named(record: Fields, depth: number): string | null {
  for (const field of FIELDS) {
    const text = Object.hasOwn(record, field) ? record[field] : undefined;
    if (typeof text === 'string') return text;
  }
  if (depth >= DEPTH) return null;
  for (const inside of Object.values(record)) {
    const text = isObject(inside) ? named(inside, depth + 1) : null;
    if (text !== null) return text;
  }
  return null;
}

function longest(record: Fields, depth: number): string | null {
  let best: string | null = null;
  for (const one of Object.values(record)) {
    const text = typeof one === 'string' ? one : isObject(one) && depth < DEPTH ? longest(one, depth + 1) : null;
    if (text !== null && text.length > (best?.length ?? 0)) best = text;
  }
  return best;
}

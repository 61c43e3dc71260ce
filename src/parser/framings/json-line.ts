import { type Cut, name } from './cut.ts';

const STRING = /^[ \t]*"((?:[^"\\]|\\.){1,8000})",?[ \t]*$/;
/** Where loggers put the text, the likeliest first. */
const FIELDS = ['log', 'MESSAGE', 'message', 'msg', 'text', 'line', 'content', 'body'] as const;

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

/** The text of a record: a field of a known name, or else its longest string. */
function ofObject(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const record = value as Readonly<Record<string, unknown>>;
  for (const field of FIELDS) {
    const text = Object.hasOwn(record, field) ? record[field] : undefined;
    if (typeof text === 'string') return text;
  }
  let longest: string | null = null;
  for (const text of Object.values(record))
    if (typeof text === 'string' && text.length > (longest?.length ?? 0)) longest = text;
  return longest;
}

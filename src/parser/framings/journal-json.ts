import { utf8 } from '../../bytes.ts';
import { type Cut, type Framing, name } from './cut.ts';
import { FIELDS, takeFields } from './journal-fields.ts';
import { ofJson } from './unescape.ts';

/** One field of a record that is pretty-printed, or that was cut and parses no more. */
const MESSAGE = /"MESSAGE" ?: ?"((?:[^"\\]|\\.)*)/;
const PRETTY = /^\s{1,8}"([A-Z_0-9]{1,64})" ?: ?/;

/** journalctl -o json (a record a line) and json-pretty (a field a line). Numbers are strings; a MESSAGE that is no UTF-8 is an array of bytes. */
export const journalJson: Framing = (cut, around) => {
  if (cut.text.startsWith('{') && /"MESSAGE" ?:/.test(cut.text)) {
    const record = parsed(cut.text);
    take(cut, record ?? fieldsOf(cut.text));
    return true;
  }
  const field = PRETTY.exec(cut.text)?.[1];
  if (field === undefined) return false;
  name(cut, 'journal-json');
  if (field !== 'MESSAGE') {
    cut.silent = true;
    return true;
  }
  const before = around.before();
  const after = around.after();
  const end = after.search(/^\}/m);
  const rest = `${before.slice(before.lastIndexOf('\n{') + 1)}\n${end < 0 ? after : after.slice(0, end)}`;
  take(cut, { ...fieldsOf(rest), ...fieldsOf(cut.text) });
  return true;
};

function take(cut: Cut, record: ReadonlyMapLike): void {
  const { MESSAGE: message } = record;
  cut.text = Array.isArray(message)
    ? utf8(Uint8Array.from(message.filter((b): b is number => typeof b === 'number')))
    : String(message ?? '');
  takeFields(cut, (field) => (typeof record[field] === 'string' ? (record[field] as string) : null));
  name(cut, 'journal-json');
}

type ReadonlyMapLike = Readonly<Record<string, unknown>>;

function parsed(text: string): ReadonlyMapLike | null {
  try {
    return JSON.parse(text) as ReadonlyMapLike;
  } catch {
    return null;
  }
}

function fieldsOf(text: string): ReadonlyMapLike {
  const record: Record<string, unknown> = Object.create(null);
  const message = MESSAGE.exec(text);
  if (message !== null) record.MESSAGE = ofJson(message[1]!);
  for (const field of FIELDS) {
    const value = new RegExp(`"${field}" ?: ?"([^"\\\\]{0,64})"`).exec(text);
    if (value !== null) record[field] = value[1];
  }
  return record;
}

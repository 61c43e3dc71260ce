import { type Framing, name } from './cut.ts';
import { takeFields } from './journal-fields.ts';

/** "Thu 2025-01-09 20:04:27.123456 UTC [s=...;i=...;b=...]": where a record begins. */
const HEAD = /^[^\d\s]{2,12} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? \S{1,8} \[s=[0-9a-f]{8,32};/;
const FIELD = /^ {4}(?:_{0,2}[A-Z][A-Z0-9_]{1,60})=/;
const MESSAGE = '    MESSAGE=';

/** journalctl -o verbose: a line with time and cursor, then a field a line, four blanks in front. */
export const verbose: Framing = (cut, around) => {
  const { text } = cut;
  if (!text.startsWith('    ')) {
    if (!HEAD.test(text)) return false;
    cut.silent = true;
    name(cut, 'journal-verbose');
    return true;
  }
  if (!FIELD.test(text)) return false;
  name(cut, 'journal-verbose');
  if (!text.startsWith(MESSAGE)) {
    cut.silent = true;
    return true;
  }
  const before = around.before();
  const head = before.lastIndexOf('\n', before.lastIndexOf('[s='));
  const after = around.after();
  const next = after.search(/^\S/m);
  const record = `${before.slice(head + 1)}\n${next < 0 ? after : after.slice(0, next)}`;
  cut.text = text.slice(MESSAGE.length);
  takeFields(cut, (field) => new RegExp(`^ {4}${field}=([^\\n]{0,64})$`, 'm').exec(record)?.[1] ?? null);
  return true;
};

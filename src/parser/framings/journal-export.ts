import { type Framing, name } from './cut.ts';
import { takeFields } from './journal-fields.ts';

/** What stands before a binary value, and the size of its length. */
export const BINARY_HEAD = '\nMESSAGE\n';
export const BINARY_LENGTH = 8;
/** Fields that stand in a kernel message's record beside MESSAGE. */
const FIELD =
  /^(?:__?[A-Z][A-Z0-9_]{2,40}|PRIORITY|SYSLOG_[A-Z_]{2,20}|MESSAGE_ID|INVOCATION_ID|CODE_[A-Z]{2,10}|TID|JOB_[A-Z]{2,10}|UNIT)=/;

/**
 * journalctl -o export: a field a line, a blank line between records. A value that holds a newline or does not print is written as the field's name
 * alone, eight bytes of length, then the bytes.
 */
export const journalExport: Framing = (cut, around) => {
  if (!around.binary) {
    const first = cut.text.charCodeAt(0);
    if (first !== 95 && (first < 65 || first > 90)) return false;
    if (cut.text === 'MESSAGE' || FIELD.test(cut.text)) {
      cut.silent = true;
      name(cut, 'journal-export');
      return true;
    }
    if (!cut.text.startsWith('MESSAGE=')) return false;
    cut.text = cut.text.slice('MESSAGE='.length);
  }
  const record = `${lastRecord(around.before())}\n${firstRecord(around.after())}`;
  takeFields(cut, (field) => new RegExp(`^${field}=([^\\n]{0,64})$`, 'm').exec(record)?.[1] ?? null);
  name(cut, 'journal-export');
  return true;
};

function lastRecord(text: string): string {
  return text.slice(text.lastIndexOf('\n\n') + 1);
}

function firstRecord(text: string): string {
  const end = text.indexOf('\n\n');
  return end < 0 ? text : text.slice(0, end);
}

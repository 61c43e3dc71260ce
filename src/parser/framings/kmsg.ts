import { type Framing, name } from './cut.ts';
import { ofKmsg } from './unescape.ts';

const RECORD =
  /^(?:(\d{1,6}),)?(\d{1,12}),(\d{1,18}),([-c+])(?:,caller=([TC]\d{1,10}))?(?:,ncfrag=(\d{1,6})\/\d{1,6})?;/;
/** Some listeners of netconsole write the caller alone. */
const SHORT = /^([TC]\d{1,10})(?:,ncfrag=(\d{1,6})\/\d{1,6})?;/;
/** dev_printk()'s dictionary, a line a key, behind the record. */
const DICTIONARY = /^ (?:SUBSYSTEM|DEVICE)=\S/;
/** A fragment that a listener wrote behind another without a newline; the kernel's own have a priority of one digit. */
export const FRAGMENT = /[0-7],\d{1,12},\d{1,18},[-c+](?:,caller=[TC]\d{1,10})?,ncfrag=[1-9]\d{0,5}\/\d{1,6};/;

/**
 * A /dev/kmsg or netconsole record, "6,1509,12767657146,-;msg": level, sequence number, microseconds, flag. Extended netconsole cuts a long one into
 * packets, "ncfrag=offset/length"; the flag "c" marks text that continues the record before.
 */
export const kmsg: Framing = (cut) => {
  const { text } = cut;
  const first = text.charCodeAt(0);
  if (first === 32 && DICTIONARY.test(text)) {
    cut.silent = true;
    return true;
  }
  const record = first >= 48 && first <= 57 ? RECORD.exec(text) : null;
  if (record !== null) {
    if (record[1] !== undefined) {
      const priority = Number(record[1]);
      cut.level = priority & 7;
      if (priority > 7) cut.foreign = true;
    }
    cut.sequence = Number(record[2]);
    cut.time = Number(record[3]);
    if (record[5] !== undefined) cut.caller = record[5];
    cut.continues = record[4] === 'c' || (record[6] !== undefined && record[6] !== '0');
    cut.text = ofKmsg(text.slice(record[0].length));
    name(cut, record[6] === undefined ? 'kmsg' : 'netconsole');
    return true;
  }
  const short = first === 84 || first === 67 ? SHORT.exec(text) : null;
  if (short === null) return false;
  cut.caller = short[1]!;
  cut.continues = short[2] !== undefined && short[2] !== '0';
  cut.text = ofKmsg(text.slice(short[0].length));
  name(cut, 'netconsole');
  return true;
};

import { type Cut, name } from './cut.ts';

// Only the shapes that printk and dmesg(1) print: "[    1.234567] ", with a caller glued or spaced, -d's delta inside, "<6>" before it.
const STAMP = /^\[ {0,12}(\d{1,11})\.(\d{1,9})(?: <[ \d.+*]{1,24}>)?\](?: ?\[ {0,12}([TC]\d{1,10})\])? ?/;
const CALLER = /^\[ {0,12}([TC]\d{1,10})\] ?/;
/** dmesg -T, and --time-format's reltime and delta: wall clock or the time since the line before, no time since boot. */
const WALL =
  /^\[(?:[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}|[A-Z][a-z]{2} ?\d{1,2} \d\d:\d\d| {0,8}\+\d{1,6}\.\d{6}|<[ \d.]{1,24}>)\] ?/;
/**
 * The commonest stamp, "[    1.234567] ", read digit by digit as nearly every line has one; false where another form of it may stand there, which the
 * expressions read.
 */
function plainStamp(cut: Cut): boolean {
  const { text } = cut;
  let at = 1;
  while (at <= 12 && text.charCodeAt(at) === 32) at++;
  let digits = 0;
  let seconds = 0;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57 && digits < 11; code = text.charCodeAt(++at)) {
    seconds = seconds * 10 + code - 48;
    digits++;
  }
  if (digits === 0 || text.charCodeAt(at) !== 46) return false;
  digits = 0;
  let fraction = 0;
  for (let code = text.charCodeAt(++at); code >= 48 && code <= 57; code = text.charCodeAt(++at)) {
    fraction = fraction * 10 + code - 48;
    digits++;
  }
  if (digits !== 6 || text.charCodeAt(at) !== 93) return false;
  const behind = text.charCodeAt(++at);
  // A caller may follow.
  if (behind === 91 || (behind === 32 && text.charCodeAt(at + 1) === 91)) return false;
  cut.time = seconds * 1_000_000 + fraction;
  cut.text = text.slice(behind === 32 ? at + 1 : at);
  name(cut, 'dmesg');
  return true;
}

/** "[    1.234567] msg", and the caller forms of CONFIG_PRINTK_CALLER. */
export function dmesg(cut: Cut): boolean {
  if (plainStamp(cut)) return true;
  const stamp = STAMP.exec(cut.text);
  if (stamp !== null) {
    cut.time = Number(stamp[1]) * 1_000_000 + Number(stamp[2]!.padEnd(6, '0').slice(0, 6));
    cut.text = cut.text.slice(stamp[0].length);
    if (stamp[3] !== undefined) cut.caller = stamp[3];
    name(cut, stamp[3] === undefined ? 'dmesg' : 'dmesg-caller');
    return true;
  }
  const caller = CALLER.exec(cut.text);
  if (caller !== null) {
    cut.caller = caller[1]!;
    cut.text = cut.text.slice(caller[0].length);
    name(cut, 'dmesg-caller');
    return true;
  }
  const wall = WALL.exec(cut.text);
  if (wall !== null) {
    cut.text = cut.text.slice(wall[0].length);
    name(cut, 'dmesg');
    return true;
  }
  return false;
}

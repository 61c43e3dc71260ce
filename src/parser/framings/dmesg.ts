import { type Cut, name } from './cut.ts';

// Only the shapes that printk and dmesg(1) print: "[    1.234567] ", with a caller glued or spaced, -d's delta inside, "<6>" before it.
const STAMP = /^\[ {0,12}(\d{1,10})\.(\d{1,9})(?: <[ \d.+]{1,24}>)?\](?: ?\[ {0,12}([TC]\d{1,10})\])? ?/;
const CALLER = /^\[ {0,12}([TC]\d{1,10})\] ?/;
/** dmesg -T, and --time-format's reltime and delta: wall clock or the time since the line before, no time since boot. */
const WALL =
  /^\[(?:[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}|[A-Z][a-z]{2} ?\d{1,2} \d\d:\d\d| {0,8}\+\d{1,6}\.\d{6}|<[ \d.]{1,24}>)\] ?/;
/** Vendor kernels print the CPU, comm and pid behind the stamp: "[4:     netbpfload:  825] ". */
const ANDROID = /^\[ ?\d{1,3}: {0,16}[^\]:]{1,16}: {0,8}(\d{1,8})\] ?/;

/** "[    1.234567] msg", and the caller forms of CONFIG_PRINTK_CALLER. */
export function dmesg(cut: Cut): boolean {
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
  const android = cut.time === null ? null : ANDROID.exec(cut.text);
  if (android === null) return false;
  cut.caller ??= `T${android[1]}`;
  cut.text = cut.text.slice(android[0].length);
  return true;
}

import { type Cut, name } from './cut.ts';

const PREFIX = /^<(\d{1,3})>/;
const DECODED =
  /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7]) {0,6}:(emerg|alert|crit|err|warn|notice|info|debug) {0,3}: ?/;
/** printk's levels as dmesg(1) and journalctl write them, by number. */
export const LEVELS: readonly string[] = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

/** "<6>msg" of the syslog(2) buffer and pstore (the number is facility * 8 + level), and dmesg -x's "kern  :info  : msg". */
export function level(cut: Cut): boolean {
  const prefix = PREFIX.exec(cut.text);
  if (prefix !== null) {
    const priority = Number(prefix[1]);
    cut.level = priority & 7;
    if (priority > 7) cut.foreign = true;
    cut.text = cut.text.slice(prefix[0].length);
    name(cut, 'level');
    return true;
  }
  const decoded = DECODED.exec(cut.text);
  if (decoded === null) return false;
  cut.level = LEVELS.indexOf(decoded[2]!);
  if (decoded[1] !== 'kern') cut.foreign = true;
  cut.text = cut.text.slice(decoded[0].length);
  name(cut, 'level');
  return true;
}

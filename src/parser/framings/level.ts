import { type Cut, name } from './cut.ts';

const PREFIX = /^<(\d{1,3})>/;
const DECODED = /^(?:kern|user|daemon) {0,3}:(emerg|alert|crit|err|warn|notice|info|debug) {0,3}: ?/;
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

/** "<6>msg" of the syslog(2) buffer and pstore (the number is facility * 8 + level), and dmesg -x's "kern  :info  : msg". */
export function level(cut: Cut): boolean {
  const prefix = PREFIX.exec(cut.text);
  if (prefix !== null) {
    cut.level = Number(prefix[1]) & 7;
    cut.text = cut.text.slice(prefix[0].length);
    name(cut, 'level');
    return true;
  }
  const decoded = DECODED.exec(cut.text);
  if (decoded === null) return false;
  cut.level = LEVELS.indexOf(decoded[1]!);
  cut.text = cut.text.slice(decoded[0].length);
  name(cut, 'level');
  return true;
}

import { type Cut, name } from './cut.ts';

const RFC3164 =
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:(?:[^ ]{1,255} )?kernel(?:\[\d+\])?: ?|[^ ]{1,255} (?=\d{1,3},\d{1,12},\d{1,18},[-c+][,;]))/;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)? {1,3}/;
const HOST = /^[^ :[\]]{1,255} kernel(?:\[\d+\])?: ?/;

/** "Nov  3 12:44:09 host kernel: msg" of syslogd and journalctl -o short. */
export function syslog(cut: Cut): boolean {
  const rfc = RFC3164.exec(cut.text);
  if (rfc === null) return false;
  cut.text = cut.text.slice(rfc[0].length);
  name(cut, 'syslog');
  return true;
}

/** An ISO time in front: rsyslog, journalctl -o short-iso, and CI systems that stamp each console line. */
export function iso(cut: Cut): boolean {
  const stamp = ISO.exec(cut.text);
  if (stamp === null) return false;
  cut.text = cut.text.slice(stamp[0].length);
  name(cut, 'syslog');
  const host = HOST.exec(cut.text);
  if (host !== null) cut.text = cut.text.slice(host[0].length);
  return true;
}

/** journalctl -o short-monotonic: "[    1.695447] host kernel: msg", with the host behind a stamp that looks like printk's. */
export function journal(cut: Cut): boolean {
  if (cut.time === null) return false;
  const host = HOST.exec(cut.text);
  if (host === null) return false;
  cut.text = cut.text.slice(host[0].length);
  cut.framing = 'journal';
  return true;
}

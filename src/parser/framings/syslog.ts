import { type Cut, name } from './cut.ts';

const RFC3164 =
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:(?:[^ ]{1,255} )?kernel(?:\[\d+\])?: ?|[^ ]{1,255} (?=\d{1,3},\d{1,12},\d{1,18},[-c+][,;]))/;
const ISO = /^\d{4}-\d\d-\d\d[T _]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?: {1,3}|\t)/;
const HOST = /^[^ :[\]]{1,255} kernel(?:\[\d+\])?: ?/;
/** RFC 5424: version, time, host, program, its pid, the message's id, structured data. */
const RFC5424 =
  /^(?:<(\d{1,3})> ?)?1 (?:-|\d{4}-\d\d-\d\dT[\d:.,]{8,18}(?:Z|[+-]\d\d:\d\d)) \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} (?:-|(?:\[[^\]]{0,400}\]){1,8})(?: |$)(?:\ufeff)?/;
/** The same where a relay left out priority and version, behind an ISO time. */
const UNVERSIONED = /^\S{1,255} kernel \S{1,128} \S{1,32} (?:-|\[[^\]]{0,400}\]) /;
/** Container runtimes (Kubernetes CRI) and GitLab's runner: the stream, and whether the line is whole. */
const CRI = /^std(?:out|err) ([FP]) ?/;
const GITLAB = /^\d\d[OE]([+ ]) ?/;

/** "Nov  3 12:44:09 host kernel: msg" of syslogd and journalctl -o short. */
export function syslog(cut: Cut): boolean {
  const rfc = RFC3164.exec(cut.text);
  if (rfc === null) return false;
  cut.text = cut.text.slice(rfc[0].length);
  name(cut, 'syslog');
  return true;
}

/** "<4>1 2024-04-10T10:15:57.163826-07:00 host kernel - - - msg". */
export function rfc5424(cut: Cut): boolean {
  const header = RFC5424.exec(cut.text);
  if (header === null) return false;
  if (header[1] !== undefined) {
    const priority = Number(header[1]);
    cut.level = priority & 7;
    if (priority > 7) cut.foreign = true;
  } else if (header[2] !== 'kernel') return false;
  cut.text = cut.text.slice(header[0].length);
  name(cut, 'syslog');
  return true;
}

/** An ISO time in front: rsyslog, journalctl -o short-iso, and CI systems that stamp each console line. */
export function iso(cut: Cut): boolean {
  const stamp = ISO.exec(cut.text);
  if (stamp === null) return false;
  cut.text = cut.text.slice(stamp[0].length);
  const stream = CRI.exec(cut.text) ?? GITLAB.exec(cut.text);
  if (stream !== null) {
    cut.partial = stream[1] === 'P';
    cut.continues = stream[1] === '+';
    cut.text = cut.text.slice(stream[0].length);
    name(cut, 'cri');
    return true;
  }
  name(cut, 'syslog');
  const host = HOST.exec(cut.text) ?? UNVERSIONED.exec(cut.text);
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

/** A clock in brackets or alone, before the kernel's own stamp or level: Jenkins, Buildkite, KernelCI; TAI64N of multilog and svlogd. */
const CLOCK =
  /^(?:\[(?:\d{4}-\d\d-\d\d[T _])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?|@[0-9a-f]{24})\s{1,3}(?=\[ {0,12}\d|<\d{1,2}>)/;

export function clock(cut: Cut): boolean {
  const found = CLOCK.exec(cut.text);
  if (found === null) return false;
  cut.text = cut.text.slice(found[0].length);
  name(cut, 'syslog');
  return true;
}

/** "kernel: " behind a date in any language, a time since 1970, or nothing. */
const KERNEL = /^kernel(?:\[\d{1,8}\])?: ?/;
const DATED = /(?:^|\D)\d{1,2}:\d\d(?:\D|$)|^\d{9,11}\.\d{3,6} /;
const LONGEST_FRONT = 120;

/** Whatever has a time and ends in "kernel: ", journalctl's other forms and other languages' months among them. */
export function timed(cut: Cut): boolean {
  // Behind a stamp only "kernel: " itself is left to be taken: of nearly every line the first letter says that it is not.
  if (cut.time !== null && cut.text.charCodeAt(0) !== 107) return false;
  const at = cut.text.indexOf('kernel');
  if (at < 0 || at > LONGEST_FRONT) return false;
  const mark = KERNEL.exec(cut.text.slice(at, at + 20));
  if (mark === null) return false;
  const front = cut.text.slice(0, at);
  if (front.trim() !== '' && !(/\s$/.test(front) && cut.time === null && DATED.test(front))) return false;
  cut.text = cut.text.slice(at + mark[0].length);
  if (cut.time !== null) cut.framing = 'journal';
  else name(cut, 'syslog');
  return true;
}

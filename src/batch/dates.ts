/**
 * When a machine booted, by its log: a wall clock in front of the lines (syslog, journal, dmesg -T, a CI's stamps), or the clock chip that set the system's
 * ("setting system clock to", drivers/rtc/class.c). What a log does not say is taken from the archive or the file (statistics.ts), and never lies before
 * the kernel was built.
 */

/** journal: a record's own time; syslog: a wall clock in front of the line; rtc: the clock chip. */
export const LOG_CLOCKS = ['journal', 'syslog', 'rtc'] as const;
export type LogClock = (typeof LOG_CLOCKS)[number];

export interface Dated {
  /** UTC; "--11-26T18:47:43.000Z" where the stamp has no year. A local time without its zone counts as UTC. */
  readonly at: string;
  readonly by: LogClock;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = (name: string) => MONTHS.indexOf(name) + 1;
const two = (n: number | string) => String(n).trim().padStart(2, '0');

/** The kernel's own clock begins in 1970, and a chip without a battery in any year before it was sold. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
/** Clocks of the machine that built the kernel and of the one that runs it need not agree. */
export const SLACK = 2 * 86_400_000;

export const isPlausible = (time: number) => time >= EARLIEST && time < LATEST;

function iso(day: string, time: string, zone = 'Z'): string | null {
  // 30 February is taken for 1 March.
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
  const offset = zone === 'Z' || zone === '' ? 'Z' : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const parsed = Date.parse(`${day}T${time}${offset}`);
  return Number.isNaN(parsed) || !isPlausible(parsed) ? null : new Date(parsed).toISOString();
}

function ofSeconds(seconds: number): string | null {
  return isPlausible(seconds * 1000) ? new Date(seconds * 1000).toISOString() : null;
}

const DAY = '(\\d{4}-\\d\\d-\\d\\d)';
const TIME = '(\\d\\d:\\d\\d:\\d\\d)';
/** What a mailer, a pager or a syslog's priority puts before a stamp. */
const FRONT = '^(?:[>|] ?){0,6}(?:<\\d{1,3}>(?:\\d )?)?';
/** ISO, also in brackets (CI), and behind a weekday (journalctl -o short-full, verbose). */
const ISO = new RegExp(`${FRONT}\\[?(?:[A-Z][a-z]{2} )?${DAY}[T _]${TIME}(?:[.,]\\d{1,9})?(Z|[+-]\\d\\d:?\\d\\d)?`);
/** dmesg -T. */
const CTIME = new RegExp(`${FRONT}\\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \\d]\\d) ${TIME} (\\d{4})\\]`);
/** RFC 3164. */
const RFC3164 = new RegExp(`${FRONT}([A-Z][a-z]{2}) ([ \\d]\\d) ${TIME} \\S`);
/** logcat -v threadtime. */
const LOGCAT = new RegExp(`${FRONT}(\\d\\d)-(\\d\\d) ${TIME}\\.\\d{3} `);
/** journalctl -o short-unix. */
const UNIX = /^(\d{9,10})\.\d{3,6} \S/;
/** multilog and svlogd: seconds of TAI since 1970, ten ahead of UTC then. */
const TAI64N = /^@40000000([0-9a-f]{8})[0-9a-f]{8} /;

/** The wall clock in front of a raw line of a log. */
export function stampOf(line: string): Dated | null {
  const full = (at: string | null): Dated | null => (at === null ? null : { at, by: 'syslog' });
  const stamp = ISO.exec(line);
  if (stamp !== null) return full(iso(stamp[1]!, stamp[2]!, stamp[3]));
  const named = CTIME.exec(line);
  if (named !== null) return full(iso(`${named[4]}-${two(month(named[1]!))}-${two(named[2]!)}`, named[3]!));
  const unix = UNIX.exec(line);
  if (unix !== null) return full(ofSeconds(Number(unix[1])));
  const tai = TAI64N.exec(line);
  if (tai !== null) return full(ofSeconds(Number.parseInt(tai[1]!, 16) - 10));
  const short = RFC3164.exec(line);
  const parts = short !== null ? [month(short[1]!), short[2]!, short[3]!] : (LOGCAT.exec(line)?.slice(1) ?? null);
  if (parts === null) return null;
  const [m, d, time] = parts as [number | string, string, string];
  // A leap year, so that 29 February is a day.
  if (iso(`2000-${two(m)}-${two(d)}`, time) === null) return null;
  return { at: `--${two(m)}-${two(d)}T${time}.000Z`, by: 'syslog' };
}

/** Microseconds since 1970 in a journal's record, json or export. */
const REALTIME = /_REALTIME_TIMESTAMP(?:" ?: ?"|=)(\d{15,17})\b/;
/** Bytes around a line that may be of its record. */
const RECORD = 4096;

function recordTime(bytes: Buffer, at: number): Dated | null {
  const around = bytes.toString('latin1', Math.max(0, at - RECORD), Math.min(bytes.length, at + RECORD));
  const found = REALTIME.exec(around);
  const time = found === null ? null : ofSeconds(Number(found[1]) / 1e6);
  return time === null ? null : { at: time, by: 'journal' };
}

const RTC = 'setting system clock to ';
const RTC_TIME = new RegExp(`^${DAY}[T ]${TIME} UTC`);

/** Where and when a clock chip set the system's, from a byte on and before another. */
export function* rtcTimes(bytes: Buffer, from = 0, to = bytes.length): Generator<readonly [at: number, time: string]> {
  for (let at = bytes.indexOf(RTC, from, 'latin1'); at >= 0 && at < to; at = bytes.indexOf(RTC, at + 1, 'latin1')) {
    const found = RTC_TIME.exec(bytes.toString('latin1', at + RTC.length, at + RTC.length + 32));
    const time = found === null ? null : iso(found[1]!, found[2]!);
    if (time !== null) yield [at, time];
  }
}

/** Longest front of a line that is looked at. */
const LONGEST = 160;

/** The stamp of the line that a byte stands in. */
export function stampAt(bytes: Buffer, at: number): Dated | null {
  const start = at <= 0 ? 0 : bytes.lastIndexOf(10, at - 1) + 1;
  return stampOf(bytes.toString('latin1', start, Math.min(bytes.length, start + LONGEST)));
}

/** "#1 SMP PREEMPT Sun Nov 22 16:32:36 UTC 2026", "#1 SMP Debian 6.1.76-1 (2024-02-01)". */
const BUILT_AT = /\b[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (?:[A-Z+\-\d]{1,6} )?(\d{4})\b/;
const BUILT_ON = /\b(\d{4}-\d\d-\d\d)\b/;

/** When the kernel was built, by what its banner says behind the release. */
export function builtAt(build: string): string | null {
  const at = BUILT_AT.exec(build);
  if (at !== null) return iso(`${at[4]}-${two(month(at[1]!))}-${two(at[2]!)}`, at[3]!);
  const on = BUILT_ON.exec(build);
  return on === null ? null : iso(on[1]!, '00:00:00');
}

/** The first that can be: none lies before the kernel was built. What has no year is the last choice. */
export function firstPossible(candidates: readonly (Dated | null)[], built: string | null): Dated | null {
  const least = built === null ? EARLIEST : Date.parse(built) - SLACK;
  const can = candidates.filter((c): c is Dated => c !== null && (hasNoYear(c.at) || Date.parse(c.at) >= least));
  return can.find((c) => !hasNoYear(c.at)) ?? can[0] ?? null;
}

export const hasNoYear = (at: string) => at.startsWith('--');

/** A boot of an input that is at hand, from its first byte of interest to the next boot's. */
export function datedIn(bytes: Buffer, from: number, to: number, built: string | null): Dated | null {
  const [rtc] = rtcTimes(bytes, from, to);
  const candidates = [
    recordTime(bytes, from),
    stampAt(bytes, from),
    rtc === undefined ? null : ({ at: rtc[1], by: 'rtc' } as const),
  ];
  return firstPossible(candidates, built);
}

/** Bytes from a boot's first line to where its clock is set, and between stamps that are noted. */
const NEAR = 1 << 18;

/** Dates in an input that goes by in pieces: each clock that was set, and the stamp of a line in each piece. */
export class DateNotes {
  private readonly notes: { readonly at: number; readonly dated: Dated }[] = [];
  private bytes = 0;

  push(piece: Uint8Array): void {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const line = this.bytes === 0 ? 0 : buffer.indexOf(10) + 1;
    const stamp = stampAt(buffer, line);
    if (stamp !== null) this.notes.push({ at: this.bytes + line, dated: stamp });
    for (const [at, time] of rtcTimes(buffer)) this.notes.push({ at: this.bytes + at, dated: { at: time, by: 'rtc' } });
    this.bytes += piece.length;
  }

  /** Of a boot whose first byte of interest is `from`. */
  near(from: number, built: string | null): Dated | null {
    const near = this.notes.filter(({ at }) => at >= from - NEAR && at < from + NEAR).map(({ dated }) => dated);
    return firstPossible([...near.filter((d) => d.by !== 'rtc'), ...near.filter((d) => d.by === 'rtc')], built);
  }
}

/**
 * `--redact`: names that tell whose machine it was, as placeholders that stay the same for one run: host-1, user-1, mac-1, ip-1, serial-1, uuid-1. A
 * judged boot goes in and the same comes out, so that no format can print what another hides. Device names, addresses of the kernel, its release and
 * its functions stay: the verdict rests on them.
 */
import type { Triage } from '../../reconstruct/types.ts';

type Kind = 'host' | 'user' | 'mac' | 'ip' | 'serial' | 'uuid';

/** Learning looks at the lines of a log; a larger one repeats itself. */
const MOST_LINES = 200_000;

/** A value right behind its name, the first group; the second is replaced. */
const NAMED: readonly (readonly [Kind, RegExp])[] = [
  ['user', /(\()([\w.-]{1,64})(?=@[\w.-]{1,255}\))/g],
  ['host', /(\([\w.-]{1,64}@)([\w.-]+)(?=\))/g],
  ['user', /(\b(?:user|username|login|acct)=["']?)([^\s,"';]+)/gi],
  ['user', /(\/(?:home|Users)\/)([^/\s"',:;)]+)/g],
  ['host', /(\b(?:systemd\.)?(?:hostname|nodename)=["']?)([^\s,"';?]+)/gi],
  ['host', /(\bhostname (?:set )?to <)([^>\s]+)/gi],
  ['host', /(^)([\w.-]+)(?= login: )/g],
  // ip=client:server:gateway:netmask:hostname:device:autoconf (Documentation/admin-guide/nfs/nfsroot.rst)
  ['host', /(\bip=(?:[^\s:]*:){4})([^\s:]+)/g],
  ['host', /(\bnfsroot=)([a-z][\w.-]*)(?=:)/gi],
  ['serial', /(\b(?:\w+\.)?(?:serialno|serial|imei|meid)=)([^\s,;]+)/gi],
  ['serial', /(\bserial ?(?:no|number): *)((?:[0-9a-f]{2} ){3,}[0-9a-f]{2}|[^\s,;]+)/gi],
  ['serial', /(\bS\/?N ?[:#] ?)([^\s,;)]+)/g],
  ['uuid', /(\b(?:PART)?UUID=)([0-9a-f][0-9a-f-]{3,})/gi],
];
/** A root hub's serial number is the device it hangs off: "0000:00:14.0", "xhci-hcd.11.auto". An index of a USB descriptor is a small number. */
const NO_SERIAL = /^(?:[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]|.*[-_]hcd.*|.*\.auto|\d{1,3})$/i;

const MAC =
  /(?<![0-9a-z:-])[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:\1[0-9a-f]{2}\1[0-9a-f]{2})?(?![0-9a-z:-])/gi;
/** Of everybody, or of nobody. */
const NO_MAC = /^(?:00[:-])+00$|^(?:ff[:-])+ff$/;
const IPV4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)/g;
const NO_IPV4 = /^(?:0\.0\.0\.0|127\.|255\.)/;
const IPV6 = /(?<![\w:.])[0-9a-f:]{4,39}(?![\w:])/gi;

/** Names that say nothing of whose machine it is, and words that would be lost with them. */
const NOBODY: ReadonlySet<string> = new Set(
  'localhost localhost.localdomain (none) none root kernel linux host user unknown any dhcp on off both'.split(' '),
);

/** What is redacted already stays as it is. */
const PLACEHOLDER = /^(?:host|user|mac|ip|serial|uuid)-\d+$/;

/** An address of eight groups of hex digits, "::" for some of them (RFC 4291). */
function isIPv6(text: string): boolean {
  const sides = text.split('::');
  const groups = sides.flatMap((side) => (side === '' ? [] : side.split(':')));
  const enough = sides.length === 1 ? groups.length === 8 : sides.length === 2 && groups.length < 8;
  return enough && groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
}

export class Redactor {
  readonly #placeholders = new Map<string, string>();
  readonly #counts = new Map<Kind, number>();
  /** Names of hosts and users that were met, to be found where nothing says what they are. */
  readonly #names = new Map<string, Kind>();
  /** What the boot at hand calls its drivers, functions and devices. */
  #words: ReadonlySet<string> = new Set();

  /**
   * One line or sentence. `keep`: a release that stays whatever it looks like. `ours`: a sentence of ours, in which a word is no name because some
   * host or user is called so.
   */
  text(text: string, keep: string | null = null, ours = false): string {
    if (keep === null || keep === '' || !text.includes(keep)) return this.#line(text, ours);
    return text
      .split(keep)
      .map((part) => this.#line(part, ours))
      .join(keep);
  }

  /** A judged boot. Its lines are looked through first: a name that one of them tells is replaced wherever it stands. */
  triage(triage: Triage): Triage {
    const { log, kernel } = triage;
    for (let line = 1; line <= Math.min(log.source.lines, MOST_LINES); line++) {
      const text = log.lineText(line);
      if (text !== null) this.text(text, kernel.release);
    }
    const words = wordsOf(triage);
    const ofLog = (text: string) => {
      this.#words = words;
      return this.text(text, kernel.release);
    };
    const shown = mapped({ ...triage, log: null }, (text) => this.text(text, kernel.release, true));
    const crashes = shown.crashes.map((crash, i) => ({
      ...crash,
      incident: mapped(triage.crashes[i]!.incident, ofLog),
    }));
    const lineText = (line: number) => {
      const text = log.lineText(line);
      return text === null ? null : ofLog(text);
    };
    return {
      ...shown,
      crashes,
      alignment: mapped(triage.alignment, ofLog),
      fragments: mapped(triage.fragments, ofLog),
      log: { ...mapped(log, ofLog), lineText },
    };
  }

  #line(text: string, ours: boolean): string {
    let out = text;
    for (const [kind, pattern] of NAMED)
      out = out.replace(pattern, (all, before: string, value: string) => {
        if (PLACEHOLDER.test(value) || NOBODY.has(value.toLowerCase()) || (kind === 'serial' && NO_SERIAL.test(value)))
          return all;
        if ((kind === 'host' || kind === 'user') && value.length > 2) this.#names.set(value, kind);
        return before + this.#placeholder(kind, value);
      });
    out = out
      .replace(MAC, (mac) => (NO_MAC.test(mac.toLowerCase()) ? mac : this.#placeholder('mac', mac.toLowerCase())))
      .replace(IPV4, (ip) => (NO_IPV4.test(ip) || !isAddress(ip) ? ip : this.#placeholder('ip', ip)))
      .replace(IPV6, (ip) => (isIPv6(ip) && !/^[:01]*$/.test(ip) ? this.#placeholder('ip', ip.toLowerCase()) : ip));
    if (ours) return out;
    for (const [name, kind] of this.#names)
      if (out.includes(name) && !this.#words.has(name)) out = replaceWord(out, name, this.#placeholder(kind, name));
    return out;
  }

  #placeholder(kind: Kind, value: string): string {
    const key = `${kind} ${value}`;
    const known = this.#placeholders.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    this.#placeholders.set(key, `${kind}-${count}`);
    return `${kind}-${count}`;
  }
}

function isAddress(ip: string): boolean {
  return ip.split('.').every((part) => Number(part) < 256);
}

const WORD = /\w/;

/** Whole words only: a host "lab" is not the beginning of "labdma". */
function replaceWord(text: string, word: string, by: string): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    const whole = !WORD.test(text[at - 1] ?? ' ') && !WORD.test(text[at + word.length] ?? ' ');
    if (!whole) continue;
    out += text.slice(from, at) + by;
    from = at + word.length;
  }
  return out + text.slice(from);
}

/** What the verdict speaks of: a host that is named like a driver or a function keeps its name where nothing says that it is the host. */
function wordsOf({ log, kernel, crashes }: Triage): ReadonlySet<string> {
  const words = new Set<string>();
  const put = (word: string | null | undefined) => {
    if (word) words.add(word);
  };
  put(kernel.driver);
  put(kernel.arch);
  for (const { incident, function: fn } of crashes) {
    put(fn);
    put(incident.comm);
    for (const frame of [...incident.frames, incident.pc, incident.lr]) {
      put(frame?.symbol);
      put(frame?.module);
    }
    for (const module of incident.modules) put(module.name);
  }
  for (const event of log.events) if ('device' in event) put(event.device);
  return words;
}

/** The same value with every string in it replaced; functions, numbers and the keys of objects stay. */
function mapped<T>(value: T, text: (text: string) => string): T {
  const of = (v: unknown): unknown => {
    if (typeof v === 'string') return text(v);
    if (Array.isArray(v)) return v.map(of);
    if (v instanceof Map) return new Map([...v].map(([key, item]) => [key, of(item)]));
    if (v === null || typeof v !== 'object') return v;
    return Object.fromEntries(Object.entries(v).map(([key, item]) => [key, of(item)]));
  };
  return of(value) as T;
}

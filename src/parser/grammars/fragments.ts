/**
 * A line cut short is evidence: what it names, and which known messages it can still become. Decided by prefix matching against the table of printk
 * formats; a text that fits no format, or one whole, is no fragment.
 */
import type { GatheredLine } from '../gathered.ts';
import type { Fragment } from '../types.ts';
import { KNOWN_MESSAGES, type KnownMessage } from './messages.ts';

/** What each conversion may print, as characters; each takes one or more. "%s" and "%p..." stop at nothing. */
const CONVERSION = /%[#0-9lhz]*(?:p[A-Za-z]?|[a-zA-Z])/g;

type Token = { readonly literal: string } | { readonly chars: RegExp };

const tokenLists = new Map<string, readonly Token[]>();

/** A format's tokens; there are as many formats as KNOWN_MESSAGES. */
function tokens(format: string): readonly Token[] {
  const before = tokenLists.get(format);
  if (before !== undefined) return before;
  const list: Token[] = [];
  let at = 0;
  for (const match of format.matchAll(CONVERSION)) {
    if (match.index > at) list.push({ literal: format.slice(at, match.index) });
    // In front stands a driver's name: one word.
    list.push({ chars: match.index === 0 && match[0] === '%s' ? /^[^\s:]$/ : charsOf(match[0]) });
    at = match.index + match[0].length;
  }
  if (at < format.length) list.push({ literal: format.slice(at) });
  tokenLists.set(format, list);
  return list;
}

function charsOf(conversion: string): RegExp {
  if (/[sS]$/.test(conversion) || /p/.test(conversion)) return /^[^\n]$/;
  return /[xX]$/.test(conversion) ? /^[0-9a-fx]$/i : /^[0-9-]$/;
}

/**
 * How a text fits a format: 'prefix' if the format goes on behind it, 'whole' if it may end there, 'no'. Keeps every way in which the conversions can
 * have matched, so it is exact, in time linear in text times tokens.
 */
export function fits(text: string, format: string): 'prefix' | 'whole' | 'no' {
  const list = tokens(format);
  const first = list[0];
  // Most formats are not meant at all.
  if (first !== undefined && 'literal' in first && text !== '' && text[0] !== first.literal[0]) return 'no';
  // States: [token, characters of it taken]. For a conversion: 0 or 1 (one or more).
  let states = new Set<number>([0]);
  const key = (token: number, taken: number) => token * 1024 + taken;
  for (const char of text) {
    const next = new Set<number>();
    for (const state of states) {
      const index = Math.floor(state / 1024);
      const taken = state % 1024;
      step(list, index, taken, char, (i, t) => next.add(key(i, t)));
    }
    if (next.size === 0) return 'no';
    states = next;
  }
  const last = list.length - 1;
  let goesOn = false;
  for (const state of states) {
    const index = Math.floor(state / 1024);
    const taken = state % 1024;
    const token = list[index];
    const full = token === undefined || ('literal' in token ? taken === token.literal.length : taken === 1);
    if (index > last || (index === last && full)) return 'whole';
    // A text that only a leading "%s" has swallowed says nothing of the format.
    if (index > 0 || (token !== undefined && 'literal' in token)) goesOn = true;
  }
  return goesOn ? 'prefix' : 'no';
}

function step(
  list: readonly Token[],
  index: number,
  taken: number,
  char: string,
  to: (i: number, t: number) => void,
): void {
  const token = list[index];
  if (token === undefined) return;
  if ('literal' in token) {
    if (taken < token.literal.length) {
      if (token.literal[taken] === char) to(index, taken + 1);
      return;
    }
    step(list, index + 1, 0, char, to);
    return;
  }
  if (token.chars.test(char)) to(index, 1);
  if (taken === 1) step(list, index + 1, 0, char, to);
}

// "15000000.iommu", "22c0f4000.iommu", "addr.iommu", "9050000.smmuv3", "13620000.sysmmu", "0000:00:02.0"
const DEVICE = /^(?:[0-9a-zA-Z_,@-]{1,40}\.[0-9a-zA-Z_,@-]{1,40}|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$/;
const IOMMU_DEVICE = /\.(?:iommu|smmu|smmuv3|sysmmu|mmu|dart|arm,smmu|apps-smmu|smmu-v3)$|iommu|smmu|dart/i;
/** Names that the instances' drivers go by in a message's front. */
const DRIVER_ALIASES: Readonly<Record<string, readonly string[]>> = {
  'exynos-iommu': ['exynos-sysmmu', 'samsung-sysmmu'],
  qcom_iommu: ['qcom-iommu', 'qcom_iommu'],
  'virtio-iommu': ['virtio_iommu'],
};

/**
 * The fragment that a line is, or null. `atEnd`: nothing follows it, so that it may have been cut; `torn`: it was cut inside its last word or number, so that
 * even a whole message is only one of those that it may have been.
 */
export function fragmentOf(line: GatheredLine, atEnd: boolean, torn = false): Fragment | null {
  const text = line.text.trimEnd();
  if (text.length < 3 || text.length > 300) return null;
  const parts = frontOf(text);
  const completions: string[] = [];
  for (const known of KNOWN_MESSAGES) {
    const fit = known.prefix === 'plain' ? fits(text, known.format) : fitsDevice(parts, known);
    if (fit === 'whole' && !torn) return null;
    if (fit !== 'no') completions.push(known.prefix === 'plain' ? known.format : `%s %s: ${known.format}`);
  }
  if (completions.length === 0) return null;
  // A literal start that is all there is ("%s" alone took the text) says nothing.
  if (parts === null && !atEnd) return null;
  if (parts === null && !hasLiteralStart(text)) return null;
  return { span: line.span, time: line.time, text, device: parts?.device ?? deviceIn(text), completions };
}

interface Front {
  readonly by: string | null;
  readonly device: string;
  /** What follows ": ", or null if the text ends before it. */
  readonly rest: string | null;
}

/** "driver device: rest" of dev_printk(), or as much of it as there is; the driver may be left out, as people do when they quote. */
function frontOf(text: string): Front | null {
  const front = /^(?:([^\s:]{1,40}) )?([^\s]{3,80}?)(?:: ?(.*))?$/.exec(text.trimStart());
  if (front === null) return null;
  const device = front[2]!.replace(/:$/, '');
  if (!DEVICE.test(device)) return null;
  const colon = text.includes(`${device}:`);
  return { by: front[1] ?? null, device, rest: colon ? (front[3] ?? '') : null };
}

function fitsDevice(front: Front | null, known: KnownMessage): 'prefix' | 'whole' | 'no' {
  if (front === null) return 'no';
  if (known.iommu) {
    const names = [known.driver!, ...(DRIVER_ALIASES[known.driver!] ?? [])];
    if (front.by !== null && !names.includes(front.by)) return 'no';
    if (front.by === null && !IOMMU_DEVICE.test(front.device)) return 'no';
  }
  return front.rest === null || front.rest === '' ? 'prefix' : fits(front.rest, known.format);
}

function deviceIn(text: string): string | null {
  return text.split(/[\s:]+/).find((word) => DEVICE.test(word)) ?? null;
}

/** True if some format's own words, not only a conversion, account for the text. */
function hasLiteralStart(text: string): boolean {
  return KNOWN_MESSAGES.some((m) => {
    if (m.prefix !== 'plain') return false;
    const literal = m.format.split('%')[0]!;
    return (
      literal.length > 3 &&
      (literal.startsWith(text) ? text.length >= 6 : text.startsWith(literal) && fits(text, m.format) === 'prefix')
    );
  });
}

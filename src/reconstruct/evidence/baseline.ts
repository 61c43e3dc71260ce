/**
 * A boot that was cut, beside a good boot of the same machine (`--baseline`): how far it had got, which line it was about to print, and whether an IOMMU
 * instance was registering there. Probing is asynchronous, so lines of one boot change places in the next: what counts is which of them have been printed,
 * and the furthest of the last few. Numbers differ from boot to boot and are not compared; names of devices are.
 */
import type { Event, ParsedLog } from '../../parser/types.ts';
import type { Alignment, Baseline, BaselineLine, Claim } from '../types.ts';

/** Lines at the end of a cut boot that are looked for in the good one; among these the furthest says how far the boot had got. */
const TAIL = 400;
const LAST = 20;
/** A line that stands this far beyond the others of the tail is another occasion of the same message. */
const STRAY = 150;
const SHUFFLE = 30;
const NEXT_SHOWN = 3;
const MOST_LINES = 50_000;
const QUOTED = 100;

/** Numbers and addresses of one boot: "0x3f00", "1024K", "3.2". A device's name ("15000000.iommu") stays. */
const NUMBER = /\b(?:0x[0-9a-f]+|\d+(?:\.\d+)?)(?![\w.]*[.@][a-z])(?:[KMG]i?B?|ms|us|ns|s|Hz|MHz|GHz)?\b/gi;

function keyOf(text: string): string {
  return text.trim().replace(NUMBER, '#').replace(/\s+/g, ' ');
}

function linesOf(log: ParsedLog, from: number, to: number): readonly BaselineLine[] {
  const lines: BaselineLine[] = [];
  for (let line = Math.max(from, 1); line <= to; line++) {
    const text = log.lineText(line);
    if (text !== null && text.trim() !== '') lines.push({ line, text: text.trim(), key: keyOf(text) });
  }
  return lines;
}

/** The first boot without a crash report among those of a log; null where each has one. */
export function baselineOf(boots: readonly ParsedLog[]): Baseline | null {
  const index = boots.findIndex((b) => b.incidents.length === 0);
  const good = boots[index];
  if (!good) return null;
  const first = index === 0 ? 1 : (good.events.find((e) => e.kind === 'banner')?.span.line ?? 1);
  const next = boots[index + 1]?.events.find((e) => e.kind === 'banner')?.span.line;
  const last = next === undefined ? good.source.lines : next - 1;
  return {
    name: good.source.name,
    lines: linesOf(good, first, Math.min(last, first + MOST_LINES)),
    events: good.events,
    machine: machineOf(good),
    release: releaseOf(good),
  };
}

const machineOf = (log: ParsedLog) => log.events.find((e) => e.kind === 'machine')?.model ?? null;
const releaseOf = (log: ParsedLog) => log.events.find((e) => e.kind === 'banner')?.release ?? null;

/** Where in `good` the boot of `log` was cut. */
export function align(log: ParsedLog, good: Baseline): Alignment {
  const fragment = log.fragments.at(-1) ?? null;
  const end = fragment ? fragment.span.line - 1 : log.source.lines;
  const tail = linesOf(log, end - TAIL + 1, end);
  const at = frontier(tail, good);
  const claims: Claim[] = [...differences(log, good)];
  if (at !== null)
    claims.push({
      text: `${at.matched} of the last ${at.of} whole lines stand in ${good.name} too, the furthest as its line ${good.lines[at.index]!.line}`,
      lines: [at.line],
    });
  const printed = counts(tail);
  // Lines a little before the furthest one may still come: what probes beside it changed places.
  const ahead = good.lines.filter((g, i) => i > (at?.index ?? 0) - SHUFFLE && take(printed, g.key));
  const continued = fragment ? continuation(fragment.text, fragment.device, at === null ? good.lines : ahead) : null;
  if (fragment && continued === null)
    claims.push({ text: `no line of ${good.name} begins like the cut one`, lines: [fragment.span.line] });
  if (fragment && continued) claims.push({ text: `in ${good.name} ${continued.text}`, lines: [fragment.span.line] });
  if (at === null && continued === null)
    return {
      baseline: good.name,
      claims: [...claims, { text: `nothing at the end of this log stands in ${good.name}`, lines: [] }],
      registering: null,
    };
  if (at !== null && ahead.length > 0 && continued === null)
    claims.push({
      text: `${good.name} went on with ${ahead
        .slice(0, NEXT_SHOWN)
        .map((l) => quote(l.text))
        .join(', ')} (lines ${ahead
        .slice(0, NEXT_SHOWN)
        .map((l) => l.line)
        .join(', ')})`,
      lines: [at.line],
    });
  const place = continued?.at ?? (at === null ? null : good.lines[at.index]!);
  const registration =
    place === null ? null : (registrationAt(good, place.line) ?? registrationNext(good, ahead.slice(0, NEXT_SHOWN)));
  if (registration) claims.push({ text: `in ${good.name} ${registration.text}`, lines: [] });
  else if (place !== null && continued?.sure !== false)
    claims.push({ text: `no IOMMU instance was registering at this place of ${good.name}`, lines: [] });
  return { baseline: good.name, claims, registering: registration?.device ?? null };
}

function differences(log: ParsedLog, good: Baseline): readonly Claim[] {
  const claims: Claim[] = [];
  for (const [what, here, there] of [
    ['machine', machineOf(log), good.machine],
    ['kernel', releaseOf(log), good.release],
  ] as const)
    if (here !== null && there !== null && here !== there)
      claims.push({ text: `${good.name} is of another ${what}: ${there}, not ${here}`, lines: [] });
  return claims;
}

interface Frontier {
  /** Index into the good boot's lines. */
  readonly index: number;
  /** Line of the cut boot that stands there. */
  readonly line: number;
  readonly matched: number;
  readonly of: number;
}

/** The furthest line of the good boot that the last lines of the cut one reach; only lines that the good boot has once say where. */
function frontier(tail: readonly BaselineLine[], good: Baseline): Frontier | null {
  const places = new Map<string, number>();
  for (const [i, { key }] of good.lines.entries()) places.set(key, places.has(key) ? -1 : i);
  const last = tail.slice(-LAST);
  const found = last
    .map(({ line, key }) => ({ line, index: places.get(key) ?? -1 }))
    .filter(({ index }) => index >= 0)
    .sort((a, b) => a.index - b.index);
  if (found.length === 0) return null;
  const middle = found[Math.floor((found.length - 1) / 2)]!.index;
  const furthest = found.filter((f) => f.index - middle <= STRAY).at(-1)!;
  const matched = last.filter(({ key }) => places.has(key)).length;
  return { ...furthest, matched, of: last.length };
}

function counts(lines: readonly BaselineLine[]): Map<string, number> {
  const map = new Map<string, number>();
  for (const { key } of lines) map.set(key, (map.get(key) ?? 0) + 1);
  return map;
}

/** True for a line that the cut boot has not printed; each line that it has printed accounts for one. */
function take(printed: Map<string, number>, key: string): boolean {
  const left = printed.get(key) ?? 0;
  if (left > 0) printed.set(key, left - 1);
  return left === 0;
}

interface Continuation {
  readonly at: BaselineLine;
  readonly text: string;
  /** One line alone can have been meant. */
  readonly sure: boolean;
}

/** The lines, of those not printed yet, that the cut text is the beginning of; a text that lost its head too is looked for by its device. */
function continuation(cut: string, device: string | null, lines: readonly BaselineLine[]): Continuation | null {
  const text = cut.trim();
  if (text === '') return null;
  const key = keyOf(text);
  const begin = lines.filter((l) => l.text.startsWith(text) || (key.length > 8 && l.key.startsWith(key)));
  const named = device === null ? [] : lines.filter((l) => l.text.includes(device));
  const [first] = begin.length > 0 ? begin : named;
  if (!first) return null;
  const how = begin.length > 0 ? 'begins so' : `is of ${device}`;
  const all = begin.length > 0 ? begin : named;
  return all.length === 1
    ? { at: first, sure: true, text: `the one line still to come that ${how} is ${first.line}: ${quote(first.text)}` }
    : {
        at: first,
        sure: false,
        text: `${all.length} lines still to come ${begin.length > 0 ? 'begin so' : `are of ${device}`}, the next of them ${first.line}: ${quote(first.text)}`,
      };
}

const quote = (text: string) => `"${text.length > QUOTED ? `${text.slice(0, QUOTED)}...` : text}"`;

interface Registration {
  readonly device: string;
  readonly text: string;
}

type Up = Extract<Event, { kind: 'iommu-instance' }>;

const isUp = (e: Event): e is Up => e.kind === 'iommu-instance' && e.says === 'initialized';

/** The first thing that the instance says. */
function firstLineOf(good: Baseline, up: Up): number {
  const of = good.events.filter((e) => e.kind === 'iommu-instance' || e.kind === 'iommu-message');
  return of.find((e) => e.device === up.device)!.span.line;
}

/** The instance whose lines stand around `line`: its first one before or at it, the one that says that it is up at or behind it. */
function registrationAt(good: Baseline, line: number): Registration | null {
  const up = good.events.filter(isUp).find((e) => e.span.line >= line && firstLineOf(good, e) <= line);
  if (!up) return null;
  const first = firstLineOf(good, up);
  const lines = first === up.span.line ? `its line is ${first}` : `its lines are ${first} to ${up.span.line}`;
  return { device: up.device, text: `${up.device} (${up.driver}) was registering there: ${lines}` };
}

/** A driver that says nothing before its registration is over: when its line was one of the next, the registration may have been under way. */
function registrationNext(good: Baseline, next: readonly BaselineLine[]): Registration | null {
  const up = good.events.filter(isUp).find((e) => next.some((l) => l.line === e.span.line));
  if (!up) return null;
  return {
    device: up.device,
    text: `${up.device} (${up.driver}) was about to be registered there, or was registering: its line ${up.span.line} is the first that it prints`,
  };
}

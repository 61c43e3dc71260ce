/** What a part of a log may say: nothing that the whole log does not. */
import { parseLog } from '../../src/parser/parse.ts';
import type { Event, Frame, Incident, ParsedLog } from '../../src/parser/types.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Everything that one log states, for looking up what a part of it states. */
export interface Whole {
  readonly bytes: Buffer;
  readonly events: readonly Event[];
  readonly incidents: readonly Incident[];
  readonly text: string;
}

/** Reads the whole log. */
export function wholeOf(bytes: Buffer): Whole {
  const logs = parseLog(bytes, { name: 'whole' });
  const incidents = logs.flatMap((l) => l.incidents);
  const events = logs.flatMap((l) => l.events);
  return { bytes, events, incidents, text: bytes.toString('latin1') };
}

/** What `whole.bytes[from, to)` says that the whole does not, as text; null if nothing. Throws what parsing throws. */
export function inventedBy(whole: Whole, from: number, to: number): string | null {
  const logs = parseLog(whole.bytes.subarray(from, to), { name: 'cut' });
  for (const log of logs) {
    const invented = inventedIn(whole, log, from);
    if (invented !== null) return `[${from}, ${to}): ${invented}`;
  }
  return null;
}

function inventedIn(whole: Whole, log: ParsedLog, from: number): string | null {
  for (const event of log.events) {
    // The cut line's end stays where it was, or its start does.
    const same = whole.events.filter(
      (e) => e.kind === event.kind && (e.span.from === event.span.from + from || e.span.to === event.span.to + from),
    );
    // A banner that ends in its release says how the release begins.
    if (event.kind === 'banner' && event.cut === true) {
      if (!same.some((e) => e.kind === 'banner' && e.release.startsWith(event.release)))
        return `banner ${shown(event)}`;
      continue;
    }
    if (!same.some((e) => isWeaker(event as unknown as Plain, e as unknown as Plain)))
      return `${event.kind} ${shown(event)}`;
  }
  for (const incident of log.incidents) {
    const [first, last] = [incident.span.from + from, incident.span.to + from];
    const near = whole.incidents.filter((i) => i.span.from <= last && first <= i.span.to);
    if (near.length === 0) return `a crash: ${incident.title}`;
    const facts = (i: Incident): Plain => ({
      address: i.fault?.address ?? null,
      esr: i.fault?.esr ?? null,
      access: i.fault?.access ?? null,
      release: i.release,
      pid: i.pid,
      comm: i.comm,
      number: i.number,
      arch: i.arch,
      workqueue: i.workqueue,
      pc: i.pc?.symbol ?? null,
      pcOffset: i.pc?.offset ?? null,
      pcSize: i.pc?.size ?? null,
      lr: i.lr?.symbol ?? null,
      lrSize: i.lr?.size ?? null,
      cache: i.kasan?.cache ?? null,
    });
    for (const [name, value] of Object.entries(facts(incident)))
      if (value !== null && !near.some((i) => facts(i)[name] === value))
        return `${name} ${String(value)} in ${incident.title}`;
    for (const [register, value] of incident.registers)
      if (!near.some((i) => i.registers.get(register) === value)) return `${register} ${value.toString(16)}`;
    for (const module of incident.modules)
      if (!near.some((i) => i.modules.some((m) => m.name === module.name))) return `module ${module.name}`;
    for (const frame of incident.frames)
      if (!names(whole.text, frame.symbol)) return `frame ${frame.symbol} in ${incident.title}`;
  }
  return null;
}

/** True if the text holds that symbol, and not only a longer one. */
function names(text: string, symbol: string): boolean {
  for (let at = text.indexOf(symbol); at >= 0; at = text.indexOf(symbol, at + 1))
    if (!/[\w.$]/.test(text[at - 1] ?? ' ') && !/[\w.$]/.test(text[at + symbol.length] ?? ' ')) return true;
  return false;
}

/** True if every field is one of the whole's, or not known any more. */
function isWeaker(part: Plain, whole: Plain): boolean {
  return Object.entries(part).every(([name, value]) => {
    if (name === 'span' || value === null) return true;
    // A deferral without its reason, a boot without its build: the line ends there.
    if (name === 'frames') return framesAgree(value as readonly Frame[], whole[name] as readonly Frame[]);
    if ((name === 'text' || name === 'build') && typeof value === 'string' && value === '') return true;
    return value === whole[name];
  });
}

function framesAgree(part: readonly Frame[], whole: readonly Frame[]): boolean {
  const symbols = new Set(whole.map((f) => f.symbol));
  return part.every((f) => symbols.has(f.symbol));
}

function shown(value: object): string {
  return JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? v.toString(16) : v)).slice(0, 200);
}

/**
 * A report that says two things of one crash, or names a function by a name with one character too many, too few or another: characters of the capture are lost,
 * and what it seems to say against the race may be what the damage made of it.
 */
import type { Arch, Frame, Incident } from '../../parser/types.ts';
import { FUNCTION_ACCESSES } from '../../sim/layouts/accesses.ts';
import type { Claim } from '../types.ts';
import type { Case } from './case.ts';
import { some } from './phrases.ts';
import { baseName, PLACING } from './place.ts';

/** Functions that a place in the model is told by. */
export const KNOWN: ReadonlySet<string> = new Set([...PLACING, ...Object.keys(FUNCTION_ACCESSES)]);
/** Processors whose traces begin so. */
const FROM_PC: ReadonlySet<Arch> = new Set(['arm64', 'arm', 'riscv']);
/** Shorter names have neighbours that are functions, too. */
const LONG = 10;

/** What of the report is damaged, or null where nothing shows that. */
export function damagedInside({ incident, fault }: Case): Claim | null {
  return fault.contradiction ?? twoNames(incident) ?? oddName(incident);
}

/** Where the trace begins with the pc's own place: the same offset in a function of the same size is the same function, and so is one of nearly that name. */
function twoNames({ pc, frames, arch }: Incident): Claim | null {
  const first = frames[0];
  if (arch === null || !FROM_PC.has(arch) || pc === null || first === undefined || first.symbol === pc.symbol)
    return null;
  const below = frames.slice(1, 4).find((f) => f.symbol === pc.symbol && (f.offset === null || f.offset === pc.offset));
  if (below !== undefined)
    return {
      text: `the trace of ${pc.symbol}(), where the pc is, begins with ${first.symbol}(): that line is what is left of another`,
      lines: some([pc.line, first.line, below.line]),
    };
  const samePlace = first.offset !== null && first.offset === pc.offset && first.size === pc.size;
  if (!samePlace && !isApart(first.symbol, pc.symbol)) return null;
  return {
    text: `the pc is in ${pc.symbol}(), and the trace begins with ${first.symbol}(), which is the same place: one of the two lines is damaged`,
    lines: some([pc.line, first.line]),
  };
}

function oddName({ pc, lr, frames }: Incident): Claim | null {
  for (const frame of [pc, lr, ...frames]) {
    const meant = frame === null ? null : damagedName(frame);
    if (frame !== null && meant !== null)
      return {
        text: `the trace names ${frame.symbol}(), which is ${meant}() but for one character: the line is damaged, and who called whom is not known`,
        lines: [frame.line],
      };
  }
  return null;
}

function damagedName({ symbol, reliable }: Frame): string | null {
  const name = baseName(symbol);
  if (!reliable || KNOWN.has(name) || KNOWN.has(symbol)) return null;
  for (const known of KNOWN) if (known.length >= LONG && (isApart(name, known) || isApart(symbol, known))) return known;
  return null;
}

/** Does one of the two have one character more, less or another, or two in the other order? */
function isApart(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let front = 0;
  while (front < one.length && front < other.length && one[front] === other[front]) front++;
  const [left, right] = [one.slice(front), other.slice(front)];
  if (left === right) return false;
  if (left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2)) return true;
  return left.slice(1) === right.slice(1) || left.slice(1) === right || left === right.slice(1);
}

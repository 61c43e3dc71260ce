/** The oops as it was read, for the end of a page: so that a reader can tell a parsing error from a wrong conclusion. */

import type { Frame, Incident } from '../../parser/types.ts';
import type { JudgedCrash } from '../../reconstruct/types.ts';
import { plural, titleWords } from '../../words.ts';
import { firstOf } from './selection.ts';

const FRAMES_SHOWN = 40;
const MODULES_SHOWN = 60;

/** One thing that was read. */
export interface Read {
  readonly label: string;
  readonly text: string;
  readonly line: number | null;
  /** Of a list, how many are left out; null for what is none. */
  readonly more: number | null;
}

const hex = (value: bigint, digits: number) => `0x${BigInt.asUintN(64, value).toString(16).padStart(digits, '0')}`;

/** `symbol+0xoff/0xsize [module]` as the kernel prints it, without what the log did not have. */
function frameText({ symbol, offset, size, module, reliable }: Frame): string {
  const place = offset === null ? '' : `+0x${offset.toString(16)}${size === null ? '' : `/0x${size.toString(16)}`}`;
  return `${reliable ? '' : '? '}${symbol}${place}${module === null ? '' : ` [${module}]`}`;
}

/**
 * The registers that the trapping instruction names (arm64 loads and stores: base in bits 5 to 9, data in bits 0 to 4); where it cannot be
 * told, those that hold the fault address.
 */
function registersOfInterest(incident: Incident): string[] {
  const { code, registers, arch } = incident;
  const word = code?.words[code.trap];
  // Bits 28..25 of x1x0 are the load and store class.
  if (arch === 'arm64' && word !== undefined && ((word >>> 25) & 0b0101) === 0b0100)
    return [...new Set([`x${(word >>> 5) & 31}`, `x${word & 31}`])].filter((name) => registers.has(name));
  const address = incident.fault?.address ?? null;
  return address === null ? [] : [...registers].filter(([, value]) => value === address).map(([name]) => name);
}

/** What was read of a crash, what was not left out. */
export function asRead({ incident, function: fn }: JudgedCrash): readonly Read[] {
  const { at, registers, registerLines } = incident;
  const rows: Read[] = [];
  const put = (label: string, text: string | null, line: number | null = null, more: number | null = null) => {
    if (text?.trim()) rows.push({ label, text, line, more });
  };
  put('title', titleWords(incident.title));
  put('type', incident.type);
  put('function', fn);
  put('pc', incident.pc && frameText(incident.pc), at.pc);
  put('lr', incident.lr && frameText(incident.lr), at.lr);
  for (const name of registersOfInterest(incident))
    put('register', `${name} = ${hex(registers.get(name)!, 16)}`, registerLines.get(name));
  put('hardware', incident.hardware, at.hardware);
  put('build', incident.build);
  put('taint', incident.taint);
  const { shown, more } = firstOf(incident.modules, MODULES_SHOWN);
  const names = shown.map(({ name, state }) => (state === '' ? name : `${name}(${state})`));
  put('modules', names.join(' '), incident.modulesLine, more);
  put('corrupted', incident.corrupted);
  return rows;
}

/** The frames of its trace, a line each. */
export function framesRead({ frames }: Incident): readonly string[] {
  const { shown, more } = firstOf(frames, FRAMES_SHOWN);
  return [...shown.map(frameText), ...(more > 0 ? [`... ${plural(more, 'more frame')}`] : [])];
}

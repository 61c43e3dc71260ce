/** The oops as it was read, for the end of a markdown report: so that a reader can tell a parsing error from a wrong conclusion. */

import type { Frame, Incident } from '../../parser/types.ts';
import type { JudgedCrash, Triage } from '../../reconstruct/types.ts';
import { plural } from '../../words.ts';
import { HEADLINE } from '../story/wording.ts';
import { type Block, code as codeOf, type Inline, lines, list, words } from './tree.ts';

const FRAMES_SHOWN = 40;
const MODULES_SHOWN = 60;

export const hex = (value: bigint, digits = 0) => `0x${BigInt.asUintN(64, value).toString(16).padStart(digits, '0')}`;

/** `symbol+0xoff/0xsize [module]` as the kernel prints it, without what the log did not have. */
export function frameText({ symbol, offset, size, module, reliable }: Frame): string {
  const place = offset === null ? '' : `+0x${offset.toString(16)}${size === null ? '' : `/0x${size.toString(16)}`}`;
  return `${reliable ? '' : '? '}${symbol}${place}${module === null ? '' : ` [${module}]`}`;
}

/**
 * The registers that the trapping instruction names (arm64 loads and stores: base in bits 5 to 9, data in bits 0 to 4); where it cannot be
 * told, those that hold the fault address.
 */
export function registersOfInterest(incident: Incident): string[] {
  const { code, registers, arch } = incident;
  const word = code?.words[code.trap];
  // Bits 28..25 of x1x0 are the load and store class.
  if (arch === 'arm64' && word !== undefined && ((word >>> 25) & 0b0101) === 0b0100)
    return [...new Set([`x${(word >>> 5) & 31}`, `x${word & 31}`])].filter((name) => registers.has(name));
  const address = incident.fault?.address ?? null;
  return address === null ? [] : [...registers].filter(([, value]) => value === address).map(([name]) => name);
}

function withLine(text: string, line: number | null | undefined): Inline[] {
  return [...codeOf(text), ...(line === null || line === undefined ? [] : words(` (line ${line})`, true))];
}

function modulesText({ modules }: Incident): Inline[] {
  const shown = modules.slice(0, MODULES_SHOWN).map(({ name, state }) => (state === '' ? name : `${name}(${state})`));
  const left = modules.length - shown.length;
  return [...codeOf(shown.join(' ')), ...(left > 0 ? words(` and ${left} more`, true) : [])];
}

/** What was read of a crash: a list, then the frames. */
export function appendix({ incident, function: fn }: JudgedCrash): Block[] {
  const items: Inline[][] = [];
  const item = (label: string, text: Inline[] | null) => {
    if (text !== null && text.length > 0) items.push([...words(`${label}: `, true), ...text]);
  };
  item('title', codeOf(incident.title));
  item('type', codeOf(incident.type));
  item('function', fn === null ? null : codeOf(fn));
  item('pc', incident.pc && withLine(frameText(incident.pc), incident.at.pc));
  item('lr', incident.lr && withLine(frameText(incident.lr), incident.at.lr));
  for (const name of registersOfInterest(incident))
    item('register', withLine(`${name} = ${hex(incident.registers.get(name)!, 16)}`, incident.registerLines.get(name)));
  item('hardware', incident.hardware ? withLine(incident.hardware, incident.at.hardware) : null);
  item('build', incident.build ? codeOf(incident.build) : null);
  item('taint', incident.taint ? codeOf(incident.taint) : null);
  item('modules', modulesText(incident));
  item('corrupted', incident.corrupted ? codeOf(incident.corrupted) : null);
  if (!incident.complete) items.push(words('the end mark of the report is not in the log'));
  const left = incident.frames.length - FRAMES_SHOWN;
  const frames = incident.frames.slice(0, FRAMES_SHOWN).map(frameText);
  return [
    ...list(items),
    ...(frames.length > 0 ? [lines([...frames, ...(left > 0 ? [`... ${plural(left, 'more frame')}`] : [])])] : []),
  ];
}

/** The other crashes of the log, one item each; empty where there is one crash only. */
export function otherCrashes(triage: Triage, shown: JudgedCrash | null): Inline[][] {
  const others = triage.crashes.filter((crash) => crash !== shown);
  return others.map(({ incident, verdict }) => [
    ...words(`line ${incident.span.line}: `, true),
    ...codeOf(incident.title),
    ...words(`, ${HEADLINE[verdict.class].toLowerCase()}`, true),
  ]);
}

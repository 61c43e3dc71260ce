/** The oops as it was read, for the end of a markdown report: so that a reader can tell a parsing error from a wrong conclusion. */

import type { Frame, Incident } from '../parser/types.ts';
import type { JudgedCrash, Triage } from '../reconstruct/types.ts';
import { codeSpan, fence } from './escape.ts';
import { HEADLINE, plural } from './wording.ts';

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

function withLine(text: string, line: number | null | undefined): string {
  return line === null || line === undefined ? text : `${text} (line ${line})`;
}

function modulesText({ modules }: Incident): string | null {
  if (modules.length === 0) return null;
  const shown = modules.slice(0, MODULES_SHOWN).map(({ name, state }) => (state === '' ? name : `${name}(${state})`));
  const left = modules.length - shown.length;
  return codeSpan(shown.join(' ')) + (left > 0 ? ` and ${left} more` : '');
}

/** Blocks of markdown, each to stand apart from the next by an empty line. */
export function appendix({ incident, function: fn }: JudgedCrash): string[] {
  const items: string[] = [];
  const item = (label: string, text: string | null) => {
    if (text !== null && text !== '') items.push(`- ${label}: ${text}`);
  };
  item('title', codeSpan(incident.title));
  item('type', codeSpan(incident.type));
  item('function', fn === null ? null : codeSpan(fn));
  item('pc', incident.pc && withLine(codeSpan(frameText(incident.pc)), incident.at.pc));
  item('lr', incident.lr && withLine(codeSpan(frameText(incident.lr)), incident.at.lr));
  for (const name of registersOfInterest(incident))
    item(
      'register',
      withLine(codeSpan(`${name} = ${hex(incident.registers.get(name)!, 16)}`), incident.registerLines.get(name)),
    );
  item('hardware', incident.hardware && withLine(codeSpan(incident.hardware), incident.at.hardware));
  item('build', incident.build && codeSpan(incident.build));
  item('taint', incident.taint && codeSpan(incident.taint));
  item('modules', modulesText(incident));
  item('corrupted', incident.corrupted && codeSpan(incident.corrupted));
  if (!incident.complete) items.push('- the end mark of the report is not in the log');
  const blocks = [items.join('\n')];
  if (incident.frames.length > 0) {
    const left = incident.frames.length - FRAMES_SHOWN;
    const frames = incident.frames.slice(0, FRAMES_SHOWN).map(frameText);
    blocks.push(fence([...frames, ...(left > 0 ? [`... ${plural(left, 'more frame')}`] : [])]));
  }
  return blocks;
}

/** The other crashes of the log, one item each; empty where there is one crash only. */
export function otherCrashes(triage: Triage, shown: JudgedCrash | null): string[] {
  const others = triage.crashes.filter((crash) => crash !== shown);
  return others.map(
    ({ incident, verdict }) =>
      `- line ${incident.span.line}: ${codeSpan(incident.title)}, ${HEADLINE[verdict.class].toLowerCase()}`,
  );
}

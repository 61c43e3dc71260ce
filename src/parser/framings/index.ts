/** All framings, and the loop that takes them off a line from the outside in. */
import type { FramingName } from '../types.ts';
import type { Around, Cut, Framing } from './cut.ts';
import { dmesg } from './dmesg.ts';
import { dmesgJson } from './dmesg-json.ts';
import { journalExport } from './journal-export.ts';
import { journalJson } from './journal-json.ts';
import { verbose } from './journal-verbose.ts';
import { jsonLine } from './json-line.ts';
import { FRAGMENT, kmsg } from './kmsg.ts';
import { lava } from './lava.ts';
import type { Learned, Sampled } from './learned.ts';
import { level } from './level.ts';
import { logcat } from './logcat.ts';
import { gutter, indented, prompt, quoted } from './mail.ts';
import { clock, iso, journal, rfc5424, syslog, timed } from './syslog.ts';
import { vendor } from './vendor.ts';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';

/** A framing, and the ASCII characters that it may start with; null: any. */
type Starting = readonly [framing: Framing, first: string | null];

/** Framings whose text is the kernel's own line again, stamp and all. */
const LAYERS: readonly Starting[] = [
  [quoted, '>'],
  [gutter, ' |'],
  [indented, ' \t'],
  [prompt, `${UPPER}${LOWER}${DIGITS}_.-`],
  [lava, '-'],
  [syslog, UPPER],
  [logcat, DIGITS],
  [iso, DIGITS],
  [kmsg, ` ${DIGITS}TC`],
  [rfc5424, `<${DIGITS}`],
  [level, `<${LOWER}`],
  [dmesg, '['],
  [clock, `[@${DIGITS}`],
  [vendor, ' I[(.-@<c'],
  [jsonLine, '{" \t'],
  [journal, null],
  [timed, null],
];
/** Records of programs, outermost; of some only one line holds the message. */
const RECORDS: readonly Starting[] = [
  [dmesgJson, ' "}'],
  [journalJson, '{ \t\n\v\f\r'],
  [journalExport, `_${UPPER}`],
  [verbose, ` ${UPPER}`],
];

/** Of such a table those that may take a line, by the code of its first character; the last for any that is not ASCII. */
function byFirst(table: readonly Starting[]): readonly (readonly Framing[])[] {
  const of = (fits: (first: string | null) => boolean) => table.filter(([, f]) => fits(f)).map(([framing]) => framing);
  const lists = Array.from({ length: 128 }, (_, code) =>
    of((first) => first === null || first.includes(String.fromCharCode(code))),
  );
  return [...lists, of(() => true)];
}

let layers: readonly (readonly Framing[])[] | null = null;
let records: readonly (readonly Framing[])[] | null = null;

/** printk's buffer gives a record 1 KB; a line that holds more pieces than this is none of its. */
const MAX_PIECES = 16;
/** Records without a newline between them. */
const MAX_GLUED = 400;
const ALONE: Around = { before: () => '', after: () => '', binary: false };

// CSI and OSC sequences, and the controls that a serial line leaves behind.
const ESCAPES = /\x1b\[[0-9;?]{0,32}[@-~]|\x1b[\]_P][^\x07\x1b]{0,256}(?:\x07|\x1b\\)?|[\x00\r\x07\x08\ufeff]/g;
const ODD = /[\x00-\x08\x0d\x1b\ufeff]/;
/** A printk stamp somewhere in the line: another writer's text was glued in front. */
const GLUED = /\[ {0,12}\d{1,11}\.\d{6}\](?: ?\[ {0,12}[TC]\d{1,10}\])? /;

/** Message and framing of each printk record on a physical line: one, or more where two were glued together. */
export function cutFraming(physical: string, around: Around = ALONE, learned: Learned | null = null): Cut[] {
  const clean = cleaned(physical);
  const first = cutOne(clean, around, learned);
  if (first.silent) return [first];
  if (first.text.includes('\n')) return splitLines(first);
  const cuts = [first];
  if (first.framing === null) {
    const glued = GLUED.exec(clean);
    if (glued !== null && glued.index > 0) {
      const before = clean.slice(0, glued.index);
      const cut = cutOne(clean.slice(glued.index), ALONE, learned);
      // "[[    5.451101] ..." and "login: [   35.04] ...": what stands before is no printk record.
      cuts[0] = cut;
      if (/\S{3}/.test(before) && !/login: $/.test(before) && !/printk messages dropped/.test(before))
        cuts.unshift({ ...first, text: before });
    }
  }
  const piece = clean.includes(',ncfrag=') ? FRAGMENT.exec(first.text) : null;
  if (piece !== null) return [{ ...first, text: first.text.slice(0, piece.index) }, ...pieces(first.text, piece.index)];
  for (let last = cuts[cuts.length - 1]!; cuts.length < MAX_GLUED; last = cuts[cuts.length - 1]!) {
    const next = last.time === null || !last.text.includes('[') ? null : GLUED.exec(last.text);
    if (next === null) break;
    const rest = cutOne(last.text.slice(next.index), ALONE, learned);
    last.text = last.text.slice(0, next.index);
    cuts.push(rest);
  }
  return cuts;
}

/** One line for who learns from it: nothing split, and what another program is said to have written kept. */
export function cutSample(physical: string, around: Around, learned: Learned): Sampled {
  const cut = uncut(cleaned(physical));
  return { layers: cutAll(cut, around, learned), cut };
}

/** Colours, and the end of a line erased: nothing that was printed is lost by them. */
const HARMLESS = /^\x1b\[[\d;]*[mK]$/;
const FORWARD = /^\x1b\[(\d{0,3})C$/;
const LOST = '\ufffd';

function cleaned(physical: string): string {
  const clean = ODD.test(physical) ? physical.replace(ESCAPES, inPlaceOf) : physical;
  // Web mail makes blanks no-break spaces, some archives break their UTF-8 on top.
  return clean.includes('\u00a0') ? clean.replace(/\u00c2?\u00a0/g, ' ') : clean;
}

/**
 * What stands for a control. Inside of a word or a number it is where something was lost: a block of a journal that was never written, a character that somebody
 * went back over, a cursor that went elsewhere; without a mark what is left would read as whole.
 */
function inPlaceOf(control: string, at: number, line: string): string {
  if (HARMLESS.test(control)) return '';
  const forward = FORWARD.exec(control);
  if (forward !== null) return ' '.repeat(Math.min(Number(forward[1] || 1), 200));
  const [before, after] = [line[at - 1] ?? ' ', line[at + control.length] ?? ' '];
  if (/\s/.test(before) || !(/\w/.test(before) || /\w/.test(after))) return '';
  const rest = line.slice(at + control.length, at + 512).replace(ESCAPES, '');
  return rest.trim() === '' ? '' : LOST;
}

/** The fragments from there to the line's end. */
function pieces(text: string, from: number): Cut[] {
  const cuts: Cut[] = [];
  let rest = text.slice(from);
  while (cuts.length < MAX_PIECES) {
    const next = FRAGMENT.exec(rest.slice(1));
    cuts.push(cutOne(next === null ? rest : rest.slice(0, next.index + 1), ALONE, null));
    if (next === null) break;
    rest = rest.slice(next.index + 1);
  }
  return cuts;
}

/** A record's message may hold newlines: each part is a line of its own. */
function splitLines(cut: Cut): Cut[] {
  return cut.text
    .split('\n')
    .filter((text) => text.trim() !== '')
    .map((text) => ({ ...cut, text }));
}

function cutOne(text: string, around: Around, learned: Learned | null): Cut {
  const cut = uncut(text);
  cutAll(cut, around, learned);
  if (cut.foreign && learned?.trusting !== true) cut.text = '';
  return cut;
}

// biome-ignore format: made for each line, so no spreads
const uncut = (text: string): Cut => ({
  text, time: null, caller: null, level: null, framing: null, sequence: null,
  continues: false, partial: false, silent: false, foreign: false,
});

/** Gives the number of learned layers among those that were cut. */
function cutAll(cut: Cut, around: Around, learned: Learned | null): number {
  records ??= byFirst(RECORDS);
  const recorded = around.binary ? journalExport(cut, around) : cutFirst(records, cut, around);
  // A record holds the bare message, and other transports' text is no kernel line.
  return recorded ? 0 : cutLayers(cut, around, learned);
}

function cutLayers(cut: Cut, around: Around, learned: Learned | null): number {
  layers ??= byFirst(LAYERS);
  let taken = 0;
  for (let depth = 0; depth < 8; depth++) {
    if (cut.silent) break;
    if (cutFirst(layers, cut, around)) continue;
    if (learned === null || !learned.cut(cut, taken)) break;
    taken++;
  }
  learned?.finish(cut);
  return taken;
}

/** Cuts one layer off with the first framing that takes the text; false if none does. */
function cutFirst(lists: readonly (readonly Framing[])[], cut: Cut, around: Around): boolean {
  const code = cut.text.charCodeAt(0);
  const list = lists[code < 128 ? code : lists.length - 1]!;
  for (let i = 0; i < list.length; i++) if (list[i]!(cut, around)) return true;
  return false;
}

/** Reports name it this way. */
export function framingOf(cut: Cut): FramingName {
  return cut.framing ?? 'plain';
}

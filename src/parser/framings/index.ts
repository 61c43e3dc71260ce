/** All framings, and the loop that takes them off a line from the outside in. */
import type { FramingName } from '../types.ts';
import type { Cut, Framing } from './cut.ts';
import { dmesg } from './dmesg.ts';
import { kmsg, lava } from './kmsg.ts';
import { level } from './level.ts';
import { gutter, indented, prompt, quoted } from './mail.ts';
import { iso, journal, syslog } from './syslog.ts';

const LAYERS: readonly Framing[] = [quoted, gutter, indented, prompt, lava, syslog, iso, kmsg, level, dmesg, journal];

// CSI and OSC sequences, and the controls that a serial line leaves behind.
const ESCAPES = /\x1b\[[0-9;?]{0,32}[@-~]|\x1b\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)?|[\x00\r\x07\x08\ufeff]/g;
/** A printk stamp somewhere in the line: another writer's text was glued in front. */
const GLUED = /\[ {0,12}\d{1,7}\.\d{6}\](?: ?\[ {0,12}[TC]\d{1,10}\])? /;

/** Message and framing of each printk record on a physical line: one, or more where two were glued together. */
export function cutFraming(physical: string): Cut[] {
  let clean = /[\x00-\x08\x0d\x1b\ufeff]/.test(physical) ? physical.replace(ESCAPES, '') : physical;
  // Web mail makes blanks no-break spaces, some archives break their UTF-8 on top.
  if (clean.includes('\u00a0')) clean = clean.replace(/\u00c2?\u00a0/g, ' ');
  const first = cutOne(clean);
  const cuts = [first];
  if (first.framing === null) {
    const glued = GLUED.exec(clean);
    if (glued !== null && glued.index > 0) {
      const before = clean.slice(0, glued.index);
      const cut = cutOne(clean.slice(glued.index));
      // "[[    5.451101] ..." and "login: [   35.04] ...": what stands before is no printk record.
      cuts[0] = cut;
      if (/\S{3}/.test(before) && !/login: $/.test(before) && !/printk messages dropped/.test(before))
        cuts.unshift({ ...first, text: before });
    }
  }
  const last = cuts[cuts.length - 1]!;
  const next = last.time === null ? null : GLUED.exec(last.text);
  if (next !== null) {
    const rest = cutOne(last.text.slice(next.index));
    last.text = last.text.slice(0, next.index);
    cuts.push(rest);
  }
  return cuts;
}

function cutOne(text: string): Cut {
  const cut: Cut = { text, time: null, caller: null, level: null, framing: null, sequence: null };
  for (let depth = 0; depth < 8; depth++) {
    if (!LAYERS.some((layer) => layer(cut))) break;
  }
  return cut;
}

/** Reports name it this way. */
export function framingOf(cut: Cut): FramingName {
  return cut.framing ?? 'plain';
}

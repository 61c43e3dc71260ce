import { type Framing, name } from './cut.ts';
import { ofJson } from './unescape.ts';

const ENTRY =
  /^- ?\{ ?"?dt"?: ?"[^"]{0,40}", ?"?lvl"?: ?"(\w{1,12})", ?"?msg"?: ?(?:"((?:[^"\\]|\\.)*)"?|'((?:[^']|'')*)'?)/;

/** A LAVA job log: a YAML list of one-line objects, of which only those of level "target" are the console's. */
export const lava: Framing = (cut) => {
  if (!cut.text.startsWith('- {') && !cut.text.startsWith('-{')) return false;
  const entry = ENTRY.exec(cut.text);
  if (entry === null) return false;
  cut.text = entry[2] === undefined ? (entry[3] ?? '').replaceAll("''", "'") : ofJson(entry[2]);
  if (entry[1] !== 'target') cut.foreign = true;
  name(cut, 'lava');
  return true;
};

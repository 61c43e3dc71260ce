/**
 * Which markers a message holds: its neighbouring characters are looked up in a table of those that markers start with, so that a message is gone over
 * once and not once for each marker.
 */
import { MARKERS, type Marker } from './markers.ts';

interface Index {
  /** 1 for two characters that some marker starts with. */
  readonly starts: Uint8Array;
  readonly byStart: ReadonlyMap<number, readonly number[]>;
}

let index: Index | null = null;

function makeIndex(): Index {
  const starts = new Uint8Array(65536);
  const byStart = new Map<number, number[]>();
  for (const [at, { text }] of MARKERS.entries()) {
    const pair = text.charCodeAt(0) | (text.charCodeAt(1) << 8);
    starts[pair] = 1;
    const others = byStart.get(pair);
    if (others === undefined) byStart.set(pair, [at]);
    else others.push(at);
  }
  return { starts, byStart };
}

/** Places in MARKERS of those that stand in the text, in that order, each once. */
function placesIn(text: string, first: boolean): number[] {
  index ??= makeIndex();
  const { starts, byStart } = index;
  const found: number[] = [];
  let code = text.charCodeAt(0);
  for (let at = 1; at < text.length; at++) {
    const next = text.charCodeAt(at);
    const pair = code | (next << 8);
    code = next;
    if (pair > 65535 || starts[pair] === 0) continue;
    for (const place of byStart.get(pair)!)
      if (isAt(text, at - 1, MARKERS[place]!) && !found.includes(place)) {
        found.push(place);
        if (first) return found;
      }
  }
  return found.length > 1 ? found.sort((a, b) => a - b) : found;
}

function isAt(text: string, at: number, marker: Marker): boolean {
  return text.startsWith(marker.text, at) && !(marker.word && at > 0 && /\w/.test(text[at - 1]!));
}

/** The markers that stand in a message, in the order in which their rules are tried. */
export function markersIn(text: string): readonly Marker[] {
  return placesIn(text, false).map((place) => MARKERS[place]!);
}

/** True if any marker stands in it. */
export function holdsAnyMarker(text: string): boolean {
  return placesIn(text, true).length > 0;
}

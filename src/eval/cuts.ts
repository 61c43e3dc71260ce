/**
 * What a verdict may do while a log is cut shorter and shorter, from either end. A piece knows less than the whole, so it may say less, never more:
 *
 * - it never ranks above the whole;
 * - along growing pieces of one end the rank never falls;
 * - what the whole takes for the race is never called another bug: a crash that a piece excludes, the whole excludes.
 *
 * Pieces without a report of a crash rank lowest, be they `no-crash` or, where the cut went through a line, `insufficient`: that a log ends is seen only where
 * a line is torn.
 */
import type { Triage, VerdictClass } from '../reconstruct/types.ts';

export type End = 'head' | 'tail';

/** How much a log claims of the race: nothing, of a crash nothing, that it fits, that it is proved. That too little is left is no more than that it is not the race. */
const RANK: Readonly<Record<VerdictClass, number>> = {
  'no-crash': 0,
  excluded: 1,
  insufficient: 1,
  possible: 2,
  confirmed: 3,
};

/** One piece of a log: the bytes before `at` (its tail is cut off) or from there on (its head is). */
export interface Piece {
  readonly at: number;
  readonly class: VerdictClass;
  readonly rank: number;
  /** Crashes that are excluded in it, as byte ranges of the whole. */
  readonly excluded: readonly (readonly [from: number, to: number])[];
}

/** Judges the pieces that cuts at these offsets leave, the shortest first. */
export function piecesOf(
  bytes: Uint8Array,
  end: End,
  offsets: readonly number[],
  judge: (piece: Uint8Array) => readonly Triage[],
): readonly Piece[] {
  const shortest = [...new Set(offsets)].sort((a, b) => (end === 'tail' ? a - b : b - a));
  return shortest.map((at) => {
    const boots = judge(end === 'tail' ? bytes.subarray(0, at) : bytes.subarray(at));
    return { at, ...claimOf(boots, end === 'tail' ? 0 : at) };
  });
}

/** What a log claims, `offset` bytes into the whole. */
export function claimOf(boots: readonly Triage[], offset: number): Omit<Piece, 'at'> {
  const rankOf = (b: Triage) => (b.crashes.length === 0 ? 0 : RANK[b.verdict.class]);
  const most = [...boots].sort((a, b) => rankOf(b) - rankOf(a) || b.crashes.length - a.crashes.length)[0]!;
  const excluded = boots.flatMap((b) =>
    b.crashes
      .filter((c) => c.verdict.class === 'excluded')
      .map(({ incident: { span } }) => [span.from + offset, span.to + offset] as const),
  );
  return { class: most.verdict.class, rank: rankOf(most), excluded };
}

/** Where the pieces (the shortest first) break a rule, in words. */
export function broken(whole: Omit<Piece, 'at'>, end: End, pieces: readonly Piece[]): readonly string[] {
  const wrong: string[] = [];
  let most: Piece | null = null;
  for (const piece of pieces) {
    const where = `${end} cut at ${piece.at}: ${piece.class}`;
    if (piece.rank > whole.rank) wrong.push(`${where}, but the whole is ${whole.class}`);
    // Torn in its headline a report is no crash yet, and the verdict the same.
    const same = most?.class === 'insufficient' && piece.class === 'insufficient';
    if (most && piece.rank < most.rank && !same)
      wrong.push(`${where}, but the shorter piece cut at ${most.at} is ${most.class}`);
    for (const [from, to] of piece.excluded)
      if (!whole.excluded.some(([first, last]) => from <= last && first <= to))
        wrong.push(`${where}: the crash at ${from} is excluded, which the whole does not exclude`);
    if (!most || piece.rank > most.rank) most = piece;
  }
  return wrong;
}

/** The shortest of these pieces that is still proved, as its offset; null where none is. */
export function firstConfirmed(pieces: readonly Piece[]): number | null {
  return pieces.find((p) => p.class === 'confirmed')?.at ?? null;
}

/** Offsets behind each line's end. */
export function lineEnds(bytes: Uint8Array): readonly number[] {
  const ends: number[] = [];
  bytes.forEach((byte, i) => {
    if (byte === 10) ends.push(i + 1);
  });
  return ends;
}

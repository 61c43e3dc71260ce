/** Archives, known by their first bytes and never by name. */

export type ArchiveKind = 'tar' | 'zip';

/** Bytes that must be seen to know: a tar header. */
export const HEADER = 512;

const LOCAL = [0x50, 0x4b, 3, 4];
const EMPTY = [0x50, 0x4b, 5, 6];

/** POSIX and GNU tar bear "ustar", and the sum of the header's bytes, in which its own eight count as blanks. */
function isTar(head: Uint8Array): boolean {
  if (head.length < HEADER) return false;
  const text = (from: number, to: number) => Buffer.from(head.subarray(from, to)).toString('latin1');
  if (text(257, 262) !== 'ustar') return false;
  const sum = Number.parseInt(
    text(148, 156)
      .replace(/[\0 ]+$/, '')
      .trim(),
    8,
  );
  let own = 0;
  for (let i = 0; i < HEADER; i++) own += i >= 148 && i < 156 ? 32 : head[i]!;
  return own === sum;
}

/** The kind of archive that the first bytes show, or null. */
export function archiveOf(head: Uint8Array): ArchiveKind | null {
  const starts = (bytes: readonly number[]) => bytes.every((b, i) => head[i] === b);
  if (starts(LOCAL) || starts(EMPTY)) return 'zip';
  return isTar(head) ? 'tar' : null;
}

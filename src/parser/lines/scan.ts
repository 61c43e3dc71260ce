/**
 * Finds the marker strings in a buffer (Wu and Manber's multi-pattern search: a table of two-byte blocks says how far to skip). Allocates nothing
 * per line and looks at about one byte in three of an uneventful log.
 */
import { ofLatin1 } from '../../bytes.ts';
import type { Role } from '../grammars/markers.ts';

const WINDOW = 5; // the shortest marker; longer ones are found by their first five bytes, then compared whole

/** No marker is longer. */
export const LONGEST = 48;

/** A string to search for; ASCII, at least five bytes. */
export interface Needle {
  readonly text: string;
  readonly role: Role;
  /** True if it counts only where no letter, digit or "_" stands before it. */
  readonly word?: boolean;
}

/** The tables for one set of needles; built once, searched often. */
export class Scanner {
  private readonly shift = new Uint8Array(65536).fill(WINDOW - 1);
  /** 1 where some marker's first two bytes, and the block behind the one between, have this hash: of most blocks that end none says so at once. */
  private readonly fronts = new Uint8Array(65536);
  private readonly chains = new Map<
    number,
    { readonly bytes: Uint8Array; readonly role: Role; readonly word: boolean }[]
  >();
  /** Role of the marker that the last `find` met. */
  role: Role = 'event';

  constructor(needles: readonly Needle[]) {
    for (const { text, role, word = false } of needles) {
      const bytes = ofLatin1(text);
      if (bytes.length < WINDOW || bytes.length > LONGEST) throw new Error(`marker of no length to scan for: ${text}`);
      for (let i = 0; i < WINDOW - 1; i++) {
        const block = bytes[i]! | (bytes[i + 1]! << 8);
        this.shift[block] = Math.min(this.shift[block]!, WINDOW - 2 - i);
      }
      const last = bytes[WINDOW - 2]! | (bytes[WINDOW - 1]! << 8);
      this.fronts[frontOf(bytes[0]!, bytes[1]!, last)] = 1;
      const chain = this.chains.get(last);
      if (chain === undefined) this.chains.set(last, [{ bytes, role, word }]);
      else chain.push({ bytes, role, word });
    }
    for (const chain of this.chains.values()) chain.sort((a, b) => rank(a.role) - rank(b.role));
  }

  /** Offset of the next marker at or after `from`, or -1; sets `role`. */
  find(buffer: Uint8Array, from: number, to: number): number {
    const { shift, fronts } = this;
    let end = from + WINDOW - 1;
    while (end < to) {
      const block = buffer[end - 1]! | (buffer[end]! << 8);
      const skip = shift[block]!;
      if (skip > 0) {
        end += skip;
        continue;
      }
      const at = end - WINDOW + 1;
      if (fronts[frontOf(buffer[at]!, buffer[at + 1]!, block)] === 0) {
        end++;
        continue;
      }
      const chain = this.chains.get(block);
      if (chain !== undefined) {
        for (const { bytes, role, word } of chain) {
          if (equalsAt(buffer, at, bytes, to) && !(word && at > 0 && isWord(buffer[at - 1]!))) {
            this.role = role;
            return at;
          }
        }
      }
      end++;
    }
    return -1;
  }
}

function frontOf(first: number, second: number, block: number): number {
  return (Math.imul(first | (second << 8), 0x9e3779b1) >>> 16) ^ block;
}

function rank(role: Role): number {
  return role === 'crash' ? 0 : 1;
}

function isWord(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte === 95;
}

/** True if the bytes stand there, whole and before `to`. */
export function equalsAt(buffer: Uint8Array, at: number, bytes: Uint8Array, to: number): boolean {
  if (at < 0 || at + bytes.length > to) return false;
  for (let i = 0; i < bytes.length; i++) if (buffer[at + i] !== bytes[i]) return false;
  return true;
}

/** What a faulting address shows of the pointer that was followed. Addresses are unsigned 64-bit values as arm64 and others print them. */

import type { Arch } from '../../parser/types.ts';
import type { Fault } from '../types.ts';

export type Shape = Fault['shape'];

/** SLUB's and the allocators' fill bytes: freed objects, redzones, uninitialised ones. */
const POISON_BYTES: readonly number[] = [0x6b, 0x5a, 0xa5];

/** The low 56 bits as a signed number: what is left of an address when the kernel has cut off the top (tag) byte. */
export function untagged(address: bigint): bigint {
  return BigInt.asIntN(56, address);
}

/** 0x6b6b6b6b6b6b6b73 is poison plus 8; null where the address is no fill pattern plus a small offset. */
export function poisonOffset(address: bigint, word: 4 | 8): number | null {
  const width = word === 8 ? 56 : 32;
  const low = BigInt.asUintN(width, address);
  for (const byte of POISON_BYTES) {
    let pattern = 0n;
    for (let i = 0; i < width / 8; i++) pattern = (pattern << 8n) | BigInt(byte);
    const offset = low - pattern;
    // Fields of the structures here lie within a few hundred bytes.
    if (offset >= 0n && offset < 0x1000n) return Number(offset);
  }
  return null;
}

/** NULL plus an offset, slab poison, a small negative number (ERR_PTR, or a member's container of NULL), a kernel pointer, or nothing known. */
export function shapeOf(address: bigint, arch: Arch | null, saysNull: boolean): Shape {
  const word = wordOf(arch);
  // "NULL pointer dereference" is printed for addresses below PAGE_SIZE, which can be 64 KiB.
  if (address < 0x1000n || (saysNull && address < 0x10000n)) return 'null';
  if (poisonOffset(address, word) !== null) return 'poison';
  if (word === 4) {
    if (address >= 0xfffff000n) return 'negative';
    return address >= 0x80000000n ? 'pointer' : 'unknown';
  }
  // LIST_POISON1 and 2, with the top byte and without.
  const top = address >> 48n;
  if (top === 0xdeadn || top === 0xffadn || top === 0x00adn) return 'poison';
  if (address >= 0xfffffffffffff000n) return 'negative';
  return address >> 56n === 0xffn ? 'pointer' : 'unknown';
}

/** Bytes of a pointer. */
export function wordOf(arch: Arch | null): 4 | 8 {
  return arch === 'arm' || arch === 'x86' || arch === 'mips' ? 4 : 8;
}

/** ELF as far as a kernel's vmlinux and modules need it: sections, symbols, notes (gABI). Bounded reads: what a file claims of itself is not believed. */
import { inflateSync } from 'node:zlib';
import { type Bytes, bytesOf, Cursor, Malformed, slice, stringAt } from './bytes.ts';

export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

export interface Elf {
  readonly bytes: Bytes;
  readonly word: 4 | 8;
  readonly littleEndian: boolean;
  readonly machine: number;
  /** ET_REL: a module, whose addresses count from its sections. */
  readonly relocatable: boolean;
  readonly sections: readonly Section[];
}

export const SHT = { PROGBITS: 1, SYMTAB: 2, RELA: 4, NOTE: 7, NOBITS: 8, REL: 9 } as const;
export const SHF = { ALLOC: 2, COMPRESSED: 0x800 } as const;
const ET_REL = 1;
/** A vmlinux of one section a function has some hundred thousand. */
const MOST_SECTIONS = 1 << 20;
const MOST_NAMES = 64 << 20;

export function isElf(bytes: Bytes): boolean {
  return Buffer.from(bytes.read(0, 4)).equals(Buffer.from('\x7fELF', 'latin1'));
}

/** Throws Malformed, with what is wrong. */
export function readElf(bytes: Bytes): Elf {
  const ident = bytes.read(0, 16);
  if (!isElf(bytes) || ident.length < 16) throw new Malformed('it is no ELF file');
  if (ident[4] !== 1 && ident[4] !== 2) throw new Malformed('its ELF class is none that is known');
  const word = ident[4] === 2 ? 8 : 4;
  const littleEndian = ident[5] === 1;
  const head = new Cursor(bytes, littleEndian, 16);
  const type = head.u16();
  const machine = head.u16();
  head.skip(4 + 2 * word);
  const table = head.offset(word);
  head.skip(4 + 2 + 2 + 2);
  const entry = head.u16();
  let count = head.u16();
  let names = head.u16();
  const size = word === 8 ? 64 : 40;
  if (table === 0) throw new Malformed('it has no section headers: a stripped image');
  if (entry !== size) throw new Malformed(`its section headers have ${entry} bytes, not ${size}`);
  if (table + size > bytes.size) throw truncated(table, bytes.size);
  // Where there are more than fit into 16 bits, the first header has the numbers.
  const first = header(new Cursor(bytes, littleEndian, table), word, 0);
  if (count === 0) count = first.size;
  if (names === 0xffff) names = first.link;
  if (count > MOST_SECTIONS) throw new Malformed(`it claims ${count} sections`);
  if (table + count * size > bytes.size) throw truncated(table + count * size, bytes.size);
  const cursor = new Cursor(bytes, littleEndian, table);
  const raw = Array.from({ length: count }, (_, i) => header(cursor, word, i));
  const strings = raw[names];
  const text =
    strings && strings.size <= MOST_NAMES ? slice(bytes, strings.offset, strings.size) : bytesOf(new Uint8Array(0));
  const sections = raw.map(({ nameAt, ...section }) => ({ ...section, name: stringAt(text, nameAt) }));
  return { bytes, word, littleEndian, machine, relocatable: type === ET_REL, sections };
}

const truncated = (needs: number, has: number) =>
  new Malformed(`it is cut short: its section headers end at byte ${needs}, the file at ${has}`);

function header(cursor: Cursor, word: 4 | 8, index: number) {
  const nameAt = cursor.u32();
  const type = cursor.u32();
  const flags = word === 8 ? Number(cursor.u64() & 0xffff_ffffn) : cursor.u32();
  const address = word === 8 ? cursor.u64() : BigInt(cursor.u32());
  const offset = cursor.offset(word);
  const size = cursor.offset(word);
  const link = cursor.u32();
  const info = cursor.u32();
  cursor.skip(2 * word);
  return { index, nameAt, type, flags, address, offset, size, link, info };
}

/** What unfolds to more than this is not unfolded; a distribution's .debug_info has 200 to 400 MB. */
export const MOST_UNFOLDED = 768 << 20;

export function sectionNamed(elf: Elf, name: string): Section | null {
  return elf.sections.find((s) => s.name === name && s.type !== SHT.NOBITS) ?? null;
}

/**
 * A section's bytes, unfolded where they are compressed (SHF_COMPRESSED with zlib or zstd, or the older .zdebug_ form); null where there is none. Throws Malformed
 * where it lies beyond the file's end, or cannot be unfolded.
 */
export async function contentOf(elf: Elf, name: string): Promise<Bytes | null> {
  const section = sectionNamed(elf, name) ?? sectionNamed(elf, name.replace(/^\.debug_/, '.zdebug_'));
  if (section === null) return null;
  const raw = rawOf(elf, section);
  if (section.name.startsWith('.zdebug_')) {
    const head = raw.read(0, 12);
    if (Buffer.from(head.subarray(0, 4)).toString('latin1') !== 'ZLIB') return raw;
    const size = Number(new DataView(head.buffer, head.byteOffset).getBigUint64(4));
    return unfolded(section.name, 1, raw.read(12, raw.size), size);
  }
  if ((section.flags & SHF.COMPRESSED) === 0) return raw;
  const cursor = new Cursor(raw, elf.littleEndian);
  const type = cursor.u32();
  if (elf.word === 8) cursor.skip(4);
  const size = cursor.offset(elf.word);
  return unfolded(section.name, type, raw.read(elf.word === 8 ? 24 : 12, raw.size), size);
}

/** A section as it lies in the file. */
export function rawOf({ bytes }: Elf, { name, offset, size }: Section): Bytes {
  if (offset + size > bytes.size)
    throw new Malformed(`it is cut short: ${name} ends at byte ${offset + size}, the file at ${bytes.size}`);
  return slice(bytes, offset, size);
}

async function unfolded(name: string, type: number, packed: Uint8Array, size: number): Promise<Bytes> {
  const plain = `objcopy --decompress-debug-sections makes a file that can be read`;
  if (size > MOST_UNFOLDED)
    throw new Malformed(`${name} is compressed and unfolds to ${size >> 20} MB, which is too much; ${plain}`);
  try {
    if (type === 1) return bytesOf(inflateSync(packed, { maxOutputLength: size + 1 }));
    if (type === 2) {
      const { decompress } = await import('fzstd');
      return bytesOf(decompress(packed, new Uint8Array(size)));
    }
  } catch {
    throw new Malformed(`${name} is compressed, and damaged`);
  }
  throw new Malformed(`${name} is compressed in a way that is not known (${type}); ${plain}`);
}

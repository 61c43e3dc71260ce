/** The symbols of an ELF file: functions and the few objects that name a kernel, by name; and the bytes at an address. */
import { type Bytes, Cursor, slice, stringAt } from './bytes.ts';
import { type Elf, rawOf, type Section, SHF, SHT } from './elf.ts';

export interface ImageSymbol {
  readonly name: string;
  /** Of a module: from its section's beginning. */
  readonly address: bigint;
  readonly size: number;
  /** Index of its section. */
  readonly section: number;
  /** An arm32 function of 16- and 32-bit instructions. */
  readonly thumb: boolean;
}

const FUNC = 2;
const OBJECT = 1;
const NOTYPE = 0;
/** A distribution's vmlinux has 200,000 symbols. */
const MOST = 4_000_000;
const MOST_STRINGS = 256 << 20;

/** All functions, and objects whose names `wanted` takes, by name. Empty where the file has no symbol table. */
export function symbolsOf(elf: Elf, wanted: (name: string) => boolean): ReadonlyMap<string, readonly ImageSymbol[]> {
  const found = new Map<string, ImageSymbol[]>();
  const table = elf.sections.find((s) => s.type === SHT.SYMTAB);
  const names = table && elf.sections[table.link];
  if (!table || !names || names.size > MOST_STRINGS) return found;
  const entry = elf.word === 8 ? 24 : 16;
  const strings = rawOf(elf, names).read(0, names.size);
  const cursor = new Cursor(rawOf(elf, table), elf.littleEndian);
  const count = Math.min(MOST, Math.floor(table.size / entry));
  for (let i = 0; i < count; i++) {
    const nameAt = cursor.u32();
    let info: number;
    let section: number;
    let address: bigint;
    let size: number;
    if (elf.word === 8) {
      info = cursor.u8();
      cursor.skip(1);
      section = cursor.u16();
      address = cursor.u64();
      size = Number(cursor.u64());
    } else {
      address = BigInt(cursor.u32());
      size = cursor.u32();
      info = cursor.u8();
      cursor.skip(1);
      section = cursor.u16();
    }
    const type = info & 0xf;
    if ((type !== FUNC && type !== OBJECT && type !== NOTYPE) || section === 0 || nameAt >= strings.length) continue;
    if (type !== FUNC && size === 0) continue;
    const end = strings.indexOf(0, nameAt);
    const name = Buffer.from(
      strings.buffer,
      strings.byteOffset + nameAt,
      (end < 0 ? strings.length : end) - nameAt,
    ).toString('latin1');
    if (type !== FUNC && !wanted(name)) continue;
    // Bit 0 of a Thumb function's address says that it is one.
    const thumb = elf.machine === 40 && type === FUNC && (address & 1n) === 1n;
    const list = found.get(name);
    const symbol = { name, address: thumb ? address - 1n : address, size, section, thumb };
    if (list) list.push(symbol);
    else found.set(name, [symbol]);
  }
  return found;
}

/** `length` bytes at a symbol plus `offset`; null where the file does not hold them. */
export function bytesAt(elf: Elf, symbol: ImageSymbol, offset: number, length: number): Uint8Array | null {
  const section = elf.relocatable ? elf.sections[symbol.section] : sectionAt(elf, symbol.address);
  if (!section || section.type === SHT.NOBITS) return null;
  const at = Number(elf.relocatable ? symbol.address : symbol.address - section.address) + offset;
  if (at < 0 || at + length > section.size) return null;
  const bytes = slice(elf.bytes, section.offset + at, length).read(0, length);
  return bytes.length === length ? bytes : null;
}

function sectionAt(elf: Elf, address: bigint): Section | undefined {
  return elf.sections.find(
    (s) => (s.flags & SHF.ALLOC) !== 0 && address >= s.address && address < s.address + BigInt(s.size),
  );
}

/** Places in a module's section that its loader fills in, by relocation: what stands there is not what will run. */
export function relocatedIn(elf: Elf, section: number): ReadonlySet<number> {
  const places = new Set<number>();
  for (const s of elf.sections) {
    if ((s.type !== SHT.RELA && s.type !== SHT.REL) || s.info !== section || s.size > MOST_STRINGS) continue;
    const entry = (s.type === SHT.RELA ? 3 : 2) * elf.word;
    const cursor = new Cursor(rawOf(elf, s), elf.littleEndian);
    for (let i = 0; i < Math.floor(s.size / entry); i++) {
      places.add(cursor.offset(elf.word));
      cursor.skip(entry - elf.word);
    }
  }
  return places;
}

const NT_GNU_BUILD_ID = 3;

/** The build id as hexadecimal digits, or null. A module's and a vmlinux's notes alike (.notes, .note.gnu.build-id). */
export function buildIdOf(elf: Elf): string | null {
  for (const section of elf.sections) {
    if (section.type !== SHT.NOTE || section.size > 1 << 20 || section.offset + section.size > elf.bytes.size) continue;
    const bytes: Bytes = rawOf(elf, section);
    const cursor = new Cursor(bytes, elf.littleEndian);
    while (cursor.at + 12 <= bytes.size) {
      const [nameSize, size, type] = [cursor.u32(), cursor.u32(), cursor.u32()];
      const name = stringAt(bytes, cursor.at);
      cursor.skip(Math.ceil(nameSize / 4) * 4);
      const at = cursor.at;
      cursor.skip(Math.ceil(size / 4) * 4);
      if (name === 'GNU' && type === NT_GNU_BUILD_ID && size <= 64)
        return Buffer.from(bytes.read(at, size)).toString('hex');
    }
  }
  return null;
}

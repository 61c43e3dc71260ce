/**
 * DWARF 2 to 5 as far as structs need it: which compilation units there are (skipped by their lengths), and in those that are asked for, the members of a
 * struct. Nothing is read of a unit but its head unless its name is wanted, so that a vmlinux of 400 MB takes a second.
 */
import { type Bytes, Cursor, Malformed } from './bytes.ts';
import { AT, type Die, Entries, TAG, type Unit } from './dwarf-entries.ts';
import { contentOf, type Elf, MOST_UNFOLDED, rawOf, SHT } from './elf.ts';
import type { FieldPlace, StructPlace, StructReader } from './layout.ts';

const THROUGH: readonly number[] = [TAG.TYPEDEF, 0x26, 0x35, 0x37, 0x47];
const DEEPEST = 16;
/** Bytes of units that are read through in one question; the IOMMU core's and drivers' have a few MB. */
const MOST_READ = 256 << 20;

/** The structs of a vmlinux's or module's DWARF, or null where it has none. `units`: names of compilation units to look in. Throws Malformed. */
export async function readDwarf(elf: Elf, units: RegExp): Promise<StructReader | null> {
  const info = await contentOf(elf, '.debug_info');
  const abbrev = await contentOf(elf, '.debug_abbrev');
  if (info === null || abbrev === null || info.size === 0) return null;
  if (info.size > 4 * MOST_UNFOLDED) throw new Malformed(`its .debug_info has ${info.size >> 20} MB`);
  const empty: Bytes = { size: 0, read: () => new Uint8Array(0) };
  const sections = {
    info,
    abbrev,
    str: (await contentOf(elf, '.debug_str')) ?? empty,
    lineStr: (await contentOf(elf, '.debug_line_str')) ?? empty,
    strOffsets: (await contentOf(elf, '.debug_str_offsets')) ?? empty,
  };
  const dwarf = new Structs(new Entries(sections, elf.littleEndian, relocations(elf)));
  return (name) => dwarf.structs(name, units);
}

/** In a module the strings of .debug_info are named by relocations alone (RELA): place to value. */
function relocations(elf: Elf): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  if (!elf.relocatable) return values;
  const info = elf.sections.find((s) => s.name === '.debug_info');
  const entry = 3 * elf.word;
  for (const section of elf.sections) {
    if (section.type !== SHT.RELA || info === undefined || section.info !== info.index || section.size > 256 << 20)
      continue;
    const cursor = new Cursor(rawOf(elf, section), elf.littleEndian);
    for (let i = 0; i < Math.floor(section.size / entry); i++) {
      const at = cursor.offset(elf.word);
      cursor.skip(elf.word);
      // Of sections, whose symbols have the value 0; a function's address is of no interest here.
      values.set(at, elf.word === 8 ? Number(BigInt.asIntN(64, cursor.u64())) : cursor.u32() | 0);
    }
  }
  return values;
}

class Structs {
  private readonly names = new Map<Unit, string>();
  private readonly found = new Map<string, readonly StructPlace[]>();

  constructor(private readonly entries: Entries) {}

  private nameOf(unit: Unit): string {
    let name = this.names.get(unit);
    if (name === undefined) {
      const cursor = this.entries.cursor(unit.first, 256);
      // A unit's own strings may be named by a base that stands behind its name.
      const base = this.entries.die(unit, cursor, false)?.numbers.get(AT.STR_OFFSETS_BASE);
      if (base !== undefined) unit.strings = base;
      cursor.at = unit.first;
      name = this.entries.die(unit, cursor, true)?.name ?? '';
      this.names.set(unit, name);
    }
    return name;
  }

  structs(name: string, wanted: RegExp): readonly StructPlace[] {
    const known = this.found.get(name);
    if (known) return known;
    if (this.found.size === 0) this.collect(wanted);
    return this.found.get(name) ?? [];
  }

  /** Every struct of the wanted units, once: what differs between units is kept apart. */
  private collect(wanted: RegExp): void {
    const all = new Map<string, StructPlace[]>();
    const named = this.entries.units.filter((unit) => wanted.test(this.nameOf(unit)));
    // Where all was linked as one unit, its name is the linker's.
    const queue = named.length > 0 ? named : [...this.entries.units];
    const seen = new Set(queue);
    let read = 0;
    for (const unit of queue) {
      read += unit.end - unit.at;
      if (read > MOST_READ) break;
      for (const imported of this.structsOf(unit, all)) {
        if (!seen.has(imported)) queue.push(imported);
        seen.add(imported);
      }
    }
    this.found.set('', []);
    for (const [name, places] of all) this.found.set(name, places);
  }

  /** Adds the structs of one unit; the units that it imports. */
  private structsOf(unit: Unit, all: Map<string, StructPlace[]>): Unit[] {
    const imports: Unit[] = [];
    const cursor = this.entries.cursor(unit.first);
    while (cursor.at < unit.end) {
      const die = this.entries.die(unit, cursor, true);
      if (die === null) continue;
      const sibling = die.numbers.get(AT.SIBLING);
      if (die.tag === TAG.IMPORTED) {
        const to = this.entries.unitAt(die.numbers.get(AT.IMPORT) ?? -1);
        if (to) imports.push(to);
      } else if (die.tag === TAG.STRUCT && die.name !== null && !die.numbers.has(AT.DECLARATION)) {
        const place = this.place(unit, die);
        const list = all.get(die.name) ?? [];
        if (!list.some((other) => same(other, place))) list.push(place);
        all.set(die.name, list);
      }
      if (
        die.children &&
        sibling !== undefined &&
        die.tag !== TAG.COMPILE_UNIT &&
        die.tag !== TAG.PARTIAL_UNIT &&
        sibling > cursor.at &&
        sibling <= unit.end
      )
        cursor.at = sibling;
    }
    return imports;
  }

  private place(unit: Unit, die: Die): StructPlace {
    const fields = new Map<string, FieldPlace>();
    this.members(unit, die, 0, fields, 0);
    return { size: die.numbers.get(AT.BYTE_SIZE) ?? 0, fields };
  }

  private members(unit: Unit, struct: Die, base: number, fields: Map<string, FieldPlace>, depth: number): void {
    if (!struct.children || depth > DEEPEST) return;
    for (const member of this.childrenOf(unit, struct)) {
      if (member.tag !== TAG.MEMBER || member.numbers.has(AT.BIT_SIZE)) continue;
      const offset = base + (member.numbers.get(AT.MEMBER_LOCATION) ?? 0);
      const type = this.typeOf(member);
      if (member.name !== null) {
        if (!fields.has(member.name)) fields.set(member.name, { offset, size: this.size(type, 0) });
      } else if (type && (type.die.tag === TAG.STRUCT || type.die.tag === TAG.UNION))
        this.members(type.unit, type.die, offset, fields, depth + 1);
    }
  }

  private *childrenOf(unit: Unit, parent: Die): Generator<Die> {
    const cursor = this.entries.cursor(parent.next, 1024);
    for (let depth = 0; cursor.at < unit.end; ) {
      const die = this.entries.die(unit, cursor, true);
      if (die === null) {
        if (depth-- === 0) return;
        continue;
      }
      if (depth === 0) yield die;
      if (die.children) depth++;
    }
  }

  /** The type that an entry names, without typedefs and qualifiers. */
  private typeOf(die: Die): { readonly unit: Unit; readonly die: Die } | null {
    let at = die.numbers.get(AT.TYPE);
    for (let depth = 0; depth < DEEPEST && at !== undefined; depth++) {
      const unit = this.entries.unitAt(at);
      if (!unit) return null;
      const type = this.entries.die(unit, this.entries.cursor(at, 256), false);
      if (type === null) return null;
      if (!THROUGH.includes(type.tag)) return { unit, die: type };
      at = type.numbers.get(AT.TYPE);
    }
    return null;
  }

  private size(type: { readonly unit: Unit; readonly die: Die } | null, depth: number): number {
    if (type === null || depth > DEEPEST) return 0;
    const { unit, die } = type;
    const told = die.numbers.get(AT.BYTE_SIZE);
    if (told !== undefined) return told;
    if (die.tag === TAG.POINTER) return unit.addressSize;
    if (die.tag !== TAG.ARRAY) return 0;
    let count = 1;
    for (const range of this.childrenOf(unit, die)) {
      if (range.tag !== TAG.SUBRANGE) continue;
      const upper = range.numbers.get(AT.UPPER_BOUND);
      count *= range.numbers.get(AT.COUNT) ?? (upper === undefined ? 0 : upper + 1);
    }
    // Of a flexible array at a struct's end: one element.
    return (count || 1) * this.size(this.typeOf(die), depth + 1);
  }
}

function same(a: StructPlace, b: StructPlace): boolean {
  return (
    a.size === b.size &&
    a.fields.size === b.fields.size &&
    [...a.fields].every(([name, { offset }]) => b.fields.get(name)?.offset === offset)
  );
}

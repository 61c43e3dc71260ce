/**
 * DWARF 2 to 5 as far as structs need it: which compilation units there are (skipped by their lengths), and in those that are asked for, the members of a
 * struct. Nothing is read of a unit but its head unless its name is wanted, so that a vmlinux of 400 MB takes a second.
 */
import { type Bytes, Cursor, Malformed, stringAt } from './bytes.ts';
import { contentOf, type Elf, MOST_UNFOLDED, rawOf, SHT } from './elf.ts';
import type { FieldPlace, StructPlace, StructReader } from './layout.ts';

const TAG = {
  MEMBER: 0x0d,
  STRUCT: 0x13,
  UNION: 0x17,
  TYPEDEF: 0x16,
  POINTER: 0x0f,
  ARRAY: 0x01,
  SUBRANGE: 0x21,
  IMPORTED: 0x3d,
} as const;
const THROUGH: readonly number[] = [TAG.TYPEDEF, 0x26, 0x35, 0x37, 0x47];
const AT = {
  SIBLING: 0x01,
  NAME: 0x03,
  BYTE_SIZE: 0x0b,
  BIT_SIZE: 0x0d,
  IMPORT: 0x18,
  UPPER_BOUND: 0x2f,
  COUNT: 0x37,
  MEMBER_LOCATION: 0x38,
  DECLARATION: 0x3c,
  TYPE: 0x49,
  STR_OFFSETS_BASE: 0x72,
} as const;

const DEEPEST = 16;
const MOST_UNITS = 200_000;
/** Bytes of units that are read through in one question; the IOMMU core's and drivers' have a few MB. */
const MOST_READ = 256 << 20;

interface Abbreviation {
  readonly tag: number;
  readonly children: boolean;
  /** Attribute, form, and the value of DW_FORM_implicit_const. */
  readonly specs: readonly (readonly [attribute: number, form: number, implicit: number])[];
}

interface Unit {
  readonly at: number;
  readonly end: number;
  readonly first: number;
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: 4 | 8;
  readonly abbreviations: number;
  strings: number;
}

interface Die {
  readonly tag: number;
  readonly children: boolean;
  readonly numbers: ReadonlyMap<number, number>;
  readonly name: string | null;
  /** Where the entry behind it (its first child, if it has any) begins. */
  readonly next: number;
}

/** The structs of a vmlinux's or module's DWARF, or null where it has none. `units`: names of compilation units to look in. Throws Malformed. */
export async function readDwarf(elf: Elf, units: RegExp): Promise<StructReader | null> {
  const info = await contentOf(elf, '.debug_info');
  const abbrev = await contentOf(elf, '.debug_abbrev');
  if (info === null || abbrev === null || info.size === 0) return null;
  if (info.size > 4 * MOST_UNFOLDED) throw new Malformed(`its .debug_info has ${info.size >> 20} MB`);
  const empty: Bytes = { size: 0, read: () => new Uint8Array(0) };
  const dwarf = new Dwarf(
    info,
    abbrev,
    (await contentOf(elf, '.debug_str')) ?? empty,
    (await contentOf(elf, '.debug_line_str')) ?? empty,
    (await contentOf(elf, '.debug_str_offsets')) ?? empty,
    elf.littleEndian,
    relocations(elf),
  );
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

class Dwarf {
  private readonly units: readonly Unit[];
  private readonly names = new Map<Unit, string>();
  private readonly tables = new Map<number, ReadonlyMap<number, Abbreviation>>();
  private readonly found = new Map<string, readonly StructPlace[]>();

  constructor(
    private readonly info: Bytes,
    private readonly abbrev: Bytes,
    private readonly str: Bytes,
    private readonly lineStr: Bytes,
    private readonly strOffsets: Bytes,
    private readonly littleEndian: boolean,
    private readonly relocated: ReadonlyMap<number, number>,
  ) {
    this.units = this.heads();
  }

  private heads(): Unit[] {
    const units: Unit[] = [];
    for (let at = 0; at + 12 < this.info.size; ) {
      const cursor = new Cursor(this.info, this.littleEndian, at, 64);
      let length = cursor.u32();
      const offsetSize = length === 0xffffffff ? 8 : 4;
      if (offsetSize === 8) length = cursor.offset(8);
      const end = cursor.at + length;
      if (length < 7 || end > this.info.size) throw new Malformed('its .debug_info is cut short');
      const version = cursor.u16();
      if (version < 2 || version > 5) throw new Malformed(`its DWARF is of version ${version}, which is not known`);
      let addressSize = 0;
      let type = 1;
      if (version >= 5) {
        type = cursor.u8();
        addressSize = cursor.u8();
      }
      const abbreviations = this.relocated.get(cursor.at) ?? peek(cursor, offsetSize);
      cursor.skip(offsetSize);
      if (version < 5) addressSize = cursor.u8();
      // A skeleton has the id of its other half, a type unit its signature.
      if (type === 4 || type === 5) cursor.skip(8);
      else if (type === 2 || type === 6) cursor.skip(8 + offsetSize);
      units.push({ at, end, first: cursor.at, version, addressSize, offsetSize, abbreviations, strings: 8 });
      if (units.length > MOST_UNITS) throw new Malformed('its .debug_info has more units than any kernel');
      at = end;
    }
    return units;
  }

  private nameOf(unit: Unit): string {
    let name = this.names.get(unit);
    if (name === undefined) {
      const cursor = new Cursor(this.info, this.littleEndian, unit.first, 256);
      // A unit's own strings may be named by a base that stands behind its name.
      const base = this.die(unit, cursor, false)?.numbers.get(AT.STR_OFFSETS_BASE);
      if (base !== undefined) unit.strings = base;
      cursor.at = unit.first;
      name = this.die(unit, cursor, true)?.name ?? '';
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
    const named = this.units.filter((unit) => wanted.test(this.nameOf(unit)));
    // Where all was linked as one unit, its name is the linker's.
    const queue = named.length > 0 ? named : [...this.units];
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
    const cursor = new Cursor(this.info, this.littleEndian, unit.first);
    while (cursor.at < unit.end) {
      const die = this.die(unit, cursor, true);
      if (die === null) continue;
      const sibling = die.numbers.get(AT.SIBLING);
      if (die.tag === TAG.IMPORTED) {
        const to = this.unitAt(die.numbers.get(AT.IMPORT) ?? -1);
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
        die.tag !== 0x11 &&
        die.tag !== 0x3c &&
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
    const cursor = new Cursor(this.info, this.littleEndian, parent.next, 1024);
    for (let depth = 0; cursor.at < unit.end; ) {
      const die = this.die(unit, cursor, true);
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
      const unit = this.unitAt(at);
      if (!unit) return null;
      const type = this.die(unit, new Cursor(this.info, this.littleEndian, at, 256), false);
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

  private unitAt(offset: number): Unit | null {
    let [low, high] = [0, this.units.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const unit = this.units[middle]!;
      if (offset < unit.at) high = middle - 1;
      else if (offset >= unit.end) low = middle + 1;
      else return unit;
    }
    return null;
  }

  private table(at: number): ReadonlyMap<number, Abbreviation> {
    let table = this.tables.get(at);
    if (!table) {
      table = abbreviationsAt(new Cursor(this.abbrev, this.littleEndian, at, 4096));
      this.tables.set(at, table);
    }
    return table;
  }

  /** The entry at the cursor, which it passes; null at the end of a list of children. `named`: its name is wanted. */
  private die(unit: Unit, cursor: Cursor, named: boolean): Die | null {
    const code = cursor.uleb();
    if (code === 0) return null;
    const abbreviation = this.table(unit.abbreviations).get(code);
    if (!abbreviation) throw new Malformed('its .debug_info names an abbreviation that is not there');
    const numbers = new Map<number, number>();
    let name: string | null = null;
    for (const [attribute, form, implicit] of abbreviation.specs) {
      if (attribute === AT.NAME) name = this.text(unit, cursor, form, named);
      else {
        const value = this.value(unit, cursor, form, implicit);
        if (value !== null) numbers.set(attribute, value);
      }
    }
    return { tag: abbreviation.tag, children: abbreviation.children, numbers, name, next: cursor.at };
  }

  private text(unit: Unit, cursor: Cursor, form: number, wanted: boolean): string | null {
    switch (form) {
      case 0x08:
        return cursor.string();
      case 0x0e:
      case 0x1f: {
        const at = this.relocated.get(cursor.at) ?? peek(cursor, unit.offsetSize);
        cursor.skip(unit.offsetSize);
        return wanted ? stringAt(form === 0x0e ? this.str : this.lineStr, at) : '';
      }
      case 0x1a:
      case 0x25:
      case 0x26:
      case 0x27:
      case 0x28: {
        const index = this.value(unit, cursor, form, 0) ?? 0;
        if (!wanted) return '';
        const place = new Cursor(this.strOffsets, this.littleEndian, unit.strings + index * unit.offsetSize, 8);
        return place.at + unit.offsetSize > this.strOffsets.size
          ? ''
          : stringAt(this.str, place.offset(unit.offsetSize));
      }
      default:
        this.value(unit, cursor, form, 0);
        return null;
    }
  }

  /** A number that the form holds; references as places in .debug_info. Null for what is no number, or none that is used here. */
  private value(unit: Unit, cursor: Cursor, form: number, implicit: number): number | null {
    switch (form) {
      case 0x01: // addr
        cursor.skip(unit.addressSize);
        return null;
      case 0x03: // block2
        cursor.skip(cursor.u16());
        return null;
      case 0x04: // block4
        cursor.skip(cursor.u32());
        return null;
      case 0x05: // data2
        return cursor.u16();
      case 0x06: // data4
        return cursor.u32();
      case 0x07: // data8
        return Number(BigInt.asIntN(64, cursor.u64()));
      case 0x08: // string
        cursor.string();
        return null;
      case 0x09: // block
        cursor.skip(cursor.uleb());
        return null;
      case 0x0a: // block1
        return plusConstant(cursor, cursor.u8());
      case 0x0b: // data1
      case 0x0c: // flag
        return cursor.u8();
      case 0x0d: // sdata
        return cursor.sleb();
      case 0x0e: // strp
      case 0x1d: // strp_sup
      case 0x1f: // line_strp
      case 0x1f21: // GNU_strp_alt
      case 0x17: // sec_offset
        return cursor.offset(unit.offsetSize);
      case 0x0f: // udata
      case 0x1a: // strx
      case 0x1b: // addrx
      case 0x22: // loclistx
      case 0x23: // rnglistx
        return cursor.uleb();
      case 0x10: // ref_addr
        return cursor.offset(unit.version === 2 ? (unit.addressSize === 8 ? 8 : 4) : unit.offsetSize);
      case 0x11: // ref1
        return unit.at + cursor.u8();
      case 0x12: // ref2
        return unit.at + cursor.u16();
      case 0x13: // ref4
        return unit.at + cursor.u32();
      case 0x14: // ref8
        return unit.at + cursor.offset(8);
      case 0x15: // ref_udata
        return unit.at + cursor.uleb();
      case 0x16: {
        // indirect
        const actual = cursor.uleb();
        if (actual === 0x16) throw new Malformed('its .debug_info has a form that names itself');
        return this.value(unit, cursor, actual, 0);
      }
      case 0x18: // exprloc
        return plusConstant(cursor, cursor.uleb());
      case 0x19: // flag_present
        return 1;
      case 0x1c: // ref_sup4
        cursor.skip(4);
        return null;
      case 0x1e: // data16
        cursor.skip(16);
        return null;
      case 0x20: // ref_sig8
      case 0x24: // ref_sup8
        cursor.skip(8);
        return null;
      case 0x21: // implicit_const
        return implicit;
      case 0x25: // strx1
      case 0x29: // addrx1
        return cursor.u8();
      case 0x26: // strx2
      case 0x2a: // addrx2
        return cursor.u16();
      case 0x27: // strx3
      case 0x2b: // addrx3
        return cursor.u24();
      case 0x28: // strx4
      case 0x2c: // addrx4
        return cursor.u32();
      case 0x1f20: // GNU_ref_alt
        cursor.skip(unit.offsetSize);
        return null;
      default:
        throw new Malformed(`its .debug_info has a form that is not known (0x${form.toString(16)})`);
    }
  }
}

/** The number at the cursor, which stays. */
function peek(cursor: Cursor, size: 4 | 8): number {
  const at = cursor.at;
  const value = cursor.offset(size);
  cursor.at = at;
  return value;
}

/** Older compilers write a member's place as an expression: DW_OP_plus_uconst N. */
function plusConstant(cursor: Cursor, length: number): number | null {
  const end = cursor.at + length;
  const value = length >= 2 && cursor.u8() === 0x23 ? cursor.uleb() : null;
  const whole = cursor.at === end;
  cursor.at = end;
  return whole ? value : null;
}

function abbreviationsAt(cursor: Cursor): ReadonlyMap<number, Abbreviation> {
  const table = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const tag = cursor.uleb();
    const children = cursor.u8() === 1;
    const specs: [number, number, number][] = [];
    for (;;) {
      const [attribute, form] = [cursor.uleb(), cursor.uleb()];
      const implicit = form === 0x21 ? cursor.sleb() : 0;
      if (attribute === 0 && form === 0) break;
      specs.push([attribute, form, implicit]);
      if (specs.length > 1000) throw new Malformed('its .debug_abbrev is damaged');
    }
    table.set(code, { tag, children, specs });
    if (table.size > 100_000) throw new Malformed('its .debug_abbrev is damaged');
  }
  return table;
}

function same(a: StructPlace, b: StructPlace): boolean {
  return (
    a.size === b.size &&
    a.fields.size === b.fields.size &&
    [...a.fields].every(([name, { offset }]) => b.fields.get(name)?.offset === offset)
  );
}

/** The entries of .debug_info (DWARF 2 to 5): units by their heads, abbreviations, and of an entry its name and the numbers of its attributes, whatever their form. */
import { type Bytes, Cursor, Malformed, stringAt } from './bytes.ts';

export const TAG = {
  MEMBER: 0x0d,
  STRUCT: 0x13,
  UNION: 0x17,
  TYPEDEF: 0x16,
  POINTER: 0x0f,
  ARRAY: 0x01,
  SUBRANGE: 0x21,
  COMPILE_UNIT: 0x11,
  PARTIAL_UNIT: 0x3c,
  IMPORTED: 0x3d,
} as const;
export const AT = {
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

const MOST_UNITS = 200_000;

interface Abbreviation {
  readonly tag: number;
  readonly children: boolean;
  /** Attribute, form, and the value of DW_FORM_implicit_const. */
  readonly specs: readonly (readonly [attribute: number, form: number, implicit: number])[];
}

export interface Unit {
  readonly at: number;
  readonly end: number;
  readonly first: number;
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: 4 | 8;
  readonly abbreviations: number;
  strings: number;
}

export interface Die {
  readonly tag: number;
  readonly children: boolean;
  readonly numbers: ReadonlyMap<number, number>;
  readonly name: string | null;
  /** Where the entry behind it (its first child, if it has any) begins. */
  readonly next: number;
}

/** The sections that entries and their strings stand in; those that a file lacks are empty. */
export interface Sections {
  readonly info: Bytes;
  readonly abbrev: Bytes;
  readonly str: Bytes;
  readonly lineStr: Bytes;
  readonly strOffsets: Bytes;
}

/** Reads entries anywhere in .debug_info. Everything throws Malformed where the file is not what it claims. */
export class Entries {
  readonly units: readonly Unit[];
  private readonly tables = new Map<number, ReadonlyMap<number, Abbreviation>>();

  /** `relocated`: what a module's relocations put at places of .debug_info. */
  constructor(
    private readonly sections: Sections,
    private readonly littleEndian: boolean,
    private readonly relocated: ReadonlyMap<number, number>,
  ) {
    this.units = this.heads();
  }

  /** Reads from `at` on, in steps of `ahead` bytes. */
  cursor(at: number, ahead?: number): Cursor {
    return new Cursor(this.sections.info, this.littleEndian, at, ahead);
  }

  private heads(): Unit[] {
    const units: Unit[] = [];
    for (let at = 0; at + 12 < this.sections.info.size; ) {
      const cursor = this.cursor(at, 64);
      let length = cursor.u32();
      const offsetSize = length === 0xffffffff ? 8 : 4;
      if (offsetSize === 8) length = cursor.offset(8);
      const end = cursor.at + length;
      if (length < 7 || end > this.sections.info.size) throw new Malformed('its .debug_info is cut short');
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

  /** The unit that a place of .debug_info is in. */
  unitAt(offset: number): Unit | null {
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
      table = abbreviationsAt(new Cursor(this.sections.abbrev, this.littleEndian, at, 4096));
      this.tables.set(at, table);
    }
    return table;
  }

  /** The entry at the cursor, which it passes; null at the end of a list of children. `named`: its name is wanted. */
  die(unit: Unit, cursor: Cursor, named: boolean): Die | null {
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
        return wanted ? stringAt(form === 0x0e ? this.sections.str : this.sections.lineStr, at) : '';
      }
      case 0x1a:
      case 0x25:
      case 0x26:
      case 0x27:
      case 0x28: {
        const index = this.value(unit, cursor, form, 0) ?? 0;
        if (!wanted) return '';
        const place = new Cursor(
          this.sections.strOffsets,
          this.littleEndian,
          unit.strings + index * unit.offsetSize,
          8,
        );
        return place.at + unit.offsetSize > this.sections.strOffsets.size
          ? ''
          : stringAt(this.sections.str, place.offset(unit.offsetSize));
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

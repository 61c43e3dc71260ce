/** BTF, the kernel's own compact types (Documentation/bpf/btf.rst): the structs of a name with their members' offsets. */
import { type Bytes, Malformed } from './bytes.ts';
import type { FieldPlace, StructPlace, StructReader } from './layout.ts';

const MAGIC = 0xeb9f;
/** vmlinux's has 4 to 8 MB. */
const MOST_BYTES = 256 << 20;
const DEEPEST = 16;

const KIND = {
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** Bytes behind a type's three words, by its kind; `vlen` entries of so many each, or fixed. */
function extra(kind: number, vlen: number): number | null {
  switch (kind) {
    case KIND.INT:
    case KIND.VAR:
    case KIND.DECL_TAG:
      return 4;
    case KIND.ARRAY:
      return 12;
    case KIND.STRUCT:
    case KIND.UNION:
    case KIND.DATASEC:
    case KIND.ENUM64:
      return 12 * vlen;
    case KIND.ENUM:
    case KIND.FUNC_PROTO:
      return 8 * vlen;
    default:
      return kind >= 1 && kind <= 19 ? 0 : null;
  }
}

export interface Btf {
  readonly pointer: 4 | 8;
  readonly structs: StructReader;
  /** Types that it has, for a module's that build on it. */
  readonly types: number;
  readonly strings: Uint8Array;
  readonly typeAt: (
    id: number,
  ) => { readonly view: DataView; readonly at: number; readonly littleEndian: boolean } | null;
}

export function isBtf(bytes: Bytes): boolean {
  const [a, b] = bytes.read(0, 2);
  return (a === 0x9f && b === 0xeb) || (a === 0xeb && b === 0x9f);
}

/** `base`: vmlinux's, where these are a module's, whose types and strings go on from its. Throws Malformed. */
export function readBtf(bytes: Bytes, base: Btf | null = null): Btf {
  if (bytes.size > MOST_BYTES) throw new Malformed(`its BTF has ${bytes.size >> 20} MB`);
  const all = bytes.read(0, bytes.size);
  if (all.length < 24 || !isBtf(bytes)) throw new Malformed('it is no BTF');
  const littleEndian = all[0] === 0x9f;
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  const u32 = (at: number) => view.getUint32(at, littleEndian);
  if (view.getUint16(0, littleEndian) !== MAGIC) throw new Malformed('it is no BTF');
  const head = u32(4);
  const [from, length] = [head + u32(8), u32(12)];
  const [stringsFrom, stringsLength] = [head + u32(16), u32(20)];
  if (from + length > all.length || stringsFrom + stringsLength > all.length)
    throw new Malformed('its BTF is cut short');
  const strings = all.subarray(stringsFrom, stringsFrom + stringsLength);
  const firstId = base === null ? 1 : base.types + 1;
  const places: number[] = [];
  for (let at = from; at + 12 <= from + length; ) {
    const info = u32(at + 4);
    const more = extra((info >>> 24) & 0x1f, info & 0xffff);
    if (more === null) throw new Malformed(`its BTF has a kind of type that is not known (${(info >>> 24) & 0x1f})`);
    places.push(at);
    at += 12 + more;
    if (at > from + length) throw new Malformed('its BTF is cut short');
  }
  const typeAt: Btf['typeAt'] = (id) => {
    if (id < firstId) return base?.typeAt(id) ?? null;
    const at = places[id - firstId];
    return at === undefined ? null : { view, at, littleEndian };
  };
  const nameAt = (offset: number): string => {
    const own = base === null || offset >= base.strings.length;
    const table = own ? strings : base.strings;
    const start = own && base !== null ? offset - base.strings.length : offset;
    if (start >= table.length) return '';
    const end = table.indexOf(0, start);
    return Buffer.from(table.buffer, table.byteOffset + start, (end < 0 ? table.length : end) - start).toString(
      'latin1',
    );
  };
  const types = firstId - 1 + places.length;
  const pointer = base?.pointer ?? pointerOf(places, view, littleEndian, nameAt);
  const reader = new Types(typeAt, nameAt, pointer);
  const structs: StructReader = (name) => {
    const own = places.flatMap((at, i) => {
      const info = u32(at + 4);
      if (((info >>> 24) & 0x1f) !== KIND.STRUCT || nameAt(u32(at)) !== name) return [];
      return [reader.struct(firstId + i)];
    });
    // A module's own struct goes before one of the same name in the kernel.
    return own.length > 0 ? own : (base?.structs(name) ?? []);
  };
  return { pointer, structs, types, strings: base === null ? strings : Buffer.concat([base.strings, strings]), typeAt };
}

/** A long is as wide as a pointer in every kernel. */
function pointerOf(
  places: readonly number[],
  view: DataView,
  littleEndian: boolean,
  nameAt: (offset: number) => string,
): 4 | 8 {
  for (const at of places) {
    if (((view.getUint32(at + 4, littleEndian) >>> 24) & 0x1f) !== KIND.INT) continue;
    if (/^(?:long unsigned int|unsigned long|long int|long)$/.test(nameAt(view.getUint32(at, littleEndian))))
      return view.getUint32(at + 8, littleEndian) === 4 ? 4 : 8;
  }
  return 8;
}

class Types {
  constructor(
    private readonly typeAt: Btf['typeAt'],
    private readonly nameAt: (offset: number) => string,
    private readonly pointer: 4 | 8,
  ) {}

  struct(id: number): StructPlace {
    const fields = new Map<string, FieldPlace>();
    const place = this.typeAt(id)!;
    this.members(id, 0, fields, 0);
    return { size: place.view.getUint32(place.at + 8, place.littleEndian), fields };
  }

  private members(id: number, base: number, fields: Map<string, FieldPlace>, depth: number): void {
    const place = this.typeAt(id);
    if (place === null || depth > DEEPEST) return;
    const u32 = (offset: number) => place.view.getUint32(place.at + offset, place.littleEndian);
    const info = u32(4);
    const withBits = info >>> 31 === 1;
    for (let i = 0; i < (info & 0xffff); i++) {
      const [name, type, at] = [this.nameAt(u32(12 + 12 * i)), u32(16 + 12 * i), u32(20 + 12 * i)];
      const bits = withBits ? at & 0xffffff : at;
      if ((withBits && at >>> 24 !== 0) || bits % 8 !== 0) continue;
      const offset = base + bits / 8;
      if (name === '') this.members(this.plain(type), offset, fields, depth + 1);
      else if (!fields.has(name)) fields.set(name, { offset, size: this.size(type, 0) });
    }
  }

  /** The type without typedefs and qualifiers. */
  private plain(id: number): number {
    for (let depth = 0; depth < DEEPEST; depth++) {
      const place = this.typeAt(id);
      if (place === null) return id;
      const kind = (place.view.getUint32(place.at + 4, place.littleEndian) >>> 24) & 0x1f;
      const through: readonly number[] = [KIND.TYPEDEF, KIND.VOLATILE, KIND.CONST, KIND.RESTRICT, KIND.TYPE_TAG];
      if (!through.includes(kind)) return id;
      id = place.view.getUint32(place.at + 8, place.littleEndian);
    }
    return id;
  }

  private size(id: number, depth: number): number {
    const place = this.typeAt(this.plain(id));
    if (place === null || depth > DEEPEST) return 0;
    const u32 = (offset: number) => place.view.getUint32(place.at + offset, place.littleEndian);
    const kind = (u32(4) >>> 24) & 0x1f;
    if (kind === KIND.PTR) return this.pointer;
    // Of a flexible array at a struct's end: one element.
    if (kind === KIND.ARRAY) return this.size(u32(12), depth + 1) * (u32(20) || 1);
    const sized: readonly number[] = [KIND.INT, KIND.STRUCT, KIND.UNION, KIND.ENUM, KIND.FLOAT, KIND.ENUM64];
    return sized.includes(kind) ? u32(8) : 0;
  }
}

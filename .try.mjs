// ../../../tmp/img.ts
import { openSync, readSync, fstatSync } from "node:fs";

// src/image/elf.ts
import { inflateSync } from "node:zlib";

// src/image/bytes.ts
var Malformed = class extends Error {
};
var bytesOf = (array) => ({
  size: array.length,
  read: (at, length) => array.subarray(Math.min(at, array.length), Math.min(at + length, array.length))
});
function slice(bytes2, from, length) {
  const size2 = Math.max(0, Math.min(length, bytes2.size - from));
  return { size: size2, read: (at, n) => at >= size2 ? new Uint8Array(0) : bytes2.read(from + at, Math.min(n, size2 - at)) };
}
var WINDOW = 1 << 16;
var Cursor = class {
  constructor(bytes2, littleEndian, at = 0, window = WINDOW) {
    this.bytes = bytes2;
    this.littleEndian = littleEndian;
    this.at = at;
    this.window = window;
  }
  bytes;
  littleEndian;
  at;
  window;
  held = new Uint8Array(0);
  view = new DataView(new ArrayBuffer(0));
  start = 0;
  /** Makes `length` bytes at hand and passes them; where they begin in what is held. Throws Malformed at the end. */
  need(length) {
    if (this.at < this.start || this.at + length > this.start + this.held.length) {
      this.held = this.bytes.read(this.at, Math.max(this.window, length));
      this.start = this.at;
      this.view = new DataView(this.held.buffer, this.held.byteOffset, this.held.byteLength);
      if (this.held.length < length) throw new Malformed("it is cut short");
    }
    const offset = this.at - this.start;
    this.at += length;
    return offset;
  }
  u8() {
    const at = this.need(1);
    return this.view.getUint8(at);
  }
  u16() {
    const at = this.need(2);
    return this.view.getUint16(at, this.littleEndian);
  }
  u24() {
    const at = this.need(3);
    const [a, b, c] = [this.view.getUint8(at), this.view.getUint8(at + 1), this.view.getUint8(at + 2)];
    return this.littleEndian ? a | b << 8 | c << 16 : c | b << 8 | a << 16;
  }
  u32() {
    const at = this.need(4);
    return this.view.getUint32(at, this.littleEndian);
  }
  u64() {
    const at = this.need(8);
    return this.view.getBigUint64(at, this.littleEndian);
  }
  /** A size or place in a file: beyond 2^53 there is none. */
  offset(size2) {
    if (size2 === 4) return this.u32();
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Malformed("it names a place beyond any file");
    return Number(value);
  }
  uleb() {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new Malformed("a number in it has no end");
  }
  sleb() {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return (byte & 64) === 0 ? value : value - scale;
    }
    throw new Malformed("a number in it has no end");
  }
  skip(length) {
    this.at += length;
  }
  /** Up to the NUL, which is passed. */
  string() {
    const text = stringAt(this.bytes, this.at);
    this.at += text.length + 1;
    return text;
  }
};
var LONGEST = 4096;
function stringAt(bytes2, at) {
  for (let length = 64; ; length *= 8) {
    const piece = bytes2.read(at, Math.min(length, LONGEST));
    const end = piece.indexOf(0);
    if (end >= 0 || piece.length < length || length >= LONGEST)
      return Buffer.from(piece.buffer, piece.byteOffset, end >= 0 ? end : piece.length).toString("latin1");
  }
}

// src/image/elf.ts
var SHT = { PROGBITS: 1, SYMTAB: 2, RELA: 4, NOTE: 7, NOBITS: 8, REL: 9 };
var SHF = { ALLOC: 2, COMPRESSED: 2048 };
var ET_REL = 1;
var MOST_SECTIONS = 1 << 20;
var MOST_NAMES = 64 << 20;
function isElf(bytes2) {
  return Buffer.from(bytes2.read(0, 4)).equals(Buffer.from("\x7FELF", "latin1"));
}
function readElf(bytes2) {
  const ident = bytes2.read(0, 16);
  if (!isElf(bytes2) || ident.length < 16) throw new Malformed("it is no ELF file");
  if (ident[4] !== 1 && ident[4] !== 2) throw new Malformed("its ELF class is none that is known");
  const word = ident[4] === 2 ? 8 : 4;
  const littleEndian = ident[5] === 1;
  const head = new Cursor(bytes2, littleEndian, 16);
  const type = head.u16();
  const machine = head.u16();
  head.skip(4 + 2 * word);
  const table = head.offset(word);
  head.skip(4 + 2 + 2 + 2);
  const entry = head.u16();
  let count = head.u16();
  let names = head.u16();
  const size2 = word === 8 ? 64 : 40;
  if (table === 0) throw new Malformed("it has no section headers: a stripped image");
  if (entry !== size2) throw new Malformed(`its section headers have ${entry} bytes, not ${size2}`);
  if (table + size2 > bytes2.size) throw truncated(table, bytes2.size);
  const first = header(new Cursor(bytes2, littleEndian, table), word, 0);
  if (count === 0) count = first.size;
  if (names === 65535) names = first.link;
  if (count > MOST_SECTIONS) throw new Malformed(`it claims ${count} sections`);
  if (table + count * size2 > bytes2.size) throw truncated(table + count * size2, bytes2.size);
  const cursor = new Cursor(bytes2, littleEndian, table);
  const raw = Array.from({ length: count }, (_, i) => header(cursor, word, i));
  const strings = raw[names];
  const text = strings && strings.size <= MOST_NAMES ? slice(bytes2, strings.offset, strings.size) : bytesOf(new Uint8Array(0));
  const sections = raw.map(({ nameAt, ...section }) => ({ ...section, name: stringAt(text, nameAt) }));
  return { bytes: bytes2, word, littleEndian, machine, relocatable: type === ET_REL, sections };
}
var truncated = (needs, has) => new Malformed(`it is cut short: its section headers end at byte ${needs}, the file at ${has}`);
function header(cursor, word, index) {
  const nameAt = cursor.u32();
  const type = cursor.u32();
  const flags = word === 8 ? Number(cursor.u64() & 0xffffffffn) : cursor.u32();
  const address = word === 8 ? cursor.u64() : BigInt(cursor.u32());
  const offset = cursor.offset(word);
  const size2 = cursor.offset(word);
  const link = cursor.u32();
  const info = cursor.u32();
  cursor.skip(2 * word);
  return { index, nameAt, type, flags, address, offset, size: size2, link, info };
}
var MOST_UNFOLDED = 768 << 20;
function sectionNamed(elf2, name) {
  return elf2.sections.find((s) => s.name === name && s.type !== SHT.NOBITS) ?? null;
}
async function contentOf(elf2, name) {
  const section = sectionNamed(elf2, name) ?? sectionNamed(elf2, name.replace(/^\.debug_/, ".zdebug_"));
  if (section === null) return null;
  const raw = rawOf(elf2, section);
  if (section.name.startsWith(".zdebug_")) {
    const head = raw.read(0, 12);
    if (Buffer.from(head.subarray(0, 4)).toString("latin1") !== "ZLIB") return raw;
    const size3 = Number(new DataView(head.buffer, head.byteOffset).getBigUint64(4));
    return unfolded(section.name, 1, raw.read(12, raw.size), size3);
  }
  if ((section.flags & SHF.COMPRESSED) === 0) return raw;
  const cursor = new Cursor(raw, elf2.littleEndian);
  const type = cursor.u32();
  if (elf2.word === 8) cursor.skip(4);
  const size2 = cursor.offset(elf2.word);
  return unfolded(section.name, type, raw.read(elf2.word === 8 ? 24 : 12, raw.size), size2);
}
function rawOf({ bytes: bytes2 }, { name, offset, size: size2 }) {
  if (offset + size2 > bytes2.size)
    throw new Malformed(`it is cut short: ${name} ends at byte ${offset + size2}, the file at ${bytes2.size}`);
  return slice(bytes2, offset, size2);
}
async function unfolded(name, type, packed, size2) {
  const plain = `objcopy --decompress-debug-sections makes a file that can be read`;
  if (size2 > MOST_UNFOLDED) throw new Malformed(`${name} is compressed and unfolds to ${size2 >> 20} MB, which is too much; ${plain}`);
  try {
    if (type === 1) return bytesOf(inflateSync(packed, { maxOutputLength: size2 + 1 }));
    if (type === 2) {
      const { decompress } = await import("fzstd");
      return bytesOf(decompress(packed, new Uint8Array(size2)));
    }
  } catch {
    throw new Malformed(`${name} is compressed, and damaged`);
  }
  throw new Malformed(`${name} is compressed in a way that is not known (${type}); ${plain}`);
}

// src/image/btf.ts
var MAGIC = 60319;
var MOST_BYTES = 256 << 20;
var DEEPEST = 16;
var KIND = {
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
  ENUM64: 19
};
function extra(kind, vlen) {
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
function isBtf(bytes2) {
  const [a, b] = bytes2.read(0, 2);
  return a === 159 && b === 235 || a === 235 && b === 159;
}
function readBtf(bytes2, base = null) {
  if (bytes2.size > MOST_BYTES) throw new Malformed(`its BTF has ${bytes2.size >> 20} MB`);
  const all = bytes2.read(0, bytes2.size);
  if (all.length < 24 || !isBtf(bytes2)) throw new Malformed("it is no BTF");
  const littleEndian = all[0] === 159;
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  const u32 = (at) => view.getUint32(at, littleEndian);
  if (view.getUint16(0, littleEndian) !== MAGIC) throw new Malformed("it is no BTF");
  const head = u32(4);
  const [from, length] = [head + u32(8), u32(12)];
  const [stringsFrom, stringsLength] = [head + u32(16), u32(20)];
  if (from + length > all.length || stringsFrom + stringsLength > all.length)
    throw new Malformed("its BTF is cut short");
  const strings = all.subarray(stringsFrom, stringsFrom + stringsLength);
  const firstId = base === null ? 1 : base.types + 1;
  const places = [];
  for (let at = from; at + 12 <= from + length; ) {
    const info = u32(at + 4);
    const more = extra(info >>> 24 & 31, info & 65535);
    if (more === null) throw new Malformed(`its BTF has a kind of type that is not known (${info >>> 24 & 31})`);
    places.push(at);
    at += 12 + more;
    if (at > from + length) throw new Malformed("its BTF is cut short");
  }
  const typeAt = (id) => {
    if (id < firstId) return base?.typeAt(id) ?? null;
    const at = places[id - firstId];
    return at === void 0 ? null : { view, at, littleEndian };
  };
  const nameAt = (offset) => {
    const own = base === null || offset >= base.strings.length;
    const table = own ? strings : base.strings;
    const start = own && base !== null ? offset - base.strings.length : offset;
    if (start >= table.length) return "";
    const end = table.indexOf(0, start);
    return Buffer.from(table.buffer, table.byteOffset + start, (end < 0 ? table.length : end) - start).toString("latin1");
  };
  const types = firstId - 1 + places.length;
  const pointer = base?.pointer ?? pointerOf(places, view, littleEndian, nameAt);
  const reader = new Types(typeAt, nameAt, pointer);
  const structs = (name) => {
    const own = places.flatMap((at, i) => {
      const info = u32(at + 4);
      if ((info >>> 24 & 31) !== KIND.STRUCT || nameAt(u32(at)) !== name) return [];
      return [reader.struct(firstId + i)];
    });
    return own.length > 0 ? own : base?.structs(name) ?? [];
  };
  return { pointer, structs, types, strings: base === null ? strings : Buffer.concat([base.strings, strings]), typeAt };
}
function pointerOf(places, view, littleEndian, nameAt) {
  for (const at of places) {
    if ((view.getUint32(at + 4, littleEndian) >>> 24 & 31) !== KIND.INT) continue;
    if (/^(?:long unsigned int|unsigned long|long int|long)$/.test(nameAt(view.getUint32(at, littleEndian))))
      return view.getUint32(at + 8, littleEndian) === 4 ? 4 : 8;
  }
  return 8;
}
var Types = class {
  constructor(typeAt, nameAt, pointer) {
    this.typeAt = typeAt;
    this.nameAt = nameAt;
    this.pointer = pointer;
  }
  typeAt;
  nameAt;
  pointer;
  struct(id) {
    const fields = /* @__PURE__ */ new Map();
    const place = this.typeAt(id);
    this.members(id, 0, fields, 0);
    return { size: place.view.getUint32(place.at + 8, place.littleEndian), fields };
  }
  members(id, base, fields, depth) {
    const place = this.typeAt(id);
    if (place === null || depth > DEEPEST) return;
    const u32 = (offset) => place.view.getUint32(place.at + offset, place.littleEndian);
    const info = u32(4);
    const withBits = info >>> 31 === 1;
    for (let i = 0; i < (info & 65535); i++) {
      const [name, type, at] = [this.nameAt(u32(12 + 12 * i)), u32(16 + 12 * i), u32(20 + 12 * i)];
      const bits = withBits ? at & 16777215 : at;
      if (withBits && at >>> 24 !== 0 || bits % 8 !== 0) continue;
      const offset = base + bits / 8;
      if (name === "") this.members(this.plain(type), offset, fields, depth + 1);
      else if (!fields.has(name)) fields.set(name, { offset, size: this.size(type, 0) });
    }
  }
  /** The type without typedefs and qualifiers. */
  plain(id) {
    for (let depth = 0; depth < DEEPEST; depth++) {
      const place = this.typeAt(id);
      if (place === null) return id;
      const kind = place.view.getUint32(place.at + 4, place.littleEndian) >>> 24 & 31;
      const through = [KIND.TYPEDEF, KIND.VOLATILE, KIND.CONST, KIND.RESTRICT, KIND.TYPE_TAG];
      if (!through.includes(kind)) return id;
      id = place.view.getUint32(place.at + 8, place.littleEndian);
    }
    return id;
  }
  size(id, depth) {
    const place = this.typeAt(this.plain(id));
    if (place === null || depth > DEEPEST) return 0;
    const u32 = (offset) => place.view.getUint32(place.at + offset, place.littleEndian);
    const kind = u32(4) >>> 24 & 31;
    if (kind === KIND.PTR) return this.pointer;
    if (kind === KIND.ARRAY) return this.size(u32(12), depth + 1) * u32(20);
    const sized = [KIND.INT, KIND.STRUCT, KIND.UNION, KIND.ENUM, KIND.FLOAT, KIND.ENUM64];
    return sized.includes(kind) ? u32(8) : 0;
  }
};

// src/image/dwarf.ts
var TAG = { MEMBER: 13, STRUCT: 19, UNION: 23, TYPEDEF: 22, POINTER: 15, ARRAY: 1, SUBRANGE: 33, IMPORTED: 61 };
var THROUGH = [TAG.TYPEDEF, 38, 53, 55, 71];
var AT = {
  SIBLING: 1,
  NAME: 3,
  BYTE_SIZE: 11,
  BIT_SIZE: 13,
  IMPORT: 24,
  UPPER_BOUND: 47,
  COUNT: 55,
  MEMBER_LOCATION: 56,
  DECLARATION: 60,
  TYPE: 73,
  STR_OFFSETS_BASE: 114
};
var DEEPEST2 = 16;
var MOST_UNITS = 2e5;
var MOST_READ = 256 << 20;
async function readDwarf(elf2, units) {
  const info = await contentOf(elf2, ".debug_info");
  const abbrev = await contentOf(elf2, ".debug_abbrev");
  if (info === null || abbrev === null || info.size === 0) return null;
  if (info.size > 4 * MOST_UNFOLDED) throw new Malformed(`its .debug_info has ${info.size >> 20} MB`);
  const empty = { size: 0, read: () => new Uint8Array(0) };
  const dwarf = new Dwarf(
    info,
    abbrev,
    await contentOf(elf2, ".debug_str") ?? empty,
    await contentOf(elf2, ".debug_line_str") ?? empty,
    await contentOf(elf2, ".debug_str_offsets") ?? empty,
    elf2.littleEndian,
    relocations(elf2)
  );
  return (name) => dwarf.structs(name, units);
}
function relocations(elf2) {
  const values = /* @__PURE__ */ new Map();
  if (!elf2.relocatable) return values;
  const info = elf2.sections.find((s) => s.name === ".debug_info");
  const entry = 3 * elf2.word;
  for (const section of elf2.sections) {
    if (section.type !== SHT.RELA || info === void 0 || section.info !== info.index || section.size > 256 << 20) continue;
    const cursor = new Cursor(rawOf(elf2, section), elf2.littleEndian);
    for (let i = 0; i < Math.floor(section.size / entry); i++) {
      const at = cursor.offset(elf2.word);
      cursor.skip(elf2.word);
      values.set(at, elf2.word === 8 ? Number(BigInt.asIntN(64, cursor.u64())) : cursor.u32() | 0);
    }
  }
  return values;
}
var Dwarf = class {
  constructor(info, abbrev, str, lineStr, strOffsets, littleEndian, relocated) {
    this.info = info;
    this.abbrev = abbrev;
    this.str = str;
    this.lineStr = lineStr;
    this.strOffsets = strOffsets;
    this.littleEndian = littleEndian;
    this.relocated = relocated;
    this.units = this.heads();
  }
  info;
  abbrev;
  str;
  lineStr;
  strOffsets;
  littleEndian;
  relocated;
  units;
  names = /* @__PURE__ */ new Map();
  tables = /* @__PURE__ */ new Map();
  found = /* @__PURE__ */ new Map();
  heads() {
    const units = [];
    for (let at = 0; at + 12 < this.info.size; ) {
      const cursor = new Cursor(this.info, this.littleEndian, at, 64);
      let length = cursor.u32();
      const offsetSize = length === 4294967295 ? 8 : 4;
      if (offsetSize === 8) length = cursor.offset(8);
      const end = cursor.at + length;
      if (length < 7 || end > this.info.size) throw new Malformed("its .debug_info is cut short");
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
      if (type === 4 || type === 5) cursor.skip(8);
      else if (type === 2 || type === 6) cursor.skip(8 + offsetSize);
      units.push({ at, end, first: cursor.at, version, addressSize, offsetSize, abbreviations, strings: 8 });
      if (units.length > MOST_UNITS) throw new Malformed("its .debug_info has more units than any kernel");
      at = end;
    }
    return units;
  }
  nameOf(unit) {
    let name = this.names.get(unit);
    if (name === void 0) {
      const cursor = new Cursor(this.info, this.littleEndian, unit.first, 256);
      const base = this.die(unit, cursor, false)?.numbers.get(AT.STR_OFFSETS_BASE);
      if (base !== void 0) unit.strings = base;
      cursor.at = unit.first;
      name = this.die(unit, cursor, true)?.name ?? "";
      this.names.set(unit, name);
    }
    return name;
  }
  structs(name, wanted) {
    const known = this.found.get(name);
    if (known) return known;
    if (this.found.size === 0) this.collect(wanted);
    return this.found.get(name) ?? [];
  }
  /** Every struct of the wanted units, once: what differs between units is kept apart. */
  collect(wanted) {
    const all = /* @__PURE__ */ new Map();
    const queue = this.units.filter((unit) => wanted.test(this.nameOf(unit)));
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
    this.found.set("", []);
    for (const [name, places] of all) this.found.set(name, places);
  }
  /** Adds the structs of one unit; the units that it imports. */
  structsOf(unit, all) {
    const imports = [];
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
      if (die.children && sibling !== void 0 && die.tag !== 17 && die.tag !== 60 && sibling > cursor.at && sibling <= unit.end)
        cursor.at = sibling;
    }
    return imports;
  }
  place(unit, die) {
    const fields = /* @__PURE__ */ new Map();
    this.members(unit, die, 0, fields, 0);
    return { size: die.numbers.get(AT.BYTE_SIZE) ?? 0, fields };
  }
  members(unit, struct, base, fields, depth) {
    if (!struct.children || depth > DEEPEST2) return;
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
  *childrenOf(unit, parent) {
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
  typeOf(die) {
    let at = die.numbers.get(AT.TYPE);
    for (let depth = 0; depth < DEEPEST2 && at !== void 0; depth++) {
      const unit = this.unitAt(at);
      if (!unit) return null;
      const type = this.die(unit, new Cursor(this.info, this.littleEndian, at, 256), false);
      if (type === null) return null;
      if (!THROUGH.includes(type.tag)) return { unit, die: type };
      at = type.numbers.get(AT.TYPE);
    }
    return null;
  }
  size(type, depth) {
    if (type === null || depth > DEEPEST2) return 0;
    const { unit, die } = type;
    const told = die.numbers.get(AT.BYTE_SIZE);
    if (told !== void 0) return told;
    if (die.tag === TAG.POINTER) return unit.addressSize;
    if (die.tag !== TAG.ARRAY) return 0;
    let count = 1;
    for (const range of this.childrenOf(unit, die)) {
      if (range.tag !== TAG.SUBRANGE) continue;
      const upper = range.numbers.get(AT.UPPER_BOUND);
      count *= range.numbers.get(AT.COUNT) ?? (upper === void 0 ? 0 : upper + 1);
    }
    return count * this.size(this.typeOf(die), depth + 1);
  }
  unitAt(offset) {
    let [low, high] = [0, this.units.length - 1];
    while (low <= high) {
      const middle = low + high >> 1;
      const unit = this.units[middle];
      if (offset < unit.at) high = middle - 1;
      else if (offset >= unit.end) low = middle + 1;
      else return unit;
    }
    return null;
  }
  table(at) {
    let table = this.tables.get(at);
    if (!table) {
      table = abbreviationsAt(new Cursor(this.abbrev, this.littleEndian, at, 4096));
      this.tables.set(at, table);
    }
    return table;
  }
  /** The entry at the cursor, which it passes; null at the end of a list of children. `named`: its name is wanted. */
  die(unit, cursor, named) {
    const code = cursor.uleb();
    if (code === 0) return null;
    const abbreviation = this.table(unit.abbreviations).get(code);
    if (!abbreviation) throw new Malformed("its .debug_info names an abbreviation that is not there");
    const numbers = /* @__PURE__ */ new Map();
    let name = null;
    for (const [attribute, form, implicit] of abbreviation.specs) {
      if (attribute === AT.NAME) name = this.text(unit, cursor, form, named);
      else {
        const value = this.value(unit, cursor, form, implicit);
        if (value !== null) numbers.set(attribute, value);
      }
    }
    return { tag: abbreviation.tag, children: abbreviation.children, numbers, name, next: cursor.at };
  }
  text(unit, cursor, form, wanted) {
    switch (form) {
      case 8:
        return cursor.string();
      case 14:
      case 31: {
        const at = this.relocated.get(cursor.at) ?? peek(cursor, unit.offsetSize);
        cursor.skip(unit.offsetSize);
        return wanted ? stringAt(form === 14 ? this.str : this.lineStr, at) : "";
      }
      case 26:
      case 37:
      case 38:
      case 39:
      case 40: {
        const index = this.value(unit, cursor, form, 0) ?? 0;
        if (!wanted) return "";
        const place = new Cursor(this.strOffsets, this.littleEndian, unit.strings + index * unit.offsetSize, 8);
        return place.at + unit.offsetSize > this.strOffsets.size ? "" : stringAt(this.str, place.offset(unit.offsetSize));
      }
      default:
        this.value(unit, cursor, form, 0);
        return null;
    }
  }
  /** A number that the form holds; references as places in .debug_info. Null for what is no number, or none that is used here. */
  value(unit, cursor, form, implicit) {
    switch (form) {
      case 1:
        cursor.skip(unit.addressSize);
        return null;
      case 3:
        cursor.skip(cursor.u16());
        return null;
      case 4:
        cursor.skip(cursor.u32());
        return null;
      case 5:
        return cursor.u16();
      case 6:
        return cursor.u32();
      case 7:
        return Number(BigInt.asIntN(64, cursor.u64()));
      case 8:
        cursor.string();
        return null;
      case 9:
        cursor.skip(cursor.uleb());
        return null;
      case 10:
        return plusConstant(cursor, cursor.u8());
      case 11:
      // data1
      case 12:
        return cursor.u8();
      case 13:
        return cursor.sleb();
      case 14:
      // strp
      case 29:
      // strp_sup
      case 31:
      // line_strp
      case 7969:
      // GNU_strp_alt
      case 23:
        return cursor.offset(unit.offsetSize);
      case 15:
      // udata
      case 26:
      // strx
      case 27:
      // addrx
      case 34:
      // loclistx
      case 35:
        return cursor.uleb();
      case 16:
        return cursor.offset(unit.version === 2 ? unit.addressSize === 8 ? 8 : 4 : unit.offsetSize);
      case 17:
        return unit.at + cursor.u8();
      case 18:
        return unit.at + cursor.u16();
      case 19:
        return unit.at + cursor.u32();
      case 20:
        return unit.at + cursor.offset(8);
      case 21:
        return unit.at + cursor.uleb();
      case 22: {
        const actual = cursor.uleb();
        if (actual === 22) throw new Malformed("its .debug_info has a form that names itself");
        return this.value(unit, cursor, actual, 0);
      }
      case 24:
        return plusConstant(cursor, cursor.uleb());
      case 25:
        return 1;
      case 28:
        cursor.skip(4);
        return null;
      case 30:
        cursor.skip(16);
        return null;
      case 32:
      // ref_sig8
      case 36:
        cursor.skip(8);
        return null;
      case 33:
        return implicit;
      case 37:
      // strx1
      case 41:
        return cursor.u8();
      case 38:
      // strx2
      case 42:
        return cursor.u16();
      case 39:
      // strx3
      case 43:
        return cursor.u24();
      case 40:
      // strx4
      case 44:
        return cursor.u32();
      case 7968:
        cursor.skip(unit.offsetSize);
        return null;
      default:
        throw new Malformed(`its .debug_info has a form that is not known (0x${form.toString(16)})`);
    }
  }
};
function peek(cursor, size2) {
  const at = cursor.at;
  const value = cursor.offset(size2);
  cursor.at = at;
  return value;
}
function plusConstant(cursor, length) {
  const end = cursor.at + length;
  const value = length >= 2 && cursor.u8() === 35 ? cursor.uleb() : null;
  const whole = cursor.at === end;
  cursor.at = end;
  return whole ? value : null;
}
function abbreviationsAt(cursor) {
  const table = /* @__PURE__ */ new Map();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const tag = cursor.uleb();
    const children = cursor.u8() === 1;
    const specs = [];
    for (; ; ) {
      const [attribute, form] = [cursor.uleb(), cursor.uleb()];
      const implicit = form === 33 ? cursor.sleb() : 0;
      if (attribute === 0 && form === 0) break;
      specs.push([attribute, form, implicit]);
      if (specs.length > 1e3) throw new Malformed("its .debug_abbrev is damaged");
    }
    table.set(code, { tag, children, specs });
    if (table.size > 1e5) throw new Malformed("its .debug_abbrev is damaged");
  }
  return table;
}
function same(a, b) {
  return a.size === b.size && a.fields.size === b.fields.size && [...a.fields].every(([name, { offset }]) => b.fields.get(name)?.offset === offset);
}

// src/image/symbols.ts
var FUNC = 2;
var OBJECT = 1;
var NOTYPE = 0;
var MOST = 4e6;
var MOST_STRINGS = 256 << 20;
function symbolsOf(elf2, wanted) {
  const found = /* @__PURE__ */ new Map();
  const table = elf2.sections.find((s) => s.type === SHT.SYMTAB);
  const names = table && elf2.sections[table.link];
  if (!table || !names || names.size > MOST_STRINGS) return found;
  const entry = elf2.word === 8 ? 24 : 16;
  const strings = rawOf(elf2, names).read(0, names.size);
  const cursor = new Cursor(rawOf(elf2, table), elf2.littleEndian);
  const count = Math.min(MOST, Math.floor(table.size / entry));
  for (let i = 0; i < count; i++) {
    const nameAt = cursor.u32();
    let info;
    let section;
    let address;
    let size2;
    if (elf2.word === 8) {
      info = cursor.u8();
      cursor.skip(1);
      section = cursor.u16();
      address = cursor.u64();
      size2 = Number(cursor.u64());
    } else {
      address = BigInt(cursor.u32());
      size2 = cursor.u32();
      info = cursor.u8();
      cursor.skip(1);
      section = cursor.u16();
    }
    const type = info & 15;
    if (type !== FUNC && type !== OBJECT && type !== NOTYPE || section === 0 || nameAt >= strings.length) continue;
    if (type !== FUNC && size2 === 0) continue;
    const end = strings.indexOf(0, nameAt);
    const name = Buffer.from(strings.buffer, strings.byteOffset + nameAt, (end < 0 ? strings.length : end) - nameAt).toString("latin1");
    if (type !== FUNC && !wanted(name)) continue;
    const at = elf2.machine === 40 && type === FUNC ? address & ~1n : address;
    const list = found.get(name);
    const symbol = { name, address: at, size: size2, section };
    if (list) list.push(symbol);
    else found.set(name, [symbol]);
  }
  return found;
}
var NT_GNU_BUILD_ID = 3;
function buildIdOf(elf2) {
  for (const section of elf2.sections) {
    if (section.type !== SHT.NOTE || section.size > 1 << 20 || section.offset + section.size > elf2.bytes.size) continue;
    const bytes2 = rawOf(elf2, section);
    const cursor = new Cursor(bytes2, elf2.littleEndian);
    while (cursor.at + 12 <= bytes2.size) {
      const [nameSize, size2, type] = [cursor.u32(), cursor.u32(), cursor.u32()];
      const name = stringAt(bytes2, cursor.at);
      cursor.skip(Math.ceil(nameSize / 4) * 4);
      const at = cursor.at;
      cursor.skip(Math.ceil(size2 / 4) * 4);
      if (name === "GNU" && type === NT_GNU_BUILD_ID && size2 <= 64) return Buffer.from(bytes2.read(at, size2)).toString("hex");
    }
  }
  return null;
}

// ../../../tmp/img.ts
var fd = openSync(process.argv[2], "r");
var size = fstatSync(fd).size;
var bytes = { size, read: (at, n) => {
  const b = Buffer.alloc(Math.max(0, Math.min(n, size - at)));
  readSync(fd, b, 0, b.length, at);
  return b;
} };
var T = () => Math.round(performance.now());
console.log(T(), size);
if (isBtf(bytes)) {
  const b = readBtf(bytes);
  for (const n of ["dev_iommu", "iommu_fwspec", "iommu_device", "mutex"]) console.log(n, JSON.stringify(b.structs(n).map((s) => [s.size, [...s.fields]])));
  console.log("device", b.structs("device").map((d2) => d2.fields.get("iommu")), b.pointer, T());
  process.exit();
}
var elf = readElf(bytes);
console.log(T(), "sections", elf.sections.length, buildIdOf(elf));
var sy = symbolsOf(elf, (n) => n === "linux_banner");
console.log(T(), "symbols", sy.size, sy.get("linux_banner"), sy.get("of_iommu_configure"));
var bt = await contentOf(elf, ".BTF");
if (bt) {
  const b = readBtf(bt);
  for (const n of ["dev_iommu", "iommu_fwspec", "iommu_device"]) console.log(n, JSON.stringify(b.structs(n).map((s) => [s.size, [...s.fields]])));
  console.log(T(), b.types, b.structs("device").map((d2) => d2.fields.get("iommu")));
}
var d = await readDwarf(elf, /drivers\/iommu\//);
if (d) for (const n of ["dev_iommu", "iommu_fwspec", "iommu_device"]) console.log("dwarf", n, JSON.stringify(d(n).map((s) => [s.size, [...s.fields]])));
console.log(T(), d?.("device").map((d2) => d2.fields.get("iommu")), process.memoryUsage().rss >> 20);

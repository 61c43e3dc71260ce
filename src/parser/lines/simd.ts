/**
 * A WebAssembly module that looks at sixteen bytes at a time: which could be in one of many strings, and how many are newlines. Assembled here from its
 * instructions, as it is 60 lines of them and nothing then has to be built or trusted.
 *
 * `scan(at, to)`: the first place p in [at, to) whose three bytes pass the tables, or -1; reads up to 18 bytes past `to`.
 * `count(at, to, byte)`: how many bytes of [at, to) equal `byte`.
 *
 * The filter is "Teddy" (Geoffrey Langdale's, of Hyperscan): for each of three neighbouring bytes and each of sixteen groups of strings, one bit says
 * whether the byte's low half, and one whether its high half, occurs at that place in any string of the group. What passes is looked up in a table of
 * 2^16 bits by a hash of the three bytes.
 */
import { ofLatin1 } from '../../bytes.ts';

/** Where the tables stand in the module's memory: low and high halves for each of three places, for two times eight groups; then the hash bits. */
export const TABLES = 0;
export const HASHES = 256;
/** Where the text is put, and how much of it fits. */
export const TEXT = 16384;
export const ROOM = 256 * 1024;
const PAGES = Math.ceil((TEXT + ROOM + 64) / 65536);

/** The hash of three bytes, as the module computes it. */
export function hashOf(a: number, b: number, c: number): number {
  return Math.imul(a | (b << 8) | (c << 16), 0x9e3779b1) >>> 16;
}

// Opcodes, by their names in the specification.
const [I32, V128, VOID] = [0x7f, 0x7b, 0x40];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
const constant = (value: number) => [0x41, ...signed(value)];
const branch = (depth: number) => [0x0c, depth];
const branchIf = (depth: number) => [0x0d, depth];
const [BLOCK, LOOP, IF, END, RETURN] = [[0x02, VOID], [0x03, VOID], [0x04, VOID], [0x0b], [0x0f]];
const [ADD, SUB, MUL, AND, OR, SHL, SHR_U] = [[0x6a], [0x6b], [0x6c], [0x71], [0x72], [0x74], [0x76]];
const [EQZ, LT_U, GE_U, EQ, CTZ, POPCNT] = [[0x45], [0x49], [0x4f], [0x46], [0x68], [0x69]];
const byteAt = (offset: number) => [0x2d, 0, ...unsigned(offset)];
const simd = (op: number, ...rest: number[]) => [0xfd, ...unsigned(op), ...rest];
const vectorAt = (offset: number) => simd(0, 0, ...unsigned(offset));
const SWIZZLE = simd(14);
const SPLAT = simd(15);
const SAME = simd(35);
const [V_AND, V_OR, ANY, MASK, V_SHR] = [simd(78), simd(80), simd(83), simd(100), simd(109)];

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    const last = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
    bytes.push(low | (last ? 0 : 128));
    if (last) return bytes;
  }
}

const section = (id: number, body: number[]) => [id, ...unsigned(body.length), ...body];
const list = (items: number[][]) => [...unsigned(items.length), ...items.flat()];
const text = (name: string) => [...unsigned(name.length), ...ofLatin1(name)];

/** scan: locals 0 at, 1 to, 2 bits, 3 place, 4 hash; 5..16 tables, 17 and 18 groups, 19 to 21 bytes, 22 low mask, 23 halves. */
function scanBody(): number[] {
  const [at, to, bits, place, hash] = [0, 1, 2, 3, 4];
  const [table, groups, low, half] = [5, 17, 19, 20];
  const halves = (vector: number[], shift: boolean) =>
    shift ? [...vector, ...constant(4), ...V_SHR] : [...vector, ...get(low), ...V_AND];
  const code: number[] = [];
  for (let i = 0; i < 12; i++) code.push(...constant(0), ...vectorAt(TABLES + 16 * i), ...set(table + i));
  code.push(...constant(15), ...SPLAT, ...set(low));
  code.push(...BLOCK, ...LOOP, ...get(at), ...get(to), ...GE_U, ...branchIf(1));
  for (let k = 0; k < 3; k++)
    for (const high of [false, true]) {
      code.push(...halves([...get(at), ...vectorAt(k)], high), ...set(half));
      for (const set8 of [0, 1]) {
        code.push(...get(table + 4 * k + 2 * set8 + (high ? 1 : 0)), ...get(half), ...SWIZZLE);
        if (k > 0 || high) code.push(...get(groups + set8), ...V_AND);
        code.push(...set(groups + set8));
      }
    }
  code.push(...get(groups), ...get(groups + 1), ...V_OR, ...tee(half), ...ANY, ...IF);
  code.push(...get(half), ...constant(0), ...SPLAT, ...SAME, ...MASK, ...constant(0xffff));
  // Lanes that are zero passed no table.
  code.push(0x73, ...set(bits));
  code.push(...BLOCK, ...LOOP, ...get(bits), ...EQZ, ...branchIf(1));
  code.push(...get(at), ...get(bits), ...CTZ, ...ADD, ...tee(place), ...get(to), ...GE_U, ...branchIf(1));
  code.push(...get(place), ...byteAt(0), ...get(place), ...byteAt(1), ...constant(8), ...SHL, ...OR);
  code.push(...get(place), ...byteAt(2), ...constant(16), ...SHL, ...OR);
  code.push(...constant(0x9e3779b1), ...MUL, ...constant(16), ...SHR_U, ...tee(hash));
  code.push(...constant(3), ...SHR_U, ...byteAt(HASHES), ...get(hash), ...constant(7), ...AND, ...SHR_U);
  code.push(...constant(1), ...AND, ...IF, ...get(place), ...RETURN, ...END);
  code.push(...get(bits), ...get(bits), ...constant(1), ...SUB, ...AND, ...set(bits), ...branch(0), ...END, ...END);
  code.push(...END, ...get(at), ...constant(16), ...ADD, ...set(at), ...branch(0), ...END, ...END);
  code.push(...constant(-1), ...END);
  const locals = list([
    [...unsigned(3), I32],
    [...unsigned(16), V128],
  ]);
  return [...locals, ...code];
}

/** count: locals 0 at, 1 to, 2 byte, 3 sum; 4 the byte sixteen times. */
function countBody(): number[] {
  const [at, to, byte, sum, splat] = [0, 1, 2, 3, 4];
  const step = (by: number) => [...get(at), ...constant(by), ...ADD, ...set(at), ...branch(0), ...END, ...END];
  return [
    ...list([
      [...unsigned(1), I32],
      [...unsigned(1), V128],
    ]),
    ...[...get(byte), ...SPLAT, ...set(splat)],
    ...[...BLOCK, ...LOOP, ...get(at), ...constant(16), ...ADD, ...get(to), ...LT_U, ...EQZ, ...branchIf(1)],
    ...[...get(at), ...vectorAt(0), ...get(splat), ...SAME, ...MASK, ...POPCNT, ...get(sum), ...ADD, ...set(sum)],
    ...step(16),
    ...[...BLOCK, ...LOOP, ...get(at), ...get(to), ...GE_U, ...branchIf(1)],
    ...[...get(at), ...byteAt(0), ...get(byte), ...EQ, ...get(sum), ...ADD, ...set(sum)],
    ...step(1),
    ...[...get(sum), ...END],
  ];
}

/** The module's bytes. */
export function assemble(): Uint8Array<ArrayBuffer> {
  const body = (code: number[]) => [...unsigned(code.length), ...code];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      list([
        [0x60, ...list([[I32], [I32]]), ...list([[I32]])],
        [0x60, ...list([[I32], [I32], [I32]]), ...list([[I32]])],
      ]),
    ),
    ...section(3, list([[0], [1]])),
    ...section(5, list([[0, ...unsigned(PAGES)]])),
    ...section(
      7,
      list([
        [...text('memory'), 2, 0],
        [...text('scan'), 0, 0],
        [...text('count'), 0, 1],
      ]),
    ),
    ...section(10, list([body(scanBody()), body(countBody())])),
  ]);
}

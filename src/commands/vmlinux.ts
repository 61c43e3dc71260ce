/** `--vmlinux FILE` and `--btf FILE`: the user's own kernel, opened, and bounded in what is read of it. */
import { UsageError } from '../exit.ts';
import { type Btf, isBtf, readBtf } from '../image/btf.ts';
import { type Bytes, Malformed } from '../image/bytes.ts';
import { readDwarf } from '../image/dwarf.ts';
import { contentOf, type Elf, isElf, readElf } from '../image/elf.ts';
import type { StructReader } from '../image/layout.ts';
import { buildIdOf, bytesAt, type ImageSymbol, relocatedIn, symbolsOf } from '../image/symbols.ts';
import { openRandom } from '../io/random.ts';
import type { Arch } from '../parser/types.ts';
import { type Exact, exactLayouts } from '../reconstruct/image/exact.ts';
import type { ImageFunction, KernelImage } from '../reconstruct/image/types.ts';
import { symbolizerFor } from './symbolizer.ts';

/** ELF's e_machine. */
const ARCHES: Readonly<Record<number, Arch>> = {
  183: 'arm64',
  40: 'arm',
  62: 'x86_64',
  3: 'x86',
  243: 'riscv',
  21: 'powerpc',
  20: 'powerpc',
  22: 's390',
  8: 'mips',
};

/** Compilation units in which the structs that the model names are defined. */
const UNITS = /(?:^|\/)drivers\/(?:iommu|amba)\/|(?:^|\/)[\w-]*iommu[\w-]*\.c$/;

const ANY_UNIT = /./;

interface Opened {
  readonly path: string;
  readonly name: string;
  readonly bytes: Bytes;
  readonly elf: Elf | null;
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Throws UsageError, in words, where a file cannot be read as what it is given for. */
function open(option: '--vmlinux' | '--btf', path: string): Opened {
  const file = openRandom(path);
  if (file.is === 'unreadable') throw new UsageError(`${option} ${path}: ${file.reason}`);
  const name = `${option} ${path}`;
  if (isElf(file)) return { path, name, bytes: file, elf: wellFormed(name, () => readElf(file)) };
  if (isBtf(file)) return { path, name, bytes: file, elf: null };
  const begins = file.read(0, 4);
  const boot =
    begins[0] === 0x4d || begins[0] === 0x1f || Buffer.from(file.read(56, 4)).toString('latin1') === 'ARM\x64';
  throw new UsageError(
    `${name}: ${file.size === 0 ? 'is empty' : `is neither ELF nor BTF (it begins with ${hex(begins)})`}${boot ? '; a boot image was made from a vmlinux, which is what is needed' : ''}`,
  );
}

function wellFormed<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed) throw new UsageError(`${name}: ${error.message}`);
    throw error;
  }
}

/**
 * The images that the options name: vmlinux files and modules in any order, and raw BTF. A vmlinux comes first in the result. Throws UsageError, in words, where one cannot be
 * read.
 */
export async function openImages(vmlinux: readonly string[], btf: string | undefined): Promise<readonly KernelImage[]> {
  const files = [...vmlinux.map((path) => open('--vmlinux', path)), ...(btf === undefined ? [] : [open('--btf', btf)])];
  const kernels = files.filter((file) => file.elf?.relocatable !== true);
  const modules = files.filter((file) => file.elf?.relocatable === true);
  const images: KernelImage[] = [];
  let base: Btf | null = null;
  for (const file of [...kernels, ...modules]) {
    const { image, types } = await imageOf(file, base);
    images.push(image);
    if (!file.elf?.relocatable) base ??= types;
  }
  return images;
}

async function imageOf(
  file: Opened,
  base: Btf | null,
): Promise<{ readonly image: KernelImage; readonly types: Btf | null }> {
  const { elf, name, bytes, path } = file;
  try {
    if (elf === null) {
      const types = readBtf(bytes);
      return {
        image: {
          ...withLayouts(exactLayouts(name, types.pointer, types.structs)),
          ...BARE,
          name,
          is: 'btf',
          arch: null,
        },
        types,
      };
    }
    const { types, exact } = await typesOf(elf, name, base);
    const symbols = symbolsOf(elf, (symbol) => symbol === 'linux_banner');
    const image: KernelImage = {
      ...withLayouts(exact),
      ...functionsOf(elf, path, symbols),
      name,
      is: elf.relocatable ? 'module' : 'vmlinux',
      arch: ARCHES[elf.machine] ?? null,
      banner: elf.relocatable ? null : bannerOf(elf, symbols),
      buildId: buildIdOf(elf),
    };
    return { image, types };
  } catch (error) {
    if (error instanceof Malformed) throw new UsageError(`${name}: ${error.message}`);
    throw error;
  }
}

const BARE = { banner: null, buildId: null, functions: () => [], symbolize: () => null } as const;

const withLayouts = (exact: Exact) =>
  exact.is === 'read' ? { exact: exact.exact, why: null } : { exact: null, why: exact.why };

/** BTF first, as it is small; what it does not have is looked for in DWARF. */
async function typesOf(
  elf: Elf,
  name: string,
  base: Btf | null,
): Promise<{ readonly types: Btf | null; readonly exact: Exact }> {
  const section = await contentOf(elf, '.BTF');
  const distilled = elf.relocatable ? await contentOf(elf, '.BTF.base') : null;
  const own = elf.relocatable ? (distilled === null ? base : readBtf(distilled)) : null;
  // A module's types go on from its vmlinux's: without those they cannot be read.
  const types =
    section === null || section.size === 0 || (elf.relocatable && own === null) ? null : readBtf(section, own);
  const byBtf = types === null ? null : exactLayouts(name, elf.word, types.structs);
  if (byBtf?.is === 'read') return { types, exact: byBtf };
  const dwarf: StructReader | null = await readDwarf(elf, elf.relocatable ? ANY_UNIT : UNITS);
  if (dwarf !== null) return { types, exact: exactLayouts(name, elf.word, dwarf) };
  const why =
    section === null
      ? 'it has neither BTF nor DWARF: build with CONFIG_DEBUG_INFO_BTF=y or CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y, or give the file that was not stripped'
      : types === null
        ? "its BTF goes on from its vmlinux's: give that too"
        : 'its BTF does not tell';
  return { types, exact: byBtf ?? { is: 'not read', why } };
}

function bannerOf(elf: Elf, symbols: ReadonlyMap<string, readonly ImageSymbol[]>): string | null {
  const symbol = symbols.get('linux_banner')?.[0];
  if (symbol === undefined || symbol.size === 0 || symbol.size > 4096) return null;
  const text = bytesAt(elf, symbol, 0, symbol.size);
  return text === null ? null : Buffer.from(text).toString('latin1').replace(/\0.*$/s, '');
}

function functionsOf(
  elf: Elf,
  path: string,
  symbols: ReadonlyMap<string, readonly ImageSymbol[]>,
): Pick<KernelImage, 'functions' | 'symbolize'> {
  const relocated = new Map<number, ReadonlySet<number>>();
  const places = (section: number) => {
    let known = relocated.get(section);
    if (!known) {
      known = elf.relocatable ? relocatedIn(elf, section) : new Set();
      relocated.set(section, known);
    }
    return known;
  };
  const made = new Map<ImageSymbol, ImageFunction>();
  const functionOf = (symbol: ImageSymbol): ImageFunction => ({
    name: symbol.name,
    size: symbol.size,
    address: symbol.address,
    thumb: symbol.thumb,
    bytes: (offset, length) => bytesAt(elf, symbol, offset, length),
    // The place of a relocation is its first byte, and it fills four at least.
    relocated: (offset) => {
      const at = Number(symbol.address) + offset;
      return elf.relocatable && [0, 1, 2, 3].some((k) => places(symbol.section).has(at - k));
    },
  });
  let symbolizer: ReturnType<typeof symbolizerFor> | undefined;
  return {
    functions: (name) =>
      (symbols.get(name) ?? []).map((symbol) => {
        const known = made.get(symbol) ?? functionOf(symbol);
        made.set(symbol, known);
        return known;
      }),
    symbolize: (at) => {
      if (symbolizer === undefined) symbolizer = symbolizerFor(path, elf.machine);
      return symbolizer?.at(at.map(({ fn, offset }) => fn.address + BigInt(offset))) ?? null;
    },
  };
}

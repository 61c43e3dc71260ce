/**
 * Is an image the kernel that crashed? The bytes of Code: at pc say so best, then a build id, then the banner. What the log shows and the image lacks is no
 * contradiction; what differs is one, and then nothing of the image is used.
 */
import type { CodeWords, Frame, Incident, ParsedLog } from '../../parser/types.ts';
import type { ImageFunction, KernelImage } from './types.ts';

export type Match =
  /** It is: by what, and on which lines. */
  | { readonly is: 'this'; readonly because: string; readonly lines: readonly number[] }
  | { readonly is: 'another'; readonly why: string; readonly lines: readonly number[] }
  /** Nothing in the log can be held against it. */
  | { readonly is: 'open'; readonly why: string };

/** Names as the log has them, and as a symbol table may. */
const plain = (symbol: string): string => symbol.replace(/\.llvm\.\d+$/, '');

/** The function of a frame, told from others of its name by its size. */
export function functionOf(image: KernelImage, frame: Pick<Frame, 'symbol' | 'size'>): ImageFunction | null {
  const named = image.functions(frame.symbol);
  const all = named.length > 0 ? named : image.functions(plain(frame.symbol));
  const fitting = frame.size === null ? all : all.filter((fn) => sizeFits(fn, frame.size!));
  return fitting.length === 1 ? fitting[0]! : null;
}

/** kallsyms measures up to the next symbol: padding counts in. */
const sizeFits = (fn: ImageFunction, size: number): boolean => size >= fn.size && size - fn.size < 64;

export function bytesOfWords({ words, unit }: CodeWords): Uint8Array {
  const bytes = new Uint8Array(words.length * unit);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) {
    if (unit === 1) bytes[i] = word;
    else if (unit === 2) view.setUint16(i * 2, word, true);
    else view.setUint32(i * 4, word >>> 0, true);
  }
  return bytes;
}

interface Compared {
  readonly agrees: boolean;
  readonly text: string;
}

/**
 * The words of Code: against the image at the same place. The word at pc must be the same; of the others one in four may differ, since a kernel patches itself
 * (alternatives, static keys, ftrace). Null where they cannot be compared.
 */
export function compareCode(code: CodeWords, pc: Frame, fn: ImageFunction): Compared | null {
  if (pc.offset === null) return null;
  const { unit } = code;
  const printed = bytesOfWords(code);
  let [same, others] = [0, 0];
  let trap: boolean | null = null;
  for (let i = 0; i < code.words.length; i++) {
    const offset = pc.offset + (i - code.trap) * unit;
    if (offset < 0 || offset + unit > fn.size) continue;
    const held = fn.bytes(offset, unit);
    if (held === null || Array.from({ length: unit }, (_, k) => fn.relocated(offset + k)).some(Boolean)) continue;
    const equal = held.every((byte, k) => byte === printed[i * unit + k]);
    if (i === code.trap) trap = equal;
    else if (equal) same++;
    else others++;
  }
  if (trap === null) return null;
  const agrees = trap && others <= Math.max(1, Math.floor((same + others) / 4));
  const count = `${same + Number(trap)} of ${same + others + 1}`;
  return { agrees, text: `${count} ${unit === 4 ? 'words' : unit === 2 ? 'halfwords' : 'bytes'} of Code:` };
}

const BUILD_ID = /\b([0-9a-f]{40})\b/;

/** `image` is a vmlinux or a module; raw BTF names no kernel. */
export function matchOf(image: KernelImage, log: ParsedLog, incident: Incident): Match {
  const { name } = image;
  if (image.is === 'btf') return { is: 'open', why: `${name} is raw BTF, which does not name its kernel` };
  const arch = incident.arch ?? log.arch;
  if (arch !== null && image.arch !== null && arch !== image.arch)
    return { is: 'another', why: `${name} is for ${image.arch}, the crash is of ${arch}`, lines: [] };
  const byCode = codeMatch(image, incident);
  if (byCode !== null) return byCode;
  const id = incident.build === null ? undefined : BUILD_ID.exec(incident.build)?.[1];
  if (id !== undefined && image.buildId !== null && image.is === 'vmlinux') {
    const lines = [incident.at.cpu].filter((l) => l !== undefined);
    return id === image.buildId
      ? { is: 'this', because: `its build id is ${id}`, lines }
      : { is: 'another', why: `${name} has the build id ${image.buildId}, the log ${id}`, lines };
  }
  return bannerMatch(image, log, incident);
}

function codeMatch(image: KernelImage, incident: Incident): Match | null {
  const { pc, code } = incident;
  if (pc === null || code === null || (pc.module !== null) !== (image.is === 'module')) return null;
  const lines = [...new Set([pc.line, code.line])].sort((a, b) => a - b);
  const named = image.functions(pc.symbol);
  if (named.length === 0) return null;
  const fn = functionOf(image, pc);
  if (fn === null) {
    if (pc.size === null || named.some((one) => sizeFits(one, pc.size!))) return null;
    const has = named.map((one) => `0x${one.size.toString(16)}`).join(' or ');
    return {
      is: 'another',
      why: `${pc.symbol}() has ${has} bytes in ${image.name}, and 0x${pc.size.toString(16)} in the log`,
      lines,
    };
  }
  const compared = compareCode(code, pc, fn);
  if (compared === null) return null;
  const where = `${pc.symbol}+0x${pc.offset!.toString(16)}`;
  return compared.agrees
    ? { is: 'this', because: `${compared.text} at ${where} are its own${kaslr(incident, fn)}`, lines }
    : { is: 'another', why: `only ${compared.text} at ${where} are those of ${image.name}`, lines };
}

/** How far the kernel was moved, where the log has pc as a number; what is no whole page would be another kernel's. */
function kaslr({ registers, pc }: Incident, fn: ImageFunction): string {
  const at = registers.get('pc') ?? registers.get('epc') ?? registers.get('rip');
  if (at === undefined || pc?.offset == null || pc.module !== null) return '';
  const moved = BigInt.asUintN(64, at - fn.address - BigInt(pc.offset));
  return moved === 0n ? '' : ` (KASLR offset 0x${moved.toString(16)})`;
}

/** "6.1.0-18-arm64", and what follows it in the banner. */
const BANNER = /^Linux version (\S+) .*?(#\d.*)$/s;

function bannerMatch(image: KernelImage, log: ParsedLog, incident: Incident): Match {
  const { name } = image;
  const own = image.banner === null ? null : BANNER.exec(image.banner.trim());
  if (image.is === 'module') {
    // A module's vermagic has the release alone.
    return { is: 'open', why: `nothing in the log shows whether ${name} is the module that crashed` };
  }
  if (own === null) return { is: 'open', why: `${name} has no banner` };
  const [, release, build] = own;
  const banner = log.events.find((event) => event.kind === 'banner');
  if (banner !== undefined) {
    const lines = [banner.span.line];
    const same = banner.release === release && normal(banner.build) === normal(build!);
    return same
      ? { is: 'this', because: `the banner is its own: ${release} ${build!.trim()}`, lines }
      : {
          is: 'another',
          why: `${name} is "${release} ${build!.trim()}", the log of "${banner.release} ${banner.build.trim()}"`,
          lines,
        };
  }
  if (incident.release !== null && incident.release !== release) {
    const lines = [incident.at.cpu].filter((l) => l !== undefined);
    return { is: 'another', why: `${name} is of ${release}, the log of ${incident.release}`, lines };
  }
  return {
    is: 'open',
    why: `nothing in the log shows whether ${name} is its kernel: no Code:, no banner, no build id`,
  };
}

const normal = (build: string) => build.replace(/\s+/g, ' ').trim();

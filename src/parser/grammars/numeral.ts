/**
 * A number is whole only if what the kernel prints behind it is there: a pager, a screen's edge, a torn or dropped line and a wrapped paste all cut numbers, and
 * what is left of one is the beginning of many. Formats: lib/dump_stack.c (the release, a blank, and "#N" of the build string behind it), init/version.c
 * (the builder in parentheses), arch/arm64/mm/fault.c and its likes, which print addresses with all their leading zeros.
 */

/** A number as a log has it: whole, or the beginning (or, where the front was lost, the end) of one. */
export interface Numeral {
  readonly whole: boolean;
  /** As printed; of a cut one what is left of it, without the mark of a pager. */
  readonly text: string;
}

/** `less -S` and journalctl's pager end a line that is wider than the screen with '>'; older ones, and terminals, with an ellipsis. */
const PAGER_MARK = /(?:[>$\\…]|\.\.\.)$/;

const RELEASES: ReadonlySet<string> = new Set(['cpuLine', 'oldPid', 'oldCpu']);

/**
 * What a kernel's release is made of: KERNELVERSION (numbers with points between them, none with a nought in front, and "-rcN"), localversion files,
 * CONFIG_LOCALVERSION, and "+", "-NNNNN-g<hash>", "-dirty" (Makefile, scripts/setlocalversion). It is the name of a folder (/lib/modules/) and part of
 * package versions, so that none is known with other characters than these; nor with one letter or two right behind the number.
 */
const RELEASE = /^(?:0|[1-9]\d{0,4})(?:\.(?:0|[1-9]\d{0,4})){1,3}(?![.\d])(?:[-+~_]|[A-Za-z]{3}|$)[\w.+~-]*$/;
const BEGINNING = /^(?:0|[1-9]\d{0,4})(?!\d)(?:\.(?:0|[1-9]\d{0,4})(?!\d)){0,3}(?:\.|(?:[-+~_]|[A-Za-z]{3})[\w.+~-]*)?/;
/** `uts_len` of the Makefile. */
const LONGEST_RELEASE = 64;

/** Could a kernel bear this name as its release? */
export function isRelease(text: string): boolean {
  return text.length <= LONGEST_RELEASE && RELEASE.test(text) && /[A-Za-z\d+]$/.test(text);
}

/** As much from the front as a kernel's release could begin with. */
export function beginningOfRelease(text: string): string {
  return BEGINNING.exec(text.slice(0, LONGEST_RELEASE))?.[0] ?? '';
}

/** Is the part of a message, which `after` follows, whole? */
function isWhole(rule: string, part: string, text: string, after: string): boolean {
  if (part === 'release') {
    if (!isRelease(text)) return false;
    if (RELEASES.has(rule)) return /^ \(?#/.test(after);
    return rule === 'banner' ? /^ [(#]/.test(after) : true;
  }
  if (part === 'address' || part === 'hex' || part === 'value') {
    const digits = digitsOf(text).length;
    return (digits === 8 || digits === 16) && !/^\w/.test(after) && !PAGER_MARK.test(after.trimEnd());
  }
  return true;
}

/** Hexadecimal digits of an address, "0x" aside. */
export function digitsOf(text: string): string {
  return text.replace(/^0x/i, '');
}

/** `torn`: the line ends in the part, and nothing ends the line. */
export function numeral(rule: string, part: string, text: string, after: string, torn: boolean): Numeral {
  const whole = !torn && isWhole(rule, part, text, after);
  if (whole) return { whole, text };
  return { whole, text: part === 'release' ? beginningOfRelease(text) : text.replace(PAGER_MARK, '') };
}

/** The value of a whole hexadecimal numeral; null for anything else. */
export function hexValue(of: Numeral | null): bigint | null {
  return of?.whole === true ? BigInt(`0x${digitsOf(of.text)}`) : null;
}

/** Can the address be what is left of it as `cut`, from either end? */
export function mayBe(cut: string, address: bigint | null): boolean {
  if (address === null) return false;
  const digits = digitsOf(cut);
  return [8, 16].some((width) => {
    const whole = address.toString(16).padStart(width, '0');
    return whole.startsWith(digits) || whole.endsWith(digits);
  });
}

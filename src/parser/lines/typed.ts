/** Lines that someone typed off a screen: the words of a report's head, pc and lr, put as the kernel prints them. */
import { utf8 } from '../../bytes.ts';

/** Inputs of this many bytes and lines at most may be typed; a capture is longer. */
const MOST_BYTES = 2048;
const MOST_LINES = 16;

const HEAD =
  /^\W{0,4}(?:bug: ?)?unable to handle (?:kernel )?(?:(null) ?(?:pointer|ptr)(?: dereference| deref)?|paging request)(?: at)?(?: virtual)?(?: address)?:? *(?:0x)?([0-9a-f]{1,16})\W{0,2}$/i;
const PLACE =
  /^(\W{0,4}(?:\[ *\d+\.\d+\] *)?)(pc|lr|ip|rip)(?: is at| at|:| :|=| =)? {1,4}:? {0,4}([A-Za-z_][\w.$]{2,80}) ?\+ ?(0x[0-9a-f]{1,6})(?: ?\/ ?(0x[0-9a-f]{1,6}))?\W{0,2}$/i;
const PRINTED = /^\W*(?:pc : |lr : |PC is at |LR is at |RIP: )[A-Za-z_][\w.$]*\+0x[0-9a-f]+\/0x/;

/** The text with such lines put right, or null where none was typed. */
export function fromTyped(buffer: Uint8Array): string | null {
  if (buffer.length > MOST_BYTES) return null;
  const lines = utf8(buffer).split('\n');
  if (lines.length > MOST_LINES) return null;
  let typed = false;
  const put = lines.map((line) => {
    const right = PRINTED.test(line) ? null : (head(line) ?? place(line));
    if (right === null || right === line) return line;
    typed = true;
    return right;
  });
  return typed ? put.join('\n') : null;
}

function head(line: string): string | null {
  if (/^(?:\[ *\d+\.\d+\] )?(?:BUG: u|U)nable to handle kernel .* at virtual address [0-9a-f]{8}/.test(line))
    return null;
  const found = HEAD.exec(line.trim());
  if (found === null) return null;
  return headOf(found[2]!, found[1] !== undefined);
}

/** arm64's first line of a fault at an address. */
export function headOf(address: string, isNull: boolean): string {
  const what = isNull ? 'NULL pointer dereference' : 'paging request';
  return `Unable to handle kernel ${what} at virtual address ${address.toLowerCase().padStart(16, '0')}`;
}

function place(line: string): string | null {
  const found = PLACE.exec(line.trimEnd());
  if (found === null) return null;
  const [, front, register, symbol, offset, size] = found;
  return `${/\[/.test(front!) ? front : ''}${/^r?ip$/i.test(register!) ? 'pc' : register!.toLowerCase()} : ${placeOf(symbol!, offset!, size)}`;
}

/** "function+offset/size"; a size that nobody typed is as small as it can be. */
export function placeOf(symbol: string, offset: string, size: string | undefined): string {
  return `${symbol}+${offset}/${size ?? `0x${(Number.parseInt(offset, 16) + 4).toString(16)}`}`;
}

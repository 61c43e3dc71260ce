/** Mail as it is sent (RFC 2045, 2046, 3676): parts, quoted-printable, base64, format=flowed; several messages of a mailbox one after the other. */
import { latin1, ofBase64, ofHex, utf8 } from '../../bytes.ts';

import { startIn } from '../framings/starts.ts';

const HEADER = /^content-t(?:ype|ransfer-encoding): ?[a-z0-9]/im;
const BOUNDARY = /boundary="?([^"\s;]{1,80})/i;
const DEPTH = 8;

export function looksLikeMail(head: string): boolean {
  return HEADER.test(head);
}

/** Soft line ends at the column where mailers put them, or escaped "=" where the kernel prints one, hardly any that is not escaped, and no headers that say so. */
export function looksQuotedPrintable(head: string): boolean {
  const soft = head.match(/^.{59,75}[^=\n]=\r?$/gm)?.length ?? 0;
  const escaped = head.match(/=3D|=20\r?$|=C2=A0|=09/gm)?.length ?? 0;
  if (soft < 3 && !(soft >= 1 && escaped >= 1) && escaped < 3) return false;
  const bare = head.match(/=(?![0-9A-F]{2}|\r?$)/gm)?.length ?? 0;
  return bare * 10 <= soft + escaped;
}

/** All text parts of all messages, decoded; headers kept, as their lines are no kernel's. */
export function fromMail(text: string): string {
  const lines = text.replace(/\r\n/g, '\n');
  // A mailbox: each message begins with "From " behind a blank line.
  const messages = lines.split(/(?:^|\n\n)(?=From \S+ )/);
  return messages.map((message) => entity(message, 0)).join('\n');
}

/** One header block and what it says of the body. A body may hold such blocks again: a multipart's parts. */
function entity(text: string, depth: number): string {
  const at = HEADER.exec(text)?.index;
  if (at === undefined || depth > DEPTH) return text;
  const end = text.indexOf('\n\n', at);
  if (end < 0) return text;
  const start = text.lastIndexOf('\n\n', at);
  const before = start < 0 ? '' : text.slice(0, start + 2);
  const headers = text.slice(start < 0 ? 0 : start + 2, end).replace(/\n[ \t]+/g, ' ');
  const body = text.slice(end + 2);
  const boundary = /^content-type: ?multipart\//im.test(headers) ? BOUNDARY.exec(headers)?.[1] : undefined;
  if (boundary !== undefined) {
    const parts = `\n${body}`
      .split(`\n--${boundary}`)
      .map((part) => entity(part.replace(/^(?:--)?[ \t]*\n?/, ''), depth + 1));
    const several = /^content-type: ?multipart\/alternative/im.test(headers);
    return [before + headers, ...(several ? plainest(parts) : parts)].join('\n');
  }
  const encoding = /^content-transfer-encoding: ?([\w-]+)/im.exec(headers)?.[1]?.toLowerCase();
  const charset = /charset="?([\w.-]+)/i.exec(headers)?.[1];
  let decoded = body;
  if (encoding === 'quoted-printable') decoded = fromQuotedPrintable(body, charset);
  else if (encoding === 'base64') decoded = textOf(ofBase64(leading(body)), charset) + behind(body);
  if (/format="?flowed/i.test(headers)) decoded = unflowed(decoded, /delsp="?yes/i.test(headers));
  return `${before}${headers}\n\n${decoded}`;
}

/** Of several forms of one text the plain one, where it has the log: the others say the same again. */
function plainest(parts: readonly string[]): readonly string[] {
  const plain = parts.find((part) => /^content-type: ?text\/plain/im.test(part.slice(0, 2000)));
  return plain === undefined || startIn(plain) === null ? parts : [plain];
}

const BASE64_LINES = /^(?:[A-Za-z0-9+/]{4,76}={0,2}[ \t]*\n?){1,60000}/;

/** The base64 lines that a body begins with, and what a list's footer put behind them. */
function leading(body: string): string {
  return BASE64_LINES.exec(body.trimStart())?.[0] ?? '';
}

function behind(body: string): string {
  return body.trimStart().slice(leading(body).length);
}

function textOf(bytes: Uint8Array, charset: string | undefined): string {
  return /^(?:iso-8859|windows-125|latin)/i.test(charset ?? '') ? latin1(bytes) : utf8(bytes);
}

/** "=3D" is "=", and "=" at a line's end joins it to the next. */
export function fromQuotedPrintable(text: string, charset?: string): string {
  return text
    .replace(/=[ \t]*\r?\n/g, '')
    .replace(/(?:=[0-9A-F]{2})+/gi, (run) => textOf(ofHex(run.replaceAll('=', '')), charset));
}

const ALONE = /^\s*(?:[A-Za-z0-9+/]{60,76}\r?\n){2,}[A-Za-z0-9+/]{0,76}={0,2}\s*$/;
const WHOLE_ALONE = /^\s*[A-Za-z0-9+/]{200,}={0,2}\s*$/;

/** An input that is nothing but base64; null if it is not, or if no text comes out. */
export function fromBase64(text: string, head: string): string | null {
  if (!/^\s*[A-Za-z0-9+/]{60}/.test(head)) return null;
  if (text !== head && !ALONE.test(text) && !WHOLE_ALONE.test(text)) return null;
  const decoded = utf8(ofBase64(text));
  return /[\x00-\x08\ufffd]/.test(decoded.slice(0, 200)) ? null : decoded;
}

/** RFC 3676: a line that ends in a blank goes on in the next of the same depth of quoting; a blank in front is stuffing. */
function unflowed(text: string, deleted: boolean): string {
  const out: string[] = [];
  let open: string | null = null;
  for (const line of text.split('\n')) {
    const quote = /^>*/.exec(line)![0];
    const rest = line.slice(quote.length).replace(/^ /, '');
    const last = out.length - 1;
    if (open === quote && last >= 0) out[last] += rest;
    else out.push(quote === '' ? rest : `${quote} ${rest}`);
    const flows = rest.endsWith(' ') && rest !== '-- ';
    if (flows && deleted) out[out.length - 1] = out[out.length - 1]!.slice(0, -1);
    open = flows ? quote : null;
  }
  return out.join('\n');
}

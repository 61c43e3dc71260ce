/**
 * One known log, written as each way of capturing it would have written it. A writer takes the log's records and gives the bytes of a file.
 */

/** One printk record of a known log. */
export interface Record_ {
  /** "1.204417". */
  readonly time: string;
  readonly caller: string;
  readonly text: string;
}

export type Writer = (records: readonly Record_[]) => Buffer;

/** The records of a log with stamps; lines without one are left out. `caller`: for records that have none. */
export function recordsOf(log: string, caller = 'T36'): Record_[] {
  return log.split('\n').flatMap((line) => {
    const stamp = /^\[ *(\d+\.\d{6})\](?: ?\[ *([TC]\d+)\])? (.*?)\r?$/.exec(line);
    return stamp === null ? [] : [{ time: stamp[1]!, caller: stamp[2] ?? caller, text: stamp[3]! }];
  });
}

const stamp = (r: Record_) => `[${r.time.padStart(12)}]`;
const usec = (r: Record_) => r.time.replace('.', '').replace(/^0+(?=\d)/, '');
const lines =
  (write: (r: Record_, i: number) => string, ending = '\n'): Writer =>
  (records) =>
    Buffer.from(records.map((r, i) => write(r, i) + ending).join(''));
const dmesg = (r: Record_) => `${stamp(r)} ${r.text}`;
const json = (r: Record_, message: unknown) =>
  JSON.stringify({ _TRANSPORT: 'kernel', PRIORITY: '6', _SOURCE_MONOTONIC_TIMESTAMP: usec(r), MESSAGE: message });

/** Breaks where a mailer does: at the last blank before the 72nd column. */
function wrapped(line: string): string {
  let rest = line;
  const out: string[] = [];
  while (rest.length > 72) {
    const at = rest.lastIndexOf(' ', 72);
    if (at < 20) break;
    out.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...out, rest].join('\n');
}

function exported(r: Record_): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(r.text)));
  return Buffer.concat([
    Buffer.from('_TRANSPORT=kernel\nPRIORITY=6\nSYSLOG_IDENTIFIER=kernel\nMESSAGE\n'),
    length,
    Buffer.from(`${r.text}\n_SOURCE_MONOTONIC_TIMESTAMP=${usec(r)}\n\n`),
  ]);
}

/** Extended netconsole cuts what is longer than a packet; the listener here ends each packet's text with a newline. */
function netconsole(r: Record_, seq: number): string {
  if (r.text.length < 90) return `6,${seq},${usec(r)},-;${r.text}`;
  const pieces = r.text.match(/.{1,80}/gs)!;
  let at = 0;
  return pieces
    .map((piece) => {
      const packet = `6,${seq},${usec(r)},-,ncfrag=${at}/${r.text.length};${piece}`;
      at += piece.length;
      return packet;
    })
    .join('\n');
}

/** pstore: parts of `size` records, the newest first. */
function pstore(records: readonly Record_[], size: number): string {
  const parts: string[] = [];
  for (let end = records.length, part = 1; end > 0; end -= size, part++)
    parts.push(
      `Oops#1 Part${part}\n${records
        .slice(Math.max(0, end - size), end)
        .map((r) => `<6>${dmesg(r)}\n`)
        .join('')}`,
    );
  return parts.join('');
}

export const WRITERS: Readonly<Record<string, Writer>> = {
  dmesg: lines(dmesg),
  'dmesg, CRLF': lines(dmesg, '\r\n'),
  'dmesg, CR alone': lines(dmesg, '\r'),
  'dmesg, NUL from a serial line': lines((r) => `\0${dmesg(r)}`, '\0\n'),
  'dmesg, colours': lines((r) => `\x1b[32m${stamp(r)}\x1b[0m \x1b[1m${r.text}\x1b[0m\x1b[K`),
  'dmesg, UTF-16 of a Windows terminal': (records) =>
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(lines(dmesg, '\r\n')(records).toString(), 'utf16le')]),
  'dmesg, UTF-16, big end first': (records) =>
    Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(lines(dmesg)(records).toString(), 'utf16le').swap16()]),
  'callers, glued': lines((r) => `${stamp(r)}[${r.caller.padStart(6)}] ${r.text}`),
  'callers, spaced': lines((r) => `${stamp(r)} [${r.caller.padStart(7)}] ${r.text}`),
  levels: lines((r) => `<6>${dmesg(r)}`),
  'dmesg -x': lines((r) => `kern  :info  : ${dmesg(r)}`),
  'dmesg -d': lines((r) => `[${r.time.padStart(12)} <    0.000012>] ${r.text}`),
  'dmesg --json': (records) =>
    Buffer.from(
      `{\n   "dmesg": [\n      ${records
        .map(
          (r) =>
            `{\n         "pri": 6,\n         "time": ${r.time.padStart(12)},\n         "msg": ${JSON.stringify(r.text)}\n      }`,
        )
        .join(',')}\n   ]\n}\n`,
    ),
  'RFC 3164': lines((r) => `Nov  3 12:44:09 m1 kernel: ${dmesg(r)}`),
  'ISO time': lines((r) => `2023-11-03T12:44:09.123456+00:00 m1.lab kernel: ${dmesg(r)}`),
  'ISO time of a CI': lines((r) => `2023-11-03T12:44:09 ${dmesg(r)}`),
  'journal, monotonic': lines((r) => `${stamp(r)} m1 kernel: ${r.text}`),
  'journal json': lines((r) => json(r, r.text)),
  'journal json, bytes': lines((r) => json(r, [...Buffer.from(r.text)])),
  'journal export, binary': (records) => Buffer.concat(records.map(exported)),
  'kmsg records': lines(
    (r, i) => `6,${100 + i},${usec(r)},-;${r.text}\n SUBSYSTEM=platform\n DEVICE=+platform:5f000000.iommu`,
  ),
  'kmsg records, callers and NUL between': lines(
    (r, i) => `6,${100 + i},${usec(r)},-,caller=${r.caller};${r.text}`,
    '\n\0',
  ),
  'netconsole in fragments': lines((r, i) => netconsole(r, 100 + i)),
  'pstore, parts of 40': (records) => Buffer.from(pstore(records, 40)),
  'LAVA YAML': lines(
    (r) =>
      `- {"dt": "2026-01-04T12:00:03.123456", "lvl": "target", "msg": ${JSON.stringify(dmesg(r))}}\n- {"dt": "2026-01-04T12:00:03.2", "lvl": "debug", "msg": "waiting"}`,
  ),
  'mail, quoted thrice': lines((r) => `>> > ${dmesg(r)}`),
  'mail, gutter': lines((r) => `| ${dmesg(r)}`),
  'mail, indented': lines((r) => `    ${dmesg(r)}`),
  'mail, wrapped at 72 columns': lines((r) =>
    /Linux version|command line/.test(r.text) ? dmesg(r) : wrapped(dmesg(r)),
  ),
  'a reader wrote between the lines': lines((r, i) =>
    i % 17 === 9 ? `${dmesg(r)}\n\t^ this is where it starts, I think\n` : dmesg(r),
  ),
  'firmware first': (records) =>
    Buffer.concat([
      Buffer.from(
        'NOTICE:  BL2: Boot device is QSPI Flash(40MHz)\n[    0.000292] NOTICE:  BL31: v2.9\nU-Boot 2026.01 (Jan 04 2026)\nWARNING: Caches not enabled\nStarting kernel ...\n\n',
      ),
      lines(dmesg)(records),
    ]),
  "another CPU's lines between": (records) =>
    Buffer.from(
      records
        .map((r, i) => {
          const own = `${stamp(r)}[${r.caller.padStart(6)}] ${r.text}\n`;
          const other = `${stamp(r)}[   T99] usb 1-1: new high-speed USB device number ${i}\n${stamp(r)}[    C2] foo: irq ${i}\n`;
          return i % 3 === 1 ? own + other : own;
        })
        .join(''),
    ),
};

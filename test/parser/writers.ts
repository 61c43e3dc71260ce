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

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const text = (records: readonly Record_[]) => records.map((r) => `${dmesg(r)}\n`).join('');

/** RFC 2045: at most 76 columns, "=" escaped. */
function quotedPrintable(body: string): string {
  return body
    .split('\n')
    .map((line) => {
      const out: string[] = [];
      let rest = line.replaceAll('=', '=3D').replace(/[\t ]$/, (c) => (c === '\t' ? '=09' : '=20'));
      while (rest.length > 76) {
        const at = /=.?$/.test(rest.slice(0, 75)) ? rest.slice(0, 75).lastIndexOf('=') : 75;
        out.push(`${rest.slice(0, at)}=`);
        rest = rest.slice(at);
      }
      return [...out, rest].join('\n');
    })
    .join('\n');
}

const base64 = (body: string) => Buffer.from(body).toString('base64').replace(/.{76}/g, '$&\n');
const MAIL = 'From: A User <a@example.org>\nSubject: boot crash\nMIME-Version: 1.0\n';

/** How journalctl, containers, CI systems, vendors' consoles, mailers and people wrap a log; each stands for many. */
export const MORE_WRITERS: Readonly<Record<string, Writer>> = {
  'journal short-full': lines((r) => `Thu 2025-01-09 20:04:27 UTC m1 kernel: ${r.text}`),
  'journal short-precise': lines((r, i) => `Apr 15 13:58:08.${String(549417 + i)} m1 kernel: ${r.text}`),
  'journal short-iso-precise, no host': lines((r) => `2025-01-09T20:04:27.123456+0000 kernel: ${r.text}`),
  'journal short-delta': lines((r) => `${stamp(r).slice(0, -1)} <    0.000091 >] m1 kernel: ${r.text}`),
  'journal short-delta, first': lines(
    (r, i) => `${stamp(r).slice(0, -1)} <${i % 2 ? '    0.000091*' : '              '}>] m1 kernel: ${r.text}`,
  ),
  'journal short-unix': lines((r) => `1736453067.123456 m1 kernel: ${r.text}`),
  'journal with-unit': lines((r) => `Thu 2025-01-09 20:04:27 CET m1 kernel[0]: ${r.text}`),
  'journal monotonic, no host': lines((r) => `${stamp(r)} kernel: ${r.text}`),
  'journal verbose': lines(
    (r) =>
      `Thu 2025-01-09 20:04:27.123456 UTC [s=0a1b2c3d4e5f;i=3f;b=00ff;m=1;t=2;x=3]\n    _TRANSPORT=kernel\n    PRIORITY=6\n    SYSLOG_IDENTIFIER=kernel\n    MESSAGE=${r.text}\n    _SOURCE_MONOTONIC_TIMESTAMP=${usec(r)}`,
  ),
  'journal, month in German': lines((r) => `Mär 22 07:00:53 m1 kernel: ${r.text}`),
  'journal, month in small letters': lines((r) => `dez 22 07:00:53 m1 kernel: ${r.text}`),
  'journal, month in French': lines((r) => `janv. 22 07:00:53 m1 kernel: ${r.text}`),
  'journal, month in Japanese': lines((r) => `11月 22 07:00:53 m1 kernel: ${r.text}`),
  'journal, indented by tabs': lines((r) => `\t\tNov 22 07:00:53 m1 kernel: ${r.text}`),
  'kernel: alone': lines((r) => `kernel: ${r.text}`),
  'kernel: and stamp': lines((r) => `kernel: ${dmesg(r)}`),
  'RFC 5424': lines((r) => `<4>1 2024-04-10T10:15:57.163826-07:00 m1 kernel - - - ${dmesg(r)}`),
  'RFC 5424, data': lines((r) => `<6> 1 2024-04-10T10:15:57Z m1 kernel - - [meta sequenceId="7"] ${r.text}`),
  'RFC 5424 of a relay': lines((r) => `2024-04-10T10:15:57.163826-07:00 m1 kernel - - - ${dmesg(r)}`),
  'eleven digits of seconds': lines((r) => `[18444175${r.time.padStart(10, '0')}] ${r.text}`),
  'CRI of a pod': lines((r) => `2025-01-09T20:04:27.123456789Z stdout F ${dmesg(r)}`),
  'CRI of a pod, long lines in pieces': lines((r) => {
    const whole = dmesg(r);
    return whole.length < 60
      ? `2025-01-09T20:04:27.123456789Z stdout F ${whole}`
      : `2025-01-09T20:04:27.123456789Z stdout P ${whole.slice(0, 40)}\n2025-01-09T20:04:27.123456799Z stdout F ${whole.slice(40)}`;
  }),
  'GitLab runner': lines((r) => `2025-01-09T20:04:27.123456Z 01O ${dmesg(r)}`),
  'Docker json-file': lines((r) =>
    JSON.stringify({ log: `${dmesg(r)}\r\n`, stream: 'stdout', time: '2025-01-09T20:04:27.123456789Z' }),
  ),
  Jenkins: lines((r) => `[2025-01-09T20:04:27.123Z] ${dmesg(r)}`),
  'Jenkins, hours': lines((r) => `20:04:27  ${dmesg(r)}`),
  Buildkite: lines((r, i) => `\x1b_bk;t=17364530671${i}\x07${dmesg(r)}`),
  KernelCI: lines((r) => `20:04:27.123456  <6>${dmesg(r)}`),
  OpenQA: lines((r) => `[2025-01-09T20:04:27.123456Z] [debug] [pid:4321] <<< ${dmesg(r)}`),
  multilog: lines((r) => `@4000000065536d091c2f3a44 ${dmesg(r)}`),
  svlogd: lines((r) => `2025-01-09_20:04:27.12345 kern.info: ${dmesg(r)}`),
  Samsung: lines((r, i) => `<4>${stamp(r)} ${i % 3 ? ' ' : 'I'}[2:   kworker/u8:2:   61] ${r.text}`),
  MediaTek: lines((r) => `${stamp(r)} .(0)[61:kworker/u8:2]${r.text}`),
  'MediaTek, older': lines((r) => `<4>${stamp(r)}-(1)[0:swapper/1]${r.text}`),
  ASUS: lines((r) => `${stamp(r)} (CPU:2-pid:61:kworker/u8:2) ${r.text}`),
  Qualcomm: lines((r) => `${stamp(r)} [20:04:27.123456] [61]@2 ${r.text}`),
  Xiaomi: lines((r) => `[kworker/u8:2][0x4d2f1][20:04:27.123456] ${dmesg(r)}`),
  'Pixel ramdump': lines((r) => `RAMDUMP_MSG| ${stamp(r)} @2 [T61] ${r.text}`),
  'gcloud serial port': lines((r, i) => `serialport: ${i + 100} projects/p/zones/z | ${dmesg(r)}`),
  'docker compose': lines((r) => `vm-1  | ${dmesg(r)}`),
  ansible: lines((r) => `ok: [m1] => ${dmesg(r)}`),
  'grep -n of a file': lines((r, i) => `console.log:${i + 1}:${dmesg(r)}`),
  'cat -n': lines((r, i) => `${String(i + 1).padStart(6)}\t${dmesg(r)}`),
  'JSON lines of a logger': lines((r) => JSON.stringify({ ts: 1736453067.1, level: 'info', msg: dmesg(r) })),
  'JSON lines of unknown fields': lines((r) => JSON.stringify({ a: 'console', payload: dmesg(r).padEnd(12) })),
  'JSON strings': lines((r) => `${JSON.stringify(dmesg(r))},`),
  'JSON document': (records) => Buffer.from(JSON.stringify({ job: 7, lines: records.map(dmesg) }, null, 2)),
  'JSON document, one string': (records) => Buffer.from(JSON.stringify({ id: 7, body: text(records) })),
  'back ticks': lines((r) => `\`${dmesg(r)}\``),
  'single quotes': lines((r) => `'${dmesg(r)}',`),
  'double quotes without escapes': lines((r) => `"${dmesg(r)}"`),
  'cells of a table': lines((r) => `| ${dmesg(r).padEnd(100)} |`),
  'bullets of a list': lines((r) => `* ${dmesg(r)}`),
  'everything on one line': (records) => Buffer.from(`${records.map(dmesg).join(' ')}\n`),
  'everything on one line, newlines written': (records) => Buffer.from(`${records.map(dmesg).join('\\n')}\n`),
  'everything on one line, glued': (records) => Buffer.from(`log: ${records.map(dmesg).join('')}\n`),
  'HTML, an element a line': (records) =>
    Buffer.from(
      `<!DOCTYPE html><html><body>${records.map((r) => `<div class="line"><span>${escaped(dmesg(r))}</span></div>`).join('\n')}</body></html>`,
    ),
  'HTML, no newlines': (records) =>
    Buffer.from(`<html><body>${records.map((r) => `<p>${escaped(dmesg(r))}</p>`).join('')}</body></html>`),
  'HTML, preformatted': (records) => Buffer.from(`<pre>\n${escaped(text(records))}</pre>\n`),
  'entities alone': (records) =>
    Buffer.from(records.map((r) => `&lt;6&gt;${escaped(dmesg(r)).replaceAll(' ', '&#32;')}\n`).join('')),
  'mail, quoted-printable': (records) =>
    Buffer.from(
      `${MAIL}Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(text(records))}`,
    ),
  'quoted-printable, headers lost': (records) => Buffer.from(quotedPrintable(text(records))),
  'mail, base64': (records) =>
    Buffer.from(
      `${MAIL}Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: base64\n\n${base64(text(records))}\n`,
    ),
  'base64, headers lost': (records) => Buffer.from(`${base64(text(records))}\n`),
  'mail, format=flowed': (records) =>
    Buffer.from(
      `${MAIL}Content-Type: text/plain; charset=UTF-8; format=flowed\n\n${records
        .map((r) =>
          dmesg(r)
            .replace(/(.{20,60}) (?=.)/g, '$1 \n')
            .replace(/ +$/, ''),
        )
        .join('\n')}\n`,
    ),
  'mail, multipart, CRLF': (records) =>
    Buffer.from(
      `${MAIL}Content-Type: multipart/mixed;\n boundary="=_b1"\n\n--=_b1\nContent-Type: text/plain\n\nHello,\nsee the log.\n--=_b1\nContent-Type: text/plain; name="dmesg.txt"\nContent-Transfer-Encoding: base64\n\n${base64(text(records))}\n--=_b1--\n`.replaceAll(
        '\n',
        '\r\n',
      ),
    ),
  mailbox: (records) =>
    Buffer.from(
      `From a@example.org Thu Jan  9 20:04:27 2025\n${MAIL}Content-Type: text/plain\n\nIs anybody seeing this?\n\nFrom b@example.org Thu Jan  9 21:04:27 2025\n${MAIL}Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(text(records))}`,
    ),
};

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

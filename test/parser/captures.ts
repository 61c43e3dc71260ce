/**
 * More ways in which a log reaches a reader: terminals' and consoles' captures, phones, cloud and test systems, log stores, chats, papers, and source
 * code. None of them was in a list when it was written here; each stands for its kind.
 */
import type { Record_, Writer } from './writers.ts';

const stamp = (r: Record_) => `[${r.time.padStart(12)}]`;
const dmesg = (r: Record_) => `${stamp(r)} ${r.text}`;
const two = (n: number) => String(n % 60).padStart(2, '0');
const clock = (i: number) => `20:${two(Math.floor(i / 60))}:${two(i)}`;
const lines =
  (write: (r: Record_, i: number) => string, ending = '\n'): Writer =>
  (records) =>
    Buffer.from(records.map((r, i) => write(r, i) + ending).join(''));
const around =
  (before: string, write: (r: Record_, i: number) => string, after = ''): Writer =>
  (records) =>
    Buffer.from(`${before}${records.map((r, i) => `${write(r, i)}\n`).join('')}${after}`);
const text = (records: readonly Record_[]) => records.map((r) => `${dmesg(r)}\n`).join('');
const xml = (s: string) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const c = (s: string) => s.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\t', '\\t');

/** Consoles: what the program that records a serial line writes round it. */
export const CONSOLES: Readonly<Record<string, Writer>> = {
  'minicom, its times': lines((r, i) => `[2025-01-09 ${clock(i)}] ${dmesg(r)}`, '\r\n'),
  'minicom, milliseconds': lines((r, i) => `[2025-01-09 ${clock(i)}.${100 + (i % 900)}] ${dmesg(r)}`),
  tio: lines((r, i) => `[${clock(i)}.123] ${dmesg(r)}`),
  'tio, ISO': lines((r, i) => `[2025-01-09T${clock(i)}.123Z] ${dmesg(r)}`),
  ts: lines((r, i) => `Jan 09 ${clock(i)} ${dmesg(r)}`),
  'ts -s': lines((r, i) => `00:${two(Math.floor(i / 60))}:${two(i)} ${dmesg(r)}`),
  'ts %.s': lines((r, i) => `${1736453067 + i}.123456 ${dmesg(r)}`),
  'ts, of a kernel without stamps': lines((r, i) => `Jan 09 ${clock(i)} ${r.text}`),
  screenlog: around(
    '\x1b[H\x1b[J\x1b[?25h',
    (r) => `\x1b[0m${stamp(r)} \x1b[33m${r.text}\x1b[0m\r`,
    '\x1b[7mscreen is terminating\x1b[0m\n',
  ),
  PuTTY: around(
    '=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2025.01.09 20:04:27 =~=~=~=~=~=~=~=~=~=~=~=\r\n',
    (r) => `${dmesg(r)}\r`,
  ),
  'Tera Term': lines((r, i) => `[Thu Jan 09 ${clock(i)}.123 2025] ${dmesg(r)}`),
  SecureCRT: lines((r, i) => `[2025-01-09 ${clock(i)}]${dmesg(r)}`),
  conserver: lines(
    (r, i) =>
      `${i % 40 === 7 ? `[-- MARK -- Thu Jan  9 ${clock(i)} 2025]\n` : ''}[Thu Jan  9 ${clock(i)} 2025]${dmesg(r)}`,
  ),
  'conserver, marks alone': lines(
    (r, i) => `${i % 40 === 7 ? `[-- MARK -- Thu Jan  9 ${clock(i)} 2025]\n` : ''}${dmesg(r)}`,
  ),
  'IPMI serial over LAN': around('[SOL Session operational.  Use ~? for help]\r\n', (r) => `${dmesg(r)}\r`),
  OpenBMC: lines((r, i) => `Jan 09 ${clock(i)} bmc obmc-console-server[412]: ${dmesg(r)}`),
  labgrid: lines((r, i) => `2025-01-09 ${clock(i)},123 -    DEBUG - SerialDriver: Read 1: b'${dmesg(r)}\\r\\n'`),
  'cu under a logger': lines((r, i) => `2025-01-09 ${clock(i)} | ttyUSB0 | ${dmesg(r)}`),
  Azure: lines((r, i) => `2025-01-09T${clock(i)}.1234567Z ${dmesg(r)}`),
  'a colour in letters': lines((r) => `ESC[32m${stamp(r)}ESC[0m ESC[1m${r.text}ESC[0m`),
  'a colour in carets': lines((r) => `^[[32m${stamp(r)}^[[0m ^[[1m${r.text}^[[0m`),
  'cat -A': lines((r) => `${dmesg(r).replaceAll('\t', '^I')}$`),
};

/** What kernels of phones and boards print, and what collects it. */
export const PHONES: Readonly<Record<string, Writer>> = {
  'adb shell dmesg -T': lines((r, i) => `[Thu Jan  9 ${clock(i)} 2025] ${r.text}`, '\r\n'),
  'dmesg --time-format iso': lines((r, i) => `2025-01-09T${clock(i)},123456+01:00 ${r.text}`),
  'dmesg -H': lines((r, i) => (i === 0 ? `[Jan 9 20:04] ${r.text}` : `[  +0.000012] ${r.text}`)),
  'dmesg -e': lines((r, i) => `[${i % 9 === 0 ? 'Jan 9 20:04' : '  +0.000012'}] ${r.text}`),
  'dmesg -S -x -T': lines((r, i) => `kern  :warn  : [Thu Jan  9 ${clock(i)} 2025] ${r.text}`),
  bugreport: around(
    '== dumpstate: 2025-01-09 20:04:27\n------ KERNEL LOG (dmesg) ------\n',
    (r) => `<6>${dmesg(r)}`,
    "------ 0.025s was the duration of 'KERNEL LOG (dmesg)' ------\n",
  ),
  'logcat -b kernel': lines((r, i) => `01-09 ${clock(i)}.123     0     0 I         : ${r.text}`),
  'logcat -v long': lines((r, i) => `[ 01-09 ${clock(i)}.123     0:    0 I/         ]\n${r.text}\n`),
  Huawei: lines((r) => `[${r.time.padStart(12)}s][pid:61,cpu2,kworker/u8:2]${r.text}`),
  'Huawei, with a date': lines(
    (r, i) => `[${r.time.padStart(12)}s][2025:01:09 ${clock(i)}][pid:61,cpu2,kworker/u8:2]${r.text}`,
  ),
  LG: lines((r, i) => `[${r.time.padStart(12)} / 01-09 ${clock(i)}.123] ${r.text}`),
  Unisoc: lines((r) => `${stamp(r)} c2     61 ${r.text}`),
  'Unisoc, glued': lines((r) => `<6>${stamp(r)}c2    61 ${r.text}`),
  'Chrome OS': lines((r, i) => `2025-01-09T${clock(i)}.123456Z WARNING kernel: ${dmesg(r)}`),
  'busybox syslogd': lines((r, i) => `Jan  9 ${clock(i)} m1 kern.warn kernel: ${dmesg(r)}`),
  logread: lines((r, i) => `Thu Jan  9 ${clock(i)} 2025 kern.info kernel: ${dmesg(r)}`),
  'rsyslog to a listener': lines((r, i) => `<4>Jan  9 ${clock(i)} m1 kernel: ${dmesg(r)}`),
  'a listener that adds the sender': lines(
    (r, i) => `2025-01-09 ${clock(i)} 10.0.0.7 <4>Jan  9 ${clock(i)} kernel: ${dmesg(r)}`,
  ),
  'systemd-cat': lines((r, i) => `Jan 09 ${clock(i)} m1 cat[4711]: ${dmesg(r)}`),
  Proxmox: lines((r, i) => `Jan 09 ${clock(i)} pve kernel: ${r.text}`),
  'GNOME Logs': lines((r, i) => `${clock(i)} kernel: ${r.text}`),
};

const record = (r: Record_) => ({
  __CURSOR: 's=0a1b;i=3f',
  _HOSTNAME: 'm1',
  _TRANSPORT: 'kernel',
  PRIORITY: '6',
  SYSLOG_IDENTIFIER: 'kernel',
  _SOURCE_MONOTONIC_TIMESTAMP: r.time.replace('.', '').replace(/^0+(?=\d)/, ''),
  MESSAGE: r.text,
});

/** journalctl's forms that writers.ts has not. */
export const JOURNAL: Readonly<Record<string, Writer>> = {
  'journalctl -k': lines((r, i) => `Jan 09 ${clock(i)} m1 kernel: ${r.text}`),
  'journalctl -k --no-hostname': lines((r, i) => `Jan 09 ${clock(i)} kernel: ${r.text}`),
  'journalctl -o short-iso': lines((r, i) => `2025-01-09T${clock(i)}+0100 m1 kernel: ${r.text}`),
  'journalctl -o short-iso, newer': lines((r, i) => `2025-01-09T${clock(i)}+01:00 m1 kernel: ${r.text}`),
  'journalctl -o short-iso-precise': lines((r, i) => `2025-01-09T${clock(i)}.123456+01:00 m1 kernel: ${r.text}`),
  'journalctl -o short-full --no-hostname': lines((r, i) => `Thu 2025-01-09 ${clock(i)} CET kernel: ${r.text}`),
  'journalctl -o short-precise --no-hostname': lines((r, i) => `Jan 09 ${clock(i)}.123456 kernel: ${r.text}`),
  'journalctl -o short-unix --no-hostname': lines((r, i) => `${1736453067 + i}.123456 kernel: ${r.text}`),
  'journalctl -o short-monotonic': lines((r) => `${stamp(r)} m1 kernel: ${r.text}`),
  'journalctl -o short-delta --no-hostname': lines((r) => `[${r.time.padStart(12)} <    0.000091 >] kernel: ${r.text}`),
  'journalctl -o with-unit': lines((r, i) => `Thu 2025-01-09 ${clock(i)} CET m1 kernel: ${r.text}`),
  'journalctl -o cat': lines((r) => r.text),
  'journalctl -o json': lines((r) => JSON.stringify(record(r))),
  'journalctl -o json-pretty': lines((r) => JSON.stringify(record(r), null, '\t').replaceAll('":', '" :')),
  'journalctl -o json-sse': lines((r) => `data: ${JSON.stringify(record(r))}\n`),
  'journalctl -o json-seq': lines((r) => `\x1e${JSON.stringify(record(r))}`),
  'journalctl, its own first line': around(
    '-- Journal begins at Thu 2025-01-09 20:04:27 CET, ends at Thu 2025-01-09 21:04:27 CET. --\n',
    (r, i) => `Jan 09 ${clock(i)} m1 kernel: ${r.text}`,
  ),
};

/** Test systems and stores of logs. */
export const STORES: Readonly<Record<string, Writer>> = {
  'gh run view --log': lines((r, i) => `boot\tRun qemu\t2025-01-09T${clock(i)}.1234567Z ${dmesg(r)}`),
  TeamCity: lines((r, i) => `[${clock(i)}]i:\t [Step 2/3] ${dmesg(r)}`),
  Zuul: lines((r, i) => `2025-01-09 ${clock(i)}.123456 | m1 | ${dmesg(r)}`),
  pytest: lines((r) => `INFO     console:serial.py:42 ${dmesg(r)}`),
  'logging of Python': lines((r, i) => `2025-01-09 ${clock(i)},123 - console - DEBUG - ${dmesg(r)}`),
  autotest: lines((r, i) => `01/09 ${clock(i)}.123 DEBUG|       serial:0042| ${dmesg(r)}`),
  fluentd: lines(
    (r, i) => `2025-01-09 ${clock(i)}.123456789 +0000 kern.dmesg: ${JSON.stringify({ priority: 6, message: r.text })}`,
  ),
  Loki: lines((r, i) => `2025-01-09T${clock(i)}Z {host="m1", job="serial"} ${dmesg(r)}`),
  Splunk: lines((r) => JSON.stringify({ preview: false, result: { _raw: dmesg(r), host: 'm1' } })),
  Elasticsearch: lines((r, i) =>
    JSON.stringify({
      _index: 'k',
      _id: `${i}`,
      _source: { '@timestamp': `2025-01-09T${clock(i)}Z`, host: { name: 'm1' }, message: dmesg(r) },
    }),
  ),
  'Google Cloud': lines((r, i) =>
    JSON.stringify({
      insertId: `x${i}`,
      resource: { type: 'gce_instance' },
      textPayload: dmesg(r),
      timestamp: `2025-01-09T${clock(i)}Z`,
    }),
  ),
  CloudWatch: lines((r, i) => `${1736453067000 + i}\tm1/serial\t${dmesg(r)}`),
  CSV: around('time,host,message\n', (r, i) => `2025-01-09T${clock(i)},m1,"${dmesg(r).replaceAll('"', '""')}"`),
  'CSV, all quoted': around(
    '"time","host","message"\n',
    (r, i) => `"2025-01-09T${clock(i)}","m1","${dmesg(r).replaceAll('"', '""')}"`,
  ),
  'CSV, message first': around('message;host\n', (r) => `"${dmesg(r).replaceAll('"', '""')}";m1`),
  'JUnit, CDATA': (records) =>
    Buffer.from(
      `<?xml version="1.0"?>\n<testsuite><testcase name="boot"><system-out><![CDATA[${text(records)}]]></system-out></testcase></testsuite>\n`,
    ),
  'JUnit, entities': (records) =>
    Buffer.from(
      `<?xml version="1.0"?>\n<testsuite><testcase name="boot"><failure message="x">${xml(text(records))}</failure></testcase></testsuite>\n`,
    ),
  'XML, an attribute a line': lines((r) => `<line t="${r.time}" text="${xml(r.text).replaceAll('"', '&quot;')}"/>`),
  'YAML block': around('name: boot\nlog: |\n', (r) => `  ${dmesg(r)}`, 'result: fail\n'),
  'YAML list': around('log:\n', (r) => `  - '${dmesg(r).replaceAll("'", "''")}'`),
  SQL: (records) =>
    Buffer.from(`INSERT INTO boots VALUES (7,'${text(records).replaceAll('\n', '\\n').replaceAll("'", "\\'")}');\n`),
};

/** People: chats, trackers, papers, source code. */
export const PEOPLE: Readonly<Record<string, Writer>> = {
  'a fence and quotes of GitHub': around('> ```console\n', (r) => `> ${dmesg(r)}`, '> ```\n'),
  'details of GitHub': around('<details><summary>dmesg</summary>\n\n```\n', dmesg, '```\n\n</details>\n'),
  'Slack export': (records) =>
    Buffer.from(JSON.stringify([{ type: 'message', user: 'U1', text: `\`\`\`${xml(text(records))}\`\`\`` }])),
  Discord: around('Joe — 09/01/2025 20:04\n```\n', dmesg, '```\n'),
  IRC: lines((r) => `20:04 <joe> ${dmesg(r)}`),
  'IRC of another client': lines((r, i) => `[${clock(i)}] <@joe_> ${dmesg(r)}`),
  WhatsApp: lines((r, i) => `[09/01/25, ${clock(i)}] Joe B: ${dmesg(r)}`),
  Jira: around('{noformat}\n', dmesg, '{noformat}\n'),
  Launchpad: around('ProblemType: KernelOops\nOopsText:\n', (r) => ` ${r.text}`),
  ABRT: around('backtrace:\n', (r) => `:${r.text}`),
  'Bugzilla reply': around('(In reply to Joe from comment #3)\n', (r) => `> ${dmesg(r)}`),
  Org: lines((r) => `: ${dmesg(r)}`),
  'Markdown, escaped by an editor': lines((r) => dmesg(r).replace(/[_[\]*#+<>]/g, (x) => `\\${x}`)),
  'a patch that adds it': around('--- /dev/null\n+++ b/boot.log\n@@ -0,0 +1,400 @@\n', (r) => `+${dmesg(r)}`),
  'grep -C': lines(
    (r, i) =>
      `console.log${/panic|Oops/.test(r.text) ? ':' : '-'}${i + 1}${/panic|Oops/.test(r.text) ? ':' : '-'}${dmesg(r)}`,
  ),
  'PDF, page numbers': lines((r, i) =>
    i % 50 === 49 ? `${dmesg(r)}\n\fBoot crash of board 7\nPage ${Math.floor(i / 50) + 2} of 9\n` : dmesg(r),
  ),
  'a word processor': lines((r) =>
    dmesg(r)
      .replace(/"([^"]*)"/g, '“$1”')
      .replaceAll("'", '’'),
  ),
  RTF: around(
    '{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Courier;}}\\f0\n',
    (r) => `${dmesg(r).replace(/[\\{}]/g, (x) => `\\${x}`)}\\par`,
    '}\n',
  ),
  'UTF-16 without a mark': (records) => Buffer.from(text(records).replaceAll('\n', '\r\n'), 'utf16le'),
  'C strings': around('static const char log[] =\n', (r) => `\t"${c(dmesg(r))}\\n"`, '\t;\n'),
  'Python list': (records) => Buffer.from(`['${records.map((r) => dmesg(r).replaceAll("'", "\\'")).join("', '")}']\n`),
  'Python list, a line each': around('LOG = [\n', (r) => `    '${dmesg(r).replaceAll("'", "\\'")}\\n',`, ']\n'),
  'Python bytes': (records) => Buffer.from(`b'${text(records).replaceAll('\n', '\\r\\n').replaceAll("'", "\\'")}'\n`),
  Rust: around('let log = concat!(\n', (r) => `    "${c(dmesg(r))}\\n",`, ');\n'),
  'shell heredoc': around("cat > log <<'EOF'\n", dmesg, 'EOF\n'),
  'a terminal of 80 columns, copied': lines((r) => dmesg(r).replace(/.{80}(?=.)/g, '$&\n')),
  'a terminal of 100 columns, without stamps': lines((r) => r.text.replace(/.{100}(?=.)/g, '$&\n')),
};

const pair = (records: readonly Record_[], other: string) =>
  `From: A User <a@example.org>\nSubject: boot crash\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b1"\n\n--b1\nContent-Type: text/plain; charset=utf-8\n\n${text(records)}\n--b1\nContent-Type: text/html; charset=utf-8\n\n${other}\n--b1--\n`;

/** A second round, made after the first had been read. */
export const LATER: Readonly<Record<string, Writer>> = {
  'mail, plain and HTML': (records) =>
    Buffer.from(
      pair(records, `<html><body>${records.map((r) => `<div>${xml(dmesg(r))}</div>`).join('')}</body></html>`),
    ),
  'newest first': (records) => Buffer.from(`${records.map(dmesg).reverse().join('\n')}\n`),
  'newest first, with a time': (records) =>
    Buffer.from(
      `${records
        .map((r, i) => `2025-01-09T${clock(i)}Z ${dmesg(r)}`)
        .reverse()
        .join('\n')}\n`,
    ),
  'newest first, times alone': (records) =>
    Buffer.from(
      `${records
        .map((r, i) => `2025-01-09T${clock(i)}Z m1 kernel: ${r.text}`)
        .reverse()
        .join('\n')}\n`,
    ),
  TAP: lines((r) => `# ${dmesg(r)}`),
  kselftest: lines((r) => `# # ${dmesg(r)}`),
  KUnit: lines((r, i) => `[${clock(i)}] ${dmesg(r)}`),
  Yocto: lines((r) => `DEBUG: ${dmesg(r)}`),
  'Robot Framework': lines((r, i) => `2025-01-09 ${clock(i)}.123\tINFO\t${dmesg(r)}`),
  Renode: lines((r, i) => `${clock(i)}.1234 [INFO] uart0: [host: ${i}.2s (+0.1ms)|virt: ${i}.1s (+0.2ms)] ${dmesg(r)}`),
  'kubectl --prefix': lines((r) => `[pod/vm-0/console] ${dmesg(r)}`),
  stern: lines((r) => `vm-0 console ${dmesg(r)}`),
  'less -N': lines((r, i) => `${String(i + 1).padStart(7)} ${dmesg(r)}`),
  'a box': lines((r) => `│ ${dmesg(r).padEnd(120)} │`),
  'compilation mode': lines((r, i) => `./console.log:${i + 1}:1: ${dmesg(r)}`),
  diff: lines((r) => `< ${dmesg(r)}`),
  'a numbered list': lines((r, i) => `${i + 1}. ${dmesg(r)}`),
  bullets: lines((r) => `- ${dmesg(r)}`),
  'kernel:[': lines((r) => `kernel:${dmesg(r)}`),
  wall: lines((r, i) => `\nMessage from syslogd@m1 at Jan  9 ${clock(i)} ...\n kernel:${dmesg(r)}`),
  klogd: lines((r, i) => `Jan  9 ${clock(i)} m1 kernel: <4>${dmesg(r)}`),
  'a sender in front': lines((r) => `10.0.0.7: ${dmesg(r)}`),
  'two carriage returns': lines(dmesg, '\r\r\n'),
  'blank lines between': lines(dmesg, '\n\n'),
  'HTML breaks alone': (records) => Buffer.from(records.map((r) => xml(dmesg(r))).join('<br>')),
  'a sign for each newline': (records) => Buffer.from(records.map(dmesg).join(' ↵ ')),
  'bars between': (records) => Buffer.from(records.map(dmesg).join(' | ')),
  'container of a container': lines((r, i) =>
    JSON.stringify({ log: `2025-01-09T${clock(i)}.123456789Z stdout F ${dmesg(r)}\n`, stream: 'stdout', time: 'x' }),
  ),
  'JSON in JSON': lines((r) => JSON.stringify({ message: JSON.stringify({ msg: dmesg(r), l: 1 }), host: 'm1' })),
  'Loki, as JSON': (records) =>
    Buffer.from(
      JSON.stringify({
        data: {
          result: [{ stream: { host: 'm1' }, values: records.map((r, i) => [`${1736453067 + i}000000000`, dmesg(r)]) }],
        },
      }),
    ),
  logfmt: lines((r, i) => `ts=2025-01-09T${clock(i)}Z level=info host=m1 msg=${JSON.stringify(dmesg(r))}`),
  'a prompt and its command': around('root@m1:~# dmesg\r\n', (r) => `${dmesg(r)}\r`, 'root@m1:~# '),
  "a window manager's title": lines((r) => `\x1b]0;root@m1: ~\x07${dmesg(r)}`),
  'quoted, then bullets': lines((r) => `> > * ${dmesg(r)}`),
  reStructuredText: around('The log::\n\n', (r) => `   ${dmesg(r)}`),
  'a literal block without stamps': around('The log::\n\n', (r) => `    ${r.text}`),
  'quoted without stamps': lines((r) => `> ${r.text}`),
  AsciiDoc: around('----\n', dmesg, '----\n'),
};

export const CAPTURES: Readonly<Record<string, Writer>> = {
  ...JOURNAL,
  ...CONSOLES,
  ...PHONES,
  ...STORES,
  ...PEOPLE,
  ...LATER,
};

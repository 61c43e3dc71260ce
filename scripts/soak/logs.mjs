// Logs as they come, and what happens to them, or what somebody does to them.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const REAL = ['samples/dmesg', 'test/fixtures/logs', 'test/fixtures/cases'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => join(folder, name)),
);
const PACKED = readdirSync('test/fixtures/compressed').map((name) => join('test/fixtures/compressed', name));

const NOISE = [
  ...[
    '\u001b[31m',
    '\u001b]0;t\u0007',
    '\0',
    '\r',
    '\b',
    '\x9b31m',
    '>',
    '<script>',
    ']]>',
    '&#0;',
    '# ok 1',
    'not ok 1 x',
  ],
  ...['::error::x', '\u202e', '\u2028', '\xff\xfe', '\xed\xa0\x80', '9'.repeat(400), '\n\n', '"', '`', '--- a/b', '|'],
  ...[
    '__proto__',
    '%s%n',
    '../../etc/passwd',
    '\x1f\x8b\x08',
    'BZh9',
    '\xfd7zXZ\0',
    '{"a":'.repeat(300),
    '(('.repeat(500),
  ],
  ...['[    1.000000] ', '<0>', '---[ end trace 0 ]---\n', 'Call trace:\n', 'Linux version 6.1.0 (a@b) #1\n', '\ufeff'],
];

export const realLog = ({ pick }) => pick(REAL);

/** As a serial console, a journal, a mail or a page would have it. */
const FRAMED = [
  (text) => text.replace(/^/gm, '> '),
  (text) => text.replace(/^/gm, 'Nov 27 03:00:01 host kernel: '),
  (text) => text.replace(/^/gm, '2026-11-27T03:00:01.5Z '),
  (text) => text.replace(/\n/g, '\r\n'),
  (text) => text.replace(/(.{78})/g, '$1\n'),
  (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;'),
  (text) => JSON.stringify(text),
  (text) =>
    text
      .split('\n')
      .map((line) => JSON.stringify({ MESSAGE: line, SYSLOG_IDENTIFIER: 'kernel' }))
      .join('\n'),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le').toString('latin1'),
];

/** A log with a few things done to it. */
export function mutated(d) {
  const { draw, pick, one } = d;
  let bytes = readFileSync(pick(REAL));
  if (one(4)) bytes = Buffer.from(pick(FRAMED)(bytes.toString('latin1')), 'latin1');
  for (let times = draw(5); times > 0; times--) {
    const at = draw(bytes.length + 1);
    const until = Math.min(bytes.length, at + draw(400));
    switch (draw(8)) {
      case 0:
        bytes = bytes.subarray(0, at);
        break;
      case 1:
        bytes = bytes.subarray(at);
        break;
      case 2:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(pick(NOISE), one(2) ? 'latin1' : 'utf8'),
          bytes.subarray(at),
        ]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(until)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, until), bytes.subarray(at)]);
        break;
      case 5:
        bytes = Buffer.concat([bytes, readFileSync(pick(REAL))]);
        break;
      case 6: {
        const lines = bytes.toString('latin1').split('\n');
        const [a, b] = [draw(lines.length), draw(lines.length)];
        [lines[a], lines[b]] = [lines[b], lines[a]];
        bytes = Buffer.from(lines.join('\n'), 'latin1');
        break;
      }
      default:
        bytes = Buffer.from(bytes);
        for (let i = 0; i < 20 && bytes.length > 0; i++) bytes[draw(bytes.length)] = draw(256);
    }
  }
  return one(10) ? packed(d, bytes) : bytes;
}

const tool = (command, args, input) => {
  const { status, stdout } = spawnSync(command, args, { input, maxBuffer: 1 << 28 });
  return status === 0 ? stdout : input;
};

/** The log compressed, cut or damaged; or what came compressed. */
function packed({ draw, pick, one }, bytes) {
  let all = pick([
    () => gzipSync(bytes),
    () => tool('xz', ['-c'], bytes),
    () => tool('bzip2', ['-c'], bytes),
    () => tool('zstd', ['-c', '-q'], bytes),
    () => readFileSync(pick(PACKED)),
    () => Buffer.concat([gzipSync(bytes), gzipSync(bytes)]),
    () => gzipSync(Buffer.alloc(1 << 26, 'x')),
  ])();
  if (one(3)) all = all.subarray(0, draw(all.length + 1));
  if (one(3) && all.length > 0) {
    all = Buffer.from(all);
    all[draw(all.length)] = draw(256);
  }
  return all;
}

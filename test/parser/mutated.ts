/** Inputs made of real lines: mutated, spliced, truncated, laden with escapes, in any framing. What a fuzz draws from. */
import fc from 'fast-check';
import { examples, fixtureLines } from './lines.ts';

const LINES = [...fixtureLines(), ...examples()];
const NOISE = [
  '\x1b[32m',
  '\x1b[0m',
  '\x1b]0;t\x07',
  '\x1b[',
  '\0',
  '\r',
  '\b',
  '\ufeff',
  '\u00a0',
  '\ufffd',
  '\\x1b',
  ' ',
];
const FRONTS = [
  ...[
    '',
    '[    1.234567] ',
    '[    1.234567][   T44] ',
    '[    1.234567] [      T7] ',
    '[   T44] ',
    '<6>',
    '<30>',
    '<0>[    2.000001] ',
  ],
  ...[
    'kern  :info  : ',
    'Nov  3 12:44:09 host kernel: ',
    '2023-11-03T12:44:09+00:00 host kernel: ',
    '> ',
    '> > | ',
    '    ',
    '\t',
  ],
  ...[
    '6,1509,12767657146,-;',
    '6,1509,12767657146,-,ncfrag=0/986;',
    '6,1510,12767657146,c;',
    'T44,ncfrag=12/40;',
    ' SUBSYSTEM=',
  ],
  ...[
    '09-03 18:57:12.982     0     0 I ',
    '- {"dt": "x", "lvl": "target", "msg": "',
    'MESSAGE=',
    'MESSAGE',
    '"msg": "',
    '{"MESSAGE":[',
  ],
  ...[
    'Oops#1 Part2',
    'Panic#2 Part1',
    '[4:     netbpfload:  825] ',
    '[Thu May 28 03:51:42 2020] ',
    '[    1.0 <    0.1>] ',
    'm1 login: ',
  ],
];

const line = fc.constantFrom(...LINES);
const at = fc.double({ min: 0, max: 1, noNaN: true });
const cut = (text: string, where: number) => Math.floor(where * (text.length + 1));

/** One such line. */
export const mutated: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: line },
  fc.tuple(line, at).map(([text, where]) => text.slice(0, cut(text, where))),
  fc.tuple(line, at).map(([text, where]) => text.slice(cut(text, where))),
  fc.tuple(line, line, at).map(([a, b, where]) => a.slice(0, cut(a, where)) + b),
  fc.tuple(line, line, at, at).map(([a, b, x, y]) => a.slice(0, cut(a, x)) + b.slice(cut(b, y))),
  fc
    .tuple(line, at, fc.constantFrom(...NOISE))
    .map(([text, where, n]) => text.slice(0, cut(text, where)) + n + text.slice(cut(text, where))),
  fc
    .tuple(line, at, fc.string({ unit: 'binary', maxLength: 6 }))
    .map(([text, where, s]) => text.slice(0, cut(text, where)) + s + text.slice(cut(text, where) + 2)),
  fc
    .tuple(line, at, fc.integer({ min: 2, max: 40 }))
    .map(([text, where, n]) => text.slice(0, cut(text, where)) + text.slice(cut(text, where)).slice(0, 12).repeat(n)),
  line.map((text) => text.replace(/[0-9a-f]/g, 'f')),
  line.map((text) => text.replace(/\d+/g, '99999999999999999999')),
  line.map((text) => text.replaceAll(' ', '')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const physical = fc
  .tuple(fc.constantFrom(...FRONTS), fc.boolean(), mutated)
  .map(([front, unstamped, text]) =>
    unstamped ? front + text.replace(/^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? /, '') : front + text,
  );
/** A few dozen of them as the bytes of a log. */
export const input: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.array(physical, { minLength: 1, maxLength: 30 }),
    fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n', '\0\n'),
    fc.boolean(),
    fc.nat(9),
  )
  .map(([lines, separator, ended, encoding]) => {
    const text = lines.join(separator) + (ended ? separator : '');
    if (encoding === 0) return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    return encoding < 3 ? Buffer.from(text, 'latin1') : Buffer.from(text);
  });

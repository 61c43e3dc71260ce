import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ofUtf8 } from '../../src/bytes.ts';
import { cutFraming } from '../../src/parser/framings/index.ts';
import { usual } from '../../src/parser/framings/usual.ts';
import { size } from '../size.ts';

/** LINES names another folder of logs to try. */
const FOLDER = process.env.LINES ?? 'test/fixtures/logs';

function* lines(folder: string): Generator<string> {
  for (const entry of readdirSync(folder).sort()) {
    const path = join(folder, entry);
    if (statSync(path).isDirectory()) yield* lines(path);
    else if (!entry.endsWith('.json')) yield* readFileSync(path, 'utf8').split('\n');
  }
}

/** True if the short way knew the line; then it must say what the long one says. */
function isTold(line: string): boolean {
  const bytes = ofUtf8(line.slice(0, 4096));
  const told = usual(bytes, 0, bytes.length);
  if (told !== null) expect([told], JSON.stringify(line)).toEqual(cutFraming(line.slice(0, 4096)));
  return told !== null;
}

/** Fronts and pieces of the framings that there are, and of messages. */
const FRONTS = [
  ...[
    '',
    '[    1.234567] ',
    '[    1.234567]',
    '[    1.234567][    T1] ',
    '[12345.678901] [  C0] ',
    '<4>[    0.000000] ',
    '<12>[    1.000000] ',
  ],
  ...[
    'Nov  3 12:44:09 host kernel: [    1.234567] ',
    'Nov 13 12:44:09 host kernel: ',
    'Nov  3 12:44:09 host kernel[1]: [    1.0] ',
  ],
  ...[
    '[    1.234567] host kernel: ',
    '[<    1.234567>] ',
    '[   +0.000012] ',
    '[T123] ',
    '6,12,1234,-;',
    '> ',
    '| ',
    '  ',
  ],
];
const PIECES = [
  ...[
    'host kernel: ',
    'kernel: ',
    'kern  :info  : ',
    'login: ',
    ' login: x',
    'T12;',
    'c2     61 ',
    'I[1: a: 2] ',
    '-(1)[0:swapper] ',
    '(CPU:2-pid:61:a) ',
  ],
  ...[
    '@2 ',
    '[61:kworker] ',
    '[    2.345678] ',
    '<6>',
    '- {"dt": "x", "lvl": "target", "msg": "y"}',
    '{"log": "x"}',
    '"x"',
    '_TRANSPORT=kernel',
    'MESSAGE=x',
    'PRIORITY=6',
  ],
  ...[
    ' SUBSYSTEM=pci',
    ' DEVICE=+pci',
    '    MESSAGE=x',
    'Thu 2025-01-09 20:04:27.123456 UTC [s=0123456789;',
    '01-09 20:04:27.123  1  1 I x: ',
    '2025-01-09T20:04:27Z ',
  ],
  ...[
    'Nov  3 12:44:09 ',
    ',ncfrag=0/12;',
    '\t',
    '\u00a0',
    '\u2018',
    '\x1b[1m',
    '\r',
    '=',
    ': ',
    ':',
    ' ',
    'k',
    'kernel',
    'ker',
    'x',
    '0',
    '[',
    ']',
    '<',
    '>',
    '(',
    '?',
    '.',
    '-',
    '--',
  ],
  ...[
    'foo+0x1/0x2',
    ' foo+0x1/0x2 [bar]',
    ' ? foo+0x1/0x2',
    '[<c0123456>] ',
    '[<12345678>] ',
    ' <TASK>',
    'Call trace:',
    '---[ end trace ]---',
    'usb 1-1: new',
    'x0 : 0000',
  ],
];

describe('the usual line', () => {
  it('is told as the long way tells it, and most lines are usual', () => {
    let told = 0;
    let all = 0;
    for (const line of lines(FOLDER)) {
      all++;
      if (isTold(line)) told++;
    }
    expect(told * 2).toBeGreaterThan(all);
  });

  it('is told as the long way tells it whatever it is made of', () => {
    const line = fc
      .tuple(fc.constantFrom(...FRONTS), fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }))
      .map(([front, pieces]) => front + pieces.join(''));
    fc.assert(
      fc.property(line, (text) => {
        isTold(text);
      }),
      { seed: 19, numRuns: size(20_000, 500_000), verbose: 1 },
    );
  });
});

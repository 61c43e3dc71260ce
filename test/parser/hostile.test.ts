import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutFraming } from '../../src/parser/framings/index.ts';
import { Reader } from '../../src/parser/grammars/read.ts';
import { readMessage } from '../../src/parser/grammars/understand.ts';
import { parseLog } from '../../src/parser/parse.ts';
import { processorTime } from '../processor-time.ts';
import { size } from '../size.ts';

const OOPS = readFileSync('test/fixtures/logs/6.1-appledart-race-natural-06.log').subarray(9000, 20000);
const codes = (bytes: Uint8Array) => parseLog(bytes, { name: 'x' })[0]!.diagnostics.map((d) => d.code);

describe('input that nobody meant to be read', () => {
  it('gives one log for no bytes, and says so', () => expect(codes(new Uint8Array())).toEqual(['OR103']));

  it('never throws, wherever a log is cut', () => {
    for (let n = 0; n < OOPS.length; n += size(71, 7))
      expect(parseLog(OOPS.subarray(0, n), { name: 'x' }).length).toBeGreaterThan(0);
    for (let n = 0; n < OOPS.length; n += size(307, 31))
      expect(parseLog(OOPS.subarray(n), { name: 'x' }).length).toBeGreaterThan(0);
  });

  it('never throws at every byte of an oops head', () => {
    const head = Buffer.from(
      OOPS.toString('latin1').slice(OOPS.indexOf('Unable to handle') - 20, OOPS.indexOf('Call trace') + 200),
      'latin1',
    );
    for (let n = 0; n < head.length; n++) parseLog(head.subarray(0, n), { name: 'x' });
  });

  it('never throws at bytes flipped, doubled or dropped', () => {
    fc.assert(
      fc.property(fc.nat(OOPS.length - 1), fc.nat(255), fc.nat(400), (at, byte, drop) => {
        const bytes = Buffer.concat([
          OOPS.subarray(0, at),
          Buffer.from([byte, byte]),
          OOPS.subarray(Math.min(at + drop, OOPS.length)),
        ]);
        for (const log of parseLog(bytes, { name: 'x' }))
          for (const i of log.incidents) {
            expect(i.span.line).toBeLessThanOrEqual(i.lastLine);
            expect(i.title.length).toBeGreaterThan(0);
          }
      }),
      { seed: 42, numRuns: size(150, 3000), verbose: 1 },
    );
  });

  it('takes UTF-16, CR only and CRLF for what they are', () => {
    const text = OOPS.toString('latin1');
    const titles = (b: Uint8Array) => parseLog(b, { name: 'x' })[0]!.incidents.map((i) => i.title);
    const expected = titles(OOPS);
    expect(expected.length).toBeGreaterThan(0);
    expect(titles(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]))).toEqual(expected);
    expect(titles(Buffer.from(text.replaceAll('\n', '\r'), 'latin1'))).toEqual(expected);
    expect(titles(Buffer.from(text.replaceAll('\n', '\0\r\n'), 'latin1'))).toEqual(expected);
  });

  it('reads a 64 MB line in two seconds of work, and says that it was cut', () => {
    const bytes = Buffer.alloc(64 << 20, 'a');
    bytes.write('Unable to handle kernel', 30 << 20);
    expect(processorTime(() => expect(codes(bytes)).toContain('OR101'))).toBeLessThan(2000);
  });

  it('stops the grammar at its cap and says so', () => {
    // Of as many shapes as lines: a word of two letters in another place each.
    const frames = Array.from(
      { length: 5000 },
      (_, i) => ` f+0x10/0x20 ${'- '.repeat(i % 71)}zz ${'. '.repeat(i / 71)}`,
    );
    const log = parseLog(Buffer.from(`Call trace:\n${frames.join('\n')}`), { name: 'x' }, { grammarWork: 10_000 })[0]!;
    expect(log.diagnostics.map((d) => d.code)).toContain('OR105');
  });
});

describe('no pattern takes more than linear time', () => {
  const reader = new Reader(0, 4096);
  const time = (text: string) =>
    processorTime(() => {
      for (const cut of cutFraming(text)) readMessage(reader, cut.text);
    });
  const attacks = [
    'a',
    '0',
    ' ',
    '[',
    '0123456789abcdef ',
    '> ',
    '| ',
    'x0 : ',
    '(a)',
    'a.',
    '[    1.',
    '<6>',
    'a(+) ',
    '+0x',
    ': ',
    'RIP',
    '\x1b[',
    'foo.c:1 ',
  ];
  it.each(attacks)('%j repeated', (unit) => {
    time(unit.repeat(8));
    expect(time(unit.repeat(Math.ceil(4096 / unit.length)))).toBeLessThan(300);
  });
});

/** Whose lines are whose, and what is missing: other CPUs inside a report, two reports at once, records that never came. */
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../../src/parser/parse.ts';
import type { ParsedLog } from '../../../src/parser/types.ts';

const parse = (text: string): ParsedLog => parseLog(Buffer.from(text), { name: 'x' })[0]!;

/** An arm64 oops as one task prints it. */
const oops = (fn: string, address: string, pid: number, number: number) => [
  `Unable to handle kernel NULL pointer dereference at virtual address ${address}`,
  'Mem abort info:',
  '  ESR = 0x0000000096000004',
  '  EC = 0x25: DABT (current EL), IL = 32 bits',
  'Data abort info:',
  '  CM = 0, WnR = 0, TnD = 0, TagAccess = 0',
  `[${address}] user address but active_mm is swapper`,
  `Internal error: Oops: 0000000096000004 [#${number}] SMP`,
  'Modules linked in: foo(O)',
  `CPU: ${number} PID: ${pid} Comm: kworker/u8:${number} Not tainted 6.6.17 #1`,
  'pstate: 60000005 (nZCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)',
  `pc : ${fn}+0x20/0x60 [foo]`,
  `lr : ${fn}+0x1c/0x60 [foo]`,
  'sp : ffff80000a5d3a40',
  `x29: ffff80000a5d3a40 x28: 000000000000000${number} x27: 0000000000000000`,
  'Call trace:',
  ` ${fn}+0x20/0x60 [foo]`,
  ' really_probe+0xc0/0x3c4',
  ' kthread+0x118/0x128',
  ' ret_from_fork+0x10/0x20',
  'Code: 540003a1 b9400e94 b40007b3 f94172c0 (f9400c13)',
  '---[ end trace 0000000000000000 ]---',
];
const stamped = (lines: readonly string[], caller: string) =>
  lines.map((l, i) => `[   12.${String(100000 + i * 10)}][${caller.padStart(6)}] ${l}`);
const told = (log: ParsedLog) =>
  log.incidents.map((i) => [i.pid, i.pc?.symbol, i.fault?.address, i.frames.length, i.complete]);

describe("other CPUs' lines", () => {
  const first = stamped(oops('foo_probe', '0000000000000040', 93, 1), 'T93');
  const second = stamped(oops('bar_probe', '0000000000000058', 94, 2), 'T94');

  it('inside a report are set apart: the report has its own lines and no others', () => {
    const text = first
      .flatMap((l, i) => [l, `[   12.${String(100001 + i * 10)}][   T50] usb 1-1: new device ${i}`])
      .join('\n');
    const log = parse(`${text}\n`);
    expect(told(log)).toEqual([[93, 'foo_probe', 0x40n, 4, true]]);
    expect(log.incidents[0]!.lines).toEqual(first.map((_l, i) => 2 * i + 1));
  });

  it('that are a second oops make a second oops, line by line', () => {
    const log = parse(`${first.flatMap((l, i) => [l, second[i]!]).join('\n')}\n`);
    expect(told(log)).toEqual([
      [93, 'foo_probe', 0x40n, 4, true],
      [94, 'bar_probe', 0x58n, 4, true],
    ]);
  });

  it('in an interrupt on the same CPU are not the task that it interrupted', () => {
    const warning = stamped(
      [
        '------------[ cut here ]------------',
        'WARNING: CPU: 1 PID: 93 at kernel/foo.c:10 foo_irq+0x10/0x20',
        'Call trace:',
        ' foo_irq+0x10/0x20',
        ' handle_irq_event+0x40/0x90',
        '---[ end trace 0000000000000000 ]---',
      ],
      'C1',
    );
    const log = parse(`${[...first.slice(0, 18), ...warning, ...first.slice(18)].join('\n')}\n`);
    expect(log.incidents.map((i) => [i.kind, i.frames.length])).toEqual([
      ['oops', 4],
      ['warning', 2],
    ]);
  });

  it('glued to a line are a line of their own', () => {
    const text = first.map((l, i) => (i === 9 ? `${l}[   12.100095][   T50] usb 1-1: new device` : l)).join('\n');
    expect(told(parse(`${text}\n`))).toEqual([[93, 'foo_probe', 0x40n, 4, true]]);
  });
});

describe('what is missing is said', () => {
  const lines = oops('foo_probe', '0000000000000040', 93, 1).map((l, i) => `[   12.${100000 + i}] ${l}`);
  const kinds = (text: string) => parse(text).losses.map((l) => l.kind);

  it('messages that printk dropped', () => {
    const text = [...lines.slice(0, 3), '** 14 printk messages dropped **', ...lines.slice(3)].join('\n');
    expect(kinds(`${text}\n`)).toEqual(['dropped']);
  });
  it('records whose sequence numbers have a gap', () => {
    const records = oops('foo_probe', '0000000000000040', 93, 1).map((l, i) => `6,${100 + i},12${100000 + i},-;${l}`);
    expect(kinds(`${[...records.slice(0, 3), ...records.slice(5)].join('\n')}\n`)).toEqual(['sequence-gap']);
  });
  it('the head, where the ring buffer had wrapped', () =>
    expect(kinds(`${lines.slice(9).join('\n')}\n`)).toEqual(['cut-start']));
  it('the end, where the console was cut', () => expect(kinds(lines.slice(0, 15).join('\n'))).toEqual(['cut-end']));
  it('what a console level hid', () => expect(kinds(`${lines.slice(7).join('\n')}\n`)).toEqual(['console-level']));
  it('nothing, where nothing is missing', () => expect(kinds(`${lines.join('\n')}\n`)).toEqual([]));
});

describe('levels and facilities', () => {
  const head = 'Kernel panic - not syncing: Fatal exception in interrupt';
  it.each([
    ['<0>', 1],
    ['<7>', 1],
    ['<8>', 0],
    ['<30>', 0],
    ['0,1,2,-;', 1],
    ['8,1,2,-;', 0],
    ['kern  :emerg : ', 1],
    ['daemon:emerg : ', 0],
  ])('%s', (front, crashes) => expect(parse(`${front}${head}\n`).incidents).toHaveLength(crashes));
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../src/parser/parse.ts';
import type { Incident, ParsedLog } from '../../src/parser/types.ts';

const STORY = readFileSync('test/fixtures/logs/6.6-appledart-race-null-priv-01.log', 'utf8')
  .split('\n')
  .filter((l) => l.startsWith('['));

const parts = STORY.map((l) => /^\[ *(\d+\.\d+)\]\[ *(T\d+)\] (.*)$/.exec(l)!).map(([, time, caller, text]) => ({
  time: time!,
  caller: caller!,
  text: text!,
}));

const FRAMINGS: Readonly<Record<string, (p: (typeof parts)[number]) => string>> = {
  dmesg: (p) => `[${p.time.padStart(12)}] ${p.text}`,
  'caller, glued': (p) => `[${p.time.padStart(12)}][${p.caller.padStart(6)}] ${p.text}`,
  'caller, spaced': (p) => `[${p.time.padStart(12)}] [${p.caller.padStart(6)}] ${p.text}`,
  'caller without time': (p) => `[${p.caller.padStart(6)}] ${p.text}`,
  'no prefix': (p) => p.text,
  level: (p) => `<6>[${p.time.padStart(12)}] ${p.text}`,
  'dmesg -x': (p) => `kern  :info  : [${p.time.padStart(12)}] ${p.text}`,
  rfc3164: (p) => `Nov  3 12:44:09 m1 kernel: [${p.time.padStart(12)}] ${p.text}`,
  'iso time': (p) => `2023-11-03T12:44:09.123456+00:00 m1 kernel: [${p.time.padStart(12)}] ${p.text}`,
  'ci prefix': (p) => `2023-11-03T12:44:09 [${p.time.padStart(12)}] ${p.text}`,
  'journal monotonic': (p) => `[${p.time.padStart(12)}] m1 kernel: ${p.text}`,
  'mail quote': (p) => `> [${p.time.padStart(12)}] ${p.text}`,
  'quoted twice': (p) => `> > [${p.time.padStart(12)}] ${p.text}`,
  gutter: (p) => `| ${p.text}`,
  indented: (p) => `    ${p.text}`,
  crlf: (p) => `[${p.time.padStart(12)}] ${p.text}\r`,
  ansi: (p) => `\x1b[32m[${p.time.padStart(12)}]\x1b[0m ${p.text}\x1b[K`,
  'kmsg records': (p) => `6,1,${p.time.replace('.', '').replace(/^0+(?=\d)/, '')},-;${p.text}`,
};

const parse = (text: string): ParsedLog => {
  const logs = parseLog(Buffer.from(text), { name: 'story' });
  expect(logs).toHaveLength(1);
  return logs[0]!;
};

/** What the story says, whatever wrapped it. */
function story(log: ParsedLog) {
  const facts = (i: Incident) => ({
    ...{
      title: i.title,
      fault: i.fault && { address: i.fault.address, access: i.fault.access },
      comm: i.comm,
      pid: i.pid,
      release: i.release,
    },
    ...{
      pc: i.pc?.symbol,
      lr: i.lr?.offset,
      registers: [...i.registers],
      frames: i.frames.map((f) => f.symbol),
      code: i.code?.words,
      trap: i.code?.trap,
    },
    ...{ modules: i.modules, lines: i.lines, complete: i.complete },
  });
  return {
    incidents: log.incidents.map(facts),
    events: log.events.map(({ span, time, caller, ...rest }) => ({ line: span.line, ...rest })),
  };
}

describe('one story, however it was captured', () => {
  const expected = story(parse(parts.map(FRAMINGS.dmesg!).join('\n')));
  it('is the crash of the fixture', () => {
    expect(expected.incidents).toHaveLength(1);
    expect(expected.incidents[0]).toMatchObject({
      title: 'BUG: unable to handle kernel NULL pointer dereference in apple_dart_of_xlate',
      fault: { address: 0x40n, access: 'write' },
      trap: 4,
    });
    expect(expected.incidents[0]!.frames).toHaveLength(24);
    expect(expected.incidents[0]!.registers).toHaveLength(31);
  });
  for (const [name, frame] of Object.entries(FRAMINGS)) {
    it(`reads the same: ${name}`, () => expect(story(parse(`${parts.map(frame).join('\n')}\n`))).toEqual(expected));
  }
  it('reads the same: all of them mixed, line by line', () => {
    const frames = Object.entries(FRAMINGS).filter(([name]) => !/caller|no prefix|gutter|indented/.test(name));
    expect(story(parse(parts.map((p, i) => frames[i % frames.length]![1](p)).join('\n')))).toEqual(expected);
  });
});

describe('a paste that a mailer wrapped at 72 columns', () => {
  const wrap = (text: string) =>
    text.replace(/(.{40,71}[^ ]) (?=\S)/g, (all, head: string) => (text.length > 72 ? `${head}\n` : all));
  const log = parse(parts.map((p) => (/Linux version|command line/.test(p.text) ? p.text : wrap(p.text))).join('\n'));
  it('keeps the address, the modules and the IOMMU instance', () => {
    const [incident] = log.incidents;
    expect(incident).toMatchObject({ fault: { address: 0x40n, access: 'write' }, release: '6.6.17', complete: true });
    expect(incident!.frames).toHaveLength(24);
    expect(incident!.registers.size).toBe(31);
    const [instance] = log.events.filter((e) => e.kind === 'iommu-instance');
    expect(instance).toMatchObject({ driver: 'apple-dart', device: '5f000000.iommu', says: 'initialized' });
    expect(log.lineText(instance!.span.line)).toContain('apple-dart 5f000000.iommu: DART [pagesize 1000');
  });
});

describe('pstore', () => {
  const oops = readFileSync('test/fixtures/logs/6.1-appledart-race-ramoops-dmesg-ramoops-0.log', 'utf8')
    .split('\n')
    .slice(1);
  const half = Math.floor(oops.length * 0.75);
  const parts12 = ['Oops#1 Part1', ...oops.slice(half), 'Oops#1 Part2', ...oops.slice(0, half)].join('\n');

  it('puts the newest part, which stands first, last', () => {
    const log = parse(parts12);
    expect(log.source.framings).toContain('pstore');
    expect(log.incidents.map((i) => [i.frames.length, i.registers.size, i.fault?.address, i.complete])).toEqual([
      [18, 31, 0x40n, true],
    ]);
  });

  it('takes a dump that a later boot shows for a boot of its own', () => {
    const boot = parts.slice(0, 60).map(FRAMINGS.dmesg!);
    const logs = parseLog(Buffer.from(`${boot.join('\n')}\n${parts12}`), { name: 'x' });
    expect(logs.map((l) => l.incidents.length)).toEqual([0, 1]);
  });
});

it('a boot console that stays on beside the real one does not double the crash', () => {
  const twice = parts.flatMap((p) => [FRAMINGS.dmesg!(p), FRAMINGS.dmesg!(p)]).join('\n');
  const log = parse(twice);
  expect(log.incidents.map((i) => [i.frames.length, i.registers.size])).toEqual([[24, 31]]);
  expect(log.events.filter((e) => e.kind === 'iommu-instance')).toHaveLength(1);
});

it('user space writing to the same console does not hide the crash', () => {
  const text = parts.map((p, i) => `${i % 9 === 4 ? 'LOGIN: hello ' : ''}${FRAMINGS.dmesg!(p)}`).join('\n');
  const [incident] = parse(text).incidents;
  expect(incident).toMatchObject({ fault: { address: 0x40n }, complete: true });
  expect(incident!.frames).toHaveLength(24);
});

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

const usec = (p: (typeof parts)[number]) => p.time.replace('.', '').replace(/^0+(?=\d)/, '');
const hex = (char: string) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;

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
  'dmesg -d': (p) => `[${p.time.padStart(12)} <    0.000012>] ${p.text}`,
  lava: (p) =>
    `- {"dt": "2026-01-04T12:00:03", "lvl": "target", "msg": ${JSON.stringify(`[${p.time.padStart(12)}] ${p.text}`)}}`,
  'journal json': (p) =>
    JSON.stringify({ _TRANSPORT: 'kernel', PRIORITY: '6', _SOURCE_MONOTONIC_TIMESTAMP: usec(p), MESSAGE: p.text }),
  'kmsg records, escaped': (p) => `6,1,${usec(p)},-;${p.text.replace(/[;'"]/g, hex)}`,
  'kmsg records, caller and NUL': (p) => `\x006,1,${usec(p)},-,caller=${p.caller};${p.text}`,
  'kmsg records': (p) => `6,1,${p.time.replace('.', '').replace(/^0+(?=\d)/, '')},-;${p.text}`,
};

const parse = (text: string): ParsedLog => {
  const logs = parseLog(Buffer.from(text), { name: 'story' });
  expect(logs).toHaveLength(1);
  return logs[0]!;
};

/** What the story says, whatever wrapped it; `nth`: which of the story's lines stands on a line of the file. */
function story(log: ParsedLog, nth = (line: number) => line) {
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
    ...{ modules: i.modules, lines: i.lines.map(nth), complete: i.complete },
  });
  return {
    incidents: log.incidents.map(facts),
    events: log.events.map(({ span, time, caller, ...rest }) => ({ line: nth(span.line), ...rest })),
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

/** Framings whose records take several lines: the message on the `on`-th of `of`, behind `head` lines. */
const RECORDS: Readonly<Record<string, { head: string; on: number; of: number; write: (typeof FRAMINGS)[string] }>> = {
  'dmesg --json': {
    ...{ head: '{\n   "dmesg": [\n      {', on: 3, of: 4 },
    write: (p) =>
      `         "pri": 6,\n         "time": ${p.time.padStart(12)},\n         "msg": ${JSON.stringify(p.text)}\n      },{`,
  },
  'dmesg --json with callers': {
    ...{ head: '{\n   "dmesg": [\n      {', on: 5, of: 6 },
    write: (p) =>
      `         "fac": "kern",\n         "pri": "info",\n         "time": ${p.time.padStart(12)},\n         "caller": "${p.caller}",\n         "msg": ${JSON.stringify(p.text)}\n      },{`,
  },
  'journal json-pretty': {
    ...{ head: '', on: 3, of: 6 },
    write: (p) =>
      `{\n\t"_TRANSPORT" : "kernel",\n\t"MESSAGE" : ${JSON.stringify(p.text)},\n\t"PRIORITY" : "6",\n\t"_SOURCE_MONOTONIC_TIMESTAMP" : "${usec(p)}"\n}`,
  },
  'journal export': {
    ...{ head: '', on: 4, of: 6 },
    write: (p) =>
      `_TRANSPORT=kernel\nPRIORITY=6\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=${p.text}\n_SOURCE_MONOTONIC_TIMESTAMP=${usec(p)}\n`,
  },
  'journal export, binary': {
    ...{ head: '', on: 5, of: 7 },
    write: (p) =>
      `_TRANSPORT=kernel\nPRIORITY=6\nSYSLOG_IDENTIFIER=kernel\nMESSAGE\n${String.fromCharCode(p.text.length % 127 === 10 ? 11 : p.text.length % 127)}\0\0\0\0\0\0\0${p.text}\n_SOURCE_MONOTONIC_TIMESTAMP=${usec(p)}\n`,
  },
  'kmsg records with dictionaries': {
    ...{ head: '', on: 1, of: 3 },
    write: (p) => `6,1,${usec(p)},-;${p.text}\n SUBSYSTEM=platform\n DEVICE=+platform:5f000000.iommu`,
  },
};

describe('one story, in records of several lines', () => {
  const expected = story(parse(parts.map(FRAMINGS.dmesg!).join('\n')));
  const bare = (text: string) => parse(text).incidents[0]?.time;
  for (const [name, { head, on, of, write }] of Object.entries(RECORDS)) {
    const text = `${head === '' ? '' : `${head}\n`}${parts.map(write).join('\n')}\n`;
    const first = head === '' ? 0 : head.split('\n').length;
    it(`reads the same: ${name}`, () =>
      expect(story(parse(text), (line) => (line - first - on) / of + 1)).toEqual(expected));
    it(`has the kernel's time: ${name}`, () => expect(bare(text)).toBe(bare(parts.map(FRAMINGS.dmesg!).join('\n'))));
  }
});

describe('netconsole in fragments', () => {
  const records = parts.map((p, i) => ({ ...p, seq: 100 + i }));
  const pieces = (text: string) => [text.slice(0, 60), text.slice(60, 131), text.slice(131)].filter((t) => t !== '');
  const write = (p: (typeof records)[number], newline: string) => {
    if (p.text.length < 90) return `6,${p.seq},${usec(p)},-;${p.text}`;
    let at = 0;
    const of = p.text.length;
    return pieces(p.text)
      .map((piece) => {
        const record = `6,${p.seq},${usec(p)},-,ncfrag=${at}/${of};${piece}`;
        at += piece.length;
        return record;
      })
      .join(newline);
  };
  const expected = story(parse(parts.map(FRAMINGS.dmesg!).join('\n')));
  const told = (log: ParsedLog) => {
    const { incidents, events } = story(log, () => 0);
    return { incidents: incidents.map((i) => ({ ...i, lines: 0 })), events };
  };
  const zero = {
    incidents: expected.incidents.map((i) => ({ ...i, lines: 0 })),
    events: expected.events.map((e) => ({ ...e, line: 0 })),
  };
  it('joins the pieces, each on a line', () => {
    const log = parse(records.map((p) => write(p, '\n')).join('\n'));
    expect(told(log)).toEqual(zero);
    expect(log.losses.filter((l) => l.kind === 'sequence-gap')).toEqual([]);
  });
  it('joins pieces that the listener wrote without a newline', () =>
    expect(told(parse(records.map((p) => write(p, '')).join('\n')))).toEqual(zero));
  it('names the records that are missing', () => {
    const log = parse(
      records
        .filter((p) => !/ x8 : | x5 : /.test(p.text))
        .map((p) => write(p, '\n'))
        .join('\n'),
    );
    expect(log.losses.filter((l) => l.kind === 'sequence-gap').length).toBeLessThanOrEqual(1);
  });
});

describe('logcat -b kernel', () => {
  const write = (p: (typeof parts)[number]) => {
    const colon = p.text.indexOf(':');
    const tag = colon < 0 ? '' : p.text.slice(0, colon).trimEnd();
    return `01-01 08:04:12.275     0     0 E ${tag.padEnd(8)}: ${p.text.slice(colon + 1).trimStart()}`;
  };
  it('puts the tag back in front', () => {
    const [incident] = parse(parts.map(write).join('\n')).incidents;
    expect(incident).toMatchObject({
      title: 'BUG: unable to handle kernel NULL pointer dereference in apple_dart_of_xlate',
      fault: { address: 0x40n, access: 'write' },
      complete: true,
    });
    expect(incident!.frames).toHaveLength(24);
    expect(incident!.registers.size).toBe(31);
  });
});

it('what another program wrote into the journal is no kernel message', () => {
  const record = (transport: string) =>
    JSON.stringify({ MESSAGE: 'Kernel panic - not syncing: Fatal exception in interrupt', _TRANSPORT: transport });
  expect(parse(record('syslog')).incidents).toEqual([]);
  expect(parse(record('kernel')).incidents).toHaveLength(1);
  expect(parse('<30>[    1.000000] Kernel panic - not syncing: no').incidents).toEqual([]);
  expect(parse('<0>[    1.000000] Kernel panic - not syncing: yes').incidents).toHaveLength(1);
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
    expect(log.lineText(instance!.span.line)).toMatch(/initialized$/);
    // The second half alone stays what it is.
    expect(log.lineText(instance!.span.line + 1)).not.toContain('apple-dart 5f000000.iommu: DART');
  });
});

it('a report can quote the whole of a wrapped headline', () => {
  const log = parse(
    'Unable to handle kernel NULL pointer dereference at virtual\naddress 0000000000000040\nMem abort info:\n  ESR = 0x0000000096000046\nInternal error: Oops: 0000000096000046 [#1] PREEMPT SMP\n',
  );
  expect(log.incidents[0]?.fault?.address).toBe(0x40n);
  expect(log.lineText(log.incidents[0]!.at.address!)).toBe(
    'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000040',
  );
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

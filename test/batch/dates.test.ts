/** When a machine booted: by its log, else by what holds the log, never before its kernel was built; and which of them it is. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtAt, DateNotes, datedIn, stampOf } from '../../src/batch/dates.ts';
import { dateOf } from '../../src/batch/dating.ts';
import { freshFolder } from '../cli/folder.ts';
import { tarOf, variant, write, zipOf } from './make.ts';

const at = freshFolder();
const RACE = 'samples/dmesg/qcom-null-priv-5.10.log';
const log = readFileSync(RACE, 'latin1');

function json(...args: string[]) {
  return JSON.parse(
    spawnSync(process.execPath, ['dist/cli.js', 'batch', '--workers', '0', '--format', 'json', ...args], {
      encoding: 'utf8',
    }).stdout,
  );
}

describe('the stamp of a line', () => {
  it.each([
    ['2026-11-26T18:47:43.123456+01:00 host kernel: [    0.000000] x', '2026-11-26T17:47:43.000Z'],
    ['2026-11-26T18:47:43Z [    0.000000] x', '2026-11-26T18:47:43.000Z'],
    ['<4>1 2024-04-10T10:15:57.163826-07:00 host kernel - - - x', '2024-04-10T17:15:57.000Z'],
    ['[2026-11-26 18:47:43] [    0.000000] x', '2026-11-26T18:47:43.000Z'],
    ['[Thu Nov 26 18:47:43 2026] x', '2026-11-26T18:47:43.000Z'],
    ['Thu 2026-11-26 18:47:43 UTC host kernel: x', '2026-11-26T18:47:43.000Z'],
    ['1795718863.123456 host kernel: x', '2026-11-26T18:47:43.000Z'],
    ['@400000006b087ed900000000 [    0.000000] x', '2026-11-26T18:47:43.000Z'],
    ['Nov  6 18:47:43 host kernel: x', '--11-06T18:47:43.000Z'],
    ['> Feb 29 18:47:43 host kernel: x', '--02-29T18:47:43.000Z'],
    ['<6>Nov 26 18:47:43 host kernel: x', '--11-26T18:47:43.000Z'],
    ['11-26 18:47:43.123     0     0 I kernel: x', '--11-26T18:47:43.000Z'],
  ])('is read: %s', (line, time) => {
    expect(stampOf(line)).toEqual({ at: time, by: 'syslog' });
  });

  it.each([
    '[    0.000000] Linux version 6.1',
    '1970-01-01T00:00:02 host kernel: x',
    '2026-13-40T18:47:43 host kernel: x',
    'Feb 30 18:47:43 host kernel: x',
    'Foo 12 18:47:43 host kernel: x',
    '9-digit 12',
    '',
  ])('is none: %s', (line) => {
    expect(stampOf(line)).toBe(null);
  });
});

describe('the build of a kernel', () => {
  it.each([
    ['#2 SMP PREEMPT Sun Nov 22 16:32:36 UTC 2026', '2026-11-22T16:32:36.000Z'],
    ['#1 SMP Mon Jan  5 03:04:05 CET 2026', '2026-01-05T03:04:05.000Z'],
    ['#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)', '2024-02-01T00:00:00.000Z'],
    ['#1 SMP PREEMPT Thu Jan 1 00:00:01 UTC 1970', null],
    ['#1', null],
  ])('is read: %s', (build, time) => {
    expect(builtAt(build)).toBe(time);
  });
});

describe('the date of a boot', () => {
  const bytes = (...lines: string[]) => Buffer.from(`${lines.join('\n')}\n`);
  const rtc = (time: string) => `[    3.1] rtc-pl031 9010000.pl031: setting system clock to ${time} UTC (1)`;

  it('is the clock chip, where it was set and the kernel was built by then', () => {
    const of = (time: string, built: string | null) => datedIn(bytes('[    0.0] Linux', rtc(time)), 0, 1e9, built);
    expect(of('2026-11-26T18:47:43', '2026-11-22T00:00:00.000Z')).toEqual({
      at: '2026-11-26T18:47:43.000Z',
      by: 'rtc',
    });
    expect(of('2026-11-26 18:47:43', null)?.at).toBe('2026-11-26T18:47:43.000Z');
    expect(of('1970-01-01T01:00:02', null)).toBe(null);
    expect(of('2020-01-01T01:00:02', '2026-11-22T00:00:00.000Z')).toBe(null);
  });

  it('is of its own boot, of several in one input', () => {
    const two = bytes('[    0.0] Linux', rtc('2026-11-01T00:00:00'), '[    0.0] Linux', rtc('2026-11-02T00:00:00'));
    const second = two.indexOf('\n[    0.0]') + 1;
    expect(datedIn(two, 0, second, null)?.at).toBe('2026-11-01T00:00:00.000Z');
    expect(datedIn(two, second, 1e9, null)?.at).toBe('2026-11-02T00:00:00.000Z');
    const notes = new DateNotes();
    for (let from = 0; from < two.length; from += 200) notes.push(two.subarray(from, from + 200));
    expect(notes.near(0, null)?.at).toBe('2026-11-01T00:00:00.000Z');
  });

  it("is a journal's record's own time before all, and a stamp without a year after all", () => {
    const record = '{"__REALTIME_TIMESTAMP":"1795718863000000","_TRANSPORT":"kernel","MESSAGE":"Linux version 6.1"}';
    expect(datedIn(bytes(record), 0, 1e9, null)).toEqual({ at: '2026-11-26T18:47:43.000Z', by: 'journal' });
    const both = bytes(
      'Nov 25 10:00:00 host kernel: Linux',
      `Nov 25 10:00:00 host kernel: ${rtc('2026-11-25T09:59:00')}`,
    );
    expect(datedIn(both, 0, 1e9, null)?.by).toBe('rtc');
    expect(datedIn(both.subarray(0, 35), 0, 1e9, null)?.at).toBe('--11-25T10:00:00.000Z');
  });

  const ms = (text: string) => Date.parse(text);
  const none = {
    date: Number.NaN,
    by: 'none',
    yearless: false,
    built: Number.NaN,
    modified: Number.NaN,
    member: false,
  } as const;
  const iso = (told: Parameters<typeof dateOf>[0]) => {
    const { time, by } = dateOf(told);
    return [Number.isNaN(time) ? null : new Date(time).toISOString().slice(0, 10), by];
  };

  it("falls back to the archive's member, the file, the build; and says so", () => {
    const modified = ms('2026-12-01');
    expect(iso({ ...none, date: ms('2026-11-26'), by: 'rtc', modified })).toEqual(['2026-11-26', 'rtc']);
    expect(iso({ ...none, modified })).toEqual(['2026-12-01', 'file']);
    expect(iso({ ...none, modified, member: true })).toEqual(['2026-12-01', 'member']);
    expect(iso({ ...none, modified: ms('1970-01-01'), member: true })).toEqual([null, 'none']);
    expect(iso({ ...none, modified: ms('1980-01-01'), built: ms('2026-11-22') })).toEqual(['2026-11-22', 'build']);
    expect(iso({ ...none, modified: ms('2026-10-01'), built: ms('2026-11-22') })).toEqual(['2026-11-22', 'build']);
  });

  it('has its year from what holds the log, or from the build', () => {
    const told = { ...none, by: 'syslog', yearless: true, date: ms('2000-12-31') } as const;
    expect(iso({ ...told, modified: ms('2026-03-01') })).toEqual(['2025-12-31', 'syslog']);
    expect(iso({ ...told, modified: ms('2026-12-31') })).toEqual(['2026-12-31', 'syslog']);
    expect(iso({ ...told, built: ms('2024-06-01') })).toEqual(['2024-12-31', 'syslog']);
    expect(iso({ ...told, date: ms('2000-01-05'), built: ms('2024-06-01') })).toEqual(['2025-01-05', 'syslog']);
    // A checkout's date is years behind the log's; a copy's is before the kernel was built.
    expect(iso({ ...told, modified: ms('2020-01-01'), built: ms('2024-06-01') })).toEqual(['2024-12-31', 'syslog']);
    expect(iso(told)).toEqual([null, 'none']);
  });

  it('is what a batch counts by, in files and archives', async () => {
    const stamped = (text: string) => text.replace(/^/gm, '2026-11-24T10:00:00+00:00 host kernel: ');
    write(at('logs/a.log'), stamped(log), new Date('2026-12-20T00:00:00Z'));
    write(at('logs/b.log'), variant(RACE, 5), new Date('2026-12-19T00:00:00Z'));
    write(
      at('logs/c.tar'),
      await tarOf([{ name: 'x.log', content: variant(RACE, 6).replaceAll(/ [A-Z][a-z]{2} Nov .* 2026/g, '') }]),
    );
    write(at('logs/d.zip'), zipOf([{ name: 'y.log', content: variant(RACE, 7) }]));
    const { dates, buckets, days } = json(at('logs'));
    expect(dates).toMatchObject({ syslog: 1, file: 1, member: 1, build: 1, none: 0 });
    expect(buckets).toHaveLength(1);
    expect(buckets[0]).toMatchObject({ first: '2026-03-01T12:00:00.000Z', last: '2026-12-19T00:00:00.000Z' });
    expect(buckets[0].datedBy).toEqual(['member', 'file']);
    expect(days.map((d: { day: string }) => d.day)).toContain('2026-11-24');
  });
});

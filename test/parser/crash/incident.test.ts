import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../../src/parser/parse.ts';
import type { ParsedLog } from '../../../src/parser/types.ts';

const parse = (name: string): ParsedLog => parseLog(readFileSync(`test/fixtures/logs/${name}.log`), { name })[0]!;
const NULL_DEREF = 'BUG: unable to handle kernel NULL pointer dereference in';

describe('two oopses at once', () => {
  it('gives each fault its own abort lines and its own die() lines (page table line names the address)', () => {
    const { incidents } = parse('6.1-appledart-race-natural-01');
    expect(incidents.map((i) => [i.title, i.fault?.address, i.fault?.access, i.number, i.pid])).toEqual([
      [`${NULL_DEREF} iommu_fwspec_free`, 0x30n, 'write', 2, 8],
      ['BUG: unable to handle kernel paging request in fwnode_handle_put', 0x6b6b6b6b6b6b73n, 'read', 1, 42],
    ]);
  });

  it('does so when the first fault tells its abort lines only after the second died', () => {
    const { incidents } = parse('6.1-appledart-race-natural-06');
    expect(incidents.map((i) => [i.title, i.fault?.address, i.number, i.complete])).toEqual([
      ['BUG: unable to handle kernel paging request in fwnode_handle_put', 0x6b6b6b6b6b6b73n, 2, true],
      [`${NULL_DEREF} iommu_fwspec_free`, 0x30n, 1, true],
    ]);
    const shared = incidents[0]!.lines.filter((l) => incidents[1]!.lines.includes(l));
    expect(shared).toEqual([]);
  });

  it('goes by the caller tags where there are some', () => {
    const { incidents } = parse('6.6-appledart-race-null-priv-05-two-clients');
    expect(incidents.map((i) => [i.pid, i.number, i.frames.length, i.registers.size])).toEqual([
      [60, 2, 14, 31],
      [57, 1, 14, 31],
    ]);
  });

  it('and one after the other are two as well', () => {
    expect(parse('6.1-appledart-race-two-at-once-01').incidents.map((i) => i.number)).toEqual([1, 2]);
  });
});

describe('what is lost', () => {
  it('says that the console hid the lines above "Internal error"', () => {
    const log = parse('6.1-appledart-race-loglevel-1');
    expect(log.losses.map((l) => l.kind)).toEqual(['console-level']);
    expect(log.incidents[0]!.fault).toMatchObject({ address: null, access: 'write', wording: null });
    expect(log.incidents[0]!.pc?.symbol).toBe('apple_dart_of_xlate');
  });

  it('says that the log ends inside the report', () => {
    const log = parse('6.1-appledart-race-trunc-01-head');
    expect(log.losses.map((l) => l.kind)).toEqual(['cut-end']);
    expect(log.incidents[0]).toMatchObject({ complete: false });
    expect(log.incidents[0]!.corrupted).not.toBeNull();
  });

  it('finds no crash in a log that was cut before it', () => {
    expect(parse('6.1-appledart-race-trunc-08-before-crash').incidents).toEqual([]);
  });
});

describe('reports of other kinds', () => {
  it('reads who allocated and who freed from KASAN', () => {
    const [incident] = parse('6.6-kasan-smmuv3-race-uaf-fwspec-free-02-panic').incidents;
    expect(incident).toMatchObject({
      kind: 'kasan',
      title: 'KASAN: slab-use-after-free Read in iommu_fwspec_free',
      type: 'KASAN-UAF-READ',
    });
    expect(incident!.kasan).toMatchObject({
      access: 'read',
      size: 8,
      cache: 'kmalloc-32',
      objectSize: 32,
      objectOffset: 8,
    });
    expect(incident!.kasan!.allocated).toMatchObject({ pid: 52 });
    expect(incident!.kasan!.freed!.frames.map((f) => f.symbol)).toContain('dev_iommu_free');
    expect(incident!.kasan!.freed!.pid).toBe(54);
  });

  it('reads the WARNING headline of 6.19 and later', () => {
    const [incident] = parse('7.3-neg-warn-01').incidents;
    expect(incident).toMatchObject({
      kind: 'warning',
      title: 'WARNING in labmisc_probe',
      cpu: 1,
      pid: 62,
      release: '7.3.4',
    });
  });

  it('takes stacks that sysrq asked for as evidence, not as crashes', () => {
    const log = parse('6.1-appledart-race-null-priv-13-sysrq-w-during-window');
    expect(log.incidents).toHaveLength(1);
    const stacks = log.events.filter((e) => e.kind === 'task-stack');
    expect(stacks.map((s) => [s.task, s.pid, s.state])).toEqual([
      ['kworker/u8:0', 8, 'D'],
      ['insmod', 50, 'D'],
    ]);
    expect(stacks[1]!.frames.map((f) => f.symbol)).toContain('__iommu_probe_device');
  });

  it('takes the function tracer apart from the oops that it was dumped in', () => {
    const log = parse('6.1-trace-appledart-race-null-priv-01');
    const calls = log.events.filter((e) => e.kind === 'ftrace');
    expect(calls.length).toBeGreaterThan(30);
    expect(calls).toContainEqual(
      expect.objectContaining({ function: 'of_iommu_xlate', parent: 'of_iommu_configure', pid: 50, cpu: 3 }),
    );
    const own = new Set(log.incidents[0]!.lines);
    expect(calls.some((c) => own.has(c.span.line))).toBe(false);
  });

  it('reads 5.10 registers, two a line, and its random end mark', () => {
    const [incident] = parse('5.10-smmuv3-race-double-error-exit-01').incidents;
    expect(incident).toMatchObject({
      title: `${NULL_DEREF} dev_iommu_free`,
      complete: true,
      fault: { address: 0x28n, access: 'read' },
    });
    expect(incident!.registers.size).toBe(31);
  });

  it('finds nothing in a boot that went well', () => {
    const log = parse('6.1-appledart-fixed-01');
    expect(log.incidents).toEqual([]);
    expect(log.fragments).toEqual([]);
    expect(log.events.map((e) => e.kind)).toContain('group-add');
  });
});

it('a panic that ends an oops is part of it, one without is a crash of its own', () => {
  const oops = readFileSync('test/fixtures/logs/6.1-appledart-race-natural-06.log', 'utf8');
  const panic =
    '[    2.460000] Kernel panic - not syncing: Oops: Fatal exception\n[    2.461000] ---[ end Kernel panic - not syncing: Oops: Fatal exception ]---\n';
  const told = parseLog(Buffer.from(`${oops.split('\n').slice(0, 245).join('\n')}\n${panic}`), { name: 'x' })[0]!;
  expect(told.incidents.map((i) => i.kind)).toEqual(['oops', 'oops']);
  const alone = parseLog(
    Buffer.from('[    2.460000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n'),
    { name: 'x' },
  )[0]!;
  expect(alone.incidents.map((i) => i.title)).toEqual([
    'kernel panic: VFS: Unable to mount root fs on unknown-block(NUM,NUM)',
  ]);
});

it('an oops whose first line is lost keeps the address of its page table line, and says what is missing', () => {
  const lines = readFileSync('test/fixtures/logs/6.6-appledart-race-null-priv-01.log', 'utf8').split('\n');
  const head = lines.findIndex((l) => l.includes('Unable to handle kernel'));
  const log = parseLog(Buffer.from(lines.slice(head + 1).join('\n')), { name: 'x' })[0]!;
  expect(log.losses.map((l) => l.kind)).toEqual(['cut-start']);
  expect(log.incidents).toHaveLength(1);
  expect(log.incidents[0]).toMatchObject({
    kind: 'oops',
    fault: { wording: null, address: 0x40n, access: 'write', esr: 0x96000046n },
    complete: true,
  });
});

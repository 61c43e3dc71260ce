/** A crash beside the kernel's own build: it is used where it is this kernel's and nowhere else, and what it gives goes before what is guessed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openImages } from '../../../src/commands/vmlinux.ts';
import type { Incident, ParsedLog } from '../../../src/parser/types.ts';
import { decodeFault } from '../../../src/reconstruct/fault/fault.ts';
import { beside } from '../../../src/reconstruct/image/beside.ts';
import { codeFromImage } from '../../../src/reconstruct/image/code.ts';
import { matchOf } from '../../../src/reconstruct/image/match.ts';
import type { KernelImage } from '../../../src/reconstruct/image/types.ts';
import { triage } from '../../../src/reconstruct/triage.ts';
import { boot, code, crash } from '../crash.ts';

const at = (name: string) => join('test/fixtures/image', name);
const images: Record<string, KernelImage> = {};
beforeAll(async () => {
  for (const name of [
    'arm64-dwarf5',
    'arm64-lockdep-btf',
    'amd64-dwarf5',
    'arm32-dwarf4',
    'arm32-thumb',
    'arm64.ko',
    'amd64-none',
  ])
    images[name] = (await openImages([at(name)], undefined))[0]!;
  images.raw = (await openImages([], at('raw.btf')))[0]!;
});

/** The words of tiny_iommu_of_xlate() with lockdep's layout: the store of priv at +0xc. */
const WORDS = 'f940f802 f9403040 b5000060 (f9003041)';
const BANNER = {
  release: '6.1.50-fixture',
  build: '#7 SMP PREEMPT Thu Nov 26 20:00:00 UTC 2026',
};

function oops(text: Parameters<typeof crash>[0] = {}): Incident {
  return crash({
    address: 0x60n,
    access: 'write',
    wording: 'NULL pointer dereference',
    pc: 'tiny_iommu_of_xlate+0xc/0x1c',
    lr: 'of_iommu_xlate+0x8/0x18',
    frames: ['tiny_iommu_of_xlate+0xc/0x1c', 'of_iommu_xlate+0x8/0x18', 'of_iommu_configure+0x10/0x200'],
    code: WORDS,
    ...text,
  });
}
const logOf = (incident: Incident, banner: { release: string; build: string } | null = null): ParsedLog =>
  boot([incident], banner === null ? [] : [{ kind: 'banner', compiler: null, ...banner }]);
const match = (name: string, incident: Incident, banner: typeof BANNER | null = null) =>
  matchOf(images[name]!, logOf(incident, banner), incident);

describe('is it what ran?', () => {
  it('the words of Code: at pc say so', () => {
    expect(match('arm64-lockdep-btf', oops())).toMatchObject({
      is: 'this',
      because: expect.stringMatching(/^4 of 4 words/),
    });
    // A kernel patches itself: one word may differ, not the one at pc.
    expect(match('arm64-lockdep-btf', oops({ code: 'd503201f f9403040 b5000060 (f9003041)' })).is).toBe('this');
    expect(match('arm64-lockdep-btf', oops({ code: 'f940f802 f9403040 b5000060 (f9001841)' }))).toMatchObject({
      is: 'another',
    });
  });

  it('with pc as a number the KASLR offset is told', () => {
    const base = images['arm64-lockdep-btf']!.functions('tiny_iommu_of_xlate')[0]!.address;
    const moved = oops({ registers: { pc: base + 0xcn + 0x4a0000n } });
    expect(match('arm64-lockdep-btf', moved)).toMatchObject({
      because: expect.stringContaining('KASLR offset 0x4a0000'),
    });
  });

  it('another layout, size or processor is another kernel', () => {
    expect(match('arm64-dwarf5', oops())).toMatchObject({
      is: 'another',
      why: expect.stringMatching(/only \d of 4 words/),
    });
    expect(match('arm64-lockdep-btf', oops({ pc: 'tiny_iommu_of_xlate+0xc/0x200' }))).toMatchObject({
      is: 'another',
      why: expect.stringMatching(/has 0x1c bytes in .*, and 0x200 in the log/),
    });
    expect(match('amd64-dwarf5', oops())).toMatchObject({
      is: 'another',
      why: expect.stringMatching(/is for x86_64, the crash is of arm64/),
    });
  });

  it('without Code: the banner, or a build id', () => {
    const bare = oops({ code: undefined });
    expect(match('arm64-lockdep-btf', bare, BANNER).is).toBe('this');
    expect(
      match('arm64-lockdep-btf', bare, { ...BANNER, build: '#8 SMP PREEMPT Thu Nov 26 21:00:00 UTC 2026' }).is,
    ).toBe('another');
    expect(match('arm64-lockdep-btf', bare, { ...BANNER, release: '6.1.51' }).is).toBe('another');
    expect(match('arm64-lockdep-btf', bare)).toMatchObject({
      is: 'open',
      why: expect.stringMatching(/no Code:, no banner, no build id/),
    });
    const id = images['arm64-lockdep-btf']!.buildId!;
    const stamped = (build: string) => oops({ code: undefined, release: '6.1.50-fixture', build });
    expect(match('arm64-lockdep-btf', stamped(`#7 ${id}`)).is).toBe('this');
    expect(match('arm64-lockdep-btf', stamped(`#7 ${'0'.repeat(40)}`)).is).toBe('another');
  });

  it('a module by its own code, its relocated words left out', () => {
    const fn = images['arm64.ko']!.functions('of_iommu_xlate')[0]!;
    const bytes = fn.bytes(0, fn.size)!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const words = Array.from({ length: fn.size / 4 }, (_, i) =>
      // What the loader wrote where the file has a relocation.
      fn.relocated(i * 4) ? 0x94001234 : view.getUint32(i * 4, true),
    );
    const trap = words.length - 2;
    const text = words.map((w, i) => (i === trap ? `(${w.toString(16)})` : w.toString(16))).join(' ');
    const pc = `of_iommu_xlate+0x${(trap * 4).toString(16)}/0x${fn.size.toString(16)} [tiny]`;
    expect(match('arm64.ko', oops({ pc, code: text })).is).toBe('this');
  });
});

describe('what it gives', () => {
  it('exact layouts name the field where known ones cannot', () => {
    const incident = oops();
    const kernel = { release: null, era: null, eras: [] } as const;
    const own = beside(logOf(incident), incident, [images['arm64-lockdep-btf']!]);
    expect(own).toMatchObject({ taken: false, diagnostics: [] });
    const fault = decodeFault(own.incident, kernel, own.exact);
    expect(fault).toMatchObject({ fields: ['dev_iommu.priv'], decoded: true });
    expect(fault.because.map((c) => c.text).join('\n')).toContain('the layout of --vmlinux');
  });

  it('the instructions before pc, without any Code: line', () => {
    const incident = oops({ code: undefined });
    const own = beside(logOf(incident, BANNER), incident, [images['arm64-lockdep-btf']!]);
    expect(own.incident.code).toMatchObject({
      unit: 4,
      trap: 3,
      words: code(WORDS).words.concat(own.incident.code!.words.slice(4)),
    });
    const fault = decodeFault(own.incident, { release: null, era: null, eras: [] }, own.exact);
    expect(fault).toMatchObject({ fields: ['dev_iommu.priv'], decoded: true });
  });

  it.each([
    // What a store through dev->iommu is compiled to, and where in tiny_iommu_of_xlate().
    ['amd64-dwarf5', 'x86_64', 'tiny_iommu_of_xlate+0xe/0x1e', 0x30n],
    ['arm32-dwarf4', 'arm', 'tiny_iommu_of_xlate+0xc/0x18', 0x18n],
    ['arm32-thumb', 'arm', 'tiny_iommu_of_xlate+0x8/0x12', 0x18n],
  ] as const)('the same on %s, whatever the length of instructions', (name, arch, pc, address) => {
    const incident = { ...oops({ arch, pc, frames: [pc], address }), code: null };
    const own = beside(logOf(incident, BANNER), incident, [images[name]!]);
    const fault = decodeFault(own.incident, { release: null, era: null, eras: [] }, own.exact);
    expect(fault).toMatchObject({ fields: ['dev_iommu.priv'], decoded: true });
  });

  it('what the log prints goes before the file, which the kernel may have patched', () => {
    const incident = oops({ code: 'd503201f f9403040 b5000060 (f9003041)' });
    const fn = images['arm64-lockdep-btf']!.functions('tiny_iommu_of_xlate')[0]!;
    expect(codeFromImage(incident, fn)!.words[0]).toBe(0xd503201f);
  });

  it('not beyond a place into which something else jumps', () => {
    // cbz x0,+8; ldr x1,[x1]; b .-8 behind pc: the load at +4 is a target from behind.
    const words = [0xb4000040, 0xf9400021, 0xf9400042, 0xf9000043, 0x17fffffd];
    const bytes = new Uint8Array(new Uint32Array(words).buffer);
    const fn = {
      ...{ name: 'f', size: 20, address: 0n, thumb: false },
      bytes: (offset: number, length: number) => bytes.subarray(offset, offset + length),
      relocated: () => false,
    };
    const made = codeFromImage(oops({ pc: 'f+0xc/0x14', code: undefined }), fn)!;
    expect(made.words.slice(0, made.trap + 1)).toEqual(words.slice(1, 4));
  });
});

describe('what is not used, and said', () => {
  const codes = (incident: Incident, ...names: string[]) =>
    beside(
      logOf(incident),
      incident,
      names.map((name) => images[name]!),
    );

  it('another kernel: nothing of it', () => {
    const own = codes(oops(), 'arm64-dwarf5');
    expect(own).toMatchObject({ exact: null, places: [], because: [] });
    expect(own.diagnostics).toEqual([
      { code: 'OR405', text: expect.stringMatching(/it was not used$/), line: expect.any(Number) },
    ]);
    expect(own.incident.code!.words).toHaveLength(4);
  });

  it('a vmlinux without debug information gives its code, and says what it lacks', () => {
    expect(images['amd64-none']).toMatchObject({ exact: null });
  });

  it('raw BTF is taken as long as it fits', () => {
    const own = codes(oops(), 'raw');
    expect(own).toMatchObject({ taken: true, exact: { deviceIommu: 496 } });
  });

  it('raw BTF of another kernel is let go where a known layout fits', () => {
    const log = readFileSync('samples/dmesg/dart-null-priv-6.1.log');
    const [without] = triage(log, { name: 'log' }, { notFixed: ['a2e7e59a9426'] });
    const [with_] = triage(log, { name: 'log' }, { notFixed: ['a2e7e59a9426'], images: [images.raw!] });
    expect(with_!.verdict.class).toBe(without!.verdict.class);
    expect(with_!.diagnostics.map((d) => d.code)).toContain('OR405');
  });

  it('a log without a word of it is judged as if it were not there', () => {
    for (const name of ['dart-null-priv-6.1', 'qcom-null-priv-5.10', 'no-crash-6.12', 'fragment']) {
      const log = readFileSync(`samples/dmesg/${name}.log`);
      const [without] = triage(log, { name: 'log' }, {});
      const [with_] = triage(log, { name: 'log' }, { images: [images['arm64-dwarf5']!, images['amd64-dwarf5']!] });
      expect(with_!.verdict).toEqual(without!.verdict);
    }
  });
});

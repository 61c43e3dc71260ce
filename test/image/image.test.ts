/** A kernel's own build, read: every field's place is pahole's, whatever the form of its debug information, and what cannot be read is refused in words. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openImages } from '../../src/commands/vmlinux.ts';
import { UsageError } from '../../src/exit.ts';
import { readBtf } from '../../src/image/btf.ts';
import { bytesOf, Malformed } from '../../src/image/bytes.ts';
import { readDwarf } from '../../src/image/dwarf.ts';
import { contentOf, readElf } from '../../src/image/elf.ts';
import type { StructReader } from '../../src/image/layout.ts';

const FOLDER = 'test/fixtures/image';
const at = (name: string) => join(FOLDER, name);
const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const copy = (name: string, as: string): string => {
  copyFileSync(at(name), join(folder, as));
  return join(folder, as);
};

type Layouts = Readonly<Record<string, Readonly<Record<string, readonly [offset: number, size: number]>>>>;
const PAHOLE: Readonly<Record<string, Layouts>> = JSON.parse(readFileSync(at('layouts.json'), 'utf8'));

async function structsOf(name: string): Promise<StructReader> {
  const bytes = bytesOf(readFileSync(at(name)));
  const elf = readElf(bytes);
  const btf = await contentOf(elf, '.BTF');
  return btf === null ? (await readDwarf(elf, /./))! : readBtf(btf).structs;
}

describe('every member of every struct is where pahole says', () => {
  it.each(Object.keys(PAHOLE))('%s', async (name) => {
    const structs = await structsOf(name);
    for (const [struct, members] of Object.entries(PAHOLE[name]!)) {
      const found = structs(struct);
      expect(found, struct).toHaveLength(1);
      for (const [member, [offset, size]] of Object.entries(members)) {
        const place = found[0]!.fields.get(member);
        expect(place?.offset, `${struct}.${member}`).toBe(offset);
        // pahole gives a flexible array no size, we its element's.
        if (size > 0) expect(place?.size, `${struct}.${member}`).toBe(size);
      }
    }
  });

  it('raw BTF, as /sys/kernel/btf/vmlinux is', () => {
    const { structs, pointer } = readBtf(bytesOf(readFileSync(at('raw.btf'))));
    expect(pointer).toBe(8);
    expect(structs('dev_iommu')[0]!.fields.get('priv')).toEqual({
      offset: PAHOLE['arm64-lockdep-btf']!.dev_iommu!.priv![0],
      size: 8,
    });
    expect(structs('device')[0]!.fields.has('devres_lock')).toBe(true);
    // Bit fields have no place of their own.
    expect(structs('dev_iommu')[0]!.fields.has('attach_deferred')).toBe(false);
    expect(structs('no_such_struct')).toEqual([]);
  });
});

describe('--vmlinux', () => {
  it.each([
    ['arm64-dwarf5', 'arm64', 8],
    ['amd64-dwarf2-zdebug', 'x86_64', 8],
    ['arm32-thumb', 'arm', 4],
  ])('%s has its processor, banner, build id, layouts and functions', async (name, arch, word) => {
    const [image] = await openImages([at(name)], undefined);
    expect(image).toMatchObject({ is: 'vmlinux', arch, why: null, buildId: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(image!.banner).toMatch(/^Linux version 6\.1\.50-fixture /);
    expect(image!.exact).toMatchObject({ word, deviceIommu: PAHOLE[name]!.device!.iommu![0] });
    expect(image!.exact!.others['mtk_iommu_data.plat_data']!.offset).toBe(PAHOLE[name]!.mtk_iommu_data!.plat_data![0]);
    const [fn] = image!.functions('of_iommu_xlate');
    expect(fn!.bytes(0, fn!.size)).toHaveLength(fn!.size);
    expect(fn!.bytes(fn!.size - 1, 1 << 20)).toBeNull();
    expect(fn!.thumb).toBe(name === 'arm32-thumb');
  });

  it('a module has functions whose relocated words are known', async () => {
    const [image] = await openImages([at('arm64.ko')], undefined);
    expect(image).toMatchObject({ is: 'module', arch: 'arm64', banner: null });
    const [fn] = image!.functions('of_iommu_xlate');
    const relocated = Array.from({ length: fn!.size }, (_, i) => fn!.relocated(i));
    expect(relocated).toContain(true);
    expect(relocated).toContain(false);
  });

  it('names functions and inlined callers with file and line, where this machine has a symbolizer', async () => {
    const [image] = await openImages([at('arm64-dwarf5')], undefined);
    const fn = image!.functions('tiny_iommu_of_xlate')[0]!;
    const found = image!.symbolize([{ fn, offset: 4 }]);
    // Without llvm-symbolizer or addr2line for arm64 there is nothing to say.
    if (found === null) return;
    expect(found[0]![0]).toMatchObject({
      function: 'tiny_iommu_of_xlate',
      file: expect.stringMatching(/tiny-iommu\.c$/),
      line: expect.any(Number),
    });
  });
});

describe('is refused in words, in bounded time and memory', () => {
  const refused = async (path: string, btf?: string) => {
    const [started, before] = [process.cpuUsage(), process.memoryUsage().rss];
    let message = '';
    try {
      await openImages(btf === undefined ? [path] : [], btf);
    } catch (error) {
      message = (error as Error).message;
      expect(error, message).toBeInstanceOf(UsageError);
    }
    const { user, system } = process.cpuUsage(started);
    expect(user + system).toBeLessThan(5_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20);
    return message;
  };

  it('what is not there, a folder, a FIFO', async () => {
    expect(await refused(join(folder, 'nowhere'))).toMatch(/nowhere: no such file/);
    expect(await refused(folder)).toMatch(/is a directory/);
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    expect(await refused(join(folder, 'fifo'))).toMatch(/no regular file/);
  });

  it('a file that is no ELF: empty, text, a boot image, 10 GB of nothing', async () => {
    const file = (name: string, content: string | Buffer) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    expect(await refused(file('empty', ''))).toMatch(/is empty/);
    expect(await refused(file('text', 'int main;'))).toMatch(/neither ELF nor BTF \(it begins with 69 6e 74 20\)/);
    expect(await refused(file('Image', Buffer.from('MZ\0\0')))).toMatch(/a boot image was made from a vmlinux/);
    expect(await refused(file('vmlinuz', Buffer.from([0x1f, 0x8b, 8, 0])))).toMatch(
      /a boot image was made from a vmlinux/,
    );
    const sparse = file('sparse', '');
    truncateSync(sparse, 10 * 1024 ** 3);
    expect(await refused(sparse)).toMatch(/neither ELF nor BTF/);
    expect(await refused('', sparse)).toMatch(/--btf .*neither ELF nor BTF/);
  });

  it('an ELF head on 10 GB of nothing', async () => {
    const path = copy('arm64-dwarf5', 'head');
    truncateSync(path, 64);
    truncateSync(path, 10 * 1024 ** 3);
    // Its section headers are zeros then.
    const [image] = await openImages([path], undefined).catch((error: Error) => {
      expect(error.message).toMatch(/--vmlinux/);
      return [null];
    });
    expect(image?.exact ?? null).toBeNull();
  });

  it('a vmlinux cut at every kilobyte is refused or read, and never a defect', async () => {
    const whole = readFileSync(at('arm64-dwarf5'));
    for (let size = 0; size < whole.length; size += 97) {
      const path = join(folder, 'cut');
      writeFileSync(path, whole.subarray(0, size));
      expect(await refused(path)).toMatch(/is empty|neither ELF nor BTF|cut short|no ELF/);
    }
  });

  it('bytes that were changed anywhere are refused or read, and never a defect', async () => {
    for (const name of ['arm64-dwarf5', 'arm64-lockdep-btf', 'arm64-dwarf4-zlib', 'arm64.ko']) {
      const whole = readFileSync(at(name));
      for (let i = 0; i < 150; i++) {
        const changed = Buffer.from(whole);
        for (let k = 0; k < 8; k++)
          changed[(i * 7919 + k * 104_729 + i * k) % changed.length] = (i * 31 + k * 17) & 0xff;
        writeFileSync(join(folder, 'changed'), changed);
        await refused(join(folder, 'changed'));
      }
    }
  });

  it('no debug information: the image is opened for its code, and says why it has no layouts', async () => {
    const [image] = await openImages([at('amd64-none')], undefined);
    expect(image).toMatchObject({ exact: null, why: expect.stringMatching(/neither BTF nor DWARF/) });
  });

  it('sections that claim to unfold to what no machine has', async () => {
    const whole = readFileSync(at('arm64-dwarf4-zlib'));
    const elf = readElf(bytesOf(whole));
    const section = elf.sections.find((s) => s.name === '.debug_info')!;
    const bomb = Buffer.from(whole);
    bomb.writeBigUInt64LE(1n << 40n, section.offset + 8);
    await expect(contentOf(readElf(bytesOf(bomb)), '.debug_info')).rejects.toThrow(
      /unfolds to \d+ MB, which is too much; objcopy --decompress-debug-sections/,
    );
    bomb.writeUInt32LE(9, section.offset);
    bomb.writeBigUInt64LE(100n, section.offset + 8);
    await expect(contentOf(readElf(bytesOf(bomb)), '.debug_info')).rejects.toThrow(Malformed);
  });
});

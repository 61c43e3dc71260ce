/** Inputs for the batch's tests: logs that crash and do not, archives of them, and a folder that means no good. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

export const SAMPLES = readdirSync('samples/dmesg')
  .filter((f) => f.endsWith('.log'))
  .sort()
  .map((f) => join('samples/dmesg', f));

/** When everything here was written, so that days do not depend on the test's. */
export const WRITTEN = new Date('2026-03-01T12:00:00.250Z');

export function write(path: string, content: string | Uint8Array, written = WRITTEN): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, written, written);
}

/** A log like a sample, with other addresses, tasks and times; the same seed gives the same bytes. */
export function variant(sample: string, seed: number): string {
  let state = (seed * 2654435761) >>> 0 || 1;
  const random = (n: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % n;
  };
  const shift = random(1000);
  return readFileSync(sample, 'latin1')
    .replace(/\(pid \d+\)|PID: \d+/g, () => `PID: ${100 + random(9000)}`)
    .replace(
      /^\[ *(\d+)\.(\d{6})\]/gm,
      (_, s: string, us: string) => `[${String(Number(s) + shift).padStart(5)}.${us}]`,
    )
    .replace(/\bffff[0-9a-f]{12}\b/g, (a) => `${a.slice(0, 10)}${random(0xffffff).toString(16).padStart(6, '0')}`);
}

export interface TarMember {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly type?: 'file' | 'symlink' | 'link' | 'fifo' | 'character-device';
}

const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);

export async function tarOf(members: readonly TarMember[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content = '', type = 'file' } of members)
    tar.entry(
      { name, type, mtime: WRITTEN, ...(type === 'file' ? {} : { linkname: '/etc/passwd' }) },
      Buffer.from(content as string),
    );
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
const crc = (bytes: Uint8Array) =>
  (bytes.reduce((c, b) => CRC[(c ^ b) & 0xff]! ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

/** A zip archive, deflated; `mode`: a Unix mode for a member that is no file. */
export function zipOf(
  members: readonly { readonly name: string; readonly content: string | Uint8Array; readonly mode?: number }[],
): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, content, mode = 0o100644 } of members) {
    const bytes = bytesOf(content);
    const packed = deflateRawSync(bytes, { level: 9 });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(0x5c616000, 6);
    fields.writeUInt32LE(crc(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    const local = [Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed];
    central.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), fields, tail, Buffer.from(name));
    parts.push(...local);
    at += local.reduce((sum, p) => sum + p.length, 0);
  }
  const size = central.reduce((sum, p) => sum + p.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...central, end]);
}

/** A gzip that unfolds to `bytes` of one character. */
export function bomb(bytes: number): Buffer {
  const block = gzipSync(Buffer.alloc(Math.min(bytes, 1 << 24), 'x'), { level: 9 });
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / (1 << 24)) }, () => block));
}

/** Boot messages of so many devices, and then a crash. */
export function manyDevices(devices: number): string {
  const lines = Array.from(
    { length: devices },
    (_, i) =>
      `[    1.${String(i).padStart(6, '0')}] platform ${(0x10000000 + i * 4096).toString(16)}.dma: Adding to iommu group ${i}`,
  );
  return `${lines.join('\n')}\n${readFileSync('samples/dmesg/qcom-null-priv-5.10.log', 'latin1')}`;
}

export interface Hostile {
  readonly folder: string;
  /** Status of each input, and the codes that its line bears. */
  readonly expected: Readonly<Record<string, string>>;
}

/** Good logs among whatever a folder can hold. Run as root, permission is no obstacle: then the unreadable one is a dangling link. */
export async function hostileFolder(at: string): Promise<Hostile> {
  const folder = join(at, 'logs');
  const outside = join(at, 'outside.log');
  write(outside, 'of somebody else');
  const put = (name: string, content: string | Uint8Array) => write(join(folder, name), content);
  const good = SAMPLES.slice(0, 4);
  for (const [i, sample] of good.entries()) put(`good-${i}.log`, readFileSync(sample));
  put('sub/good-0-again.log', readFileSync(good[0]!));
  put('empty.log', '');
  put('binary.log', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251)));
  put('bomb.gz', bomb(1 << 30));
  put('torn.gz', gzipSync(readFileSync(good[1]!)).subarray(0, 900));
  put('many.log', manyDevices(5000));
  put(
    'a.tar',
    await tarOf([
      { name: '../../climbs.log', content: readFileSync(good[2]!) },
      { name: 'l', type: 'symlink' },
      { name: 'd', type: 'character-device' },
      { name: 'in.tar', content: await tarOf([{ name: 'x', content: 'x' }]) },
      { name: 'b.log.gz', content: gzipSync(readFileSync(good[3]!)) },
    ]),
  );
  put(
    'b.tgz',
    gzipSync(
      await tarOf([
        { name: 'first.log', content: readFileSync(good[3]!) },
        { name: 'second.log', content: 'x'.repeat(100_000) },
      ]),
    ).subarray(0, 700),
  );
  put(
    'c.zip',
    zipOf([
      { name: '/abs/d.log', content: readFileSync(good[0]!) },
      { name: '..\\e.log', content: variant(good[0]!, 7) },
      { name: 'link', content: '/etc/passwd', mode: 0o120777 },
      { name: 'bomb.log', content: Buffer.alloc(80 << 20, 'x') },
    ]),
  );
  put('d.zip', zipOf([{ name: 'x.log', content: 'x' }]).subarray(0, 50));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  symlinkSync('/dev/zero', join(folder, 'zero'));
  symlinkSync(outside, join(folder, 'out.log'));
  symlinkSync('good-1.log', join(folder, 'in.log'));
  symlinkSync('.', join(folder, 'loop'));
  symlinkSync('nowhere', join(folder, 'gone.log'));
  const expected: Record<string, string> = {
    'good-0.log': 'judged',
    'good-1.log': 'judged',
    'good-2.log': 'judged',
    'good-3.log': 'judged',
    'sub/good-0-again.log': 'judged',
    'empty.log': 'judged OR111',
    'binary.log': 'judged OR111',
    'bomb.gz': 'judged OR110 OR111',
    'torn.gz': 'judged OR109',
    'many.log': 'judged',
    'a.tar': 'archive',
    'a.tar!../../climbs.log': 'judged',
    'a.tar!l': 'refused OR204',
    'a.tar!d': 'refused OR204',
    'a.tar!in.tar': 'refused OR205',
    'a.tar!b.log.gz': 'judged',
    'b.tgz': 'archive OR109 OR206',
    'b.tgz!first.log': 'unreadable OR206',
    'c.zip': 'archive',
    'c.zip!/abs/d.log': 'judged',
    'c.zip!..\\e.log': 'judged',
    'c.zip!link': 'refused OR204',
    'c.zip!bomb.log': 'unreadable OR110',
    'd.zip': 'archive OR206',
    pipe: 'refused OR203',
    zero: 'refused OR204',
    'out.log': 'refused OR204',
    'in.log': 'judged',
    loop: 'refused OR204',
    'gone.log': 'unreadable OR201',
  };
  if (process.getuid?.() !== 0) {
    put('secret.log', 'x');
    chmodSync(join(folder, 'secret.log'), 0);
    expected['secret.log'] = 'unreadable OR201';
  }
  return { folder, expected };
}

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressionOf, decompressed, type Growth, NothingUnpacked } from '../../src/io/decompress.ts';
import { openInput } from '../../src/io/input.ts';
import { parse } from '../../src/parser/stream.ts';
import type { Diagnostic, ParsedLog } from '../../src/parser/types.ts';
import { freshFolder } from './folder.ts';

const LOG = readFileSync('test/fixtures/logs/6.6-appledart-race-null-priv-01.log');
const at = freshFolder();
const FORMATS = {
  gzip: gzipSync(LOG),
  zstd: readFileSync('test/fixtures/compressed/log.zst'),
  xz: readFileSync('test/fixtures/compressed/log.xz'),
  bzip2: readFileSync('test/fixtures/compressed/log.bz2'),
} as const;

async function all(bytes: Uint8Array, growth?: Growth): Promise<{ out: Buffer; codes: string[] }> {
  const said: Diagnostic[] = [];
  const out: Uint8Array[] = [];
  try {
    for await (const chunk of decompressed(compressionOf(bytes)!, [bytes], (d) => said.push(d), growth))
      out.push(chunk.slice());
  } catch (error) {
    if (!(error instanceof NothingUnpacked) || Buffer.concat(out).length > 0) throw error;
    said.push(error.diagnostic);
  }
  return { out: Buffer.concat(out), codes: said.map((d) => d.code) };
}

async function logsOf(name: string): Promise<ParsedLog[]> {
  const input = openInput(name);
  if (input.is !== 'open') throw new Error(input.reason);
  const logs: ParsedLog[] = [];
  for await (const { lineText, ...log } of parse(input.chunks, { name: 'x' }))
    logs.push({ ...log, lineText: () => null });
  expect(input.diagnostics).toEqual([]);
  return logs.map((log) => ({ ...log, lineText: expect.any(Function) as never }));
}

describe.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])('%s', (kind) => {
  const bytes = FORMATS[kind];

  it('is known by its bytes, under any name, and read as the log itself', async () => {
    expect(compressionOf(bytes)).toBe(kind);
    writeFileSync(at('plain.gz'), LOG);
    writeFileSync(at('packed.log'), bytes);
    expect(await logsOf(at('packed.log'))).toEqual(await logsOf(at('plain.gz')));
  });

  it('may be several streams one behind the other', async () => {
    const { out, codes } = await all(Buffer.concat([bytes, bytes]));
    expect(codes).toEqual([]);
    expect(out.equals(Buffer.concat([LOG, LOG]))).toBe(true);
  });

  it('cut anywhere gives a part of the log, and says so', async () => {
    for (const length of [12, 100, 1000, bytes.length - 30, bytes.length - 1]) {
      const { out, codes } = await all(bytes.subarray(0, length));
      expect(LOG.subarray(0, out.length).equals(out), `${length}`).toBe(true);
      // Behind the last byte only check sums are missing, which some do not mind.
      if (out.length < LOG.length) expect(codes, `${length}`).toEqual(['OR109']);
    }
  });

  it('with a byte changed never throws', async () => {
    for (let i = 4; i < bytes.length; i += 97) {
      const broken = Buffer.from(bytes);
      broken[i] = broken[i]! ^ 0x55;
      const { out } = await all(broken);
      expect(out.length).toBeLessThan(1 << 26);
    }
  });

  it('is left where it grows beyond the caps', async () => {
    const { out, codes } = await all(bytes, { bytes: 4000, ratio: 1e9, free: 1e9 });
    expect(codes).toEqual(['OR110']);
    expect(out.length).toBeLessThan(LOG.length);
    expect((await all(bytes, { bytes: 1e9, ratio: 1, free: 4000 })).codes).toEqual(['OR110']);
    // What was left half read holds nobody up: the next one of its kind is read whole.
    expect((await all(bytes)).out.equals(LOG)).toBe(true);
  });

  it('that its reader leaves early holds nobody up', async () => {
    for await (const chunk of decompressed(kind, [bytes], () => {})) {
      expect(chunk.length).toBeGreaterThanOrEqual(0);
      break;
    }
    expect((await all(bytes)).out.equals(LOG)).toBe(true);
  });
});

it('takes a bomb of 256 MB for what it is before most of it is there', async () => {
  const { out, codes } = await all(gzipSync(Buffer.alloc(256 << 20)));
  expect(codes).toEqual(['OR110']);
  expect(out.length).toBeLessThan(80 << 20);
});

it('leaves text alone that only begins like a magic', () => {
  expect(compressionOf(Buffer.from('BZh is no magic without a block'))).toBe(null);
  expect(compressionOf(Buffer.from('(\xb5'))).toBe(null);
  expect(compressionOf(Buffer.alloc(0))).toBe(null);
});

describe('of which not one byte comes out', () => {
  const broken = (kind: keyof typeof FORMATS) =>
    Buffer.concat([FORMATS[kind].subarray(0, kind === 'xz' ? 12 : 10), Buffer.alloc(4000, 0xff)]);

  it.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])(
    '%s is an input that cannot be read, never a log without a crash',
    (kind) => {
      writeFileSync(at('broken.log'), broken(kind));
      writeFileSync(at('whole.log'), LOG);
      const run = (...args: string[]) => spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' });
      const { status, stdout, stderr } = run('--format', 'ndjson', at('broken.log'), at('whole.log'));
      expect(status).toBe(2);
      expect(stderr).toContain(`broken.log: ${kind}: damaged or cut short`);
      expect(
        stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).source.name),
      ).toEqual([at('whole.log')]);
      const batch = run('batch', '--format', 'ndjson', '--workers', '0', at('broken.log'), at('whole.log'));
      const inputs = batch.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(batch.status).toBe(2);
      expect(inputs.find(({ path }) => path === at('broken.log'))).toMatchObject({
        status: 'unreadable',
        diagnostics: [{ code: 'OR109', text: expect.stringContaining('nothing of it could be read') }],
      });
      expect(run('parse', at('broken.log'))).toMatchObject({ status: 2, stdout: '' });
    },
  );
});

describe('the built program', () => {
  it.each(Object.entries(FORMATS))('reads %s alone and in a batch, whose parts are built apart', (format, bytes) => {
    const file = at(`built.${format}`);
    writeFileSync(file, bytes);
    for (const args of [
      ['--brief', file],
      ['batch', '--format', 'ndjson', '--workers', '0', file],
    ]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' });
      expect([status, stderr.replace(/^oopsreplay: warning .*\n/gm, '')]).toEqual([0, '']);
      expect(stdout).toContain('apple_dart_of_xlate');
    }
  });
});

describe('an xz of many megabytes', () => {
  // A short one comes out in one piece, and is over before anybody can leave it.
  const long = readFileSync('test/fixtures/compressed/long.xz');
  const left = async (limit: boolean) => {
    if (limit) return (await all(long, { bytes: 1 << 30, ratio: 2, free: 1 << 20 })).codes;
    for await (const _ of decompressed('xz', [long], () => {})) break;
    return [];
  };

  it.each([
    ['stops at the limit', true],
    ['is left early', false],
  ])('that %s keeps no later one waiting', async (_, limit) => {
    expect(await left(limit)).toEqual(limit ? ['OR110'] : []);
    expect((await all(FORMATS.xz)).out.equals(LOG)).toBe(true);
  });

  it('stops at the limit, and the input behind it has its result', () => {
    writeFileSync(at('behind.xz'), FORMATS.xz);
    const bomb = at('bomb.xz');
    // Streams one behind the other, as a log that is appended to has them.
    writeFileSync(bomb, Buffer.concat(Array.from({ length: 8 }, () => long)));
    for (const command of [
      ['triage', '--format', 'ndjson'],
      ['batch', '--workers', '1', '--format', 'ndjson'],
    ]) {
      const { status, stdout } = spawnSync(process.execPath, ['dist/cli.js', ...command, bomb, at('behind.xz')], {
        encoding: 'utf8',
        timeout: 240_000,
      });
      expect(status).toBe(0);
      expect(stdout).toContain('bomb.xz');
      expect(stdout).toContain('behind.xz');
    }
  }, 300_000);
});

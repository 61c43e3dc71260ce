/** One story, however it was captured: the same crash and the same events, whatever wrote the file. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressionOf, decompressed } from '../../src/io/decompress.ts';
import { parse } from '../../src/parser/stream.ts';
import type { ParsedLog } from '../../src/parser/types.ts';
import { story, told } from './told.ts';
import { MORE_WRITERS, recordsOf, WRITERS } from './writers.ts';

/** As the command line takes bytes in: whatever compression they show is taken off. */
async function unpacked(kind: string, bytes: Buffer) {
  expect(compressionOf(bytes)).toBe(kind);
  const complaints: string[] = [];
  const chunks = decompressed(compressionOf(bytes)!, [bytes], ({ code }) => complaints.push(code));
  const logs: ParsedLog[] = [];
  for await (const log of parse(chunks, { name: 'story' })) logs.push(log);
  expect(complaints).toEqual([]);
  return told(logs);
}
/** WRITERS.dmesg's bytes, packed by zstd, xz and bzip2: Node 20 itself can only write gzip. */
const PACKED = { zstd: 'zst', xz: 'xz', bzip2: 'bz2' } as const;

for (const sample of ['dart-null-priv-6.1', 'dart-release-says-fixed-6.6', 'smmuv3-kasan-uaf-6.6', 'no-crash-6.12']) {
  describe(`${sample}, captured in every way`, () => {
    const records = recordsOf(readFileSync(`samples/dmesg/${sample}.log`, 'utf8'));
    const callers = WRITERS['callers, glued']!;
    const expected = story(callers(records));
    it('holds what it is known for', () => {
      expect(expected.boots).toBe(1);
      expect(expected.incidents).toHaveLength(sample.startsWith('no-crash') ? 0 : 1);
      expect(expected.events.length).toBeGreaterThan(3);
    });
    for (const [name, write] of Object.entries(WRITERS)) {
      it(name, () => expect(story(write(records))).toEqual(expected));
      it(`${name}, gzip`, async () => expect(await unpacked('gzip', gzipSync(write(records)))).toEqual(expected));
    }
    for (const [name, write] of Object.entries(MORE_WRITERS))
      it(name, () => expect(story(write(records))).toEqual(expected));
    for (const [kind, ending] of Object.entries(PACKED))
      it(`dmesg, ${kind}`, async () =>
        expect(await unpacked(kind, readFileSync(`test/fixtures/compressed/${sample}.${ending}`))).toEqual(expected));
  });
}

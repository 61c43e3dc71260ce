import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../src/parser/parse.ts';
import { parsedLines } from '../../src/report/text/parsed.ts';

const FIXTURE = 'test/fixtures/logs/6.6-appledart-race-null-priv-01.log';
const bytes = readFileSync(FIXTURE);
const objects = (text: Uint8Array) =>
  parseLog(text, { name: 'x' }).flatMap((log) => [...parsedLines(log)].map((l) => JSON.parse(l)));

describe('parse', () => {
  it('gives every find the bytes that it came from', () => {
    const found = objects(bytes).filter((o) => o.is !== 'source' && o.is !== 'loss');
    expect(found.length).toBeGreaterThan(5);
    for (const { bytes: span } of found) expect(span[0]).toBeLessThan(span[1]);
    const instance = found.find((o) => o.kind === 'iommu-instance');
    expect(bytes.toString('latin1', ...(instance.bytes as [number, number]))).toContain(instance.text);
    const [crash] = found.filter((o) => o.is === 'crash');
    expect(crash).toMatchObject({ fault: { address: '0x40', access: 'write' }, complete: true });
    expect(crash.registers).toHaveLength(31);
  });

  it('prints nothing that a terminal obeys', () => {
    const hostile = Buffer.from(
      '[    1.0] Linux version 6.1.\u009b31m\u202e (x)\n[    1.1] Kernel command line: \x7f\u2028a\n',
    );
    for (const log of parseLog(hostile, { name: 'x' }))
      for (const line of parsedLines(log)) expect(line).toMatch(/^[\x20-\x7e]*\n$/);
  });

  it('writes a line for each to standard output, and 2 for a file that is not there', () => {
    const { stdout, status } = spawnSync(process.execPath, ['dist/cli.js', 'parse', FIXTURE], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({ is: 'source', boot: 0, boots: 1 });
    expect(spawnSync(process.execPath, ['dist/cli.js', 'parse', 'no/such/file']).status).toBe(2);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readInput } from '../../src/io/input.ts';
import { freshFolder } from './folder.ts';

const at = freshFolder();

describe('readInput', () => {
  it('reads a regular file, also through a link, byte for byte', () => {
    const bytes = Buffer.from([0, 0xff, 0x0a, 0xe2, 0x80, 0xae]);
    writeFileSync(at('a.log'), bytes);
    symlinkSync(at('a.log'), at('link.log'));
    for (const name of ['a.log', 'link.log']) {
      const input = readInput(at(name));
      expect(input).toMatchObject({ is: 'read', name: at(name), diagnostics: [] });
      expect(input.is === 'read' && Buffer.compare(input.bytes, bytes)).toBe(0);
    }
  });

  it('reads a file that does not tell its size', () => {
    const input = readInput('/proc/self/status');
    expect(input.is === 'read' && Buffer.from(input.bytes).toString()).toMatch(/^Name:/);
  });

  it('reads up to the cap and says that it was one (OR202)', () => {
    writeFileSync(at('large.log'), 'x'.repeat(200_000));
    const cut = readInput(at('large.log'), 150_000);
    expect(cut.is === 'read' && cut.bytes.length).toBe(150_000);
    expect(cut.is === 'read' && cut.diagnostics.map((d) => d.code)).toEqual(['OR202']);
    const whole = readInput(at('large.log'), 200_000);
    expect(whole.is === 'read' && [whole.bytes.length, whole.diagnostics.length]).toEqual([200_000, 0]);
  });

  it('says in plain words why a file cannot be read', () => {
    mkdirSync(at('folder'));
    expect(readInput(at('nothing'))).toMatchObject({ is: 'unreadable', code: 'OR201', reason: 'no such file' });
    expect(readInput(at('a.log/b'))).toMatchObject({ reason: expect.stringContaining('no such file') });
    expect(readInput(at('folder'))).toMatchObject({ code: 'OR203', reason: expect.stringContaining('is a directory') });
    symlinkSync(at('loop'), at('loop'));
    expect(readInput(at('loop'))).toMatchObject({ reason: 'too many levels of symbolic links' });
  });

  it('refuses a FIFO without waiting for a writer, and a device', () => {
    execFileSync('mkfifo', [at('fifo')]);
    expect(readInput(at('fifo'))).toMatchObject({ code: 'OR203', reason: expect.stringContaining('a FIFO') });
    expect(readInput('/dev/zero')).toMatchObject({ code: 'OR203', reason: expect.stringContaining('a device') });
  });

  it('takes an empty file for what it is', () => {
    writeFileSync(at('empty.log'), '');
    expect(readInput(at('empty.log'))).toMatchObject({ is: 'read', bytes: Buffer.alloc(0) });
  });
});

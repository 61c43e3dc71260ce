import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkOutput, writeOutput } from '../../src/io/output.ts';
import { freshFolder } from './folder.ts';

const at = freshFolder();

describe('writeOutput', () => {
  it('writes a new file whole and leaves nothing beside it', () => {
    writeOutput(at('new.md'), 'réport\n', false);
    expect(readFileSync(at('new.md'), 'utf8')).toBe('réport\n');
    expect(readdirSync(dirname(at('x')))).toEqual(['new.md']);
  });

  it('never overwrites by accident, neither a file nor a link, and replaces with force', () => {
    writeFileSync(at('kept.md'), 'mine');
    symlinkSync(at('kept.md'), at('link.md'));
    for (const name of ['kept.md', 'link.md']) {
      expect(() => checkOutput(at(name), false, [])).toThrow('exists; use --force');
      expect(() => writeOutput(at(name), 'theirs', false)).toThrow('exists; use --force');
    }
    expect(readFileSync(at('kept.md'), 'utf8')).toBe('mine');
    writeOutput(at('link.md'), 'theirs', true);
    expect(readFileSync(at('link.md'), 'utf8')).toBe('theirs');
    expect(readFileSync(at('kept.md'), 'utf8')).toBe('mine');
    expect(() => readlinkSync(at('link.md'))).toThrow();
  });

  it('refuses a dangling link too: it would be written through', () => {
    symlinkSync(at('elsewhere'), at('dangling.md'));
    expect(() => checkOutput(at('dangling.md'), false, [])).toThrow('exists');
    expect(() => writeOutput(at('dangling.md'), 'x', false)).toThrow('exists');
  });

  it('refuses a directory, and to replace an input even with force', () => {
    mkdirSync(at('folder'));
    writeFileSync(at('boot.log'), 'log');
    expect(() => checkOutput(at('folder'), true, [])).toThrow('is a directory');
    expect(() => checkOutput(at('boot.log'), true, ['-', at('boot.log')])).toThrow('is one of the inputs');
  });

  it('says why a place cannot be written', () => {
    expect(() => writeOutput(at('no/such/folder.md'), 'x', false)).toThrow('no such file');
    mkdirSync(at('sealed'));
    chmodSync(at('sealed'), 0o500);
    if (process.getuid?.() !== 0) expect(() => writeOutput(at('sealed/a.md'), 'x', false)).toThrow('permission denied');
  });
});

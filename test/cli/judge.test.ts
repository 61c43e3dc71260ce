import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { judge, type Pipeline } from '../../src/commands/judge.ts';
import type { FailOn, LogOptions } from '../../src/options.ts';
import { isAtLeast } from '../../src/options.ts';
import type { Triage } from '../../src/reconstruct/types.ts';
import * as fixtures from '../report/fixture.ts';
import { freshFolder } from './folder.ts';

const at = freshFolder();
writeFileSync(at('a.log'), 'a');
writeFileSync(at('b.log'), 'b');

let out = '';
let err = '';
beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

/** Runs with a pipeline that answers with these triages, whatever the log. */
function run(
  paths: string[],
  answers: Triage[] | Pipeline,
  options: Partial<LogOptions> = {},
  failOn: FailOn | null = null,
) {
  const pipeline: Pipeline = typeof answers === 'function' ? answers : () => answers;
  return judge(paths.map(at), { format: 'text', ...options }, failOn, async () => pipeline);
}

describe('judge', () => {
  it('ends with 0 whatever the verdict, unless --fail-on asks', async () => {
    expect(await run(['a.log'], [fixtures.confirmedTriage])).toBe(0);
    expect(await run(['a.log'], [fixtures.confirmedTriage], {}, 'confirmed')).toBe(1);
    expect(await run(['a.log'], [fixtures.possibleTriage], {}, 'confirmed')).toBe(0);
    expect(await run(['a.log'], [fixtures.possibleTriage], {}, 'possible')).toBe(1);
    expect(await run(['a.log'], [fixtures.noCrashTriage], {}, 'crash')).toBe(0);
  });

  it('knows which verdicts are at or above which level', () => {
    const levels = (triage: Triage) =>
      (['confirmed', 'possible', 'crash'] as const).filter((l) => isAtLeast(triage, l));
    expect(levels(fixtures.confirmedTriage)).toEqual(['confirmed', 'possible', 'crash']);
    expect(levels(fixtures.possibleTriage)).toEqual(['possible', 'crash']);
    expect(levels(fixtures.excludedTriage)).toEqual(['crash']);
    expect(levels(fixtures.insufficientTriage)).toEqual([]);
    expect(levels(fixtures.noCrashTriage)).toEqual([]);
  });

  it('judges the others when one cannot be read, and ends with 2', async () => {
    expect(await run(['a.log', 'missing.log', 'b.log'], [fixtures.noCrashTriage], {}, 'confirmed')).toBe(2);
    expect(out.match(/NO CRASH/g)).toHaveLength(2);
    expect(err).toBe(`oopsreplay: ${at('missing.log')}: no such file\n`);
  });

  it('judges the others when one finds a defect of ours, and ends with 3 without a stack trace', async () => {
    const pipeline: Pipeline = async function* (chunks) {
      for await (const bytes of chunks) if (bytes[0] === 0x61) throw new TypeError('x is not a function');
      yield fixtures.noCrashTriage;
    };
    expect(await run(['a.log', 'b.log', 'missing.log'], pipeline)).toBe(3);
    expect(out).toContain('NO CRASH');
    expect(err).toContain(`defect in oopsreplay while reading ${at('a.log')}: TypeError: x is not a function`);
    expect(err).toContain('Please report it');
    expect(err).not.toMatch(/^ +at /m);
  });

  it('prints diagnostics on standard error with their place, once each', async () => {
    await run(['a.log'], [fixtures.insufficientTriage, fixtures.insufficientTriage]);
    expect(err).toBe(
      `oopsreplay: warning OR104: line cut before its message ends; kept as a fragment (${at('a.log')}:412)\n`,
    );
  });

  it('leaves diagnostics to the object where the output is JSON', async () => {
    await run(['a.log'], [fixtures.insufficientTriage], { format: 'json' });
    expect(err).toBe('');
    expect(JSON.parse(out).diagnostics).toHaveLength(1);
  });

  it('prints a JSON array for several paths even if only one of them could be read', async () => {
    await run(['a.log', 'missing.log'], [fixtures.confirmedTriage], { format: 'json' });
    expect(JSON.parse(out)).toHaveLength(1);
  });

  it('prints nothing on standard output when the only input cannot be read', async () => {
    for (const format of ['text', 'json', 'ndjson', 'markdown'] as const)
      expect(await run(['missing.log'], [], { format })).toBe(2);
    expect(out).toBe('');
  });

  it('prints a line for each log as ndjson, in input order', async () => {
    await run(['a.log', 'b.log'], [fixtures.confirmedTriage], { format: 'ndjson' });
    expect(out.split('\n')).toHaveLength(3);
  });

  it('writes to --output, and no file when there is nothing to write', async () => {
    expect(await run(['a.log'], [fixtures.confirmedTriage], { format: 'markdown', output: at('r.md') })).toBe(0);
    expect(out).toBe('');
    expect(readFileSync(at('r.md'), 'utf8')).toMatch(/^# CONFIRMED/);
    await expect(run(['a.log'], [fixtures.confirmedTriage], { output: at('r.md') })).rejects.toThrow(
      'exists; use --force',
    );
    expect(await run(['missing.log'], [], { output: at('none.md') })).toBe(2);
    expect(existsSync(at('none.md'))).toBe(false);
  });

  it('refuses options that contradict each other', async () => {
    const both = { fixed: ['a2e7e59a9426'], notFixed: ['a2e7e59a9426'] };
    await expect(run(['a.log'], [], both)).rejects.toThrow('--fixed and --not-fixed both name a2e7e59a9426');
  });

  it('hands the options on to the pipeline', async () => {
    let seen: unknown;
    await run(
      ['a.log'],
      (_bytes, source, options) => {
        seen = { source, options };
        return [];
      },
      { kernel: '6.1', driver: 'apple-dart', fixed: ['a2e7e59a9426'] },
    );
    expect(seen).toEqual({
      source: { name: at('a.log') },
      options: { kernel: '6.1', driver: 'apple-dart', fixed: ['a2e7e59a9426'] },
    });
  });
});

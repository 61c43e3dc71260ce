import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { optionsOf } from '../src/eval/logs.ts';
import { triage } from '../src/reconstruct/triage.ts';

interface Sample {
  readonly file: string;
  readonly flags: readonly string[];
  readonly what: string;
  readonly expect: readonly string[];
}

const index = JSON.parse(readFileSync('samples/dmesg/index.json', 'utf8')) as readonly Sample[];

describe('the sample logs', () => {
  it.each(index)('$file: $what', ({ file, flags, expect: right }) => {
    const boots = triage(readFileSync(`samples/dmesg/${file}`), { name: file }, optionsOf(flags));
    const classes = boots.map((t) => t.verdict.class);
    expect(
      classes.some((c) => right.includes(c)),
      classes.join(),
    ).toBe(true);
  });

  it('a release that carries the fix is never confirmed, and the contradiction is named', () => {
    for (const { file, flags } of index.filter(
      (s) => s.flags.includes('--not-fixed') || s.file.startsWith('dart-release'),
    )) {
      const withFlag = triage(readFileSync(`samples/dmesg/${file}`), { name: file }, optionsOf(flags));
      const without = triage(readFileSync(`samples/dmesg/${file}`), { name: file });
      for (const t of without) expect(t.verdict.class, file).not.toBe('confirmed');
      if (withFlag.some((t) => t.verdict.class === 'confirmed')) {
        expect(
          without.flatMap((t) => t.diagnostics).map((d) => d.code),
          file,
        ).toContain('OR401');
      }
    }
  });
});

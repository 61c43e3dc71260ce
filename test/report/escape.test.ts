import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cell, codeCell, codeSpan, fence, html, mermaid, prose } from '../../src/report/safe/escape.ts';
import { size } from '../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from './attacks.ts';

const seeded = { seed: SEED, numRuns: size(1000, 10_000) };

describe('fence', () => {
  it('is longer than any run of backticks in the text', () => {
    expect(fence(['a', '````', 'b'])).toBe('`````\na\n````\nb\n`````');
    expect(fence(['plain'], 'text')).toBe('```text\nplain\n```');
  });

  it(`cannot be closed from inside (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (lines) => {
        const out = fence(lines).split('\n');
        const bar = out[0]!;
        expect(out).toHaveLength(lines.length + 2);
        expect(out.at(-1)).toBe(bar);
        for (const line of out.slice(1, -1)) expect(line.includes(bar)).toBe(false);
        expect(activeIn(out.join('\n'))).toBeNull();
      }),
      seeded,
    );
  });
});

describe('codeSpan', () => {
  it('takes a delimiter that the text does not hold', () => {
    expect(codeSpan('dev->iommu')).toBe('`dev->iommu`');
    expect(codeSpan('a `b` ``c')).toBe('``` a `b` ``c ```');
    expect(codeSpan('`')).toBe('`` ` ``');
  });

  it(`cannot be closed from inside, and never spans lines (seed ${SEED})`, () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const out = codeSpan(text);
        const bar = /^`*/.exec(out)![0];
        if (bar === '') return;
        expect(out.endsWith(bar)).toBe(true);
        expect(out.slice(bar.length, -bar.length).match(/`+/g) ?? []).not.toContain(bar);
        expect(activeIn(out)).toBeNull();
        expect(out).not.toContain('\n');
      }),
      seeded,
    );
  });

  it(`has no bar that could end a table cell (seed ${SEED})`, () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(codeCell(text)).not.toContain('|');
        expect(cell(text)).not.toContain('|');
      }),
      seeded,
    );
  });
});

/** What is left of a markdown text outside its code spans, escapes taken out: everything here that has power is ours. */
function outsideCode(markdown: string): string {
  return markdown.replace(/\\[!-/:-@[-`{-~]|(`+)(?!`).*?(?<!`)\1(?!`)/g, '\u25a0');
}

describe('prose', () => {
  it('shows C words as code and escapes the rest', () => {
    expect(prose('the store goes through dev->iommu in __iommu_probe_device() at 0x40')).toBe(
      'the store goes through `dev->iommu` in `__iommu_probe_device()` at `0x40`',
    );
    expect(prose('a2e7e59a9426 is in 6.6.5')).toBe('`a2e7e59a9426` is in 6.6.5');
    expect(prose('--not-fixed a2e7e59a9426 makes it era E')).toBe('`--not-fixed a2e7e59a9426` makes it era E');
    expect(prose('build with CONFIG_KASAN=y; then')).toBe('build with `CONFIG_KASAN=y`; then');
    expect(prose('`ldr x0,[x22,#0x2e0]; str x19,[x0,#0x40]`: priv')).toBe(
      '`ldr x0,[x22,#0x2e0]; str x19,[x0,#0x40]`: priv',
    );
    expect(prose('first `x | y = *z` in f')).toBe('first `x | y = *z` in f');
    expect(cell('first `x | y` in f')).toBe('first `x \\x7c y` in f');
    expect(prose('*not* [a](link)')).toBe('\\*not\\* \\[a\\](link)');
  });

  it('makes no mention and no issue number, which a forge finds in rendered text', () => {
    expect(prose('@torvalds #123')).toBe('`@torvalds` `#123`');
    expect(prose('str x19,[x0,#0x40]')).toBe('str x19,\\[x0,\\#0x40\\]');
    expect(prose('\\#1')).toBe('`\\#1`');
    expect(prose('see (GH-12), org/repo#1 and 0123abc.')).toBe('see (`GH-12`), `org/repo#1` and `0123abc`.');
  });

  it('makes no link, which a forge finds in rendered text, and no order to it', () => {
    expect(prose('at https://evil.example/x_y, or a@b.example')).toBe(
      'at `https://evil.example/x_y`, or `a@b.example`',
    );
    expect(prose('/close this, not /that')).toBe('`/close` this, not /that');
  });

  it('starts no block', () => {
    for (const text of ['# h', '- l', '+ l', '1. n', '2) n', '> q', '    code', '=== ', '~~~ x', '| a |'])
      expect(prose(text)).not.toMatch(/^(#|-|\+|\d+[.)] |>|\s|=|~|\|)/);
  });

  for (const [name, text] of Object.entries(ATTACKS))
    it(`gives no power to: ${name}`, () => {
      const out = prose(text);
      expect(outsideCode(out)).not.toMatch(/[*_[\]<>|~`@]|#(?!0x)\w|https?:\/\/|www\./);
      expect(activeIn(out)).toBeNull();
    });

  it(`gives no power to any text (seed ${SEED})`, () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const out = prose(text);
        expect(outsideCode(out)).not.toMatch(/[*_[\]<>|~`@]|#(?!0x)\w|https?:\/\/|www\./);
        expect(activeIn(out)).toBeNull();
        expect(out).not.toContain('\n');
      }),
      seeded,
    );
  });
});

describe('html', () => {
  it('leaves no markup and no quote', () => {
    expect(html('<a href="x">&\'`')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;&#96;');
  });
});

describe('mermaid', () => {
  it('writes what has power as an entity', () => {
    expect(mermaid('dev->iommu = NULL; #1 %%x')).toBe('dev->iommu = NULL#59; #35;1 #37;#37;x');
    expect(mermaid(' ')).toBe('#32;');
  });
});

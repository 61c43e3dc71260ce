import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import type { TriageOptions } from '../../src/reconstruct/types.ts';
import { mailHeader, mailItem, mailParagraph, mailQuote } from '../../src/report/mail/lines.ts';
import { renderMail } from '../../src/report/mail/mail.ts';
import { widthOf } from '../../src/report/text/layout.ts';
import { size } from '../size.ts';
import { hostile, SEED } from './attacks.ts';
import * as fixtures from './fixture.ts';
import { mailPowers, QUOTED } from './mail-shape.ts';

function mailOf(name: string, options: TriageOptions = {}): string {
  const file = `samples/dmesg/${name}.log`;
  return renderMail(triage(readFileSync(file), { name: file }, options)[0]!);
}

const notFixed = { notFixed: ['a2e7e59a9426'] };
const samples: readonly { file: string; flags: readonly string[] }[] = JSON.parse(
  readFileSync('samples/dmesg/index.json', 'utf8'),
);

describe('renderMail', () => {
  it('begins with its subject, which says what crashed where', () => {
    expect(mailOf('dart-null-priv-6.1', notFixed).split('\n\n')[0]).toBe(
      'Subject: [BUG] iommu: NULL pointer dereference in apple_dart_of_xlate\n (6.1.192)',
    );
    expect(mailOf('rockchip-dma-dev-6.1', notFixed)).toMatch(/^Subject: \[BUG\] iommu: NULL pointer/);
    expect(mailOf('priv-without-fwspec-6.1', notFixed)).toMatch(/^Subject: \[BUG\] NULL pointer/);
    expect(mailOf('hung-task-6.1', notFixed)).toMatch(/^Subject: \[BUG\] INFO: task hung/);
    expect(mailOf('no-crash-6.12')).toMatch(/^Subject: no crash: samples\/dmesg\/no-crash-6\.12\.log \(6\.12\.95\)$/m);
  });

  it.each(samples)('has at most 72 columns, the lines of the log aside: $file', ({ file, flags }) => {
    const mail = mailOf(file.replace(/\.log$/, ''), flags.length > 0 ? notFixed : {});
    // Of a crash that is not the race the whole report is quoted, without numbers, as lists want it.
    const log = new Set(
      readFileSync(`samples/dmesg/${file}`, 'utf8')
        .split('\n')
        .map((line) => line.replace(/^\[[ \d.]+\](?:\[ *[TC]\d+\])? /, '').trim()),
    );
    for (const line of mail.split('\n'))
      if (!QUOTED.test(line) && !log.has(line.trim())) expect(widthOf(line), line).toBeLessThanOrEqual(72);
  });

  it('quotes lines of the log as they are, behind their numbers', () => {
    expect(mailOf('dart-null-priv-6.1', notFixed)).toContain(
      '\n     98| Unable to handle kernel NULL pointer dereference at virtual address 0000000000000040\n',
    );
  });

  it('suggests tags where a fix is to be brought to a branch, set in, and invents nothing', () => {
    const mail = mailOf('qcom-null-priv-5.10');
    const tags = mail.slice(mail.indexOf('\nTags\n'));
    expect(tags).toContain('\n  Fixes: 01657bc14a39 ("iommu: Avoid races around device probe")\n');
    expect(tags).toContain('\n  Closes: <link to this report, once an archive has it>\n');
    expect(tags).toContain('\n  Cc: stable@vger.kernel.org # 5.10.x: 01657bc14a39\n');
    expect(tags).toContain('\n  #regzbot introduced: <last good release>..<first bad release>\n');
    expect(mail).not.toMatch(/^(?:Fixes|Closes|Link|Cc|#regzbot|(?:Reported|Signed-off|Tested)-by)/m);
    expect(mail).not.toMatch(/https?:|-by: /);
    for (const name of ['no-crash-6.12', 'fragment', 'hung-task-6.1']) expect(mailOf(name)).not.toContain('\nTags\n');
  });

  it('breaks a command only where that can be undone', () => {
    const mail = mailOf('fragment');
    const trace = mail
      .slice(mail.indexOf('ftrace='))
      .split('\n')
      .map((line) => line.trim());
    const joined = trace.reduce((all, line) => all + (all.endsWith(',') ? '' : ' ') + line);
    expect(joined).toContain('iommu_fwspec_init,iommu_fwspec_free,iommu_fwspec_add_ids,__iommu_probe_device');
  });

  it('cuts no character in two', () => {
    const long = '\u{10000}'.repeat(100);
    expect(renderMail(fixtures.hostileTriage(`x${long}`))).not.toMatch(/[\ud800-\udfff]/u);
  });

  it(`keeps its columns whatever the log says (seed ${SEED})`, () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const line of renderMail(fixtures.hostileTriage(text)).split('\n'))
          if (!QUOTED.test(line)) expect(widthOf(line), line).toBeLessThanOrEqual(72);
      }),
      { seed: SEED, numRuns: size(50, 500) },
    );
  });
});

describe('a line of a mail', () => {
  it('is set in by a blank where it would have power', () => {
    for (const text of ['From here on', '---', '-- ', '> quoted', 'diff --git a b', 'Reported-by: me', '# x', '+++ b'])
      expect(mailParagraph(text)).toEqual([` ${text.trimEnd()}`]);
    expect(mailParagraph('From what follows')).toEqual([' From what follows']);
    expect(mailParagraph('a word: it stays')).toEqual(['a word: it stays']);
  });

  it('shows links, mail addresses and scissors instead of having them', () => {
    expect(mailQuote(7, 'see https://evil.example, www.evil.example or a@b.example', 2)).toBe(
      '   7| see https\\x3a//evil.example, www\\x2eevil.example or a\\x40b.example',
    );
    expect(mailQuote(7, 'memory@40000000 stays', 1)).toBe('  7| memory@40000000 stays');
    expect(mailPowers(`Subject: x\n\n${mailQuote(1, '-- >8 -- -- >8 -- -- 8< -- -- 8< --', 1)}\n`)).toEqual([]);
    expect(mailPowers('Subject: x\n\n  -- >8 -- -- >8 --\n')).toHaveLength(1);
  });

  it('folds a header and hangs an item', () => {
    const words = 'word '.repeat(30).trim();
    for (const line of [...mailHeader('Subject', words), ...mailItem(words)])
      expect(line.length).toBeLessThanOrEqual(72);
    expect(mailHeader('Subject', 'a\nBcc: x\u00e9')).toEqual(['Subject: a\\x0aBcc: x\\xe9']);
  });
});

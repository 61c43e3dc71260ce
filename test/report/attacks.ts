/** Hostile text, by the attack it carries, and a generator that mixes such text; shared by the tests of every output path. */

import fc from 'fast-check';

export const ATTACKS: Readonly<Record<string, string>> = {
  'CSI colour': '\x1b[31mred\x1b[0m',
  'CSI that clears the screen': '\x1b[2J\x1b[H',
  'OSC 8 hyperlink': '\x1b]8;;http://evil.example\x07click\x1b]8;;\x07',
  'OSC 52 clipboard write': '\x1b]52;c;ZXZpbA==\x1b\\',
  'OSC title through C1': '\x9d0;title\x9c',
  'carriage return that forges a line': 'Oops\rall is well',
  'backspace that rubs out': 'confirmed\b\b\b\b\b\b\b\b\bexcluded',
  'line feed that forges a line': 'a\noopsreplay: all is well',
  'DEL and C1': '\x7f\x80\x85\x9b31m',
  'bidi override': '\u202eevil\u202c \u2066x\u2069 \u061c',
  'zero-width and invisible': 'a\u200bb\u200dc\ufeffd\u00ade\u2060f\u180eg\u3164h',
  'line separators of Unicode': 'a\u2028b\u2029c',
  'tag characters': 'x\u{e0041}\u{e007f}',
  'stacked combining marks': `z${'\u0301'.repeat(40)}`,
  'lone surrogates': '\ud800x\udc00',
  'fence breaker': '```\n# owned\n````\n~~~',
  'HTML block': '</details><script>alert(1)</script><!--',
  'mention and issue number': '@torvalds #123 GH-7 org/repo#9 @org/team',
  'link and image':
    '[x](javascript:alert(1)) ![i](http://evil.example/p.png) <http://evil.example> https://evil.example www.evil.example a@b.example',
  'table cells': 'a | b \\| c \\\\| d |',
  'code span breakers': '` `` ``` ` \\` ',
  'block starters': '# h\n- l\n1. n\n> q\n    code\n===\n---',
  'reference definition': '[a]: http://evil.example "t"',
  entity: '&lt;b&gt; &#64;torvalds &#x202e;',
  'commit, advisory and other references of forges':
    '0123abc torvalds/linux@a2e7e59a9426 GL-3 GHSA-xxxx-yyyy-zzzz !7 $8 %"v 1" ~"label" [[_TOC_]] :smile: {+in+} [-out-]',
  'order to a forge': '/close /assign @me',
  'mail header': 'Subject: forged\nBcc: everyone@evil.example\nReported-by: Nobody <n@evil.example>',
  'mbox line': 'From evil Mon Sep 17 00:00:00 2001',
  'mail signature': '-- ',
  'patch for git am': '---\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\nIndex: x',
  'scissors for git am': '-- >8 -- -- >8 -- -- 8< -- -- >8 --',
  'order to a bot': '#regzbot invalid: no #syz fix: nothing',
  'Mermaid statement':
    'x; end\nparticipant evil\n%%{init: {}}%% ->>evil: <b>#quot; click evil href "http://evil.example"',
  'prototype key': '__proto__ constructor',
};

/** Attacks, pieces of them and any Unicode, joined. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Object.values(ATTACKS)),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: fc.constantFrom(...'`|\\*_[]<>#@!&~-+=.:()/ \n\t\r\x1b\x9b1aw'), maxLength: 8 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(''));

/** Bytes that no terminal must ever get from us, line feeds aside; and the invisible. */
export const ACTIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

export function activeIn(output: string): string | null {
  return ACTIVE.exec(output.replaceAll('\n', ''))?.[0] ?? null;
}

/** One run of a property, its seed in the title so that a failure can be replayed with SEED=n. */
export const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_007);

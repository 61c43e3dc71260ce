/** Every kind of report is known by its title, and its answer says what it means, whose it is and what to do next. */
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import { renderMail } from '../../src/report/mail/mail.ts';
import { KINDS, kindOf } from '../../src/report/story/kinds.ts';
import { nextSteps } from '../../src/report/story/next.ts';
import { toldOf } from '../../src/report/story/sections.ts';
import { renderTerminal } from '../../src/report/text/terminal.ts';
import { KNOWN } from './other-crashes.ts';

const judged = (log: string) => triage(Buffer.from(log), { name: 'boot.log' })[0]!;

describe('the table of kinds', () => {
  it('has each once, each with what it means and what to capture', () => {
    const ids = KINDS.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { id, means, capture } of KINDS) {
      expect(means, id).toMatch(/^(?:[A-Z]|k[A-Z]|kmem|lockdep|x86).*\.$/s);
      expect(capture.text, id).not.toBe('');
    }
  });

  it.each([
    ['KASAN: slab-use-after-free Read in f', 'kasan-uaf'],
    ['KASAN: slab-out-of-bounds Write in f', 'kasan-bounds'],
    ['KASAN: double-free in f', 'kasan-free'],
    ['KASAN: null-ptr-deref Read in f', 'kasan-null'],
    ['KASAN: wild-memory-access Read in f', 'kasan'],
    ['BUG: unable to handle kernel NULL pointer dereference in f', 'null-deref'],
    ['BUG: unable to handle kernel paging request in f', 'paging-request'],
    ['general protection fault in f', 'gpf'],
    ['kernel BUG in f', 'kernel-bug'],
    ['BUG: corrupted list in f', 'list'],
    ['WARNING: refcount bug in f', 'refcount'],
    ['WARNING in f', 'warning'],
    ['WARNING: locking bug in f', 'lock-misuse'],
    ['INFO: task hung in f', 'hung-task'],
    ['BUG: soft lockup in f', 'soft-lockup'],
    ['INFO: rcu detected stall in f', 'rcu-stall'],
    ['possible deadlock in f', 'deadlock'],
    ['kernel panic: Asynchronous SError Interrupt', 'serror'],
    ['kernel panic: sysrq triggered crash', 'sysrq'],
    ['kernel panic: panic_on_warn set', 'panic-on'],
    ['kernel panic: labmisc: firmware did not answer', 'panic'],
    ['something nobody has seen', 'other'],
  ])('knows %s', (title, id) => {
    expect(kindOf(title).id).toBe(id);
  });
});

describe.each(KNOWN)('$name', ({ log, kind, title, says, file }) => {
  const one = judged(log);
  const told = toldOf(one);

  it('is not the race, by its title, and of its kind', () => {
    expect(one.verdict.class).toBe('excluded');
    expect(told.crash!.incident.title).toBe(title);
    expect(told.other!.kind.id).toBe(kind);
  });

  it('says what this one says', () => {
    const all = [...told.other!.what, ...told.other!.who].map(({ text }) => text).join('\n');
    for (const words of says) expect(all).toContain(words);
  });

  it('names the file where the report has it, and never ends without a next step', () => {
    const commands = nextSteps(one).map(({ command }) => command ?? '');
    expect(commands.length).toBeGreaterThan(1);
    if (file !== null) expect(commands).toContain(`./scripts/get_maintainer.pl -f ${file}`);
  });

  it('does not speak of the fix of the race', async () => {
    const text = await renderTerminal(one, { columns: 80, colour: false, ascii: false });
    expect(text).toMatch(/^NOT THIS RACE {2}/);
    expect(text + renderMail(one)).not.toContain('a2e7e59a9426');
  });
});

describe('what a faulting address shows', () => {
  const of = (headline: string) => {
    const one = judged(`[    0.000000] Linux version 6.6.17 (b@h) (gcc 12.2.0) #1 SMP
[   12.000001] ${headline}
[   12.000009] CPU: 1 PID: 77 Comm: cat Not tainted 6.6.17 #1
[   12.000011] RIP: 0010:foo_read+0x44/0xd0 [foo]
[   12.000014] Call Trace:
[   12.000016]  vfs_read+0xac/0x2e0
[   12.000017]  ksys_read+0x6f/0xf0
[   12.000099] ---[ end trace 0000000000000000 ]---
`);
    return toldOf(one)
      .other!.what.map(({ text }) => text)
      .join('\n');
  };
  const PAGE = 'BUG: unable to handle page fault for address: ';
  it.each([
    [
      'letters in all its bytes: a string',
      'general protection fault, probably for non-canonical address 0x6d65747379732f65: 0000 [#1] SMP',
      'the text "e/system"',
    ],
    ['letters in a short one', `${PAGE}0000000065726f63`, 'the text "core"'],
    ['the mark of a list', `${PAGE}dead000000000100`, 'list_del()'],
    [
      "slab's poison",
      'general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b7b: 0000 [#1] SMP',
      'an object that is free',
    ],
    ['an error code', `${PAGE}fffffffffffffff4`, 'ERR_PTR'],
  ])('%s', (_what, headline, words) => expect(of(headline)).toContain(words));

  it.each([`${PAGE}ffff888104a3b010`, `${PAGE}00007f6565726f63`, `${PAGE}0000000041414141`])(
    'nothing where it is a number: %s',
    (headline) => expect(of(headline)).not.toMatch(/the text "/),
  );
});

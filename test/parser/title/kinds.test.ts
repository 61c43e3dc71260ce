/** Kinds of report that were once not known, or known wrong: each as ten logs, with and without caller tags. */
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../../src/parser/parse.ts';

const STEMS = ['widget', 'gadget', 'foo_bar', 'ab8500', 'x1', 'mlx9_core', 'r8169x', 'snd_zz', 'nv50', 'qcom_thing'];

const KINDS: readonly { readonly what: string; readonly titles: readonly string[]; readonly log: string }[] = [
  {
    what: 'an arm32 alignment trap, told again as a fault',
    titles: ['Alignment trap in widget_load'],
    log: `[   10.000000] 8<--- cut here ---
[   10.000050] Alignment trap: not handling instruction e1932f9f at [<80123456>]
[   10.000060] 8<--- cut here ---
[   10.000100] Unhandled fault: alignment exception (0x221) at 0x00000123
[   10.000200] [00000123] *pgd=00000000
[   10.000300] Internal error: : 221 [#1] PREEMPT SMP ARM
[   10.000400] CPU: 0 PID: 12 Comm: widgetd Not tainted 5.4.0 #1
[   10.000500] PC is at widget_load+0x10/0x40
[   10.000600] LR is at widget_work+0x20/0x80
[   10.000700] pc : [<80123456>]    lr : [<c0123470>]    psr: 60000013
[   10.000750] Backtrace:
[   10.000800] [<80123456>] (widget_load) from [<c0123470>] (widget_work+0x20/0x80)
[   10.000900] [<c0123470>] (widget_work) from [<c0123480>] (kthread+0x20/0x80)
[   10.001100] ---[ end trace 1234567890abcdef ]---
`,
  },
  {
    what: 'an arm32 unwind that ends in (null), of an oops',
    titles: ['BUG: unable to handle kernel NULL pointer dereference in widget_read'],
    log: `[   10.000000] Unable to handle kernel NULL pointer dereference at virtual address 00000000
[   10.000100] pgd = c0004000
[   10.000200] [00000000] *pgd=00000000
[   10.000300] Internal error: Oops: 5 [#1] PREEMPT SMP ARM
[   10.000400] CPU: 0 PID: 12 Comm: kworker/0:1 Not tainted 4.9.0 #1
[   10.000500] PC is at widget_read+0x10/0x40
[   10.000600] LR is at widget_work+0x20/0x80
[   10.000700] pc : [<c0123456>]    lr : [<c0123470>]    psr: 60000013
[   10.000800] [<c0123456>] (widget_read) from [<c0123470>] (widget_work+0x20/0x80)
[   10.000900] [<c0123470>] (widget_work) from [<  (null)>] (  (null))
[   10.001000] Code: e92d4010 e1a04000 e3500000 0a000004 (e5903000)
[   10.001100] ---[ end trace 1234567890abcdef ]---
`,
  },
  {
    what: 'an arm32 unwind that ends in (null), of a WARNING',
    titles: ['WARNING in widget_check'],
    log: `[   10.000000] WARNING: CPU: 0 PID: 12 at drivers/widget/a.c:12 widget_check+0x10/0x40
[   10.000400] CPU: 0 PID: 12 Comm: kworker/0:1 Not tainted 4.9.0 #1
[   10.000800] [<c0110000>] (unwind_backtrace) from [<c010c000>] (show_stack+0x10/0x14)
[   10.000810] [<c010c000>] (show_stack) from [<c0500000>] (dump_stack+0x88/0x9c)
[   10.000820] [<c0500000>] (dump_stack) from [<c0120000>] (__warn+0xe8/0x100)
[   10.000830] [<c0120000>] (__warn) from [<c0120100>] (warn_slowpath_null+0x20/0x28)
[   10.000840] [<c0120100>] (warn_slowpath_null) from [<c0600000>] (widget_check+0x10/0x40)
[   10.000850] [<c0600000>] (widget_check) from [<  (null)>] (  (null))
[   10.001100] ---[ end trace 1234567890abcdef ]---
`,
  },
  {
    what: "arm64's bad mode, with its panic",
    titles: ['kernel panic: bad mode'],
    log: `[  5.100000] Bad mode in Error handler detected on CPU1, code 0xbf000002 -- SError
[  5.100100] CPU: 1 PID: 77 Comm: widgetd Not tainted 4.19.0 #1
[  5.100200] Hardware name: Acme (DT)
[  5.100300] pstate: 60000005 (nZCv daif -PAN -UAO)
[  5.100400] pc : widget_poke+0x10/0x40
[  5.100500] lr : widget_go+0x10/0x40
[  5.100600] sp : ffff00000bd3bb90
[  5.100700] Kernel panic - not syncing: bad mode
[  5.100800] CPU: 1 PID: 77 Comm: widgetd Not tainted 4.19.0 #1
[  5.100900] Call trace:
[  5.101000]  dump_backtrace+0x0/0x180
[  5.101100]  panic+0x130/0x2a0
[  5.101200]  bad_mode+0x60/0x70
[  5.101300]  el1_error+0x7c/0xdc
[  5.101400]  widget_poke+0x10/0x40
`,
  },
  {
    what: "arm32's bad mode, which dies",
    titles: ['Internal error in widget_poke'],
    log: `[  5.100000] Bad mode in data abort handler detected
[  5.100050] Internal error: Oops - bad mode: 0 [#1] SMP ARM
[  5.100100] CPU: 1 PID: 77 Comm: widgetd Not tainted 4.19.0 #1
[  5.100400] PC is at widget_poke+0x10/0x40
[  5.100500] LR is at widget_go+0x10/0x40
[  5.100900] Backtrace:
[  5.101400] [<c0123456>] (widget_poke) from [<c0123470>] (widget_go+0x20/0x80)
[  5.101400] [<c0123470>] (widget_go) from [<c0123480>] (kthread+0x20/0x80)
[  5.101500] ---[ end trace 1234567890abcdef ]---
`,
  },
  {
    what: 'an x86 headline glued to the message before it',
    titles: ['BUG: unable to handle kernel NULL pointer dereference in widget_is_visible'],
    log: `[    6.845485] widget rtc: registered platform RTC deviceBUG: kernel NULL pointer dereference, address: 0000000000000008
[    6.857659] #PF: supervisor read access in kernel mode
[    6.857660] Oops: 0000 [#1] PREEMPT SMP NOPTI
[    6.857661] CPU: 1 PID: 1 Comm: swapper/0 Not tainted 6.1.0 #1
[    6.857662] RIP: 0010:widget_is_visible+0x14/0x30
[    6.857663] Call Trace:
[    6.857664]  widget_add+0x14/0x30
[    6.857665] ---[ end trace 0000000000000000 ]---
`,
  },
  {
    what: 'an arm64 headline glued to the message before it',
    titles: ['BUG: unable to handle kernel NULL pointer dereference in widget_is_visible'],
    log: `[    6.845485] widget: link upUnable to handle kernel NULL pointer dereference at virtual address 0000000000000008
[    6.857659] Mem abort info:
[    6.857660]   ESR = 0x0000000096000004
[    6.857661] Internal error: Oops: 0000000096000004 [#1] SMP
[    6.857662] CPU: 1 PID: 1 Comm: swapper/0 Not tainted 6.1.0 #1
[    6.857663] pc : widget_is_visible+0x14/0x30
[    6.857664] lr : widget_add+0x14/0x30
[    6.857665] Call trace:
[    6.857666]  widget_is_visible+0x14/0x30
[    6.857667] ---[ end trace 0000000000000000 ]---
`,
  },
  {
    what: 'a WARNING glued to the message before it',
    titles: ['WARNING in widget_x'],
    log: `[    6.845485] audit: startingWARNING: CPU: 0 PID: 12 at drivers/w/a.c:3 widget_x+0x1/0x20
[    6.857661] CPU: 0 PID: 12 Comm: w Not tainted 6.1.0 #1
[    6.857662] RIP: 0010:widget_x+0x1/0x20
[    6.857663] Call Trace:
[    6.857664]  widget_add+0x14/0x30
[    6.857665] ---[ end trace 0000000000000000 ]---
`,
  },
  {
    what: 'what kmemleak lists',
    titles: [],
    log: `unreferenced object 0xffff888114339e80 (size 128):
  comm "insmod", pid 50, jiffies 4294894652 (age 12.345s)
  hex dump (first 32 bytes):
    00 00 00 00 00 00 00 00
  backtrace:
    [<00000000a1b2c3d4>] kmem_cache_alloc_trace+0x12/0x30
    [<00000000a1b2c3d4>] widget_probe+0x12/0x30
`,
  },
  {
    what: 'what kmemleak prints of an object',
    titles: [],
    log: `[   60.100000] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
[   60.200000] kmemleak: Object 0xffff888100a0b000 (size 64):
[   60.200100] kmemleak:   comm "swapper/0", pid 1, jiffies 4294667296
[   60.200200] kmemleak:   backtrace:
[   60.200300]      kmem_cache_alloc_trace+0x12/0x30
[   60.200400]      widget_init+0x12/0x30
[   60.200500]      do_one_initcall+0x12/0x30
`,
  },
  {
    what: "powerpc's names with a leading dot",
    titles: ['BUG: unable to handle kernel paging request in widget_balance'],
    log: `[    9.351118] Unable to handle kernel paging request for data at address 0x00000010
[    9.351119] Faulting instruction address: 0xc0000000001b0a28
[    9.351120] Oops: Kernel access of bad area, sig: 11 [#1]
[    9.351178] CPU: 4 PID: 0 Comm: swapper/4 Not tainted 3.13.0 #1
[    9.351266] NIP [c0000000001b0a28] .widget_balance+0x7c8/0x800
[    9.351272] LR [c0000000001b0a24] .widget_all+0x7c4/0x800
[    9.351277] Call Trace:
[    9.351279] [c0000000285b7750] [c0000000001b0a24] .widget_all+0x7c4/0x800 (unreliable)
[    9.351287] [c0000000285b7870] [c0000000001b6aa0] .widget_go+0xa0/0xd0
[    9.351450] ---[ end trace 1f2e3d4c5b6a7988 ]---
`,
  },
  {
    what: "a file system's own WARNING",
    titles: [],
    log: `[   12.000000][  T10] XFS (sda1): WARNING: Reset corrupted AGFL on AG 0. 4 blocks leaked.
[   12.100000][  T10] XFS (sda1): Unmount and run xfs_repair
`,
  },
  {
    what: "a file system's other WARNING",
    titles: [],
    log: `[   12.000000] EXT4-fs (sda1): WARNING: mounting unchecked fs
`,
  },
  {
    what: "Trusty's assertion",
    titles: ['trusty: ASSERT FAILED: cpu < NUM'],
    log: `[    4.100000] trusty: panic (caller 0xffffffffe000fbb8): DEBUG ASSERT FAILED at (trusty/kernel/lib/sm.c:12): cpu < 8
`,
  },
  {
    what: "Trusty's panic",
    titles: ['trusty: panic: unexpected page fault'],
    log: `[    4.100000] trusty: panic (caller 0xffffffffe000fbb8): unexpected page fault
`,
  },
  {
    what: "arm64's unhandled exception",
    titles: ['kernel panic: Unhandled exception'],
    log: `[  5.100000] Unhandled 64-bit el1h sync exception on CPU1, ESR 0x0000000002000000 -- Unknown/Uncategorized
[  5.100100] CPU: 1 PID: 77 Comm: widgetd Not tainted 6.1.0 #1
[  5.100300] pstate: 60000005 (nZCv daif -PAN -UAO)
[  5.100400] pc : widget_poke+0x10/0x40
[  5.100500] lr : widget_go+0x10/0x40
[  5.100700] Kernel panic - not syncing: Unhandled exception
[  5.100800] CPU: 1 PID: 77 Comm: widgetd Not tainted 6.1.0 #1
[  5.100900] Call trace:
[  5.101000]  dump_backtrace+0x0/0x180
[  5.101100]  panic+0x130/0x2a0
[  5.101400]  widget_poke+0x10/0x40
`,
  },
];

describe('a kind of report', () => {
  for (const { what, titles, log } of KINDS)
    it(`is known, whoever crashed: ${what}`, () => {
      for (const [i, stem] of STEMS.entries()) {
        const named = (text: string) => text.replaceAll('widget', stem);
        const tagged = i % 2 === 0 ? named(log) : named(log).replace(/^(\[ *[\d.]+\])/gm, `$1[  T${10 + i}]`);
        const found = parseLog(Buffer.from(tagged), { name: what }).flatMap((boot) => boot.incidents);
        expect(found.map((incident) => incident.title)).toEqual(titles.map(named));
        expect(found.map((incident) => incident.corrupted)).toEqual(titles.map(() => null));
      }
    });
});

/** One report of each kind and architecture, as kernels print it, shortened: what it is called, what kind it is, where it ran. */
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../../src/parser/parse.ts';
import type { Incident } from '../../../src/parser/types.ts';

const incidents = (text: string): readonly Incident[] => {
  const lines = text.trim().split('\n');
  const stamped = lines.map((l, i) => `[   12.${String(100000 + i)}] ${l}`).join('\n');
  return parseLog(Buffer.from(`${stamped}\n[   99.000000] usb 1-1: new device\n`), { name: 'x' }).flatMap(
    (l) => l.incidents,
  );
};

const X86_STACK = `Call Trace:
 <TASK>
 dump_stack_lvl+0x36/0x50
 foo_work+0x40/0x90 [foo]
 process_one_work+0x210/0x3b0
 worker_thread+0x49/0x3c0
 kthread+0xe5/0x120
 ret_from_fork+0x31/0x50
 </TASK>`;
const CPU = 'CPU: 1 PID: 93 Comm: kworker/1:2 Not tainted 6.6.17 #1';

interface Told {
  readonly title: string;
  readonly kind: Incident['kind'];
  readonly type?: string;
  readonly arch?: Incident['arch'];
  readonly pid?: number;
}

const KINDS: readonly (readonly [name: string, text: string, told: Told])[] = [
  [
    'KFENCE',
    `==================================================================
BUG: KFENCE: use-after-free read in foo_read+0x22/0x60 [foo]

Use-after-free read at 0x00000000e5a4f2c1 (in kfence-#21):
 foo_read+0x22/0x60 [foo]
 vfs_read+0xc5/0x310
 do_syscall_64+0x3a/0x90

kfence-#21: 0x00000000e5a4f2c1-0x000000002a1f4c11, size=32, cache=kmalloc-32
CPU: 0 PID: 93 Comm: cat Not tainted 6.6.17 #1
==================================================================`,
    { title: 'KFENCE: use-after-free read in foo_read', kind: 'kfence', type: 'KFENCE-UAF-READ', pid: 93 },
  ],
  [
    'KMSAN',
    `=====================================================
BUG: KMSAN: uninit-value in foo_send+0x1c9/0x3a0 [foo]
 foo_send+0x1c9/0x3a0 [foo]
 sock_sendmsg+0x3a/0x90
${CPU}
=====================================================`,
    { title: 'KMSAN: uninit-value in foo_send', kind: 'other', type: 'KMSAN-UNINIT-VALUE' },
  ],
  [
    'KCSAN',
    `==================================================================
BUG: KCSAN: data-race in foo_write / foo_read

write to 0xffff888103c5d1a0 of 4 bytes by task 93 on cpu 1:
 foo_write+0x3c/0x90
 vfs_write+0xc5/0x310

read to 0xffff888103c5d1a0 of 4 bytes by task 94 on cpu 0:
 foo_read+0x22/0x60
==================================================================`,
    { title: 'KCSAN: data-race in foo_read / foo_write', kind: 'other', type: 'KCSAN-DATARACE' },
  ],
  [
    'UBSAN',
    `UBSAN: array-index-out-of-bounds in drivers/foo/foo.c:138:12
index 9 is out of range for type 'u8 [8]'
${CPU}
${X86_STACK}
---[ end trace ]---`,
    { title: 'UBSAN: array-index-out-of-bounds in foo_work', kind: 'ubsan', type: 'MEMORY_SAFETY_UBSAN' },
  ],
  [
    'lockdep, one order against another',
    `======================================================
WARNING: possible circular locking dependency detected
6.6.17 #1 Not tainted
------------------------------------------------------
kworker/1:2/93 is trying to acquire lock:
ffff888103c5d1a0 (&foo->lock){+.+.}-{3:3}, at: foo_lock_it+0x2c/0x80

but task is already holding lock:
ffff888103c5d2a0 (&bar->lock){+.+.}-{3:3}, at: bar_work+0x2c/0x80

stack backtrace:
${CPU}
${X86_STACK}`,
    { title: 'possible deadlock in foo_lock_it', kind: 'lockdep', type: 'LOCKDEP' },
  ],
  [
    'suspicious RCU usage',
    `=============================
WARNING: suspicious RCU usage
6.6.17 #1 Not tainted
-----------------------------
drivers/foo/foo.c:138 suspicious rcu_dereference_check() usage!

stack backtrace:
${CPU}
${X86_STACK}`,
    { title: 'WARNING: suspicious RCU usage in foo_work', kind: 'lockdep', type: 'LOCKDEP' },
  ],
  [
    'an RCU stall, arm64',
    `rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: 	1-....: (2100 ticks this GP) idle=1a2c/1/0x4000000000000000 softirq=120/120 fqs=1050
rcu: 	(t=2100 jiffies g=-1000 q=6 ncpus=4)
CPU: 1 PID: 93 Comm: kworker/1:2 Not tainted 6.6.17 #1
pstate: 60000005 (nZCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)
pc : foo_poll+0x20/0x60
lr : foo_work+0x40/0x90
Call trace:
 rcu_sched_clock_irq+0x8c/0xd00
 el1h_64_irq+0x64/0x68
 foo_poll+0x20/0x60
 foo_work+0x40/0x90
 process_one_work+0x1e4/0x4b0
 worker_thread+0x1ac/0x3d0
 kthread+0x118/0x128
 ret_from_fork+0x10/0x20`,
    { title: 'INFO: rcu detected stall in foo_work', kind: 'rcu-stall', type: 'HANG' },
  ],
  [
    'a soft lockup',
    `watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [kworker/1:2:93]
Modules linked in: foo(O)
${CPU}
RIP: 0010:foo_poll+0x20/0x60 [foo]
Code: 48 8b 05 <0f> 0b
${X86_STACK}`,
    { title: 'BUG: soft lockup in foo_work', kind: 'lockup', type: 'HANG', pid: 93 },
  ],
  [
    'a hard lockup',
    `watchdog: Watchdog detected hard LOCKUP on cpu 1
Modules linked in: foo(O)
${CPU}
RIP: 0010:foo_poll+0x20/0x60 [foo]
${X86_STACK}`,
    { title: 'BUG: hard lockup in foo_work', kind: 'lockup', type: 'HANG' },
  ],
  [
    'an SError',
    `SError Interrupt on CPU1, code 0x00000000be000011 -- SError
CPU: 1 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
Hardware name: foo board (DT)
pstate: 60000005 (nZCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)
pc : foo_probe+0x20/0x60 [foo]
lr : foo_probe+0x1c/0x60 [foo]
sp : ffff80000a5d3a40
Kernel panic - not syncing: Asynchronous SError Interrupt
CPU: 1 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
Call trace:
 dump_backtrace+0x94/0x114
 panic+0x1a0/0x360
 arm64_serror_panic+0x70/0x7c
 el1h_64_error+0x64/0x68
 foo_probe+0x20/0x60 [foo]
---[ end Kernel panic - not syncing: Asynchronous SError Interrupt ]---`,
    { title: 'kernel panic: Asynchronous SError Interrupt', kind: 'oops', arch: 'arm64', pid: 93 },
  ],
  [
    'a stack overflow, arm64',
    `Insufficient stack space to handle exception!
ESR: 0x0000000096000047 -- DABT (current EL)
FAR: 0xffff80000a5cfff0
CPU: 1 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
pc : foo_recurse+0x4/0x60 [foo]
Kernel panic - not syncing: kernel stack overflow
CPU: 1 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
Call trace:
 dump_backtrace+0x94/0x114
 panic+0x1a0/0x360
 foo_recurse+0x4/0x60 [foo]
 kthread+0x10c/0x110
---[ end Kernel panic - not syncing: kernel stack overflow ]---`,
    { title: 'kernel stack overflow in foo_recurse', kind: 'panic' },
  ],
  [
    'a stack overflow, x86',
    `BUG: TASK stack guard page was hit at ffffc90000a7fff8 (stack is ffffc90000a80000..ffffc90000a83fff)
Oops: stack guard page: 0000 [#1] SMP
${CPU}
RIP: 0010:foo_recurse+0x4/0x60 [foo]
${X86_STACK}`,
    { title: 'BUG: stack guard page was hit in foo_work', kind: 'bug' },
  ],
  [
    'a double fault',
    `traps: PANIC: double fault, error_code: 0x0
double fault: 0000 [#1] PREEMPT SMP
${CPU}
RIP: 0010:foo_entry+0x4/0x60
${X86_STACK}`,
    { title: 'PANIC: double fault in foo_entry', kind: 'panic' },
  ],
  [
    'kmemleak, as syzkaller reports it',
    `BUG: memory leak
unreferenced object 0xffff888103c5d1a0 (size 32):
  comm "modprobe", pid 93, jiffies 4294901234
  backtrace (crc 1a2b3c4d):
    kmemleak_alloc+0x4b/0x80
    __kmalloc_cache_noprof+0x1f3/0x290
    foo_probe+0x40/0x90 [foo]
    really_probe+0x19b/0x3e0`,
    { title: 'memory leak in foo_probe', kind: 'other', type: 'LEAK' },
  ],
  [
    'a warning in the order of 6.19',
    `------------[ cut here ]------------
WARNING: drivers/foo/foo.c:138 at foo_work+0x40/0x90 [foo], CPU#1: kworker/1:2/93
Modules linked in: foo(O)
${CPU}
RIP: 0010:foo_work+0x40/0x90 [foo]
${X86_STACK}
---[ end trace 0000000000000000 ]---`,
    { title: 'WARNING in foo_work', kind: 'warning', type: 'WARNING', pid: 93 },
  ],
  [
    'refcount',
    `------------[ cut here ]------------
refcount_t: underflow; use-after-free.
WARNING: CPU: 1 PID: 93 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110
Modules linked in: foo(O)
${CPU}
RIP: 0010:refcount_warn_saturate+0xba/0x110
${X86_STACK}
---[ end trace 0000000000000000 ]---`,
    { title: 'WARNING: refcount bug in foo_work', kind: 'warning', type: 'REFCOUNT_WARNING' },
  ],
  [
    'list corruption',
    `list_del corruption. prev->next should be ffff888103c5d1a0, but was ffff888103c5d2a0. (prev=ffff888103c5d2a0)
------------[ cut here ]------------
kernel BUG at lib/list_debug.c:59!
invalid opcode: 0000 [#1] PREEMPT SMP
${CPU}
RIP: 0010:__list_del_entry_valid_or_report+0xbe/0xf0
${X86_STACK}
---[ end trace 0000000000000000 ]---`,
    { title: 'BUG: corrupted list in foo_work', kind: 'bug', type: 'MEMORY_SAFETY_BUG' },
  ],
  [
    'a sleep where none may be',
    `BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580
in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 93, name: kworker/1:2
preempt_count: 1, expected: 0
${CPU}
${X86_STACK}`,
    {
      title: 'BUG: sleeping function called from invalid context in foo_work',
      kind: 'atomic-sleep',
      type: 'ATOMIC_SLEEP',
    },
  ],
  [
    'a hung task',
    `INFO: task modprobe:93 blocked for more than 120 seconds.
      Not tainted 6.6.17 #1
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:modprobe        state:D stack:0     pid:93    ppid:1      flags:0x00004000
Call Trace:
 <TASK>
 __schedule+0x3f0/0x1510
 schedule+0x5e/0xd0
 foo_probe+0x40/0x90 [foo]
 really_probe+0x19b/0x3e0
 </TASK>`,
    { title: 'INFO: task hung in foo_probe', kind: 'hung-task', type: 'HANG', pid: 93 },
  ],
  [
    'a general protection fault',
    `Oops: general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b73: 0000 [#1] SMP
${CPU}
RIP: 0010:foo_work+0x40/0x90 [foo]
Code: 48 8b 05 <0f> 0b
RSP: 0018:ffffc90000a7fe48 EFLAGS: 00010246
RAX: 6b6b6b6b6b6b6b6b RBX: ffff888103c5d1a0 RCX: 0000000000000000
${X86_STACK}
---[ end trace 0000000000000000 ]---`,
    { title: 'general protection fault in foo_work', kind: 'oops', arch: 'x86_64' },
  ],
  [
    'an oops of 32-bit x86',
    `BUG: kernel NULL pointer dereference, address: 00000010
#PF: supervisor read access in kernel mode
#PF: error_code(0x0000) - not-present page
*pde = 00000000
Oops: 0000 [#1] SMP
CPU: 0 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
EIP: foo_probe+0x12/0x50 [foo]
Code: 8b 05 <8b> 40 10
EAX: 00000000 EBX: f5d6bf0c ECX: 00000000 EDX: 00000000
Call Trace:
 really_probe+0x19b/0x3e0
 driver_probe_device+0x1e/0x90
---[ end trace 0000000000000000 ]---`,
    { title: 'BUG: unable to handle kernel NULL pointer dereference in foo_probe', kind: 'oops', arch: 'x86' },
  ],
  [
    'an oops of arm',
    `8<--- cut here ---
Unable to handle kernel NULL pointer dereference at virtual address 00000088 when read
[00000088] *pgd=00000000
Internal error: Oops: 5 [#1] SMP ARM
Modules linked in: foo
CPU: 0 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
Hardware name: Foo (Device Tree)
PC is at foo_probe+0x5c/0xf4 [foo]
LR is at foo_probe+0x40/0xf4 [foo]
pc : [<c06bf028>]    lr : [<c06bf020>]    psr: 60000013
sp : e0815d60  ip : 00000000  fp : c1a3de2c
r10: c0a0b0c0  r9 : 00000000  r8 : c1234567
 foo_probe from platform_probe+0x58/0xb4
 platform_probe from really_probe+0xc8/0x2ec
---[ end trace 0000000000000000 ]---`,
    { title: 'BUG: unable to handle kernel NULL pointer dereference in foo_probe', kind: 'oops', arch: 'arm' },
  ],
  [
    'an oops of riscv',
    `Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010
Oops [#1]
Modules linked in: foo
CPU: 1 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
Hardware name: riscv-virtio,qemu (DT)
epc : foo_probe+0x12/0x50 [foo]
 ra : platform_probe+0x4e/0x92
epc : ffffffff01586012 ra : ffffffff8060a8ee sp : ff2000000065b9d0
 gp : ffffffff81700d90 tp : ff60000003a2c380 t0 : ffffffff80070d4c
status: 0000000200000120 badaddr: 0000000000000010 cause: 000000000000000d
[<ffffffff01586012>] foo_probe+0x12/0x50 [foo]
[<ffffffff8060a8ee>] platform_probe+0x4e/0x92
[<ffffffff80607d0e>] really_probe+0x86/0x222
---[ end trace 0000000000000000 ]---`,
    { title: 'BUG: unable to handle kernel NULL pointer dereference in foo_probe', kind: 'oops', arch: 'riscv' },
  ],
  [
    'an oops of powerpc',
    `BUG: Kernel NULL pointer dereference on read at 0x00000010
Faulting instruction address: 0xc008000000a10034
Oops: Kernel access of bad area, sig: 11 [#1]
LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries
Modules linked in: foo
CPU: 1 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
NIP:  c008000000a10034 LR: c00000000077b0c8 CTR: c008000000a10000
REGS: c000000004a3b6f0 TRAP: 0300   Not tainted  (6.6.17)
GPR00: c00000000077b0c8 c000000004a3b990 c000000001a8d800 c0000000036a7c00
NIP [c008000000a10034] foo_probe+0x34/0x80 [foo]
LR [c00000000077b0c8] platform_probe+0x78/0x120
Call Trace:
[c000000004a3b990] [c000000004a3b9d0] 0xc000000004a3b9d0 (unreliable)
[c000000004a3b9d0] [c00000000077b0c8] platform_probe+0x78/0x120
[c000000004a3ba50] [c000000000776b64] really_probe+0x104/0x4c0
---[ end trace 0000000000000000 ]---`,
    { title: 'BUG: unable to handle kernel NULL pointer dereference in foo_probe', kind: 'oops', arch: 'powerpc' },
  ],
  [
    'an oops of s390',
    `Unable to handle kernel pointer dereference in virtual kernel address space
Failing address: 0000000000000000 TEID: 0000000000000483
Oops: 0004 ilc:2 [#1] SMP
Modules linked in: foo
CPU: 1 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
Hardware name: IBM 3931 A01 704 (KVM/Linux)
Krnl PSW : 0704c00180000000 000003ff80106034 (foo_probe+0x34/0x80 [foo])
           R:0 T:1 IO:0 EX:0 Key:0 M:1 W:0 P:0 AS:3 CC:0 PM:0 RI:0 EA:3
Krnl GPRS: 0000000000000000 0000000000000010 0000000000000000 0000000000000000
Call Trace:
 [<000003ff80106034>] foo_probe+0x34/0x80 [foo]
 [<00000000a7c3b2d8>] really_probe+0x190/0x420
Last Breaking-Event-Address:
 [<00000000a7c3b2d2>] really_probe+0x18a/0x420
---[ end trace 0000000000000000 ]---`,
    { title: 'BUG: unable to handle kernel pointer dereference in foo_probe', kind: 'oops', arch: 's390' },
  ],
  [
    'an oops of mips',
    `CPU 0 Unable to handle kernel paging request at virtual address 00000010, epc == 804e305c, ra == 804e6f20
Oops[#1]:
CPU: 0 PID: 93 Comm: modprobe Not tainted 6.6.17 #1
Hardware name: Foo Router
$ 0   : 00000000 00000001 00000000 00000000
epc   : 804e305c foo_probe+0x34/0x80
ra    : 804e6f20 platform_probe+0x58/0xb4
Status: 11007c03	KERNEL EXL IE
Call Trace:
[<804e305c>] foo_probe+0x34/0x80
[<804e6f20>] platform_probe+0x58/0xb4
[<804e3d10>] really_probe+0xc8/0x2ec
---[ end trace 0000000000000000 ]---`,
    { title: 'BUG: unable to handle kernel paging request in foo_probe', kind: 'oops', arch: 'mips' },
  ],
  [
    'a double fault as die() says it since 6.9',
    `traps: PANIC: double fault, error_code: 0x0
Oops: double fault: 0000 [#1] SMP KASAN NOPTI
${CPU}
RIP: 0010:foo_entry+0x12/0x40
${X86_STACK}`,
    { title: 'PANIC: double fault in foo_entry', kind: 'panic' },
  ],
  [
    'KMSAN, the headline told for each inlined function',
    `=====================================================
BUG: KMSAN: kernel-infoleak in instrument_copy_to_user include/linux/instrumented.h:114 [inline]
BUG: KMSAN: kernel-infoleak in _copy_to_user+0xcc/0x120 lib/usercopy.c:26
 instrument_copy_to_user include/linux/instrumented.h:114 [inline]
 _copy_to_user+0xcc/0x120 lib/usercopy.c:26
 foo_ioctl+0x12/0x40 drivers/foo/bar.c:12
 __x64_sys_ioctl+0x8a/0x100 fs/ioctl.c:99

Bytes 4-7 of 8 are uninitialized

${CPU}
=====================================================`,
    { title: 'KMSAN: kernel-infoleak in foo_ioctl', kind: 'other', type: 'KMSAN-INFO-LEAK' },
  ],
  [
    "a bad page, named by its owner's stack",
    `BUG: Bad page state in process kworker/1:2  pfn:12345
page: refcount:0 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x12345
page dumped because: nonzero mapcount
page_owner tracks the page as allocated
page last allocated via order 0, migratetype Unmovable, gfp_mask 0x100cca(GFP_HIGHUSER_MOVABLE), pid 5083, ts 70233
 prep_new_page+0x1/0x2
 get_page_from_freelist+0x1/0x2
 __alloc_pages_noprof+0x1/0x2
 foo_grow+0x12/0x40 [foo]
 foo_open+0x12/0x40 [foo]
page last free pid 16 tgid 16 stack trace:
 free_unref_page+0x1/0x2
 other_owner+0x1/0x2
Modules linked in:
${CPU}
Call Trace:
 <TASK>
 dump_stack_lvl+0x36/0x50
 bad_page+0x1/0x2
 foo_release+0x12/0x40
 </TASK>`,
    { title: 'BUG: Bad page state in foo_grow', kind: 'bug', pid: 93 },
  ],
  [
    'a work item that leaked a lock',
    `BUG: workqueue leaked lock or atomic: kworker/1:2/0x00000001/93
     last function: foo_work
1 lock held by kworker/1:2/93:
 #0: ffff88801c5f0000 (&foo->lock){+.+.}-{4:4}, at: foo_work+0x1/0x2`,
    { title: 'BUG: workqueue leaked lock or atomic in foo_work', kind: 'bug' },
  ],
  [
    'a file that was closed too often',
    `VFS: Close: file count is 0
${CPU}`,
    { title: 'VFS: Close: file count is zero (use-after-free)', kind: 'bug' },
  ],
  [
    'inodes that outlive their file system',
    'VFS: Busy inodes after unmount of loop0 (ext4)',
    { title: 'VFS: Busy inodes after unmount (use-after-free)', kind: 'bug' },
  ],
  [
    'an access of powerpc above the first page',
    `BUG: Unable to handle kernel data access on write at 0xc0003e0000000040
Faulting instruction address: 0xc000000000112472
Oops: Kernel access of bad area, sig: 11 [#1]
LE PAGE_SIZE=64K MMU=Hash SMP NR_CPUS=2048 NUMA pSeries
CPU: 1 PID: 93 Comm: bash Not tainted 6.6.17 #1
NIP:  c000000000112472 LR: c000000000112470 CTR: c000000000000000
NIP [c000000000112472] foo_write+0x12/0x40
LR [c000000000112470] foo_outer+0x8a/0x100
Call Trace:
[c00000003ae5bb00] [c000000000112470] foo_outer+0x8a/0x100 (unreliable)
[c00000003ae5bb40] [c00000000002c080] system_call_exception+0x150/0x340
---[ end trace 0000000000000000 ]---`,
    { title: 'BUG: unable to handle kernel paging request in foo_write', kind: 'oops', arch: 'powerpc', pid: 93 },
  ],
  [
    "powerpc's own watchdog",
    `watchdog: CPU 1 self-detected hard LOCKUP @ foo_spin+0x12/0x40
CPU: 1 PID: 93 Comm: bash Not tainted 6.6.17 #1
NIP:  c000000000112472 LR: c000000000112470 CTR: c000000000000000
NIP [c000000000112472] foo_spin+0x12/0x40
LR [c000000000112470] foo_outer+0x8a/0x100
Call Trace:
[c00000003ae5bb00] [c000000000112470] foo_outer+0x8a/0x100
[c00000003ae5bb40] [c00000000002c080] kthread+0x150/0x340`,
    { title: 'BUG: hard lockup in foo_outer', kind: 'lockup', arch: 'powerpc' },
  ],
  [
    "the secure world's assertion",
    'trusty: panic (caller 0xffffffffe000fbb8): ASSERT FAILED at (trusty/kernel/lib/trusty/ipc.c:472): !list_in_list(&chan->node)',
    { title: 'trusty: ASSERT FAILED: !list_in_list(&chan->node)', kind: 'other' },
  ],
];

describe('each kind of report', () => {
  for (const [name, text, told] of KINDS)
    it(name, () => {
      const found = incidents(text);
      expect(found.map((i) => i.title)).toEqual([told.title]);
      const { title: _title, ...rest } = told;
      expect(found[0]).toMatchObject({ ...rest, corrupted: null });
    });
});

describe('what is no crash', () => {
  it.each([
    ['a stack that a driver dumped to see who calls it', `foo: who calls?\n${CPU}\n${X86_STACK}`],
    [
      "a CI tool's own patterns",
      "['-\\\\[ cut here \\\\]', 'Unhandled fault', 'BUG: KCSAN:', 'Oops(?: -|:)', 'WARNING:', 'Kernel panic - not syncing']",
    ],
    ['a user-space fault', 'traps: cat[93] general protection fault ip:4cb420 sp:7ffd error:0 in cat[4c9000+3000]'],
    ['a corrected machine check', 'mce: [Hardware Error]: Machine check events logged'],
  ])('%s', (_name, text) => expect(incidents(text).map((i) => i.title)).toEqual([]));
});

/** Ten reports that are not the race, made by hand in the kernel's formats (lib/, kernel/, arch/ of v6.x), with what an answer to each has to say. */

export interface Known {
  readonly name: string;
  readonly log: string;
  readonly kind: string;
  readonly title: string;
  readonly says: readonly string[];
  readonly file: string | null;
}

const CPU = (comm: string, taint = 'Not tainted') => `[   12.000009] CPU: 1 PID: 77 Comm: ${comm} ${taint} 6.6.17 #1`;
const X86 = '[   12.000010] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2 04/01/2014';
const BANNER = '[    0.000000] Linux version 6.6.17 (b@h) (gcc 12.2.0) #1 SMP PREEMPT_DYNAMIC\n';
const TAIL = '[   12.000099] ---[ end trace 0000000000000000 ]---\n';

export const KNOWN: readonly Known[] = [
  {
    name: 'a use after free that KASAN caught',
    kind: 'kasan-uaf',
    title: 'KASAN: slab-use-after-free Read in foo_poll',
    says: [
      'read of 8 bytes',
      'object of 192 bytes',
      'kmalloc-192',
      'allocated',
      'foo_open()',
      'freed',
      'foo_release()',
    ],
    file: null,
    log: `${BANNER}[   12.000001] ==================================================================
[   12.000002] BUG: KASAN: slab-use-after-free in foo_poll+0x44/0xd0 [foo]
[   12.000003] Read of size 8 at addr ffff888104a3b010 by task cat/77
[   12.000004]
${CPU('cat')}
${X86}
[   12.000011] Call Trace:
[   12.000012]  <TASK>
[   12.000013]  dump_stack_lvl+0x4a/0x80
[   12.000014]  print_report+0xcf/0x660
[   12.000015]  kasan_report+0xc6/0x100
[   12.000016]  foo_poll+0x44/0xd0 [foo]
[   12.000017]  do_sys_poll+0x3c1/0x700
[   12.000018]  __x64_sys_poll+0xd1/0x2b0
[   12.000019]  do_syscall_64+0x3b/0x90
[   12.000020]  entry_SYSCALL_64_after_hwframe+0x6e/0xd8
[   12.000021]  </TASK>
[   12.000022]
[   12.000023] Allocated by task 70:
[   12.000024]  kasan_save_stack+0x33/0x60
[   12.000025]  kasan_set_track+0x25/0x30
[   12.000026]  __kasan_kmalloc+0xaa/0xb0
[   12.000027]  foo_open+0x31/0x90 [foo]
[   12.000028]  chrdev_open+0x15e/0x350
[   12.000029]
[   12.000030] Freed by task 71:
[   12.000031]  kasan_save_stack+0x33/0x60
[   12.000032]  kasan_set_track+0x25/0x30
[   12.000033]  kasan_save_free_info+0x2b/0x40
[   12.000034]  __kasan_slab_free+0x10a/0x190
[   12.000035]  __kmem_cache_free+0x6c/0x160
[   12.000036]  foo_release+0x22/0x40 [foo]
[   12.000037]  __fput+0x1e1/0x480
[   12.000038]
[   12.000039] The buggy address belongs to the object at ffff888104a3b000
[   12.000040]  which belongs to the cache kmalloc-192 of size 192
[   12.000041] The buggy address is located 16 bytes inside of
[   12.000042]  freed 192-byte region [ffff888104a3b000, ffff888104a3b0c0)
[   12.000043] ==================================================================
`,
  },
  {
    name: 'a general protection fault',
    kind: 'gpf',
    title: 'general protection fault in foo_work',
    says: ['foo_work()', 'in module foo'],
    file: null,
    log: `${BANNER}[   12.000001] general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] PREEMPT SMP NOPTI
${CPU('kworker/1:2')}
${X86}
[   12.000011] Workqueue: events foo_work [foo]
[   12.000012] RIP: 0010:foo_work+0x2c/0x60 [foo]
[   12.000013] Code: 48 89 fb 48 8b 47 10 <48> 8b 50 08 48 89 d7 e8
[   12.000014] RSP: 0018:ffffc9000020fe58 EFLAGS: 00010246
[   12.000015] RAX: dead000000000100 RBX: ffff888103f1a800 RCX: 0000000000000000
[   12.000016] Call Trace:
[   12.000017]  <TASK>
[   12.000018]  process_one_work+0x1e0/0x3f0
[   12.000019]  worker_thread+0x4d/0x380
[   12.000020]  kthread+0xe9/0x110
[   12.000021]  ret_from_fork+0x34/0x50
[   12.000022]  </TASK>
${TAIL}`,
  },
  {
    name: 'a hung task',
    kind: 'hung-task',
    title: 'INFO: task hung in foo_ioctl',
    says: ['It is the victim', 'foo_ioctl()'],
    file: null,
    log: `${BANNER}[  243.000001] INFO: task fooctl:512 blocked for more than 120 seconds.
[  243.000002]       Not tainted 6.6.17 #1
[  243.000003] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
[  243.000004] task:fooctl          state:D stack:0     pid:512   ppid:400    flags:0x00004002
[  243.000005] Call Trace:
[  243.000006]  <TASK>
[  243.000007]  __schedule+0x3e0/0x15a0
[  243.000008]  schedule+0x5e/0xd0
[  243.000009]  schedule_preempt_disabled+0x15/0x30
[  243.000010]  __mutex_lock.constprop.0+0x399/0x700
[  243.000011]  foo_ioctl+0x2b/0xa0 [foo]
[  243.000012]  __x64_sys_ioctl+0x94/0xd0
[  243.000013]  do_syscall_64+0x3b/0x90
[  243.000014]  entry_SYSCALL_64_after_hwframe+0x6e/0xd8
[  243.000015]  </TASK>
`,
  },
  {
    name: 'a deadlock that lockdep saw coming',
    kind: 'deadlock',
    title: 'possible deadlock in foo_ioctl',
    says: ['nothing hangs yet'],
    file: null,
    log: `${BANNER}[   12.000001] ======================================================
[   12.000002] WARNING: possible circular locking dependency detected
[   12.000003] 6.6.17 #1 Not tainted
[   12.000004] ------------------------------------------------------
[   12.000005] fooctl/512 is trying to acquire lock:
[   12.000006] ffff888103f1a830 (&foo->lock){+.+.}-{3:3}, at: foo_ioctl+0x2b/0xa0
[   12.000007]
[   12.000008] but task is already holding lock:
[   12.000009] ffff888103f1a8a0 (&foo->list_lock){+.+.}-{3:3}, at: foo_ioctl+0x1b/0xa0
[   12.000010]
[   12.000011] which lock already depends on the new lock.
[   12.000012]
[   12.000013] stack backtrace:
[   12.000014] CPU: 1 PID: 512 Comm: fooctl Not tainted 6.6.17 #1
[   12.000015] Call Trace:
[   12.000016]  <TASK>
[   12.000017]  dump_stack_lvl+0x4a/0x80
[   12.000018]  check_noncircular+0x150/0x170
[   12.000019]  __lock_acquire+0x15d3/0x2f00
[   12.000020]  lock_acquire+0xd1/0x2d0
[   12.000021]  __mutex_lock+0x9a/0xda0
[   12.000022]  foo_ioctl+0x2b/0xa0
[   12.000023]  __x64_sys_ioctl+0x94/0xd0
[   12.000024]  </TASK>
`,
  },
  {
    name: 'an RCU stall',
    kind: 'rcu-stall',
    title: 'INFO: rcu detected stall in corrupted',
    says: ['foo_spin()', 'in module foo'],
    file: null,
    log: `${BANNER}[   52.000001] rcu: INFO: rcu_preempt self-detected stall on CPU
[   52.000002] rcu: 	1-....: (5249 ticks this GP) idle=7d04/1/0x4000000000000000 softirq=1231/1231 fqs=2598
[   52.000003] 	(t=5250 jiffies g=733 q=12 ncpus=4)
[   52.000004] CPU: 1 PID: 512 Comm: fooctl Not tainted 6.6.17 #1
[   52.000005] Hardware name: linux,dummy-virt (DT)
[   52.000006] pstate: 80000005 (Nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)
[   52.000007] pc : foo_spin+0x20/0x40 [foo]
[   52.000008] lr : foo_ioctl+0x44/0xa0 [foo]
[   52.000009] sp : ffff800082b33d40
[   52.000010] Call trace:
[   52.000011]  foo_spin+0x20/0x40 [foo]
[   52.000012]  foo_thread+0x44/0xa0 [foo]
[   52.000013]  kthread+0xf8/0x100
[   52.000014]  ret_from_fork+0x10/0x20
`,
  },
  {
    name: 'an assertion that failed',
    kind: 'kernel-bug',
    title: 'kernel BUG in foo_evict',
    says: ['foo_evict()', 'fs/foo/inode.c', 'it had warned before (W)', 'outside the tree is loaded (O)'],
    file: 'fs/foo/inode.c',
    log: `${BANNER}[   12.000001] ------------[ cut here ]------------
[   12.000002] kernel BUG at fs/foo/inode.c:612!
[   12.000003] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
${CPU('umount', 'Tainted: G        W  O      ')}
${X86}
[   12.000012] RIP: 0010:foo_evict+0x9c/0xb0
[   12.000013] Code: 48 89 fb 48 8b 47 10 <0f> 0b 48 89 d7 e8
[   12.000014] RSP: 0018:ffffc9000020fe58 EFLAGS: 00010246
[   12.000016] Call Trace:
[   12.000017]  <TASK>
[   12.000018]  evict+0xd1/0x1b0
[   12.000019]  dispose_list+0x4d/0x70
[   12.000020]  generic_shutdown_super+0x73/0x1b0
[   12.000022]  </TASK>
${TAIL}`,
  },
  {
    name: 'a soft lockup',
    kind: 'soft-lockup',
    title: 'BUG: soft lockup in sys_ioctl',
    says: ['`foo_spin()`, in module foo', 'called from `foo_ioctl()`'],
    file: null,
    log: `${BANNER}[   52.000001] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [fooctl:512]
[   52.000002] Modules linked in: foo
[   52.000004] CPU: 1 PID: 512 Comm: fooctl Not tainted 6.6.17 #1
[   52.000005] Hardware name: linux,dummy-virt (DT)
[   52.000006] pstate: 80000005 (Nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)
[   52.000007] pc : foo_spin+0x20/0x40 [foo]
[   52.000008] lr : foo_ioctl+0x44/0xa0 [foo]
[   52.000009] sp : ffff800082b33d40
[   52.000010] Call trace:
[   52.000011]  foo_spin+0x20/0x40 [foo]
[   52.000012]  foo_ioctl+0x44/0xa0 [foo]
[   52.000013]  __arm64_sys_ioctl+0xac/0xf0
[   52.000014]  invoke_syscall+0x48/0x110
[   52.000015]  el0_svc_common.constprop.0+0x40/0xe0
[   52.000016]  do_el0_svc+0x1c/0x28
[   52.000017]  el0_svc+0x34/0xd0
[   52.000018]  el0t_64_sync_handler+0x120/0x130
[   52.000019]  el0t_64_sync+0x190/0x198
`,
  },
  {
    name: 'a page fault on x86',
    kind: 'paging-request',
    title: 'BUG: unable to handle kernel paging request in foo_read',
    says: ["slab's poison for freed memory", 'foo_read()'],
    file: null,
    log: `${BANNER}[   12.000001] BUG: unable to handle page fault for address: ffff6b6b6b6b6b73
[   12.000002] #PF: supervisor read access in kernel mode
[   12.000003] #PF: error_code(0x0000) - not-present page
[   12.000004] PGD 0 P4D 0
[   12.000005] Oops: 0000 [#1] PREEMPT SMP NOPTI
${CPU('cat')}
${X86}
[   12.000012] RIP: 0010:foo_read+0x2c/0x60 [foo]
[   12.000013] Code: 48 89 fb 48 8b 47 10 <48> 8b 50 08 48 89 d7 e8
[   12.000014] RSP: 0018:ffffc9000020fe58 EFLAGS: 00010246
[   12.000016] Call Trace:
[   12.000017]  <TASK>
[   12.000018]  vfs_read+0xb1/0x320
[   12.000019]  ksys_read+0x6f/0xf0
[   12.000020]  do_syscall_64+0x3b/0x90
[   12.000022]  </TASK>
${TAIL}`,
  },
  {
    name: 'a reference count below zero',
    kind: 'refcount',
    title: 'WARNING: refcount bug in foo_put',
    says: ['reference too many', 'foo_put()'],
    file: null,
    log: `${BANNER}[   12.000001] ------------[ cut here ]------------
[   12.000002] refcount_t: underflow; use-after-free.
[   12.000003] WARNING: CPU: 1 PID: 77 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110
[   12.000004] Modules linked in: foo
${CPU('cat')}
${X86}
[   12.000012] RIP: 0010:refcount_warn_saturate+0xba/0x110
[   12.000013] Code: 48 89 fb 48 8b 47 10 <0f> 0b 48 89 d7 e8
[   12.000014] RSP: 0018:ffffc9000020fe58 EFLAGS: 00010246
[   12.000016] Call Trace:
[   12.000017]  <TASK>
[   12.000018]  foo_put+0x31/0x40 [foo]
[   12.000019]  foo_release+0x1f/0x40 [foo]
[   12.000020]  __fput+0xf1/0x2c0
[   12.000022]  </TASK>
${TAIL}`,
  },
  {
    name: 'an SError',
    kind: 'serror',
    title: 'kernel panic: Asynchronous SError Interrupt',
    says: ['the code of the trace need not have made it'],
    file: null,
    log: `${BANNER}[   12.000001] SError Interrupt on CPU1, code 0x00000000bf000002 -- SError
${CPU('foo-init')}
[   12.000010] Hardware name: linux,dummy-virt (DT)
[   12.000011] pstate: 80000005 (Nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)
[   12.000012] pc : foo_hw_init+0x20/0x40 [foo]
[   12.000013] lr : foo_probe+0x44/0xa0 [foo]
[   12.000014] sp : ffff800082b33d40
[   12.000015] Kernel panic - not syncing: Asynchronous SError Interrupt
[   12.000016] CPU: 1 PID: 77 Comm: foo-init Not tainted 6.6.17 #1
[   12.000017] Call trace:
[   12.000018]  dump_backtrace+0x98/0xf8
[   12.000019]  panic+0x330/0x3a0
[   12.000020]  nmi_panic+0x8c/0x90
[   12.000021]  arm64_serror_panic+0x6c/0x78
[   12.000022]  do_serror+0x3c/0x78
[   12.000023]  el1h_64_error_handler+0x34/0x50
[   12.000024]  el1h_64_error+0x64/0x68
[   12.000025]  foo_hw_init+0x20/0x40 [foo]
[   12.000026]  foo_probe+0x44/0xa0 [foo]
[   12.000027]  platform_probe+0x68/0xd8
[   12.000028] ---[ end Kernel panic - not syncing: Asynchronous SError Interrupt ]---
`,
  },
];

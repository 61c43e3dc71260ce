/**
 * What each kind of kernel report means, whom it points at, and what to capture next: the knowledge behind the answer to a crash that is not the race. A kind is
 * known by syzkaller's title of the report (parser/title). `FN` stands for the function that the title blames.
 *
 * Sources: Documentation/admin-guide/{bug-hunting,tainted-kernels,lockup-watchdogs,reporting-issues}.rst, Documentation/dev-tools/{kasan,kfence,kmsan,kcsan,ubsan,
 * kmemleak}.rst, Documentation/locking/lockdep-design.rst, Documentation/RCU/stallwarn.rst, lib/list_debug.c, lib/refcount.c, mm/usercopy.c, mm/slub.c, kernel/hung_task.c,
 * kernel/watchdog.c, kernel/panic.c, arch/arm64/kernel/traps.c, arch/arm64/mm/fault.c, arch/x86/kernel/traps.c.
 */

import { known } from '../../remembered.ts';

export interface Capture {
  readonly text: string;
  /** A command, a setting of the kernel command line, or lines of a configuration. */
  readonly command: string | null;
}

export interface Kind {
  readonly id: string;
  readonly titled: RegExp;
  /** What such a report means, and which thread is guilty of it. True of every report of the kind. */
  readonly means: string;
  /** What to capture next, so that the cause can be seen. */
  readonly capture: Capture;
  /** Words that others' reports of the kind have, for the search of an archive. */
  readonly search: string;
}

const KASAN_BUILD: Capture = {
  text: 'if it can be repeated, let the kernel name the bad access itself, with who allocated and who freed the object: build with',
  command: 'CONFIG_KASAN=y CONFIG_KASAN_INLINE=y CONFIG_STACKTRACE=y',
};
const POISON: Capture = {
  text: 'without another kernel: have freed and neighbouring objects checked (needs CONFIG_SLUB_DEBUG), by the kernel command line',
  command: 'slub_debug=FZPU',
};
const LOCKDEP: Capture = {
  text: 'to see which locks each task holds, build with',
  command: 'CONFIG_PROVE_LOCKING=y CONFIG_DEBUG_ATOMIC_SLEEP=y',
};
const ALL_TASKS: Capture = {
  text: 'next time, print every blocked task and every CPU while it hangs (`kernel.sysrq=1` before)',
  command: 'echo w > /proc/sysrq-trigger; echo l > /proc/sysrq-trigger; dmesg > hang.log',
};
const LOCKUP_TRACE: Capture = {
  text: 'next time, have all CPUs print where they are, and keep the log over the reboot: on the kernel command line',
  command: 'softlockup_all_cpu_backtrace=1 hardlockup_all_cpu_backtrace=1 nmi_watchdog=1 panic=30',
};
const EARLIER: Capture = {
  text: 'the report is where the damage was found: look at what the log has before it, and capture the boot from its first line',
  command: 'journalctl -k -b -1 -o short-monotonic --no-pager > boot.log',
};
const HARDWARE: Capture = {
  text: "ask the firmware and the machine's error records before the code",
  command: "journalctl -k -b -1 --no-pager | grep -iE 'mce|edac|ghes|ras|aer|hardware error'",
};
const WHOLE: Capture = {
  text: 'keep the end of the log over the reboot (CONFIG_PSTORE_RAM, CONFIG_PSTORE_CONSOLE), to have all that was printed before',
  command: 'cat /sys/fs/pstore/console-ramoops-0 /sys/fs/pstore/dmesg-ramoops-*',
};
const ABORT: Capture = {
  text: 'see whether clocks and power domains of the device are on at that moment',
  command: 'cat /sys/kernel/debug/clk/clk_summary /sys/kernel/debug/pm_genpd/pm_genpd_summary',
};
const BISECT: Capture = {
  text: 'if an older kernel does not do it, the commit that began it can be found',
  command: 'git bisect start BAD GOOD',
};

/** The first that the title fits. */
export const KINDS: readonly Kind[] = [
  // Sanitizers
  {
    id: 'kasan-null',
    titled: /^KASAN: (?:maybe )?null-ptr-deref/,
    means:
      'KASAN caught an access through a NULL pointer, or through one a small offset from NULL. The thread of the trace made it; who left the pointer NULL may be another.',
    capture: BISECT,
    search: 'null-ptr-deref',
  },
  {
    id: 'kasan-uaf',
    titled: /^KASAN: (?:\S+-)?use-after-free/,
    means:
      'KASAN caught an access to memory that had been freed. The thread of the first trace only touched it; the bug lies between the two other stacks, who allocated and who freed it: somebody kept the pointer too long, or freed too early.',
    capture: {
      text: 'to hear of every access and not of the first alone, add to the kernel command line',
      command: 'kasan_multi_shot',
    },
    search: 'use-after-free',
  },
  {
    id: 'kasan-free',
    titled: /^KASAN: (?:double-free|invalid-free|double-free or invalid-free)/,
    means:
      'KASAN caught a free of something that cannot be freed: freed already, or not the beginning of an object. The thread of the first trace freed it the second time; which of the two frees is wrong the report does not say.',
    capture: {
      text: 'to hear of every access and not of the first alone, add to the kernel command line',
      command: 'kasan_multi_shot',
    },
    search: 'double-free',
  },
  {
    id: 'kasan-bounds',
    titled: /^KASAN: (?:\S+-)?out-of-bounds/,
    means:
      'KASAN caught an access beyond the end (or before the beginning) of an object: an index, a length or a cast is wrong. The thread of the trace did it, with the object that the report describes.',
    capture: {
      text: 'to hear of every access and not of the first alone, add to the kernel command line',
      command: 'kasan_multi_shot',
    },
    search: 'out-of-bounds',
  },
  {
    id: 'kasan',
    titled: /^KASAN:/,
    means:
      'KASAN caught an access to an address where no object is: the pointer itself is wrong. The thread of the trace used it; who made it so may be another.',
    capture: {
      text: 'to hear of every access and not of the first alone, add to the kernel command line',
      command: 'kasan_multi_shot',
    },
    search: 'KASAN',
  },
  {
    id: 'kfence',
    titled: /^KFENCE:/,
    means:
      'KFENCE, which guards a sample of all objects, caught a wrong access to one of them, or a wrong free. That it caught it is chance, that the access is wrong is certain.',
    capture: KASAN_BUILD,
    search: 'KFENCE',
  },
  {
    id: 'kmsan',
    titled: /^KMSAN:/,
    means:
      'KMSAN caught a use of memory that nobody had written: its value came from whatever lay there before. The stack "created at" says where that memory comes from, the first where it was used.',
    capture: {
      text: 'a reproducer makes the origin plain: run it with the same configuration and compare the origins',
      command: 'CONFIG_KMSAN=y',
    },
    search: 'KMSAN',
  },
  {
    id: 'kcsan',
    titled: /^KCSAN:/,
    means:
      'KCSAN caught two accesses to one address at once, without a lock or a marked access between them. That alone is no crash: whether a value can be torn or lost has to be read from the code of both.',
    capture: {
      text: 'to see the lock that each side holds, build with',
      command: 'CONFIG_KCSAN=y CONFIG_KCSAN_VERBOSE=y CONFIG_PROVE_LOCKING=y',
    },
    search: 'KCSAN data-race',
  },
  {
    id: 'ubsan',
    titled: /^UBSAN:/,
    means:
      'UBSAN caught an operation whose result C does not define (an index beyond its array, a shift too far, a wrong null). The value that FN computed with is wrong, or was never checked.',
    capture: {
      text: 'to stop there, with registers and the whole trace, add to the kernel command line',
      command: 'panic_on_warn=1',
    },
    search: 'UBSAN',
  },
  {
    id: 'memory-leak',
    titled: /^memory leak/,
    means:
      'kmemleak found an object that nothing points at any more. The trace is of who allocated it; the bug is the path on which it is not freed.',
    capture: {
      text: 'scan twice: what is reported both times is leaked for good',
      command:
        'echo scan > /sys/kernel/debug/kmemleak; sleep 60; echo scan > /sys/kernel/debug/kmemleak; cat /sys/kernel/debug/kmemleak',
    },
    search: 'memory leak',
  },
  // Faults
  {
    id: 'null-deref',
    titled: /^BUG: unable to handle kernel NULL pointer dereference/,
    means:
      'The kernel followed a NULL pointer (the address is its offset into a struct). The thread of the trace did it, in FN; who left the pointer NULL, or never set it, may be another.',
    capture: KASAN_BUILD,
    search: 'NULL pointer dereference',
  },
  {
    id: 'gpf',
    titled: /^general protection fault/,
    means:
      'x86 refused what the instruction did: mostly an access through a pointer that is no address at all (a freed or overwritten object). The thread of the trace used it, in FN; who damaged it may be another.',
    capture: KASAN_BUILD,
    search: 'general protection fault',
  },
  {
    id: 'not-executable',
    titled: /^BUG: unable to handle kernel execute from/,
    means:
      'The kernel jumped to an address that holds no code: a function pointer is wrong. The caller in the trace used it; who overwrote it, or freed what held it, may be another.',
    capture: KASAN_BUILD,
    search: 'execute from non-executable memory',
  },
  {
    id: 'user-access',
    titled: /^BUG: unable to handle kernel access to user memory/,
    means:
      'The kernel accessed an address of user space without the functions that may (copy_from_user and relatives): a pointer from outside was followed as it came, or a kernel pointer is damaged.',
    capture: KASAN_BUILD,
    search: 'access to user memory outside uaccess routines',
  },
  {
    id: 'paging-request',
    titled:
      /^BUG: unable to handle (?:kernel )?(?:paging request|read|write|pointer|in |kernel$|$)|^BUG: unable to handle/,
    means:
      'The kernel accessed an address where no memory is mapped, or not for this access: the pointer is wrong (freed, overwritten, or of something unmapped already). The thread of the trace used it, in FN; who made it so may be another.',
    capture: KASAN_BUILD,
    search: 'unable to handle',
  },
  {
    id: 'serror',
    titled: /SError Interrupt/,
    means:
      'An SError is an access that the bus or a device answered with an error, reported some instructions later: the code of the trace need not have made it. Mostly a register was accessed while its clock or power domain was off, or the firmware or the hardware is at fault.',
    capture: ABORT,
    search: 'Asynchronous SError Interrupt',
  },
  {
    id: 'external-abort',
    titled: /external abort|^Unhandled fault/,
    means:
      'The bus or a device answered the access of FN with an error: mostly a register was accessed while its clock or power domain was off, or where no device is. The thread of the trace made the access.',
    capture: ABORT,
    search: 'external abort',
  },
  {
    id: 'divide',
    titled: /^divide error/,
    means: 'FN divided by zero (or the quotient did not fit): a value was not checked. The thread of the trace did it.',
    capture: BISECT,
    search: 'divide error',
  },
  {
    id: 'cfi',
    titled: /CFI failure/,
    means:
      'An indirect call went to a function of another type (kCFI): a callback is declared wrongly, or a function pointer was overwritten. The caller is named, and so is the target.',
    capture: {
      text: 'to have it reported without stopping, build with',
      command: 'CONFIG_CFI_CLANG=y CONFIG_CFI_PERMISSIVE=y',
    },
    search: 'CFI failure',
  },
  {
    id: 'instruction',
    titled: /Undefined instruction|BTI|FPAC|invalid opcode|alignment/i,
    means:
      'The processor could not execute what it was told to: the code was jumped into at a wrong place, was overwritten, or is of another processor. The thread of the trace did so, in FN.',
    capture: WHOLE,
    search: 'Undefined instruction',
  },
  {
    id: 'stack',
    titled:
      /^kernel stack overflow|^BUG: stack guard page was hit|^PANIC: double fault|corrupted stack end|stack is corrupted|kernel stack (?:frame pointer|regs)/,
    means:
      'The stack of the thread ran out, or was overwritten: a recursion, a large local array, or a write beyond one. The frames that repeat, or the ones with the largest stacks, are to be looked at.',
    capture: {
      text: 'to see who uses how much, build with the tracer, and read it before it happens',
      command:
        'CONFIG_STACK_TRACER=y; echo 1 > /proc/sys/kernel/stack_tracer_enabled; cat /sys/kernel/tracing/stack_trace',
    },
    search: 'kernel stack overflow',
  },
  // Assertions
  {
    id: 'list',
    titled: /^BUG: corrupted list/,
    means:
      'The neighbours of a list entry no longer point at each other: an entry was added or removed twice, or freed while it was on the list. The thread of the trace found it, whoever did it came before.',
    capture: KASAN_BUILD,
    search: 'list_add corruption OR list_del corruption',
  },
  {
    id: 'usercopy',
    titled: /bad usercopy/,
    means:
      'A copy to or from user space would have gone beyond its object (CONFIG_HARDENED_USERCOPY): the length that FN was given is wrong. The thread of the trace did it.',
    capture: KASAN_BUILD,
    search: 'usercopy: Kernel memory',
  },
  {
    id: 'slab',
    titled: /^BUG: (?:slab|Object already free)|^BUG kmalloc/,
    means:
      'The allocator found an object overwritten, freed twice, or left over. The thread of the trace found it; whoever wrote to it or freed it came before ("Allocated in", "Freed in" say whose it was).',
    capture: KASAN_BUILD,
    search: 'Object already free OR Poison overwritten',
  },
  {
    id: 'page-state',
    titled: /^BUG: (?:Bad page|Bad rss-counter)/,
    means:
      'The memory management found a page or a counter in a state that cannot be: a page freed while in use, a count that does not come out. The task of the report found it, and seldom is its cause; bad memory shows so, too.',
    capture: {
      text: 'to have pages checked when they are freed, add to the kernel command line (needs CONFIG_DEBUG_PAGEALLOC, CONFIG_PAGE_OWNER)',
      command: 'debug_pagealloc=on page_owner=on page_poison=1',
    },
    search: 'Bad page state',
  },
  {
    id: 'kernel-bug',
    titled: /^kernel BUG|^BUG: Dentry/,
    means:
      'An assertion (BUG() or BUG_ON()) in FN failed: what its author held for impossible had happened. The thread of the trace ran into it; the condition in the source says what was wrong.',
    capture: BISECT,
    search: 'kernel BUG at',
  },
  {
    id: 'refcount',
    titled: /^WARNING: refcount bug/,
    means:
      'A reference count was taken from zero, dropped below it, or overflowed: a get or a put too many, or an object used after its last put. The thread of the trace found it, in FN; the one that dropped a reference too many may be another.',
    capture: {
      text: 'the kernel says it once for each place: to have each time that it is found, with task and stack',
      command: 'bpftrace -e \'kprobe:refcount_warn_saturate { printf("%s %s\\n", comm, kstack); }\'',
    },
    search: 'refcount_t: underflow; use-after-free',
  },
  {
    id: 'odebug',
    titled: /^WARNING: ODEBUG bug/,
    means:
      'An object (a timer, a work item) was freed or initialised while it was still in use. The thread of the trace freed it without stopping it first.',
    capture: {
      text: 'to have all kinds of objects followed, build with',
      command: 'CONFIG_DEBUG_OBJECTS_FREE=y CONFIG_DEBUG_OBJECTS_TIMERS=y CONFIG_DEBUG_OBJECTS_WORK=y',
    },
    search: 'ODEBUG: free active',
  },
  // Locks
  {
    id: 'deadlock',
    titled: /possible deadlock|possible circular locking|lock inversion/,
    means:
      'lockdep saw locks taken in an order that can deadlock with an order that it had seen before: nothing hangs yet. Each chain of the report is one order; the bug is that both exist.',
    capture: {
      text: 'the chains are named by their classes; what holds them shows in',
      command: 'cat /proc/lockdep_chains /proc/lockdep',
    },
    search: 'possible circular locking dependency detected',
  },
  {
    id: 'lock-state',
    titled: /^inconsistent lock state|Invalid wait context/,
    means:
      'lockdep saw a lock taken with interrupts on that is also taken in an interrupt (or a sleeping lock where none may be): it can deadlock with itself, and has not yet. The report names where each of the two is.',
    capture: { text: 'the usage of each lock class shows in', command: 'cat /proc/lockdep' },
    search: 'inconsistent lock state',
  },
  {
    id: 'rcu-usage',
    titled: /suspicious RCU usage/,
    means:
      'RCU-protected data was read without the lock that its reader promised to hold. The thread of the trace did it, in FN; nothing was damaged yet. "locks held" in the report is what it did hold.',
    capture: {
      text: 'to hear of further ones as well (on a kernel with PROVE_RCU_LIST)',
      command: 'CONFIG_PROVE_RCU=y CONFIG_PROVE_RCU_LIST=y',
    },
    search: 'suspicious RCU usage',
  },
  {
    id: 'lock-misuse',
    titled: /bad unlock balance|held lock freed|still has locks held|lock held when returning|locking bug|nested lock/,
    means:
      'A lock was used against its rules: released without being held, freed or kept while held, or never initialised. The thread of the trace did it, in FN.',
    capture: LOCKDEP,
    search: 'bad unlock balance OR held lock freed',
  },
  {
    id: 'spinlock',
    titled: /^BUG: (?:spinlock|rwlock)/,
    means:
      'A spinlock was found in a state that cannot be: never initialised, overwritten (bad magic), released twice, or held for ever by another. The thread of the trace found it, in FN.',
    capture: KASAN_BUILD,
    search: 'spinlock bad magic',
  },
  {
    id: 'per-cpu',
    titled: /^BUG: using /,
    means:
      'The number or the data of "this CPU" was used where the thread can be moved to another at any moment. The thread of the trace did it, in FN; it is a warning, what was computed may be of the wrong CPU.',
    capture: LOCKDEP,
    search: 'BUG: using smp_processor_id() in preemptible',
  },
  {
    id: 'atomic',
    titled: /scheduling while atomic|sleeping function called/,
    means:
      'Something that can sleep was called where nothing may: under a spinlock, with interrupts or preemption off, or in an interrupt. The thread of the trace did it; the frame that took the lock, below the one that sleeps, is the one to look at.',
    capture: LOCKDEP,
    search: 'sleeping function called from invalid context',
  },
  // Hangs
  {
    id: 'hung-task',
    titled: /^INFO: task /,
    means:
      'The task waited without interruption for longer than the watchdog allows. It is the victim: the trace says what it waits for; whoever holds that lock, or was to wake it, is to be found among the other tasks.',
    capture: ALL_TASKS,
    search: 'blocked for more than',
  },
  {
    id: 'soft-lockup',
    titled: /soft lockup/,
    means:
      'A CPU ran kernel code for longer than the watchdog allows without letting anything else run. The task of the trace is the one that runs: a loop that does not end, or a lock that it spins for and another CPU holds.',
    capture: LOCKUP_TRACE,
    search: 'watchdog: BUG: soft lockup',
  },
  {
    id: 'hard-lockup',
    titled: /hard lockup/,
    means:
      'A CPU did not even take interrupts for longer than the watchdog allows. The trace is of what runs there with interrupts off: a loop, or a spinlock that another CPU holds.',
    capture: LOCKUP_TRACE,
    search: 'watchdog: BUG: hard LOCKUP',
  },
  {
    id: 'rcu-stall',
    titled: /rcu detected stall/,
    means:
      'A CPU or task did not let RCU go on for longer than it allows: it loops in the kernel, or does not get to run. The trace is of that CPU or task; in a virtual machine the host may simply not have run it.',
    capture: {
      text: 'next time, with the state of all CPUs and of the RCU threads: on the kernel command line',
      command: 'rcutree.sysrq_rcu=1 softlockup_all_cpu_backtrace=1',
    },
    search: 'detected stall',
  },
  {
    id: 'workqueue-lockup',
    titled: /workqueue lockup/,
    means:
      'A pool of workers made no progress for longer than the watchdog allows: a work item loops or blocks. The items "in-flight" in the report are the ones to look at.',
    capture: ALL_TASKS,
    search: 'BUG: workqueue lockup - pool',
  },
  {
    id: 'netdev',
    titled: /^unregister_netdevice/,
    means:
      'A network device cannot be removed, since somebody still holds a reference to it. The waiting task is the victim; who took the reference and did not drop it is the bug.',
    capture: { text: 'to have the holder named, build with', command: 'CONFIG_NET_DEV_REFCNT_TRACKER=y' },
    search: 'unregister_netdevice: waiting for',
  },
  {
    id: 'irq',
    titled: /nobody cared/,
    means:
      'An interrupt came again and again, and no driver said that it was its own: the line was switched off. The trace is of whatever ran; the device on that line, or its driver, is to be looked at.',
    capture: { text: 'who shares the line', command: 'cat /proc/interrupts; ls -l /sys/kernel/irq/*/actions' },
    search: 'irq nobody cared (try booting with the "irqpoll" option)',
  },
  // Panics
  {
    id: 'sysrq',
    titled: /sysrq triggered crash/,
    means:
      'Somebody asked for this crash (sysrq-c), to have a dump taken: it is no bug of its own. What was wrong stands before it.',
    capture: EARLIER,
    search: 'sysrq triggered crash',
  },
  {
    id: 'root',
    titled: /Unable to mount root|No working init|init not found/,
    means:
      'The kernel found nothing to start: the root device is not there (a driver or an initramfs is missing, a name is wrong) or holds no init. The thread of the trace is the boot itself.',
    capture: {
      text: 'see which block devices and file systems there are at that moment: add to the kernel command line',
      command: 'rootwait ignore_loglevel initcall_debug',
    },
    search: 'VFS: Unable to mount root fs on unknown-block',
  },
  {
    id: 'init-died',
    titled: /Attempted to kill (?:init|the idle task)/,
    means:
      "The first process (or a CPU's idle task) died, and without it the kernel cannot go on. For init the exit code says how: 0x0000000b is a segmentation fault in user space, 0x00000100 an exit(1).",
    capture: EARLIER,
    search: 'Attempted to kill init!',
  },
  {
    id: 'oom',
    titled: /Out of memory|deadlocked on memory|alloc_low_pages|early_alloc/,
    means:
      'The kernel had no memory left that it could give back, and was told to stop then (or could not go on). The task of the trace only asked last; the table of tasks and slabs before it says who has the memory.',
    capture: { text: 'watch who takes it', command: 'cat /proc/meminfo; slabtop -o -s c | head -25' },
    search: 'Out of memory panic_on_oom',
  },
  {
    id: 'machine-check',
    titled: /machine check|hardware error|Irrecoverable deferred error|cachemem|Machine halted|Unable to continue/i,
    means:
      'The hardware reported an error that it could not correct: memory, cache, bus or processor. No code of the trace is to blame before that is ruled out.',
    capture: HARDWARE,
    search: 'Hardware Error',
  },
  {
    id: 'panic-on',
    titled: /panic_on_|hung_task: blocked tasks|softlockup|Fatal exception|RCU Stall/,
    means:
      'The kernel stopped because an earlier report was to be fatal (panic_on_warn, panic_on_oops or a relative): that report is the bug, and stands before this line.',
    capture: EARLIER,
    search: 'panic_on_warn set',
  },
  {
    id: 'panic',
    titled: /^kernel panic/,
    means:
      "The kernel's own code called panic() with this message: it could not go on. The trace is of who called it, and the message says why.",
    capture: WHOLE,
    search: 'Kernel panic - not syncing',
  },
  {
    id: 'oops',
    titled: /^(?:Internal error|Oops)/,
    means:
      'The kernel met an exception that it could not go on from (die()). The thread of the trace met it, in FN; the words behind "Oops" say which exception.',
    capture: WHOLE,
    search: 'Internal error: Oops',
  },
  {
    id: 'warning',
    titled: /^WARNING/,
    means:
      'A check (WARN() or WARN_ON()) in FN failed, and the kernel went on: what its author held for wrong had happened. The thread of the trace ran into it; whether more follows from it the log after it says.',
    capture: {
      text: 'to stop there, with the whole state, add to the kernel command line',
      command: 'panic_on_warn=1',
    },
    search: 'WARNING: CPU',
  },
  {
    id: 'fuzzer',
    titled: /^SYZFAIL|^SYZFATAL/,
    means: 'The fuzzer itself failed: this is a message of syzkaller in user space, no report of the kernel.',
    capture: EARLIER,
    search: 'SYZFAIL',
  },
  {
    id: 'other',
    titled: /(?:)/,
    means:
      'The kernel reported that something is wrong, in words of its own: the message says what. The trace, where there is one, is of who found it.',
    capture: WHOLE,
    search: '',
  },
];

/** By title: a collection of logs has the same ones again and again. */
const kinds = new Map<string, Kind>();
const MOST_TITLES = 4096;

/** The kind of a report with this title; there is one for each. */
export function kindOf(title: string): Kind {
  return known(kinds, MOST_TITLES, title, () => KINDS.find(({ titled }) => titled.test(title))!);
}

/** Beside the first thing to capture, for kinds where the culprit left its mark earlier: what needs no other kernel. */
export function alsoCapture(kind: Kind): Capture | null {
  return kind.capture === KASAN_BUILD ? POISON : null;
}

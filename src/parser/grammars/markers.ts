/**
 * Which bytes make a line worth reading, and which grammar rule reads it. The scanner searches for the markers with a role; the dispatcher
 * tries, in this order, each rule whose marker stands in the message. A marker is part of the printk format itself.
 */

/** The .ohm files of this folder. */
export type GrammarName = 'context' | 'dumps' | 'events' | 'faults' | 'frames' | 'reports';

/** 'crash' opens a window in which every line is looked at; 'event' is one line of the timeline; 'part' only means something in a window. */
export type Role = 'crash' | 'event' | 'part';

/** One marker, and the rule that reads a message which holds it. */
export interface Marker {
  readonly text: string;
  readonly grammar: GrammarName;
  readonly rule: string;
  readonly role: Role;
  /** True if it is none inside a longer word: "pstate: " of arm64's registers, not "intel_pstate: ". */
  readonly word?: true;
}

function of(grammar: GrammarName, role: Role, rule: string, ...texts: string[]): Marker[] {
  return texts.map((text) => ({ text, grammar, rule, role }));
}

/** In dispatch order: the first rule that accepts the message names it. */
export const MARKERS: readonly Marker[] = [
  // Faults
  ...of('faults', 'crash', 'unableToHandle', 'Unable to handle kernel'),
  ...of('faults', 'crash', 'x86Fault', 'BUG: unable to handle', 'BUG: Unable to handle', 'NULL pointer dereference'),
  ...of('faults', 'part', 'pageFaultInfo', '#PF: '),
  ...of('faults', 'crash', 'internalError', 'Internal error:'),
  ...of('faults', 'crash', 'generalProtection', 'general protection fault'),
  ...of(
    'faults',
    'crash',
    'trap',
    'divide error: ',
    'divide_error: ',
    'invalid opcode: ',
    'stack segment: ',
    'illegal operation: ',
    'int3: 0',
    'invalid TSS: ',
    'alignment check: ',
    'ion exception: ',
    'addressing exc',
  ),
  ...of('faults', 'crash', 'oops', 'Oops: ', 'Oops [', 'Oops[#', 'Oops - '),
  ...of('faults', 'crash', 'unhandledFault', 'Unhandled fault: ', 'Unhandled prefetch abort', '8<--- cut here'),
  ...of('faults', 'crash', 'serror', 'SError Interrupt on'),
  // Reports
  ...of('reports', 'crash', 'kasan', 'BUG: KASAN: '),
  ...of('reports', 'crash', 'kfence', 'BUG: KFENCE: '),
  ...of('reports', 'crash', 'kmsan', 'BUG: KMSAN: '),
  ...of('reports', 'crash', 'kcsan', 'BUG: KCSAN: '),
  ...of('reports', 'crash', 'memoryLeak', 'BUG: memory leak', 'unreferenced object 0x'),
  ...of('reports', 'crash', 'softLockup', 'BUG: soft lockup'),
  ...of('reports', 'crash', 'hardLockup', 'hard LOCKUP'),
  ...of('reports', 'crash', 'sleepingInvalid', 'BUG: sleeping function'),
  ...of('reports', 'crash', 'schedulingAtomic', 'BUG: scheduling while'),
  ...of('reports', 'crash', 'spinlockBug', 'BUG: spinlock', 'BUG: rwlock'),
  ...of('reports', 'crash', 'preemptible', 'BUG: using '),
  ...of('reports', 'crash', 'stackGuard', 'stack guard page was hit'),
  ...of(
    'reports',
    'crash',
    'memoryBug',
    'BUG: Bad page',
    'BUG: Bad rss',
    'BUG: Dentry',
    'BUG: workqueue l',
    'BUG: non-zero ',
  ),
  ...of(
    'reports',
    'crash',
    'lockdep',
    'locking dependency detected',
    'inversion dependency',
    'recursive locking det',
    'lock order detected',
    'inconsistent lock state',
    'suspicious RCU usage',
    'bad unlock balance',
    'held lock freed',
    'lock held when return',
    'lock was not taken',
    'has locks held',
    'Invalid wait context',
    'register non-static key',
  ),
  ...of('reports', 'crash', 'warningAt', 'WARNING: '),
  ...of('reports', 'crash', 'warningNew', 'WARNING: '),
  ...of('reports', 'crash', 'hungTask', 'INFO: task '),
  ...of('reports', 'crash', 'cantDie', 'INFO: task '),
  ...of('reports', 'crash', 'rcuStall', 'INFO: rcu_'),
  ...of('reports', 'crash', 'panic', 'Kernel panic - not'),
  ...of('reports', 'crash', 'doubleFault', 'PANIC: double fault'),
  ...of('reports', 'crash', 'kernelBug', 'ernel BUG at '),
  ...of('reports', 'part', 'rustPanic', ': panicked at '),
  ...of('reports', 'crash', 'ubsan', 'UBSAN: '),
  ...of('reports', 'crash', 'slub', 'ainted): ', '(Tainted: '),
  ...of('reports', 'crash', 'netdevWait', 'unregister_netdevice: wait'),
  ...of('reports', 'crash', 'slubInfo', 'INFO: Allocated in', 'INFO: Freed in'),
  ...of('reports', 'crash', 'badIrq', 'nobody cared'),
  ...of('reports', 'crash', 'vfsBug', 'VFS: Close: file count', 'VFS: Busy inodes after'),
  ...of('reports', 'crash', 'trustyAssert', 'ASSERT FAILED at ('),
  ...of('reports', 'part', 'pageOwner', 'page last '),
  ...of('reports', 'part', 'mixedStack', 'FAULT_INJECTION', 'FAULT_FLAG_ALLOW_RETRY', 'vmalloc: allocation'),
  ...of('reports', 'crash', 'syzFail', 'SYZFAIL:', 'SYZFATAL:'),
  ...of('reports', 'crash', 'warningText', 'WARNING: '),
  ...of('reports', 'crash', 'bugText', 'BUG: '),
  ...of('reports', 'part', 'bugText', 'BUG:'),
  // Dumps
  ...of('dumps', 'crash', 'task', 'task:'),
  ...of('dumps', 'crash', 'sysrqShow', 'sysrq: Show', 'SysRq : Show'),
  ...of('dumps', 'crash', 'nmiBacktrace', 'NMI backtrace for', 'sysrq: CPU', 'Sending NMI from'),
  ...of('dumps', 'crash', 'ftraceFrame', 'Dumping ftrace buffer'),
  ...of('dumps', 'crash', 'ftraceHead', '# tracer: ', '# entries-in-buffer/'),
  ...of('dumps', 'part', 'ftraceLost', ' [LOST ', ' events dropped]'),
  // A trace that was read from tracefs or with trace-cmd may have no head: the calls that `conform` asks about open a window too.
  ...of(
    'dumps',
    'crash',
    'ftraceRead',
    '_probe <-',
    '_bound <-',
    '_state <-',
    '_configure <-',
    '_xlate <-',
    '_init <-',
  ),
  ...of('dumps', 'crash', 'ftraceRead', '_free <-', '_ids <-', '_device <-', '_group <-', '_register <-', '_iommu <-'),
  ...of('dumps', 'crash', 'ftraceRead', ' <-of_', ' <-__driver_', ' <-really_', ' <-__iommu_', ' <-iommu_'),
  // The marks of a report's inside open a window too: a log may start in the middle of one.
  ...of('context', 'crash', 'cpuLine', ' Comm: '),
  ...of('context', 'crash', 'oldPid', ', comm: '),
  ...of('context', 'crash', 'modules', 'Modules linked in'),
  { text: 'pstate: ', grammar: 'context', rule: 'pstate', role: 'crash', word: true },
  ...of('context', 'crash', 'endTrace', '[ end trace '),
  ...of('context', 'crash', 'endPanic', '[ end Kernel panic'),
  ...of('context', 'crash', 'cutHere', '[ cut here ]'),
  ...of('context', 'crash', 'traceHead', 'Call trace:', 'Call Trace:', 'Backtrace:', 'backtrace'),
  ...of('faults', 'crash', 'memAbort', 'Mem abort info:'),
  ...of('frames', 'crash', 'pc', 'pc : ', 'PC is at ', 'pc is at '),
  ...of('frames', 'crash', 'rip', 'RIP: 0', 'EIP: '),
  ...of('frames', 'part', 'rip', 'RIP ', 'EIP '),
  ...of('frames', 'part', 'pc', 'epc : ', 'epc   : '),
  ...of('frames', 'part', 'lr', 'lr : ', 'LR is at ', ' ra : ', 'ra    : '),
  ...of('frames', 'part', 'nip', 'NIP ['),
  ...of('frames', 'part', 'psw', 'Krnl PSW'),
  ...of('frames', 'part', 'interrupt', '--- interrupt: '),
  ...of('context', 'part', 'oldCpu', 'CPU: '),
  ...of('context', 'part', 'hardware', 'Hardware name: '),
  ...of('context', 'part', 'workqueue', 'Workqueue: '),
  ...of('context', 'part', 'taintNames', 'Tainted: ['),
  ...of('context', 'part', 'sp', 'sp : '),
  ...of('context', 'part', 'codeWords', 'Code: '),
  ...of('context', 'part', 'code', 'Code:'),
  ...of('context', 'part', 'exitNote', 'note: '),
  ...of('faults', 'part', 'esr', 'ESR = '),
  ...of('faults', 'part', 'exceptionClass', 'EC = ', 'Exception class = '),
  ...of('faults', 'part', 'wnr', 'WnR = '),
  ...of('faults', 'part', 'abortDetail', 'SET = ', 'EA = ', 'FSC = ', 'ISV = ', 'GCS = ', 'Data abort info:'),
  ...of('faults', 'part', 'pgtable', ' pgtable: '),
  ...of('faults', 'part', 'pageTable', 'pgd=', 'pgd = ', '] address between', '] user address but'),
  ...of('faults', 'part', 'x86PageTable', 'PGD '),
  ...of('reports', 'part', 'kasanAccess', ' by task '),
  ...of(
    'reports',
    'part',
    'kasanStack',
    'Allocated by task',
    'Freed by task',
    'Allocated:',
    'Freed:',
    'related work creation:',
  ),
  ...of('reports', 'part', 'kasanObject', 'The buggy address belongs'),
  ...of('reports', 'part', 'kasanCache', 'which belongs to the cache'),
  ...of('reports', 'part', 'kasanLocated', 'The buggy address is located'),
  ...of('reports', 'part', 'bar', '===================='),
  ...of('reports', 'part', 'preface', ' corruption', 'refcount_t: ', 'usercopy: ', 'ODEBUG: '),
  // Timeline
  ...of('events', 'event', 'banner', 'Linux version '),
  ...of('events', 'event', 'booting', 'Booting Linux on'),
  ...of('events', 'event', 'cmdline', 'ommand line: '),
  ...of('events', 'event', 'machine', 'Machine model: ', 'DMI: ', 'Machine: '),
  ...of('events', 'event', 'groupAdd', 'Adding to iommu', ' to group '),
  ...of('events', 'event', 'groupRemove', 'Removing from iommu', ' from group '),
  ...of('events', 'event', 'groupAddFailed', 'Failed to add to iommu'),
  ...of('events', 'event', 'defaultDomain', 'Default domain type'),
  ...of('events', 'event', 'iommuAddFailed', 'Adding to IOMMU failed'),
  ...of('events', 'event', 'lateProbe', 'late IOMMU probe'),
  ...of('events', 'event', 'smmuNotBound', 'smmu dev has not bound'),
  ...of('events', 'event', 'deferredPending', 'deferred probe pending'),
  ...of('events', 'event', 'deferredTimeout', 'deferred probe timeout'),
  ...of('events', 'event', 'noDriver', 'ignoring dependency for'),
  ...of(
    'events',
    'event',
    'deferralRequested',
    'requests probe deferral',
    'Added to deferred list',
    'probe deferral - ',
  ),
  ...of('events', 'event', 'deferralRetrying', 'Retrying from deferred'),
  ...of('events', 'event', 'probeFailed', 'failed with error '),
  ...of('events', 'event', 'sysfsDuplicate', 'create duplicate filename'),
  ...of('events', 'event', 'dartInitialized', 'DART ['),
  ...of(
    'events',
    'event',
    'probing',
    'probing hardware conf',
    ': SMMUv',
    'option mask 0x',
    '-bit (features 0x',
    ' entries for ',
    'msi_domain absent',
    'hardware version: ',
    'pgtable size: ',
    'IPMMU context ',
    'input address: ',
    'page mask: ',
  ),
  ...of('events', 'event', 'msmProbing', 'device mapped at '),
  ...of(
    'events',
    'event',
    'iommuMessage',
    ...['apple-dart ', 'arm-smmu', 'qcom-iommu', 'qcom_iommu ', 'msm_iommu ', 'exynos-sysmmu ', 'ipmmu-vmsa '],
    ...['mtk-iommu', 'omap-iommu ', 'rk_iommu ', 'sprd-iommu ', 'sun50i-iommu ', 'tegra-smmu '],
    ...['virtio_iommu ', 'virtio-iommu ', 'riscv,iommu ', 'riscv-iommu ', 'vsi_iommu ', 'vsi-iommu '],
  ),
  ...of('events', 'event', 'dropped', 'printk messages dropped'),
];

/** A journal record whose message is an array of bytes: no marker stands in it as text, so each is looked at. */
export const BYTE_MESSAGES = ['"MESSAGE":[', '"MESSAGE" : [', '"MESSAGE": ['] as const;

/** Records of a pstore dump start with such a line; the whole input is then read, since its parts stand newest first. */
export const PSTORE_HEADERS = ['Oops#', 'Panic#'] as const;

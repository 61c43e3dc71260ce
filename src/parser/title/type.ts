/** Crash types by title prefix, in syzkaller's vocabulary with the short forms of CONTRACT.md (NULL-DEREF, KASAN-UAF-READ). */
const TYPES: readonly (readonly [prefix: RegExp, type: string])[] = [
  [/^KFENCE: use-after-free write/, 'KFENCE-UAF-WRITE'],
  [/^KFENCE: use-after-free/, 'KFENCE-UAF-READ'],
  [/^KFENCE: (?:invalid|out-of-bounds) write/, 'KFENCE-WRITE'],
  [/^KFENCE: (?:invalid read|out-of-bounds)/, 'KFENCE-READ'],
  [/^KFENCE: memory corruption/, 'KFENCE-MEMORY-CORRUPTION'],
  [/^KFENCE: invalid free/, 'KFENCE-INVALID-FREE'],
  [/^KFENCE:/, 'KFENCE'],
  [/^KMSAN: uninit-value/, 'KMSAN-UNINIT-VALUE'],
  [/^KMSAN: kernel-(?:usb-)?infoleak/, 'KMSAN-INFO-LEAK'],
  [/^KMSAN:/, 'KMSAN'],
  [/^KASAN: null-ptr-deref Write/, 'KASAN-NULL-DEREF-WRITE'],
  [/^KASAN: null-ptr-deref/, 'KASAN-NULL-DEREF-READ'],
  [/^KASAN: (?:slab-)?use-after-free Write/, 'KASAN-UAF-WRITE'],
  [/^KASAN: (?:slab-)?use-after-free/, 'KASAN-UAF-READ'],
  [/^KASAN: (?:invalid-free|double-free)/, 'KASAN-INVALID-FREE'],
  [/^KASAN: \S+ Write/, 'KASAN-WRITE'],
  [/^KASAN:/, 'KASAN-READ'],
  [/^KCSAN: data-race/, 'KCSAN-DATARACE'],
  [/^KCSAN: assert/, 'KCSAN-ASSERT'],
  [/^KCSAN:/, 'KCSAN'],
  [/^BUG: unable to handle kernel NULL pointer dereference/, 'NULL-DEREF'],
  [/^BUG: (?:corrupted list|unable to handle kernel paging request)/, 'MEMORY_SAFETY_BUG'],
  [/^BUG: unable to handle kernel (?:write|read|execute|access)/, 'MEMORY_SAFETY_BUG'],
  [/^WARNING: refcount bug/, 'REFCOUNT_WARNING'],
  [/^UBSAN: array-index-out-of-bounds/, 'MEMORY_SAFETY_UBSAN'],
  [/^UBSAN:/, 'UBSAN'],
  [
    /^(?:BUG|WARNING): (?:bad unlock balance|held lock freed|still has locks held|lock held|locking bug|nested lock|suspicious RCU|rwlock|spinlock|using|Invalid wait)/,
    'LOCKDEP',
  ],
  [/^(?:inconsistent lock state|possible deadlock) in/, 'LOCKDEP'],
  [/^BUG: (?:scheduling while atomic|sleeping function)/, 'ATOMIC_SLEEP'],
  [/^memory leak in/, 'LEAK'],
  [/^(?:kernel BUG|BUG: bad usercopy)/, 'BUG'],
  [/^(?:BUG: soft lockup|BUG: hard lockup|INFO: rcu detected stall|INFO: task (?:hung|can't die))/, 'HANG'],
  [/^(?:BUG: Object already free|BUG kmalloc|BUG: slab)/, 'DoS'],
  [/^WARNING: kernel stack/, 'UNKNOWN'],
  [/^WARNING/, 'WARNING'],
  [/^(?:BUG|INFO)/, 'UNKNOWN'],
];

/** The type of a titled crash; DoS for the rest, which stop the machine without a memory error that one knows of. */
export function typeOfTitle(title: string): string {
  return TYPES.find(([prefix]) => prefix.test(title))?.[1] ?? 'DoS';
}

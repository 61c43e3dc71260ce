/** Labels of the corpus that the parser does not meet, and why: shown beside the miss. A miss without a reason is a defect to look at. */
const SYZKALLER: Readonly<Record<string, string>> = {
  '127': 'a machine that reboots has printed no crash',
  '200': "two unstamped stacks mixed; syzkaller takes the fault injection's",
  '324': "two CPUs' reports mixed line by line without callers",
  '325': "two CPUs' reports mixed line by line without callers",
  '353': "the secure world's assertion; the kernel's own report is the WARNING",
  '354': "the secure world's assertion; the kernel's own report is the WARNING",
  '381': `an unstamped "WARNING:" may be a boot loader's or prose`,
  '493': 'two unstamped stacks mixed line by line',
  '502': "the stalled CPU's stack stands in the WARNING that came in between",
  '705': 'a Go program crashed, not the kernel',
  '719': "the task's own stack follows the one that waits",
};

const OTHERS: Readonly<Record<string, string>> = {
  'pos-arm64-089': `the label's "BUG: " is "EDAC DEBUG: ", no crash`,
  'oops-non-fatal-mce': 'a corrected machine check is no crash; the same line is that of not_oops_foreign_hostname',
  'iova-mag-size': "an OOM killer's stack is no crash",
  'jetson-host1x-dump-stack': 'a dump_stack() for debugging is no crash',
  'swnode-refcount-2': 'sysfs_warn_dup() warns and dumps a stack: an event, no crash',
  '1017': 'prose quotes the headline inside a sentence',
};

/** The reason for a miss in that collection, or null. */
export function knownWrong(collection: string, file: string): string | null {
  const name = file.split('.')[0]!;
  return (collection.startsWith('syzkaller') ? SYZKALLER : OTHERS)[name] ?? null;
}

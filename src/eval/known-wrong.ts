/** Labels of the corpus that the parser does not meet, and why: shown beside the miss. A miss without a reason is a defect to look at. */
const SYZKALLER: Readonly<Record<string, string>> = {
  '127': 'a machine that reboots has printed no crash',
  '200': "two unstamped stacks mixed; syzkaller takes the fault injection's",
  '324': "two CPUs' reports mixed line by line without callers",
  '325': "two CPUs' reports mixed line by line without callers",
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
  '0098': 'the headline is the last line of the excerpt, cut before the place',
  '0314': 'the headline is the last line of the excerpt, cut before the place',
  '0142': 'prose about an SError, no report',
  '0165': 'prose about an SError, no report',
  '0276': 'the quotes of the duplicate name are escaped, which no kernel prints',
  '0277': 'the quotes of the duplicate name are escaped, which no kernel prints',
  '0334': 'only the end of a report, without its trace',
  '0524': 'only the end of a report, without its trace',
  '0569': 'the duplicate name is wrapped onto three lines',
  '0333': "an IOMMU's context faults: no crash",
  '0525': 'ends at the cut-here mark: nothing of the report is there',
  '0694': 'a WARN() whose headline was snipped',
  '0843': 'ends at the cut-here mark: nothing of the report is there',
  '0938': 'the headline is misspelt in the paste ("blockedfor")',
  '1017': 'prose quotes the headline inside a sentence',
};

/** Why mail excerpts of the class "trace only" hold no crash. */
export const BARE_TRACE =
  'a trace whose headline is not in the excerpt, or a dump_stack(): no crash can be told from it';

/** The reason for a miss in that collection, or null. */
export function knownWrong(collection: string, file: string): string | null {
  const name = file.split('.')[0]!;
  return (collection.startsWith('syzkaller') ? SYZKALLER : OTHERS)[name] ?? null;
}

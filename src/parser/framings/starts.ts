/** How messages of the kernel begin: where such a text stands in the middle of a line, what is in front of it was written by somebody else. */

/** What only starts a message; the commonest lines of reports and of a boot's beginning. */
const BEGINNING =
  /(?<![\w/.-])(?:Unable to handle kernel |Unhandled fault: |BUG: |WARNING: |Internal error: |Oops: |Oops \[|Mem abort info:|Data abort info:|ESR = 0x|EC = 0x|SET = \d|FSC = 0x|ISV = \d|CM = \d|user pgtable: |swapper pgtable: |\[[0-9a-f]{8,16}\] (?:\*?pgd|address between)|Modules linked in: |CPU: \d{1,4} (?:UID|PID|Comm)|Hardware name: |Workqueue: |Tainted: \[|pstate: [0-9a-f]{8}|pc : |lr : |sp : |x\d{1,2} ?: [0-9a-f]{16}|Call [Tt]race:|Code: [0-9a-f(<]|-{4,}\[ cut here|---\[ end |Kernel panic - not syncing|Linux version \d|Booting Linux on |Kernel command line: |Machine model: |RIP: [0-9a-f]{4}:|RSP: [0-9a-f]{4}|R[A-D]X: [0-9a-f]|R\d\d: [0-9a-f]|RBP: [0-9a-f]|CR2: [0-9a-f]|PC is at |LR is at |psr: [0-9a-f]|r\d{1,2} ?: [0-9a-f]{8}|Process \S+ \(pid|epc : |NIP: |NIP \[|Krnl PSW|INFO: task |INFO: rcu|rcu: INFO|general protection fault|#PF: |Read of size \d|Write of size \d|Allocated by task \d|Freed by task \d|The buggy address|kernel BUG at |8<--- cut here)/;
const FRAME =
  /(?<![\w.$:+/])(?:\[<[0-9a-f]{8,16}>\] *)?\(?(?:\? )?[A-Za-z_][\w.$]{0,100}\+0x[0-9a-f]{1,6}\/0x[0-9a-f]{1,6}/;
const STAMP = /(?:<\d{1,2}> ?)?\[ {0,12}\d{1,11}\.\d{6}\](?:\s|\[|$)/;

/** What a crash prints with its numbers: nobody writes three of these into prose. */
const CERTAIN =
  /(?<![\w/.-])(?:Unable to handle kernel .{4,40} at virtual address [0-9a-f]|BUG: unable to handle .{4,40}: [0-9a-f]|BUG: KASAN: \S+ in |Internal error: .{3,24}: [0-9a-f]{3,16} \[#\d|CPU: \d{1,4} (?:UID: \d+ )?PID: \d+ Comm: |pstate: [0-9a-f]{8} \(|(?:pc|lr|epc) : [A-Za-z_][\w.$]*\+0x|sp : [0-9a-f]{16}|x\d{1,2} ?: [0-9a-f]{16}|(?:PC|LR) is at \S+\+0x|RIP: 0010:\S|ESR = 0x[0-9a-f]{8}|Code: (?:[0-9a-f]{8} ){3}|Code: (?:[0-9a-f]{2} ){9}|---\[ end trace )/;

/** Where a message begins in a text, and with which words: null for a stamp or a frame, which do not tell messages apart. */
export interface Start {
  readonly at: number;
  readonly word: string | null;
}

/** The first place of a text at which a message of the kernel, or its stamp, begins; null if there is none. */
export function startIn(text: string): Start | null {
  const message = BEGINNING.exec(text);
  const stamp = STAMP.exec(text);
  const frame = message === null ? FRAME.exec(text) : null;
  const word = message === null ? null : message[0].slice(0, 8);
  const at = Math.min(message?.index ?? Infinity, stamp?.index ?? Infinity, frame?.index ?? Infinity);
  return at === Infinity ? null : { at, word };
}

/** Where text that only a crash prints stands, or -1. */
export function certainIn(text: string): number {
  return CERTAIN.exec(text)?.index ?? -1;
}

/** Where the frame that the text ends in begins, or -1. */
export function frameIn(text: string): number {
  return FRAME.exec(text)?.index ?? -1;
}

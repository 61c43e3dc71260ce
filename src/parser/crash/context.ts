/** Whose lines are whose: the reports that one context is printing, and the messages that are nobody's part. */
import type { Reading } from '../grammars/read.ts';
import type { Report } from '../report.ts';

/** What one task, or a log without callers, is printing. */
export interface Context {
  /** The report whose lines come now. */
  current: Report | null;
  /** What is left of a fault's headline that another program wrote into: its line, and the words that tell which one it was. */
  torn?: { readonly line: number; readonly wording: string };
  /** Faults whose head is printed, but whose die() lines have not come yet; in order of their heads. */
  pending: Report[];
  /** Rust code has panicked: where, and why once that line came. */
  rust: { readonly line: number; said: string | null } | null;
}

/** Rules of other subsystems' messages, which come in the middle of a report. */
export const APART: ReadonlySet<string> = new Set([
  ...[
    'banner',
    'booting',
    'cmdline',
    'machine',
    'groupAdd',
    'groupRemove',
    'groupAddFailed',
    'defaultDomain',
    'iommuAddFailed',
    'lateProbe',
  ],
  ...[
    'smmuNotBound',
    'deferredPending',
    'deferredTimeout',
    'noDriver',
    'deferralRequested',
    'deferralRetrying',
    'probeFailed',
    'dartInitialized',
  ],
  ...[
    'iommuMessage',
    'probing',
    'msmProbing',
    'dropped',
    'ftrace',
    'ftraceRead',
    'ftraceFrame',
    'ftraceLost',
    'ftraceHead',
  ],
]);

/** The pending fault that these die() lines belong to: the one with the same syndrome, else the one whose abort lines came last. */
export function takePending(context: Context, reading: Reading): Report | null {
  const { pending } = context;
  if (pending.length === 0) return null;
  const hex = reading.all('hex').pop();
  const esr = hex === undefined ? null : BigInt(`0x${hex}`);
  let index = pending.findIndex((r) => r.abort.esr !== null && r.abort.esr === esr);
  if (index < 0) index = pending.findLastIndex((r) => r.abort.memAbort !== null);
  if (index < 0) index = pending.length - 1;
  return pending.splice(index, 1)[0]!;
}

/** The wording that arm64 would print for what x86 and powerpc say; empty where the headline is cut, null for other rules. */
export function wordingOfX86(reading: Reading): string | null {
  const words = reading.get('x86Words');
  if (words === null) return null;
  if (/NULL pointer dereference/.test(words)) return 'NULL pointer dereference';
  return /page fault|paging request|data access/.test(words) ? 'paging request' : '';
}

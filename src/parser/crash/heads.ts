/** Which rules start a crash report, and what kind each is. */
import type { Reading } from '../grammars/read.ts';
import type { Arch, IncidentKind } from '../types.ts';

/** Rules of the first lines of reports. 'fault': a head that die()'s own lines follow; 'die': those lines; 'report': all others. */
const HEADS: Readonly<Record<string, { kind: IncidentKind; phase: 'fault' | 'die' | 'report' }>> = {
  unableToHandle: { kind: 'oops', phase: 'fault' },
  x86Fault: { kind: 'oops', phase: 'fault' },
  unhandledFault: { kind: 'oops', phase: 'fault' },
  badMode: { kind: 'oops', phase: 'fault' },
  alignmentTrap: { kind: 'oops', phase: 'fault' },
  badStack: { kind: 'panic', phase: 'fault' },
  internalError: { kind: 'oops', phase: 'die' },
  oops: { kind: 'oops', phase: 'die' },
  generalProtection: { kind: 'oops', phase: 'die' },
  trap: { kind: 'oops', phase: 'die' },
  kasan: { kind: 'kasan', phase: 'report' },
  kfence: { kind: 'kfence', phase: 'report' },
  kmsan: { kind: 'other', phase: 'report' },
  kcsan: { kind: 'other', phase: 'report' },
  memoryLeak: { kind: 'other', phase: 'report' },
  softLockup: { kind: 'lockup', phase: 'report' },
  hardLockup: { kind: 'lockup', phase: 'report' },
  sleepingInvalid: { kind: 'atomic-sleep', phase: 'report' },
  schedulingAtomic: { kind: 'atomic-sleep', phase: 'report' },
  spinlockBug: { kind: 'bug', phase: 'report' },
  preemptible: { kind: 'bug', phase: 'report' },
  stackGuard: { kind: 'bug', phase: 'report' },
  memoryBug: { kind: 'bug', phase: 'report' },
  bugText: { kind: 'bug', phase: 'report' },
  kernelBug: { kind: 'bug', phase: 'report' },
  slub: { kind: 'bug', phase: 'report' },
  lockdep: { kind: 'lockdep', phase: 'report' },
  warningAt: { kind: 'warning', phase: 'report' },
  warningNew: { kind: 'warning', phase: 'report' },
  warningText: { kind: 'warning', phase: 'report' },
  hungTask: { kind: 'hung-task', phase: 'report' },
  cantDie: { kind: 'hung-task', phase: 'report' },
  rcuStall: { kind: 'rcu-stall', phase: 'report' },
  panic: { kind: 'panic', phase: 'report' },
  doubleFault: { kind: 'panic', phase: 'report' },
  ubsan: { kind: 'ubsan', phase: 'report' },
  serror: { kind: 'oops', phase: 'report' },
  netdevWait: { kind: 'other', phase: 'report' },
  sysfsDuplicate: { kind: 'warning', phase: 'report' },
  slubInfo: { kind: 'other', phase: 'report' },
  badIrq: { kind: 'other', phase: 'report' },
  syzFail: { kind: 'other', phase: 'report' },
  vfsBug: { kind: 'bug', phase: 'report' },
  trustyAssert: { kind: 'other', phase: 'report' },
};

/** Kind and phase of the report that the reading starts, or null if it starts none. */
export function headOf(reading: Reading): { kind: IncidentKind; phase: 'fault' | 'die' | 'report' } | null {
  return HEADS[reading.rule] ?? null;
}

/** Panics that end a crash already told, so that they are no crash of their own. */
const FOLLOWS =
  /^(?:Oops|Fatal exception|Attempted to kill|kasan|KASAN|KFENCE|UBSAN|KMSAN|panic_on_warn|kernel: panic_on_warn|hung_task|softlockup|RCU Stall|panic_on_taint|BUG!|Hard LOCKUP|hard LOCKUP|Aiee|Unrecoverable|Fatal machine|Asynchronous|sysctl_panic|scheduling while atomic|Fatal hardware)/;

/** True for the text of such a panic ("Oops: Fatal exception"). */
export function isFollowingPanic(because: string): boolean {
  return FOLLOWS.test(because);
}

/** The architecture that a reading's wording gives away, or null. */
export function archOf(reading: Reading): Arch | null {
  switch (reading.rule) {
    case 'pstate':
    case 'memAbort':
    case 'serror':
    case 'badStack':
    case 'esr':
    case 'registers':
      return 'arm64';
    case 'internalError':
      if (/ ARM\b| THUMB2\b/.test(reading.text)) return 'arm';
      // Only arm and arm64 say so, and arm32's line ends with its instruction set.
      return reading.has('number') && (reading.get('hex')?.length ?? 0) >= 8 && !reading.open.has('rest')
        ? 'arm64'
        : null;
    case 'rip':
      return reading.text.startsWith('E') ? 'x86' : 'x86_64';
    case 'nip':
      return 'powerpc';
    case 'psw':
      return 's390';
    case 'pc':
      if (reading.has('mipsPad')) return 'mips';
      if (/^PC is at/i.test(reading.text)) return 'arm';
      return reading.text.startsWith('epc') ? 'riscv' : /^pc : [A-Za-z_]/.test(reading.text) ? 'arm64' : null;
    case 'armFrame':
      return 'arm';
    case 'pageFaultInfo':
      return 'x86_64';
    default:
      return null;
  }
}

/** Titles by syzkaller's conventions: a table of how each rule's report is named, and after which function. */
import type { Reading } from '../grammars/read.ts';
import { isLone, type Report } from '../report.ts';
import { blame, blameHang, blameStall, titleName } from './frames.ts';
import { fault, kasan, kernelBug, memoryBug } from './memory.ts';
import { fromPc, headFrame, isInjected, type Named, trace } from './stack.ts';
import { panic, rcuStall, stackOverflow } from './stall.ts';
import { typeOfTitle } from './type.ts';
import { lockdep, warning, warningText } from './warning.ts';

/** A title with what belongs to it. */
export interface Title {
  readonly title: string;
  readonly altTitles: readonly string[];
  readonly type: string;
  readonly corrupted: string | null;
}

/** What sends a buffer on, in front of who filled it. */
const USB = [
  'alloc_skb',
  'usb_submit_urb',
  'usb_start_wait_urb',
  'usb_bulk_msg',
  'usb_interrupt_msg',
  'usb_control_msg',
];
/** What works on any buffer that it is given: the packet's allocation, netlink's answers, ciphers. */
const ANY_BUFFER = [
  'alloc_skb',
  'netlink_ack',
  'netlink_rcv_skb',
  '_encrypt$',
  '^crypto_',
  '^cipher_',
  '^drbg_',
  '^rng_',
];
const MAX_TITLE = 120;
/** Stands in for the function where the report was cut before it. */
const LOST = 'corrupted';

/** Title, general titles, type and, if the text cannot be trusted, why. */
export function titleOf(report: Report): Title {
  const named = name(report);
  const fn = named.function;
  const short = fn === null ? null : shortName(report, fn);
  const wants = named.format.includes('%F');
  const fill = (format: string, f: string | null) => clean(format.replace('%F', () => f ?? LOST));
  const title = fill(named.format, short);
  const altTitles = new Set<string>();
  if (named.or != null && named.or !== short) altTitles.add(fill(named.format, named.or));
  if (short !== fn) altTitles.add(fill(named.format, fn));
  if (named.general !== undefined) altTitles.add(clean(named.general));
  if (named.also !== undefined) {
    if (short !== fn) altTitles.add(`${named.also} in ${fn}`);
    altTitles.add(`${named.also} in ${short ?? LOST}`);
  }
  return {
    title,
    altTitles: [...altTitles],
    type: typeOfTitle(title),
    corrupted: corruption(report, named, wants && fn === null),
  };
}

function corruption(report: Report, named: Named, lost: boolean): string | null {
  if (named.corrupted !== undefined) return named.corrupted;
  if (isInjected(report)) return "fault injection's stack is mixed in";
  if (lost)
    return report.hasFrames || report.pc !== null
      ? 'what is left of the stack names no function of its own'
      : 'the function is not in the report';
  if (named.bare === true) return null;
  if (hasEmptyStack(report)) return 'a stack without a frame';
  const { stack } = report;
  if (report.kind === 'lockdep' && !report.interrupted && !report.sections.some((s) => s.headed && s.frames.length > 0))
    return 'no stack trace in the report';
  // What the other report prints is then taken for this one's stack, as syzkaller does.
  if (report.interrupted && stack === null) return null;
  return stack === null || isLone(stack) ? 'no stack trace in the report' : null;
}

/** True where the head of the crash's stack, or of one of KASAN's, has no frame under it: something else was printed there, or nothing any more. */
function hasEmptyStack(report: Report): boolean {
  return (['call', 'allocated', 'freed'] as const).some((label) => {
    const first = report.sections.find((s) => s.label === label && s.headed);
    return first !== undefined && first.frames.length === 0 && !first.unavailable;
  });
}

const MAC = /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/gi;
const IPV6 =
  /(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b|(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}\b/gi;

/** What differs from machine to machine and from day to day, as a word for its kind. */
function clean(title: string): string {
  return title
    .replace(/([A-Za-z_][\w.]*)\+0x[0-9a-z]+\/0x[0-9a-z]+/g, '$1')
    .replace(MAC, 'MAC')
    .replace(IPV6, 'IPV6ADDR')
    .replace(/\b(syz-executor|syzkaller)\.?\d+(?:[/:]\d+)?/g, '$1')
    .replace(/(?<![A-Za-z0-9])(?:0x)?[0-9a-f]{6,}\b/g, 'ADDR')
    .replace(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g, 'IP')
    .replace(/(\.\w+)(?::\d+)+/g, '$1:LINE')
    .replace(/CPU#\d+/g, 'CPU')
    .replace(/(?<=\W)\d+(?=\W|$)/g, 'NUM')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_TITLE);
}

/** What Trusty, the secure world, died of; the place is left out, and an assertion without one is cut. */
function trusty(head: Reading): Named {
  const asserted = head.get('asserted')?.trim();
  if (asserted !== undefined) return { format: `trusty: ASSERT FAILED: ${asserted}`, function: null, bare: true };
  const why = head.get('trustyWhy')!.trim();
  const cut = /ASSERT FAILED.*?: *(.*)$/.exec(why);
  if (cut === null) return { format: `trusty: panic: ${why}`, function: null, bare: true };
  return { format: `trusty: ASSERT FAILED: ${cut[1]}`, function: null, corrupted: 'the headline is cut' };
}

/** Wrappers of system calls and helpers whose variants would scatter one bug over several titles. */
function shortName(report: Report, fn: string): string {
  if (!['softLockup', 'hardLockup', 'rcuStall', 'lockdep'].includes(report.rule)) return fn;
  return fn
    .replace(/^(?:__(?:x64|ia32|arm64|s390x?|riscv)_(?:compat_)?(?=sys_)|(?:compat_)?(?:SYSC|SyS)_|sys_)/, '')
    .replace(/^(smp_call_function)_.*$/, '$1')
    .replace(/_compat_ioctl$/, '_ioctl');
}

function name(report: Report): Named {
  const head = report.head;
  switch (report.rule) {
    case 'unableToHandle':
    case 'x86Fault':
      return fault(report);
    case 'orphan':
      return {
        format: 'Internal error in %F',
        function: blame(fromPc(report)),
        corrupted: "the report's head is missing",
      };
    case 'headless':
      // Of a headline that was torn its words are left, though not the line.
      if (report.wording !== null) return fault(report);
      return { format: 'Internal error in %F', function: blame(fromPc(report)), also: 'bad-access' };
    case 'internalError':
      return { format: 'Internal error in %F', function: blame(fromPc(report)), also: 'bad-access' };
    case 'badMode':
      if (!report.died && report.panicked)
        return {
          format: `kernel panic: ${report.head!.text.startsWith('Bad') ? 'bad mode' : 'Unhandled exception'}`,
          function: null,
          bare: report.pc !== null,
        };
      return { format: 'Internal error in %F', function: blame(fromPc(report)), also: 'bad-access' };
    case 'badStack':
      // arm32 dies of it; arm64 and riscv panic.
      if (!report.died) return stackOverflow(report);
      return { format: 'Internal error in %F', function: blame(fromPc(report)), also: 'bad-access' };
    case 'alignmentTrap':
      return { format: 'Alignment trap in %F', function: blame(fromPc(report)) };
    case 'oops':
      return { format: 'Oops in %F', function: blame(fromPc(report)) };
    case 'unhandledFault':
      return { format: 'Unhandled fault in %F', function: blame(fromPc(report)), also: 'bad-access' };
    case 'generalProtection':
      return { format: 'general protection fault in %F', function: blame(fromPc(report)), also: 'bad-access' };
    case 'trap': {
      const trap = head!.get('trapName')!.replace('_', ' ');
      return {
        format: `${trap === 'stack segment' ? 'stack segment fault' : trap} in %F`,
        function: blame(fromPc(report)),
      };
    }
    case 'kasan':
      return kasan(report);
    case 'kfence': {
      const bug = head!.get('bug')!;
      return {
        format: `KFENCE: ${bug} in %F`,
        function: blame([headFrame(report), ...trace(report)], ['kfence', 'kmem_', 'kfree', 'slab_']),
        ...(/invalid free/.test(bug) ? { also: 'invalid-free' } : /corruption/.test(bug) ? {} : { also: 'bad-access' }),
      };
    }
    case 'kmsan':
      return {
        format: `KMSAN: ${head!.get('bug')} in %F`,
        function: blame(
          [headFrame(report), ...trace(report)],
          /usb-infoleak/.test(head!.get('bug')!) ? USB : ANY_BUFFER,
        ),
        ...(/usb-infoleak/.test(head!.get('bug')!) ? {} : { also: 'bad-access' }),
        bare: true,
      };
    case 'kcsan': {
      const [one = '', two] = head!.get('races')!.split(' / ');
      const pair = [one, two].map((r) => titleName((r ?? '').trim().split('+')[0]!)).filter((s) => s !== '');
      return { format: `KCSAN: ${head!.get('bug')} in ${pair.sort().join(' / ')}`, function: null, bare: true };
    }
    case 'serror':
      return { format: 'kernel panic: Asynchronous SError Interrupt', function: null };
    case 'memoryLeak':
      return {
        format: 'memory leak in %F',
        function: blame(trace(report), [
          'kmemleak',
          'alloc',
          'kmem',
          'slab',
          'mmap',
          'create_object',
          'idr_get',
          'list_lru_init',
          'pcpu_create',
          'strdup',
          'strndup',
          'memdup',
        ]),
      };
    case 'softLockup':
      return {
        format: 'BUG: soft lockup in %F',
        function: blameStall(fromPc(report)),
        or: blame(fromPc(report)),
        also: 'stall',
      };
    case 'hardLockup':
      return {
        format: 'BUG: hard lockup in %F',
        function: blameStall(fromPc(report)),
        or: blame(fromPc(report)),
        also: 'stall',
      };
    case 'rcuStall':
      return rcuStall(report);
    case 'hungTask':
      return { format: 'INFO: task hung in %F', function: blameHang(trace(report)), also: 'hang' };
    case 'cantDie':
      return { format: "INFO: task can't die in %F", function: blameHang(trace(report)), also: 'hang' };
    case 'sleepingInvalid':
      return {
        format: 'BUG: sleeping function called from invalid context in %F',
        function: blame(trace(report), ['sched', '__might_resched']),
      };
    case 'schedulingAtomic':
      return {
        format: 'BUG: scheduling while atomic in %F',
        function: blame(trace(report), ['schedule']),
      };
    case 'spinlockBug':
      return {
        format: `BUG: ${head!.get('lockKind')} ${head!.get('lockBug')} in %F`,
        function: blame(trace(report), ['spin_', 'rwlock', '_lock']),
      };
    case 'preemptible':
      return {
        format: `BUG: ${head!.text.slice(head!.text.indexOf('using '), head!.text.indexOf(' in preemptible'))} in preemptible code in %F`,
        function: blame(trace(report), ['preempt', 'debug_', 'processor_id', 'this_cpu']),
      };
    case 'stackGuard':
      return {
        format: 'BUG: stack guard page was hit in %F',
        function: blameStall(fromPc(report)),
        or: blame(fromPc(report)),
        also: 'stack-overflow',
        bare: true,
      };
    case 'memoryBug':
      return memoryBug(report);
    case 'bugText':
      return head!.get('text') === null
        ? { format: 'BUG: corrupted', function: null, corrupted: 'the headline is empty' }
        : { format: `BUG: ${head!.get('text')}`, function: null, bare: true };
    case 'kernelBug':
      return kernelBug(report);
    case 'slub':
      return {
        format: /already free/.test(head!.get('text')!)
          ? 'BUG: Object already free'
          : `BUG: slab ${head!
              .get('text')!
              .toLowerCase()
              .replace(/[.(].*$/, '')} in %F`,
        function: blame(trace(report), [
          'slab',
          'object_err',
          'print_trailer',
          'check_',
          'alloc_debug',
          'free_debug',
          'kmem',
          'kfree',
          'kmalloc',
          'init_object',
        ]),
      };
    case 'lockdep':
      return lockdep(report);
    case 'warningAt':
    case 'warningNew':
      return warning(report);
    case 'warningText':
      return warningText(report);
    case 'panic':
      return panic(report);
    case 'doubleFault':
      return { format: 'PANIC: double fault in %F', function: blame(fromPc(report)) };
    case 'ubsan': {
      const bug = head!.get('bug')!;
      return {
        format: `UBSAN: ${bug === 'Undefined behaviour' ? 'undefined-behaviour' : bug} in %F`,
        function: blame(trace(report), ['ubsan', 'overflow']),
      };
    }
    case 'netdevWait':
      return { format: 'unregister_netdevice: waiting for DEV to become free', function: null, bare: true };
    case 'slubInfo':
      return { format: report.head!.text, function: null, corrupted: "only a slab report's inside is left" };
    case 'vfsBug':
      return {
        format: `VFS: ${head!.get('vfsWhat')!.replace('count is 0', 'count is zero')} (use-after-free)`,
        function: null,
        bare: true,
      };
    case 'trustyAssert':
      return trusty(head!);
    case 'badIrq':
      return {
        format: 'irq nobody cared in %F',
        function: blame(trace(report), ['irq', 'interrupt', 'el1', 'el0']),
        bare: true,
      };
    case 'syzFail':
      return { format: report.head!.text.trim(), function: null, bare: true };
    case 'sysfsDuplicate':
      return { format: 'WARNING: sysfs duplicate filename in %F', function: blame(trace(report), ['sysfs_']) };
    default:
      return { format: 'kernel crash in %F', function: blame(fromPc(report)) };
  }
}

/** Titles by syzkaller's conventions: a table of how each rule's report is named, and after which function. */
import type { Frame } from '../parser/types.ts';
import type { Report } from './incident-report.ts';
import { blame, blameHang, blameStall, titleName } from './title-frames.ts';
import { typeOfTitle } from './title-type.ts';

export interface Title {
  readonly title: string;
  readonly altTitles: readonly string[];
  readonly type: string;
  readonly corrupted: string | null;
}

const MAX_TITLE = 120;
/** Stands in for the function where the report was cut before it. */
const LOST = 'corrupted';

interface Named {
  /** "%F" is the function. */
  readonly format: string;
  readonly function: string | null;
  /** Prefix of the general title under which such crashes are also filed ("bad-access in F"). */
  readonly also?: string;
  /** True if such a report has no stack of its own. */
  readonly bare?: boolean;
  readonly corrupted?: string;
}

/** Title, general titles, type and, if the text cannot be trusted, why. */
export function titleOf(report: Report): Title {
  const named = name(report);
  const fn = named.function;
  const short = fn === null ? null : shortName(report, fn);
  const wants = named.format.includes('%F');
  const fill = (format: string, f: string | null) => clean(format.replace('%F', () => f ?? LOST));
  const title = fill(named.format, short);
  const altTitles = new Set<string>();
  if (short !== fn) altTitles.add(fill(named.format, fn));
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
  if (lost) return 'the function is not in the report';
  if (named.bare === true) return null;
  if (!report.hasFrames)
    return report.interrupted ? 'another report began before its stack' : 'no stack trace in the report';
  return null;
}

function clean(title: string): string {
  return title
    .replace(/\b(?:0x)?[0-9a-f]{8,16}\b/g, 'ADDR')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_TITLE);
}

/** Wrappers of system calls and helpers whose variants would scatter one bug over several titles. */
function shortName(report: Report, fn: string): string {
  if (!['softLockup', 'hardLockup', 'rcuStall', 'lockdep'].includes(report.rule)) return fn;
  return fn
    .replace(/^__(?:x64|ia32|arm64|s390x?|riscv)_(?:compat_)?sys_/, 'sys_')
    .replace(/^(?:compat_)?(?:SYSC|SyS)_/, '')
    .replace(/^(smp_call_function)_.*$/, '$1')
    .replace(/_compat_ioctl$/, '_ioctl');
}

/** The first own stack, with what the program counter line says in front. */
function fromPc(report: Report): (Frame | null)[] {
  const call = trace(report);
  const section = report.sections.find((s) => s.label === 'call');
  // Older x86 prints the exception frame inside the trace: the stack proper starts there.
  if (section !== undefined && section.ripAt !== null && report.rip !== null && report.ripInside)
    return [report.rip, ...section.frames.slice(section.ripAt)];
  return [report.pc, ...call];
}

function trace(report: Report): Frame[] {
  return report.sections.find((s) => s.label === 'call' && s.frames.length > 0)?.frames ?? [];
}

function headFrame(report: Report): Frame | null {
  const symbol = report.head?.get('symbol') ?? null;
  return symbol === null
    ? null
    : { symbol, offset: null, size: null, module: null, reliable: true, line: report.first.span.line };
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
    case 'internalError':
      return { format: 'Internal error in %F', function: blame(fromPc(report)), also: 'bad-access' };
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
        function: blame([headFrame(report), ...trace(report)]),
        also: 'bad-access',
      };
    case 'kcsan': {
      const [one = '', two] = head!.get('races')!.split(' / ');
      const pair = [one, two].map((r) => titleName((r ?? '').trim().split('+')[0]!)).filter((s) => s !== '');
      return { format: `KCSAN: ${head!.get('bug')} in ${pair.sort().join(' / ')}`, function: null, bare: true };
    }
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
        function: blameStall(fromPc(report)) ?? blame(fromPc(report)),
        also: 'stall',
      };
    case 'hardLockup':
      return {
        format: 'BUG: hard lockup in %F',
        function: blameStall(fromPc(report)) ?? blame(fromPc(report)),
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
        function: blame(trace(report), ['sched', 'wait_', 'completion', 'msleep']),
      };
    case 'spinlockBug':
      return {
        format: `BUG: ${head!.get('lockKind')} ${head!.get('lockBug')} in %F`,
        function: blame(trace(report), ['spin_', 'rwlock', '_lock']),
      };
    case 'preemptible':
      return {
        format: `BUG: ${head!.text.slice(head!.text.indexOf('using '), head!.text.indexOf(' in preemptible'))} in preemptible code in %F`,
        function: blame(trace(report), ['preempt', 'debug_smp']),
      };
    case 'stackGuard':
      return {
        format: 'BUG: stack guard page was hit in %F',
        function: blameStall(fromPc(report)) ?? blame(fromPc(report)),
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
    case 'sysfsDuplicate':
      return { format: 'WARNING: sysfs duplicate filename in %F', function: blame(trace(report), ['sysfs_']) };
    default:
      return { format: 'kernel crash in %F', function: blame(fromPc(report)) };
  }
}

/** "kernel NULL pointer dereference" for every architecture's wording of it; other wordings as printed. */
function fault(report: Report): Named {
  const wording = report.wording ?? '';
  if (wording === '' || (report.rule === 'x86Fault' && wording === ''))
    return { format: 'BUG: unable to handle kernel', function: null, corrupted: 'the headline is cut' };
  const plain = wording
    .replace(/ without uaccess routines$| outside uaccess routines$/, '')
    .replace(/ for data$| for instruction fetch$/, '');
  const fn = blame(fromPc(report));
  return { format: `BUG: unable to handle kernel ${plain} in %F`, function: fn, also: 'bad-access' };
}

function kasan(report: Report): Named {
  const head = report.head!;
  const bug = head.get('bug')!.trim();
  const access = report.kasanAccess?.get('access') ?? null;
  if (/free$/.test(bug) && !/use-after-free/.test(bug)) {
    // "double-free or invalid-free", and "double-free" since v6.1: one bug class.
    const kind = /double-free/.test(bug) ? 'invalid-free' : bug;
    return {
      format: `KASAN: ${kind} in %F`,
      function: blame([headFrame(report), ...trace(report)], ['kmem_', 'slab_', 'kfree', 'vunmap', 'vfree']),
      also: 'invalid-free',
    };
  }
  if (access === null) {
    // The second line is gone: only the headline is left to go by.
    const where = head.get('symbol');
    return {
      format: `KASAN: ${
        where === null
          ? bug
          : head.text
              .slice(head.text.indexOf('KASAN: ') + 7)
              .replace(/\.(\d+)\+0x.*? at/, '.NUM at')
              .replace(/\+0x\S+/, '')
      }`,
      function: null,
      corrupted: 'the line that tells the access is missing',
    };
  }
  return {
    format: `KASAN: ${bug} ${access} in %F`,
    function: blame([headFrame(report), ...trace(report)]),
    also: 'bad-access',
  };
}

function rcuStall(report: Report): Named {
  const skip = ['apic_timer_interrupt', 'rcu'];
  // The interrupt that found the stall stands on top of the stack that stalls: begin below it.
  for (const section of report.sections) {
    const at = section.frames.findLastIndex((f) => /apic_timer_interrupt|el1_irq|el1h_64_irq/.test(f.symbol));
    const from = at >= 0 ? at + 1 : section.ripAt;
    const rip = section.ripAt !== null && from !== null && section.ripAt >= from ? report.rip : null;
    const below = from === null ? null : [rip, ...section.frames.slice(from)];
    const found = below === null ? null : blameStall(below, skip);
    if (found !== null) return { format: 'INFO: rcu detected stall in %F', function: found, also: 'stall' };
  }
  const first = report.sections.find(
    (s) => s.frames.length > 0 && s.frames.every((f) => !/rcu_gp_kthread|rcu_check_callbacks/.test(f.symbol)),
  );
  const frames = first === undefined ? [] : [report.rip, ...first.frames];
  return { format: 'INFO: rcu detected stall in %F', function: blameStall(frames, skip), also: 'stall' };
}

function memoryBug(report: Report): Named {
  const what = report.head!.get('memoryWhat')!;
  if (what === 'Dentry') {
    const mount = /\[unmount of ([^\]]+)\]/.exec(report.head!.text);
    return {
      format: mount === null ? 'BUG: Dentry still in use' : `BUG: Dentry still in use [unmount of ${mount[1]}]`,
      function: null,
      bare: !report.hasFrames,
    };
  }
  if (what === 'Bad page state')
    return { format: 'BUG: Bad page state in %F', function: blame(trace(report), ['bad_page', 'free_p', 'alloc']) };
  if (what === 'Bad page map') return { format: 'BUG: Bad page map', function: null };
  return { format: `BUG: ${what}`, function: null, bare: true };
}

function kernelBug(report: Report): Named {
  const where = report.head!.get('file') ?? '';
  const stack = report.rip === null && report.pc === null ? trace(report) : fromPc(report);
  if (/(?:^|\/)mm\/usercopy\.c$/.test(where))
    return { format: 'BUG: bad usercopy in %F', function: blame(stack, ['usercopy', '__check']) };
  if (/(?:^|\/)lib\/list_debug\.c$/.test(where))
    return { format: 'BUG: corrupted list in %F', function: blame(stack), also: 'bad-access' };
  return { format: 'kernel BUG in %F', function: blame(stack) };
}

/** The function that a lock's line names: "(&dev->mutex){....}, at: [<..>] foo+0x..". */
function heldAt(report: Report): string | null {
  for (const text of report.held) {
    const at = /\bat: (?:\[<[0-9a-f]+>\] *)?([A-Za-z_][\w.]*)/.exec(text);
    if (at !== null && !/process_one_work|flush_workqueue|drain_workqueue|destroy_workqueue/.test(at[1]!))
      return titleName(at[1]!);
  }
  return null;
}

function lockdep(report: Report): Named {
  const head = report.head!;
  const level = head.get('level')!.replace(':', '');
  const first = heldAt(report) ?? blame(trace(report));
  // The lock that is safe against interrupts is the one that must not wait for the other: its stack comes first.
  if (/lock order/.test(head.text))
    return { format: 'possible deadlock in %F', function: blame(trace(report)) ?? first };
  if (/circular|recursive locking|inversion/.test(head.text))
    return { format: 'possible deadlock in %F', function: first };
  if (/inconsistent lock state/.test(head.text)) return { format: 'inconsistent lock state in %F', function: first };
  if (/suspicious RCU usage/.test(head.text))
    return {
      format: `${level}: suspicious RCU usage in %F`,
      function: blame(trace(report), ['rcu', 'kmem', 'slab', 'kmalloc', 'vmalloc', 'kcalloc', 'kzalloc']),
    };
  if (/bad unlock balance/.test(head.text))
    return { format: `${level}: bad unlock balance in %F`, function: blame(trace(report)) };
  if (/held lock freed/.test(head.text)) return { format: `${level}: held lock freed in %F`, function: first };
  if (/lock held when returning/.test(head.text))
    return { format: `${level}: lock held when returning to user space in %F`, function: first, bare: true };
  if (/still has locks held/.test(head.text))
    return { format: `${level}: still has locks held in %F`, function: first };
  if (/ested lock was not taken/.test(head.text))
    return { format: `${level}: nested lock was not taken in %F`, function: first };
  if (/non-static key/.test(head.text))
    return {
      format: 'INFO: trying to register non-static key in %F',
      function: blame(trace(report), ['stack', 'lock', 'IRQ']),
    };
  return { format: `${level}: ${head.get('lockdepWhat')} in %F`, function: first };
}

/** Warnings that stand for a bug class of their own, by the file that prints them: title, and functions to pass over. */
const WARNING_CLASSES: readonly (readonly [where: RegExp, title: string, skip: readonly string[]])[] = [
  [
    /lib\/debugobjects\.c.* debug_(?:print|check)/,
    'WARNING: ODEBUG bug in %F',
    [
      'debug_',
      'rcu',
      'hrtimer_',
      'timer_',
      'work_',
      'percpu_',
      'kmem_',
      'slab_',
      'kfree',
      'vunmap',
      'vfree',
      '__free_',
      'kobject_',
    ],
  ],
  [/mm\/usercopy\.c.* usercopy_warn/, 'WARNING: bad usercopy in %F', ['usercopy', '__check']],
  [/lib\/kobject\.c.* kobject_/, 'WARNING: kobject bug in %F', ['kobject_']],
  [/fs\/proc\/generic\.c.* proc_register/, 'WARNING: proc registration bug in %F', ['proc_']],
  [/lib\/refcount\.c.* refcount_/, 'WARNING: refcount bug in %F', ['refcount', 'kobject_']],
  [/kernel\/locking\/lockdep\.c.*lock_/, 'WARNING: locking bug in %F', ['lock_sock', 'release_sock']],
  [
    /mm\/.*\.c.* k?.?malloc/,
    'WARNING: kmalloc bug in %F',
    ['kmalloc', 'kcalloc', 'kzalloc', 'krealloc', 'vmalloc', 'slab', 'kmem'],
  ],
  [
    / usb_submit_urb/,
    'WARNING in %F/usb_submit_urb',
    ['usb_submit_urb', 'usb_start_wait_urb', 'usb_bulk_msg', 'usb_interrupt_msg', 'usb_control_msg'],
  ],
];

function warning(report: Report): Named {
  const own = headFrame(report);
  const stack = warningStack(report);
  // The headline's function, or the pc's where the headline has none.
  const place = own?.symbol ?? stack.find((f) => f !== null)?.symbol ?? '';
  const text = `${report.head!.get('file') ?? ''} ${place}`;
  for (const [where, title, skip] of WARNING_CLASSES)
    if (where.test(text)) return { format: title, function: blame(stack, skip) };
  // Without a stack the headline still names the function; its stack is what says who called it wrongly.
  return {
    format: 'WARNING in %F',
    function:
      blame(stack.length > 0 ? stack : [own]) ?? (report.hasFrames && own !== null ? titleName(own.symbol) : null),
  };
}

function warningStack(report: Report): (Frame | null)[] {
  const stack = fromPc(report);
  return stack.every((f) => f === null) ? [] : stack;
}

function warningText(report: Report): Named {
  const text = report.head!.get('text')!.trim();
  if (/^kernel stack regs/.test(text))
    return { format: 'WARNING: kernel stack regs has bad value', function: null, bare: true };
  if (/^kernel stack frame pointer/.test(text))
    return { format: 'WARNING: kernel stack frame pointer has bad value', function: null, bare: true };
  return { format: `WARNING: ${text}`, function: null, bare: true };
}

function panic(report: Report): Named {
  const because = (report.head!.get('because') ?? '').trim();
  const stacks = /Kernel stack is corrupted in: (?:[0-9a-f]{8,16}|([A-Za-z_]\w*))/.exec(because);
  if (stacks !== null) {
    const fn = stacks[1] ?? blame(trace(report), ['stack_chk']);
    return { format: 'kernel panic: stack is corrupted in %F', function: fn, bare: stacks[1] !== undefined };
  }
  if (/corrupted stack end/.test(because)) {
    const frames = trace(report);
    return {
      format: 'kernel panic: corrupted stack end in %F',
      function: blameStall(frames, ['schedule', 'retint_kernel']) ?? blame(frames, ['schedule']),
      also: 'stack-overflow',
    };
  }
  if (/^Attempted to kill init/.test(because))
    return { format: 'kernel panic: Attempted to kill init!', function: null };
  if (/^Couldn't open N_TTY/.test(because))
    return { format: "kernel panic: Couldn't open N_TTY ldisc", function: null };
  const cut = /^(?:Fatal exception|panic_on_warn|hung_task)/.test(because)
    ? 'only the panic that ends a report is left'
    : undefined;
  const text = because.replace(/(?<![A-Za-z_])\d+/g, 'NUM').replace(/ \.\.\.$/, '');
  return { format: `kernel panic: ${text}`, function: null, ...(cut === undefined ? {} : { corrupted: cut }) };
}

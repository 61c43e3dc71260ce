/** Titles of WARNINGs and lockdep's reports. */

import { isLone, type Report } from '../report.ts';
import type { Frame } from '../types.ts';
import { blame, isBlameless, titleName } from './frames.ts';
import { fromPc, headFrame, type Named, trace, unmixed } from './stack.ts';

/** The function that a lock's line names: "(&dev->mutex){....}, at: [<..>] foo+0x..". */
function heldAt(report: Report, held = false): string | null {
  for (const text of report.held) {
    // "#0: ... at:" are the locks held already, which only some reports are about.
    if (!held && /^ *#\d+: /.test(text)) return null;
    const at = /\bat: (?:\[<[0-9a-f]+>\] *)?([A-Za-z_][\w.]*)/.exec(text);
    if (
      at !== null &&
      !isBlameless(at[1]!) &&
      !/process_one_work|flush_workqueue|drain_workqueue|destroy_workqueue/.test(at[1]!)
    )
      return titleName(at[1]!);
  }
  return null;
}

/** Frames that stand under no "Call trace:" line: where the unlock that has no lock was. */
function loneFrames(report: Report): readonly Frame[] {
  return report.sections.filter((s) => isLone(s) && s !== report.stack).flatMap((s) => s.frames);
}

/** lockdep, by the function that takes the lock in question. */
export function lockdep(report: Report): Named {
  const head = report.head!;
  const level = head.get('level')!.replace(':', '');
  const stack = unmixed(report, report.sections.filter((s) => s.label === 'call').at(-1)?.frames ?? []);
  const first =
    heldAt(report, /lock held|locks held/.test(head.text)) ?? blame(/circular/.test(head.text) ? trace(report) : stack);
  // lockdep's own lines name the lock's function; where those are gone the headline is all there is.
  if (first === null && /circular|recursive locking|inversion|lock order/.test(head.text))
    return {
      format: `${level}: ${head.get('lockdepWhat')}`,
      function: null,
      corrupted: 'the lines that name the lock are missing',
    };
  // The lock that is safe against interrupts is the one that must not wait for the other: its stack comes first.
  if (/lock order/.test(head.text))
    return { format: 'possible deadlock in %F', function: blame(trace(report)) ?? first };
  if (/circular|recursive locking|inversion/.test(head.text))
    return { format: 'possible deadlock in %F', function: first };
  if (/inconsistent lock state/.test(head.text))
    return {
      format: 'inconsistent lock state in %F',
      function: blame(report.sections.findLast((s) => s.label === 'call' && s.headed)?.frames ?? []),
      or: first,
    };
  if (/suspicious RCU usage/.test(head.text))
    return {
      format: `${level}: suspicious RCU usage in %F`,
      // The locks held may stand in front, wrapped into what looks like frames.
      function: blame(stack, ['rcu', 'kmem', 'slab']),
    };
  if (/bad unlock balance/.test(head.text))
    return { format: `${level}: bad unlock balance in %F`, function: blame([...loneFrames(report), ...trace(report)]) };
  if (/Invalid wait context/.test(head.text)) return { format: 'WARNING: locking bug in %F', function: blame(stack) };
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
  [
    /kernel\/locking\/lockdep\.c.*lock_/,
    'WARNING: locking bug in %F',
    ['lock_sock', 'release_sock', 'check_wait_context', 'hlock_class'],
  ],
  [/mm\/vmalloc\.c.* __vmalloc_node/, 'WARNING: zero-size vmalloc in %F', []],
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

/** WARN_ON(): by the function that warned, or by the caller of a library that warns for its users. */
export function warning(report: Report): Named {
  const own = headFrame(report);
  const stack = warningStack(report);
  // The headline's function, or the pc's where the headline has none.
  const place = own?.symbol ?? stack.find((f) => f !== null)?.symbol ?? '';
  const text = `${report.head!.get('file') ?? ''} ${place}`;
  for (const [where, title, skip] of WARNING_CLASSES)
    if (where.test(text)) return { format: title, function: blame(stack, skip) };
  // The stack says who called wrongly; without one the headline's function is only the general title.
  // A summary gives the line's place and function only: no task, no offset, no stack.
  const short = own !== null && !report.head!.has('offset') && !report.head!.has('cpu') && stack.length === 0;
  const found = short ? titleName(own.symbol) : blame(stack);
  return {
    format: 'WARNING in %F',
    function: found,
    ...(found === null && own !== null ? { or: titleName(own.symbol) } : {}),
  };
}

function warningStack(report: Report): (Frame | null)[] {
  const stack = fromPc(report);
  return stack.every((f) => f === null) ? [] : stack;
}

/** Bare "WARNING: text" headlines. */
export function warningText(report: Report): Named {
  const text = report.head!.get('text')!.trim();
  // With %p hashed there is no address, and one title for both.
  const unwinder = /^kernel stack (?:regs|frame pointer) at [0-9a-f]+ in \S* has bad ('\w+' )?value/.exec(text);
  if (unwinder !== null) {
    const what = text.startsWith('kernel stack regs') ? 'regs' : 'frame pointer';
    return { format: `WARNING: kernel stack ${what} has bad ${unwinder[1] ?? ''}value`, function: null, bare: true };
  }
  if (/^kernel stack (?:regs|frame pointer)/.test(text))
    return { format: 'WARNING: kernel stack regs has bad value', function: null, bare: true };
  return { format: `WARNING: ${text}`, function: null, bare: true };
}

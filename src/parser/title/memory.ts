/** Titles of memory errors: faults, KASAN, corrupted lists and pages. */

import type { Report } from '../report.ts';
import type { Frame } from '../types.ts';
import { blame, blameStall } from './frames.ts';
import { fromPc, headFrame, type Named, trace } from './stack.ts';

/** "kernel NULL pointer dereference" for every architecture's wording of it; other wordings as printed. */
export function fault(report: Report): Named {
  const wording = report.wording ?? '';
  if (wording === '' || (report.rule === 'x86Fault' && wording === ''))
    return { format: 'BUG: unable to handle kernel', function: null, corrupted: 'the headline is cut' };
  const plain = wording
    .replace(/ without uaccess routines$| outside uaccess routines$| in virtual (?:kernel|user) address space$/, '')
    .replace(/ for data$| for instruction fetch$/, '')
    // powerpc says so of any address but a low one.
    .replace(/^data access.*/, 'paging request');
  // Without a trace a leaf's caller stands in the link register only.
  const fn = blame(fromPc(report)) ?? (report.hasFrames || report.lr === null ? null : blame([report.lr]));
  return { format: `BUG: unable to handle kernel ${plain} in %F`, function: fn, also: 'bad-access' };
}

/** What stands on top where the processor checks the tags: the fault's own way. */
const TAG_FAULT = ['kernel_fault', 'tag_check', 'mem_abort', '^el1_', '^el1h_'];

/** "KASAN: use-after-free Read in F"; without its second line only the headline is left to go by. */
export function kasan(report: Report): Named {
  const head = report.head!;
  const bug = head.get('bug')!.trim();
  const access = report.kasanAccess?.get('access') ?? null;
  if (/free$/.test(bug) && !/use-after-free/.test(bug)) {
    // "double-free or invalid-free", and "double-free" since v6.1: one bug class.
    const kind = /double-free/.test(bug) ? 'invalid-free' : bug;
    return {
      format: `KASAN: ${kind} in %F`,
      function: blame([headFrame(report), ...trace(report)], ['slab_', 'kfree', 'vunmap', 'vfree']),
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
    function: blame([headFrame(report), ...trace(report)], TAG_FAULT),
    also: 'bad-access',
  };
}

/** The memory management's own BUG lines: bad pages, counters, dentries. */
export function memoryBug(report: Report): Named {
  const what = report.head!.get('memoryWhat')!;
  if (what === 'Dentry') {
    const mount = /\[unmount of ([^\]]+)\]/.exec(report.head!.text);
    return {
      format: mount === null ? 'BUG: Dentry still in use' : 'BUG: Dentry still in use in unmount',
      function: null,
      ...(mount === null ? {} : { general: `BUG: Dentry still in use [unmount of ${mount[1]}]` }),
      bare: !report.hasFrames,
    };
  }
  // Where a bad page is found says little; where it came from, more: a kernel without page_owner does not tell.
  if (what === 'Bad page state' || what === 'Bad page cache') {
    const found = blame(trace(report), ['bad_page', 'free_p', 'alloc']);
    const owner = report.pageOwner;
    const from = owner == null ? found : blame(owner.frames.filter(ownsPage));
    return { format: `BUG: ${what} in %F`, function: from, or: found };
  }
  if (report.isWorkqueueLockup) {
    // The busy workers' stacks come last, where the kernel prints them; else what is in flight is named.
    const stacks = report.sections.map(({ frames }) => blameStall(frames, SWITCHING));
    const work = stacks.find((fn) => fn !== null) ?? report.lastFunction;
    return {
      format: work === null ? 'BUG: workqueue lockup' : 'BUG: workqueue lockup in %F',
      function: work,
      bare: true,
    };
  }
  if (what === 'workqueue leaked lock or atomic')
    return { format: `BUG: ${what} in %F`, function: report.lastFunction, bare: true };
  if (what === 'Bad page map') return { format: 'BUG: Bad page map', function: null };
  return { format: `BUG: ${what}`, function: null, bare: true };
}

/** On top of the stack of a task that does not run. */
const SWITCHING = ['schedule', '__switch_to', 'context_switch'];

/** False for the page allocator and what hands pages on. */
function ownsPage({ symbol }: Frame): boolean {
  return !/(?:free|put|get|update|release)_page|free_unref|^_*folio|truncate_inode_pages|page_frag_free|alloc|vmap|page_owner|prep_new_page/.test(
    symbol,
  );
}

/** BUG() and BUG_ON(), by the file that they stand in where that makes a class of its own. */
export function kernelBug(report: Report): Named {
  const where = report.head!.get('file') ?? '';
  const stack = report.rip === null && report.pc === null ? trace(report) : fromPc(report);
  if (/(?:^|\/)mm\/usercopy\.c$/.test(where))
    return { format: 'BUG: bad usercopy in %F', function: blame(stack, ['usercopy', '__check']) };
  if (/(?:^|\/)lib\/list_debug\.c$/.test(where))
    return { format: 'BUG: corrupted list in %F', function: blame(stack), also: 'bad-access' };
  if (report.rustPanic !== null)
    return { format: `${report.rustPanic.replaceAll('%', '')} in %F`, function: blame(trace(report)) };
  // skb_put() and its like check for their callers.
  return { format: 'kernel BUG in %F', function: blame(stack.filter((f) => f?.symbol.startsWith('skb_') !== true)) };
}

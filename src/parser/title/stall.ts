/** Titles of stalls and panics: what ran when time was up. */
import type { Report } from '../report.ts';
import { blame, blameStall } from './frames.ts';
import { fromPc, type Named, trace } from './stack.ts';

/** Where the interrupt that found the stall came in: x86's timer, arm64's and arm32's vectors. */
const INTERRUPTED =
  /apic_timer_interrupt|el1_irq|el1h_64_irq|__irq_svc|^\.?timer_interrupt|decrementer_common|handle_riscv_irq|do_ext_irq/;

/** RCU stalls: the function that an anchor called, below the interrupt that found the stall. */
export function rcuStall(report: Report): Named {
  // That interrupt stands on top of the stack that stalls. In a softirq a second one may stand further down: what the softirq came upon has not stalled.
  const { sections } = report.hasFrames ? report : (report.followedBy ?? report);
  for (const section of sections) {
    const frames = section.callers.length === 0 ? section.frames : [section.frames[0]!, ...section.callers];
    const at = frames.findIndex((f, i) => INTERRUPTED.test(f.symbol) && !INTERRUPTED.test(frames[i + 1]?.symbol ?? ''));
    const from = at >= 0 ? at + 1 : report.arch === 'powerpc' ? section.ripAt : null;
    if (from === null) continue;
    const stopped = section.stopped.find((s) => s.at >= from);
    const below =
      stopped?.frame == null ? frames.slice(from) : [stopped.frame, ...frames.slice(Math.max(from, stopped.at))];
    const found = blameStall(below, ['apic_timer_interrupt', 'rcu']);
    if (found !== null) return { format: 'INFO: rcu detected stall in %F', function: found, also: 'stall' };
  }
  // A stack without that interrupt is of the task that waits, not of what keeps it waiting.
  return { format: 'INFO: rcu detected stall in %F', function: null, also: 'stall' };
}

/** A stack that ran over: what called itself, or too deep, stands in front of the anchor. */
export function stackOverflow(report: Report): Named {
  const frames = trace(report);
  const skip = ['bad_stack', 'stack_chk', 'stack_overflow'];
  return {
    format: 'kernel stack overflow in %F',
    function: blameStall(frames, skip),
    or: blame([...frames, ...fromPc(report)], skip),
    also: 'stack-overflow',
  };
}

/** Panics of their own: by what they say, numbers left out. */
export function panic(report: Report): Named {
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
      function: blameStall(frames, ['schedule', 'retint_kernel']),
      or: blame(frames, ['schedule', 'retint_kernel']),
      also: 'stack-overflow',
    };
  }
  if (/^kernel stack overflow/i.test(because)) return stackOverflow(report);
  if (/^Attempted to kill init/.test(because))
    return { format: 'kernel panic: Attempted to kill init!', function: null };
  if (/^Couldn't open N_TTY/.test(because))
    return { format: "kernel panic: Couldn't open N_TTY ldisc", function: null };
  const cut = /^(?:Fatal exception|panic_on_warn|hung_task)/.test(because)
    ? 'only the panic that ends a report is left'
    : undefined;
  // What follows "Fatal exception" is where, and after panic_on_warn and its like, that it is set.
  const text = because.replace(/^(Fatal exception|hung_task: blocked tasks)\b.*/, '$1').replace(/ \.\.\.$/, '');
  return { format: `kernel panic: ${text}`, function: null, ...(cut === undefined ? {} : { corrupted: cut }) };
}

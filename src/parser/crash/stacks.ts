/** Stacks that are evidence and not crashes: sysrq's task dumps, hung-task stacks, NMI backtraces. */

import type { GatheredLine } from '../gathered.ts';
import type { Reading } from '../grammars/read.ts';
import type { Report } from '../report.ts';
import type { Frame } from '../types.ts';

/** One such stack: whose it is, and its frames, innermost first. */
export interface TaskStack {
  readonly line: GatheredLine;
  task: string;
  pid: number | null;
  readonly state: string | null;
  readonly frames: Frame[];
}

/** True for a report that is told by dumps of tasks: who hangs, what runs, which works keep a workqueue waiting. */
export function isToldByTasks(report: Report): boolean {
  return ['hung-task', 'rcu-stall', 'lockup'].includes(report.kind) || report.isWorkqueueLockup;
}

/** Gathers them while the assembly walks over the lines: one stack is open at a time in each caller's context. */
export class StackGatherer {
  private readonly stacks: TaskStack[] = [];
  private readonly open = new Map<string, TaskStack>();

  /** True if the reading starts such a stack. */
  take(reading: Reading, line: GatheredLine): boolean {
    switch (reading.rule) {
      case 'task':
        this.begin(line, reading.get('taskName')!, Number(reading.get('pid')), reading.get('state'));
        return true;
      case 'oldTask':
        this.begin(line, reading.get('oldName')!, Number(reading.get('pid')), reading.get('oldState'));
        return true;
      case 'nmiBacktrace':
        if (reading.has('nmiBacktrace_sending')) return true;
        this.begin(line, `CPU${reading.get('cpu') ?? '?'}`, null, null);
        return true;
      case 'sysrqShow':
        this.open.delete(line.caller ?? '');
        return true;
      default:
        return false;
    }
  }

  private begin(line: GatheredLine, task: string, pid: number | null, state: string | null): void {
    const stack: TaskStack = { line, task, pid, state, frames: [] };
    this.stacks.push(stack);
    this.open.set(line.caller ?? '', stack);
  }

  /** True if the frame belongs to an open stack. */
  frame(frame: Frame, line: GatheredLine): boolean {
    const stack = this.open.get(line.caller ?? '');
    if (stack === undefined) return false;
    stack.frames.push(frame);
    return true;
  }

  /** True while such a stack is being printed in the line's context. */
  isOpen(line: GatheredLine): boolean {
    return this.open.has(line.caller ?? '');
  }

  /** Lines inside a stack dump that are no frames ("Workqueue:", "Call trace:", the CPU line of an NMI backtrace): true if they are one's. */
  inner(reading: Reading, line: GatheredLine): boolean {
    const stack = this.open.get(line.caller ?? '');
    if (stack === undefined) return false;
    if (reading.rule === 'cpuLine' && stack.frames.length === 0) {
      stack.task = reading.get('comm') ?? stack.task;
      stack.pid = Number(reading.get('pid'));
      return true;
    }
    const mine = [
      'traceHead',
      'workqueue',
      'hardware',
      'pstate',
      'pc',
      'lr',
      'sp',
      'registers',
      'otherRegisters',
      'rip',
      'code',
      'codeWords',
      'modules',
    ];
    if (mine.includes(reading.rule) && stack.frames.length === 0) return true;
    this.open.delete(line.caller ?? '');
    return false;
  }

  /** Any other line ends the open stack. */
  end(line: GatheredLine): void {
    const stack = this.open.get(line.caller ?? '');
    if (stack !== undefined && stack.frames.length > 0) this.open.delete(line.caller ?? '');
  }

  finish(): TaskStack[] {
    return this.stacks;
  }
}

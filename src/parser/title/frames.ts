/**
 * Which function of a stack names the crash. The conventions are syzkaller's (its pkg/report decides on these by the same words), so that a
 * triager finds the same title there: functions that only report, lock, copy or print are passed over for their caller.
 */

import { known } from '../../remembered.ts';
import type { Frame } from '../types.ts';
import { PASSED_OVER } from './passed-over.ts';

/** The name that a title bears: without compiler suffixes and powerpc's leading dot. */
export function titleName(symbol: string): string {
  if (symbol.startsWith('<')) return symbol;
  return symbol.replace(/^\./, '').replace(/\..*$/, '');
}

/** Functions whose blame is known: the same few thousand stand in all stacks, and the table is a long one. */
const blameless = new Map<string, boolean>();
const MOST_SYMBOLS = 8192;

interface Table {
  readonly names: ReadonlySet<string>;
  readonly plain: readonly string[];
  readonly patterns: RegExp;
}
let table: Table | null = null;

/** The table of passed-over.ts, made ready when the first stack asks for it. Most parts are plain text: compiled into one expression they would take longer. */
function passedOver(): Table {
  if (table !== null) return table;
  const parts = PASSED_OVER.flatMap((kind) => kind.parts);
  const isPlain = (part: string) => /^[\w:]+$/.test(part);
  const patterns = [
    ...parts.filter((part) => !isPlain(part)).map((part) => part.replace('#', '\\d+')),
    ...PASSED_OVER.flatMap((kind) => kind.begins).map((word) => `^_*${word}`),
  ];
  table = {
    names: new Set(PASSED_OVER.flatMap((kind) => kind.names.split(' '))),
    plain: parts.filter(isPlain),
    patterns: new RegExp(patterns.join('|')),
  };
  return table;
}

/** True for a function that never names a crash. */
export function isBlameless(symbol: string): boolean {
  return known(blameless, MOST_SYMBOLS, symbol, () => {
    const { names, plain, patterns } = passedOver();
    const name = titleName(symbol);
    return names.has(name) || plain.some((part) => name.includes(part)) || patterns.test(name);
  });
}

/** True for a name that holds one of the parts; "^" begins a name, "$" ends it. */
function holds(symbol: string, parts: readonly string[]): boolean {
  const name = titleName(symbol);
  return parts.some((part) => {
    if (part.startsWith('^')) return name.startsWith(part.slice(1));
    return part.endsWith('$') ? name.endsWith(part.slice(0, -1)) : name.includes(part);
  });
}

/** The first function of the stack that may be blamed, also skipping names that hold one of `skip` ("^" begins a name, "$" ends it). */
export function blame(frames: readonly (Frame | null)[], skip: readonly string[] = []): string | null {
  for (const frame of frames) {
    if (frame === null || !frame.reliable || frame.symbol.startsWith('0x')) continue;
    if (isBlameless(frame.symbol) || holds(frame.symbol, skip)) continue;
    return titleName(frame.symbol);
  }
  return null;
}

/** Functions at which a stall's stack says what ran: the one they called is the title's. */
const ANCHORS = new RegExp(
  [
    'process_one_work|process_scheduled_works|do_syscall_|do_fast_syscall_|sysenter_dispatch|tracesys_phase2|netif_receive_skb|do_softirq|call_timer_fn|_run_timers|run_timer_softirq|^ret_fast_syscall',
    'run_ksoftirqd|smpboot_thread_fn|^kthread$|start_secondary|cpu_startup_entry|ret_from_fork|vfs_write|vfs_read|vfs_iter_(?:read|write)|do_iter_(?:read|write)',
    'rtnetlink_rcv_msg|do_vfs_ioctl|^ksys_ioctl|compat_sys_ioctl|invoke_syscall|el0_svc|handle_softirqs|tasklet_action|__run_hrtimer|hrtimer_run|tasklet_hi_action|el0_svc_handler',
    'vfs_ioctl|compat_ioctl|new_sync_(?:read|write)|blkdev_(?:driver_)?ioctl|call_(?:read|write)_iter|do_iter_readv_writev|^call_mmap|mmap_region|do_mmap|do_dentry_open|vfs_open',
    '^sock_(?:sendmsg|recvmsg|release|mmap|do_ioctl|ioctl)|^__sock_(?:sendmsg|release)|__sys_(?:setsockopt|listen|accept)|kernel_(?:setsockopt|listen|accept)|sock_common_setsockopt|sk_common_release',
    '^compat_sock_ioctl|^nfnetlink_rcv_msg|^netlink_dump|^(?:compat_)?(?:SYSC|SyS|___?sys|__do_sys|__se_sys|__x64_sys)_(?:socketpair|connect|ioctl)',
    '__do_fault|do_page_fault|^page_fault$|__fput|task_work_run|exit_to_usermode|exit_to_user_mode',
  ].join('|'),
);

/** For stalls: the function that an anchor called. Null if the stack has no anchor. */
export function blameStall(frames: readonly (Frame | null)[], skip: readonly string[] = []): string | null {
  let before: string | null = null;
  let first = true;
  for (const frame of frames) {
    if (frame === null || !frame.reliable || frame.symbol.startsWith('0x')) continue;
    const symbol = frame.symbol;
    if (isBlameless(symbol) || holds(symbol, skip)) continue;
    // Waiting for other CPUs: the stack says who waits, not who keeps it waiting.
    if (symbol.includes('smp_call_function')) return titleName(symbol);
    if (ANCHORS.test(symbol)) {
      // Where the anchor itself runs, it is named.
      if (before !== null || first) return before ?? titleName(symbol);
      continue;
    }
    first = false;
    before = titleName(symbol);
  }
  return null;
}

const WAITING =
  /sched|do_read_cache|flush_work|cancel_work|flush_workqueue|_lock|_slowlock|down|rwsem|completion|kthread|wait|synchronize|context_switch|__switch_to|cancel_delayed_work|rcu_barrier|msleep|usleep/;

/** For hung tasks: what the task waits for, first of all the two that everything waits for. */
export function blameHang(frames: readonly Frame[]): string | null {
  const reliable = frames.filter((f) => f.reliable && !f.symbol.startsWith('0x'));
  for (const { symbol } of reliable) {
    if (symbol.includes('rtnl_lock')) return 'rtnl_lock';
    if (/synchronize_(?:rcu|srcu|net|sched)/.test(symbol)) return 'synchronize_rcu';
  }
  const found = reliable.find(({ symbol }) => !WAITING.test(symbol) && !isBlameless(symbol));
  return found === undefined ? null : titleName(found.symbol);
}

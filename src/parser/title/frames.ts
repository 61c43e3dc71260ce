/**
 * Which function of a stack names the crash. The conventions are syzkaller's (its pkg/report decides on these by the same words), so that a
 * triager finds the same title there: functions that only report, lock, copy or print are passed over for their caller.
 */

import { known } from '../../remembered.ts';
import type { Frame } from '../types.ts';

const words = (...parts: string[]) => parts.join('|');

/** A test for any of the alternatives. Most are plain text, looked for as such: compiled into one expression they would take longer than all their tests. */
function anyOf(alternatives: string): { readonly test: (symbol: string) => boolean } {
  // A bar inside brackets separates nothing.
  const parts = alternatives.match(/(?:\((?:[^()]|\([^()]*\))*\)|[^|])+/g)!;
  const plain = parts.filter((part) => /^\w+$/.test(part));
  const rest = new RegExp(parts.filter((part) => !/^\w+$/.test(part)).join('|'));
  return { test: (symbol) => plain.some((part) => symbol.includes(part)) || rest.test(symbol) };
}

/** Never to blame, whatever the report: part of a name suffices. */
const BLAMELESS = anyOf(
  words(
    '__sanitizer|__asan|kasan|__msan|kmsan|check_memory_region|read_word_at_a_time|print_address_description',
    'panic|invalid_op|report_bug|fixup_bug|do_error|_trap(?:$|_break)|dump_stack|dump_backtrace|show_stack|print_report|warn_slowpath|warn_alloc|__warn|warn_bogus',
    'debug_object|timer_is_static_object|work_is_static_object|lockdep|perf_trace|lock_acquire|lock_release|lock_class|reacquire_held_locks',
    'spin_lock|spin_trylock|spin_unlock|raw_(?:read|write)_(?:lock|trylock)|^_raw_|rwlock_bug',
    'rb_(?:erase|insert|first|next|prev|last|replace)|_atomic_dec_and_lock|^(?:arch_|raw_|instrument_)?atomic(?:64|_long)?_|rhashtable|^rht_|(?:^|__)xas?_|^ida_|^idr_|crc(?:32|16)?_|^crc|(?:^|_)aes_|aesti_|^crypto_|skcipher|drbg_|^rng_|^cbc_|^xts_|^ecb_',
    'kmalloc|kzalloc|krealloc|kcalloc|vmalloc|kmem_|kvfree|kfree|slab_|alloc_pages|free_pages|__alloc_|folio_(?:unlock|lock|wait|put|get)|mark_buffer_dirty|copy_(?:to|from)_iter|copy_page|^(?:fast_)?dput|arch_stack_walk|stack_depot|__read_once_word',
    'queue_work|queue_delayed_work|insert_work|sk_stop_timer|lock_timer_base|(?:^|_)(?:mod|try_to_del)_timer|^add_timer|wait_for_completion|kobject_(?:cleanup|release)|kcsan_|__phys_addr|__virt_to_phys|fortify|__check_heap_object|usercopy|check_object_size|__do_kernel_fault',
    '__local_bh_enable|__seqprop|srcu_struct|irq_restore|trace_hardirqs|vprintk|preempt_schedule|rust_helper|rust_begin_unwind|core9panicking|core::panicking|__do_user_fault|die_kernel_fault|do_translation_fault|do_tag_|do_mem_abort|el1_(?:da|ia|sync|abort)|el1h_64_sync|timer_delete|__timer_|skb_(?:put|push|over_panic|under_panic|panic)|stack_trace_save|cipher_crypt|kernel_fpu_begin|__get_wchan',
    '^down(?:_read|_write)?(?:_trylock)?|up_(?:read|write)|mutex_(?:lock|trylock|unlock|remove_waiter)|osq_(?:lock|unlock)|__wake_up',
    'refcount_(?:add|sub|inc|dec|set|read|warn)|mem(?:cpy|cmp|set|chr|move)|str(?:n?cmp|l?cpy|ncpy|scpy|len|n?str|nlen|chr)|print_hex',
    'copy_(?:to|from)_user|(?:put|get)_user|might_(?:fault|sleep)|list_(?:add|del|replace|move|splice)|_indirect_thunk_',
    'string|pointer|snprintf|scnprintf|kv?asprintf|printk|dev_(?:info|notice|warn|err|alert|crit|emerg)|^_dev_',
    'program_check_(?:exception|common)|del_timer|(?:flush|drain|destroy)_work|__cancel_work_timer|cancel_work_sync|try_to_grab_pending',
    'finish_wait|kthread_stop|kobject_(?:del|put|uevent_env)|add_uevent_var|get_device_parent|device_(?:add|del|unregister|destroy|for_each_child)',
    'hwrng_unregister|i2c_del_adapter|__unregister_client|rollback_registered|unregister_netdev|sysfs_remove|device_remove_file|tty_unregister_device',
    'dummy_urb_enqueue|usb_(?:kill_urb|kill_anchored_urbs|control_msg|hcd_submit_urb|submit_urb)|stack_trace_consume|bug_handler|call_break_hook|brk_handler|do_debug_exception|unwind_backtrace|asm_exc|print_tainted|walk_stackframe|print_usage_bug|print_lock_invalid_wait|check_wait_context|print_unlock_imbalance|print_circular_bug|print_deadlock_bug|print_bad_irq|print_irq_inversion|check_(?:irq_usage|usage|noncircular|deadlock|prev)|validate_chain|mark_lock|__lock_acquire|^iput$|exc_invalid|handle_bug',
  ),
);

/** The name that a title bears: without compiler suffixes and powerpc's leading dot. */
export function titleName(symbol: string): string {
  if (symbol.startsWith('<')) return symbol;
  return symbol.replace(/^\./, '').replace(/\..*$/, '');
}

/** Functions whose blame is known: the same few thousand stand in all stacks, and the pattern is a long one. */
const blameless = new Map<string, boolean>();
const MOST_SYMBOLS = 8192;

/** True for a function that never names a crash. */
export function isBlameless(symbol: string): boolean {
  return known(blameless, MOST_SYMBOLS, symbol, () => BLAMELESS.test(symbol));
}

/** The first function of the stack that may be blamed, also skipping names that hold one of `skip`. */
export function blame(frames: readonly (Frame | null)[], skip: readonly string[] = []): string | null {
  for (const frame of frames) {
    if (frame === null || !frame.reliable || frame.symbol.startsWith('0x')) continue;
    if (isBlameless(frame.symbol) || skip.some((s) => frame.symbol.includes(s))) continue;
    return titleName(frame.symbol);
  }
  return null;
}

/** Functions at which a stall's stack says what ran: the one they called is the title's. */
const ANCHORS = new RegExp(
  words(
    'process_one_work|do_syscall_|do_fast_syscall_|sysenter_dispatch|tracesys_phase2|netif_receive_skb|do_softirq|call_timer_fn|_run_timers|run_timer_softirq|^ret_fast_syscall',
    'run_ksoftirqd|smpboot_thread_fn|^kthread$|start_secondary|cpu_startup_entry|ret_from_fork|vfs_write|vfs_read|vfs_iter_(?:read|write)|do_iter_(?:read|write)',
    'rtnetlink_rcv_msg|do_vfs_ioctl|^ksys_ioctl|compat_sys_ioctl|invoke_syscall|el0_svc|handle_softirqs|tasklet_action|__run_hrtimer|hrtimer_run_queues',
    'vfs_ioctl|blkdev_(?:driver_)?ioctl|^call_(?:read|write)_iter|do_iter_readv_writev|^call_mmap|mmap_region|do_mmap|do_dentry_open|vfs_open',
    '^sock_(?:sendmsg|recvmsg|release|mmap|do_ioctl|ioctl)|^__sock_(?:sendmsg|release)|__sys_(?:setsockopt|listen|accept)|kernel_(?:setsockopt|listen|accept)|sock_common_setsockopt|sk_common_release',
    '^compat_sock_ioctl|^nfnetlink_rcv_msg|^(?:compat_)?(?:SYSC|SyS|___?sys|__do_sys|__se_sys|__x64_sys)_(?:socketpair|connect|ioctl)',
    '__do_fault|do_page_fault|^page_fault$|__fput|task_work_run|exit_to_usermode|exit_to_user_mode',
  ),
);

/** For stalls: the function that an anchor called. Null if the stack has no anchor. */
export function blameStall(frames: readonly (Frame | null)[], skip: readonly string[] = []): string | null {
  let before: string | null = null;
  for (const frame of frames) {
    if (frame === null || !frame.reliable || frame.symbol.startsWith('0x')) continue;
    const symbol = frame.symbol;
    // Waiting for other CPUs: the stack says who waits, not who keeps it waiting.
    if (before === null && symbol.startsWith('smp_call_function')) return titleName(symbol);
    if (ANCHORS.test(symbol)) {
      if (before !== null) return before;
      continue;
    }
    if (BLAMELESS.test(symbol) || skip.some((s) => symbol.includes(s))) continue;
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
    if (symbol.startsWith('rtnl_lock')) return 'rtnl_lock';
    if (/^synchronize_(?:rcu|srcu|net|sched)/.test(symbol)) return 'synchronize_rcu';
  }
  const found = reliable.find(({ symbol }) => !WAITING.test(symbol) && !/dump_|show_stack/.test(symbol));
  return found === undefined ? null : titleName(found.symbol);
}

/** Whom a title blames: functions that work for any caller are passed over, a subsystem's own are not. */

import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isBlameless } from '../../../src/parser/title/frames.ts';
import { PASSED_OVER } from '../../../src/parser/title/passed-over.ts';

/** Functions of each kind, as they stand in traces of kernels from 4.4 to 6.18. */
const HELPERS: Readonly<Record<string, string>> = {
  'sanitizers and their reports':
    '__asan_load8 kasan_report __hwasan_check_x0_67043363 __kmsan_warning check_memory_region __read_once_word_nocheck print_report __tsan_read8',
  'BUG, WARN and panic':
    'panic nmi_panic __reiserfs_panic report_bug __warn warn_slowpath_fmt do_error_trap get_taint assertfail __phys_addr __fortify_panic invalid_op',
  'stack dumps and unwinders':
    'dump_stack_lvl __dump_stack show_stack dump_backtrace unwind_backtrace stack_trace_save',
  'exception entry': 'el1_abort el1h_64_sync do_mem_abort asm_exc_page_fault program_check_exception',
  printing:
    'string string_nocheck pointer vsnprintf va_format vprintk_emit _dev_err kasprintf hex_dump_to_buffer symbol_string',
  allocators:
    'kfree kvfree kmem_cache_alloc __kmalloc_noprof vzalloc kvzalloc krealloc alloc_page_interleave kmemdup kstrdup memdup_user kfree_skb_reason slab_free',
  'the page cache':
    'find_lock_entries truncate_inode_pages_range unlock_page lock_page folio_unlock pagecache_get_page mark_buffer_dirty',
  'debugging of objects, locks and contexts':
    'debug_object_activate lock_acquire lock_release mark_held_locks __might_resched lockdep_init_map __local_bh_enable_ip trace_hardirqs_on',
  locks:
    '_raw_spin_lock_irqsave do_raw_spin_lock mutex_lock mutex_optimistic_spin __mutex_lock rt_mutex_slowlock down_write up_read osq_lock complete wait_for_completion rcu_read_lock_held __srcu_read_lock queued_spin_lock_slowpath',
  'atomics, bits and reference counts':
    'set_bit test_and_clear_bit atomic_inc atomic64_fetch_add refcount_warn_saturate kref_put kref_get ref_tracker_free instrument_atomic_read_write',
  'memory, strings and copies':
    '__memcpy __pi_memset strlen strncpy_from_user _copy_to_user copy_page_to_iter __get_user_4 crc32c crc_itu_t rep_movs_alternative',
  'lists, trees and maps':
    '__list_del_entry_valid_or_report __list_add_valid rb_erase klist_next klist_put xas_load ida_free',
  'timers, work and threads':
    'try_to_del_timer_sync lock_timer_base flush_work __flush_work cancel_work_sync queue_work_on __queue_work kthread_stop drain_workqueue',
  "the driver model's objects":
    'kobject_set_name_vargs kobject_get kobject_add_internal devres_release_all device_release put_device device_add device_del sysfs_remove_group',
  'inodes, dentries and USB requests': 'iput ihold drop_nlink dput usb_submit_urb usb_control_msg',
  'port and memory-mapped I/O': '__raw_readb readl writel logic_inb',
};

/** What such names resemble, and what syzkaller blames: work of its own. */
const BLAMED =
  '__alloc_skb skb_put mod_timer xa_store idr_get_free copy_page_range crypto_shash_update drbg_generate try_to_free_pages __alloc_fd ' +
  'lock_is_held_type rcu_core radix_tree_lookup iov_iter_advance percpu_counter_add_batch filemap_fault get_page_from_freelist do_user_addr_fault ' +
  'widget_ring_string widget_pointer_show widget_readl_all acpi_db_get_pointer usb_string_ids_tab of_iommu_xlate iommu_device_register';

describe('a function that works for any caller', () => {
  for (const { kind } of PASSED_OVER)
    it(`is passed over: ${kind}`, () => {
      expect(HELPERS[kind]!.split(' ').filter((name) => !isBlameless(name))).toEqual([]);
    });

  it('is passed over under the names that compilers make of it', () => {
    for (const name of ['mutex_lock.cold', 'kref_put.isra.0', '.kobject_get', 'string.part.12.constprop.3'])
      expect(isBlameless(name)).toBe(true);
  });
});

describe("a subsystem's own function", () => {
  it('is blamed', () => {
    expect(BLAMED.split(' ').filter(isBlameless)).toEqual([]);
  });
});

describe('the table of functions that are passed over', () => {
  it('stays below 60 KB', () => {
    expect(statSync('src/parser/title/passed-over.ts').size).toBeLessThan(60 * 1024);
  });
});

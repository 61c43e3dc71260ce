/**
 * Where the fields of the structures in question lie, by kernel version and configuration. Data and the arithmetic that gives it.
 *
 * Sources: BTF of Debian images (5.10.218 arm64, 5.10.262, 6.1.192, 6.12.107, 6.12.117, 6.16.12), the headers of 6.1 and 6.12 compiled for arm64 and
 * arm32 with and without mutex debugging, lockdep and PREEMPT_RT, crashes of Debian's armmp and rt-armmp, and one of 7.3.4. PREEMPT_RT with lockdep is by the fields of
 * `struct rt_mutex_base`, `raw_spinlock_t` and `struct lockdep_map` (rtmutex.h, spinlock_types_raw.h, lockdep_types.h of 6.1). `struct mutex` always comes first in
 * `struct dev_iommu`, and pointers follow it, so that its size moves them all.
 */

import type { EraId } from '../types.ts';

export type StructName = 'dev_iommu' | 'fwspec' | 'iommu_device';

export interface StructLayout {
  readonly struct: StructName;
  /** Bytes of a pointer. */
  readonly word: 4 | 8;
  /** Eras, and mainline versions from..to (both included), that can have it. */
  readonly eras: readonly EraId[];
  readonly from: string;
  readonly to: string;
  /** What of the configuration it takes: "plain", "DEBUG_MUTEXES" ... */
  readonly config: string;
  readonly fields: Readonly<Record<string, { readonly offset: number; readonly size: number }>>;
}

/** sizeof(struct mutex), the likeliest configuration first. */
export const MUTEX_SIZES: readonly {
  readonly word: 4 | 8;
  readonly size: number;
  readonly config: string;
  readonly eras?: readonly EraId[];
}[] = [
  { word: 8, size: 32, config: 'plain or PREEMPT_RT' },
  // Measured on 7.3.4 without MUTEX_SPIN_ON_OWNER.
  { word: 8, size: 24, config: 'without MUTEX_SPIN_ON_OWNER', eras: ['H'] },
  { word: 8, size: 40, config: 'DEBUG_MUTEXES' },
  { word: 8, size: 144, config: 'lockdep' },
  { word: 8, size: 160, config: 'lockdep and LOCK_STAT' },
  { word: 8, size: 128, config: 'PREEMPT_RT, lockdep' },
  { word: 4, size: 20, config: 'SMP' },
  { word: 4, size: 16, config: 'PREEMPT_RT' },
  { word: 4, size: 24, config: 'SMP, DEBUG_MUTEXES' },
  { word: 4, size: 76, config: 'SMP, lockdep' },
  { word: 4, size: 92, config: 'SMP, lockdep and LOCK_STAT' },
  { word: 4, size: 68, config: 'PREEMPT_RT, lockdep' },
  { word: 4, size: 84, config: 'PREEMPT_RT, lockdep and LOCK_STAT' },
  { word: 4, size: 12, config: 'UP' },
];

/**
 * Pointers that follow the mutex. The first and last release with iopf_param are not established (read with it: 5.15.24, 6.8.1;
 * without: 6.11.11): the ranges overlap there, and both layouts are then possible.
 */
const DEV_IOMMU: readonly {
  readonly eras: readonly EraId[];
  readonly from: string;
  readonly to: string;
  readonly pointers: readonly string[];
}[] = [
  { eras: ['B'], from: '5.7-rc1', to: '5.7.999', pointers: ['fault_param', 'fwspec', 'priv'] },
  {
    eras: ['B1', 'C', 'D', 'E', 'E2', 'F61', 'F', 'F2'],
    from: '5.11-rc1',
    to: '6.10.999',
    pointers: ['fault_param', 'iopf_param', 'fwspec', 'iommu_dev', 'priv'],
  },
  { eras: ['B1', 'C'], from: '5.8-rc1', to: '5.14.999', pointers: ['fault_param', 'fwspec', 'iommu_dev', 'priv'] },
  {
    eras: ['F2', 'F3', 'G', 'H'],
    from: '6.9-rc1',
    to: '999.0.0',
    pointers: ['fault_param', 'fwspec', 'iommu_dev', 'priv'],
  },
];

/** Fields of struct iommu_fwspec: 'p' a pointer, '4' a u32; no configuration moves them. */
const FWSPEC: readonly {
  readonly eras: readonly EraId[];
  readonly from: string;
  readonly to: string;
  readonly fields: readonly [string, 'p' | '4'][];
}[] = [
  {
    eras: ['B1', 'C', 'D', 'E', 'E2', 'F61', 'F', 'F2'],
    from: '5.11-rc1',
    to: '6.10.999',
    fields: [
      ['ops', 'p'],
      ['iommu_fwnode', 'p'],
      ['flags', '4'],
      ['num_ids', '4'],
      ['ids', '4'],
    ],
  },
  {
    eras: ['B', 'B1', 'C'],
    from: '5.7-rc1',
    to: '5.14.999',
    fields: [
      ['ops', 'p'],
      ['iommu_fwnode', 'p'],
      ['flags', '4'],
      ['num_pasid_bits', '4'],
      ['num_ids', '4'],
      ['ids', '4'],
    ],
  },
  {
    eras: ['F3', 'G', 'H'],
    from: '6.11-rc1',
    to: '999.0.0',
    fields: [
      ['iommu_fwnode', 'p'],
      ['flags', '4'],
      ['num_ids', '4'],
      ['ids', '4'],
    ],
  },
];

const ALL: readonly EraId[] = ['B', 'B1', 'C', 'D', 'E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H'];

function place(start: number, word: 4 | 8, fields: readonly (readonly [string, 'p' | '4'])[]): StructLayout['fields'] {
  const placed: Record<string, { offset: number; size: number }> = {};
  let at = start;
  for (const [name, kind] of fields) {
    const size = kind === 'p' ? word : 4;
    at = Math.ceil(at / size) * size;
    placed[name] = { offset: at, size };
    at += size;
  }
  return placed;
}

const WORDS = [8, 4] as const;

/** Every layout known, the likeliest configuration first within a version. */
export const STRUCT_LAYOUTS: readonly StructLayout[] = [
  ...MUTEX_SIZES.flatMap((mutex) =>
    DEV_IOMMU.map((order): StructLayout => {
      const pointers = order.pointers.map((name): [string, 'p'] => [name, 'p']);
      return {
        struct: 'dev_iommu',
        word: mutex.word,
        eras: mutex.eras === undefined ? order.eras : order.eras.filter((era) => mutex.eras?.includes(era)),
        from: order.from,
        to: order.to,
        config: `${mutex.size}-byte struct mutex: ${mutex.config}`,
        fields: place(mutex.size, mutex.word, pointers),
      };
    }),
  ),
  ...WORDS.flatMap((word) =>
    FWSPEC.map(
      (spec): StructLayout => ({
        struct: 'fwspec',
        word,
        eras: spec.eras,
        from: spec.from,
        to: spec.to,
        config: 'any',
        fields: place(0, word, spec.fields),
      }),
    ),
  ),
  // struct iommu_device: a list_head first; what follows `dev` differs and no crash of this race reads it.
  ...WORDS.map(
    (word): StructLayout => ({
      struct: 'iommu_device',
      word,
      eras: ALL,
      from: '5.7-rc1',
      to: '999.0.0',
      config: 'any',
      fields: place(2 * word, word, [
        ['ops', 'p'],
        ['fwnode', 'p'],
        ['dev', 'p'],
      ]),
    }),
  ),
];

/**
 * Offsets of `iommu` in struct device: 0x290 to 0x4f0 on 64-bit (plain to lockdep with LOCK_STAT, PREEMPT_RT between), 0x1cc to 0x294 on
 * arm32; some room is left for other configurations.
 */
export const DEVICE_IOMMU: Readonly<Record<4 | 8, readonly [number, number]>> = {
  8: [0x200, 0x500],
  4: [0x140, 0x2c0],
};

/** Sizes that `struct mutex` can have at all: a lock word and a list up to lockdep's with LOCK_STAT and some room. */
export const MUTEX_RANGE: Readonly<Record<4 | 8, readonly [number, number]>> = { 8: [16, 256], 4: [8, 160] };

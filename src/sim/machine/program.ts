/**
 * The language the kernel's code is written in here. A procedure bears the kernel function's name and is a list of nodes; a node that touches
 * shared state, takes or drops a lock, frees or prints is one step of an interleaving; all else (tests of locals, allocation, calls) is silent
 * and runs with the step before it. Memory is sequentially consistent, which suffices for this race: every outcome needs only the
 * order of single loads and stores of `dev->iommu` and the fields behind it.
 */

/** Variables that both threads can see and that are not behind a pointer. */
export const GLOBALS = [
  'dev->iommu',
  'dev->iommu_group',
  /** The client's sysfs link "iommu_group" exists. */
  'iommu_group_link',
  'group->default_domain',
  'bus->iommu_ops',
  /** Instance 1 or 2 is on iommu_device_list. */
  'listed1',
  'listed2',
  /** driver_bound() ran for the instance: driver_find_device() sees it from here on. */
  'bound1',
  'bound2',
  /** What a driver sets up only after iommu_device_register() (rockchip's dma_dev). */
  'late_data',
  /** iommu_device.ready of the instance: its registration's walks are over (da33e87bd2bf). */
  'ready1',
  'ready2',
  /** really_probe() is binding a driver to the client, or has. */
  'dev->driver',
  /** dev_WARN("late IOMMU probe at driver bind, something fishy here!") was printed, by a walk or by a client's own replay. */
  'late_probe_warned',
  'late_replay_warned',
  /* The same of a second client device, in scenarios that have one. */
  'dev2->iommu',
  'dev2->iommu_group',
  'iommu_group2_link',
  'group2->default_domain',
  'dev2->driver',
  'dev2->archdata.iommu',
  /** Where some drivers kept a client's data before dev_iommu.priv (to v5.8): the id of a cfg object. */
  'dev->archdata.iommu',
] as const;
export type Global = (typeof GLOBALS)[number];

/** Objects with identity: absent, live or freed. `cfg` is a driver's per-client data, or what priv points to otherwise. */
export type ObjectType = 'dev_iommu' | 'fwspec' | 'cfg';

/** Fields by the struct that is accessed, as outcomes name them. */
export type Field =
  | 'dev_iommu.fwspec'
  | 'dev_iommu.iommu_dev'
  | 'dev_iommu.priv'
  | 'fwspec.ops'
  | 'fwspec.iommu_fwnode'
  | 'fwspec.num_ids'
  | 'fwspec.ids'
  /** The object as a whole, as krealloc() looks at it. */
  | 'fwspec'
  /** A driver's own struct, by its own name: "apple_dart_master_cfg.stream_maps"; holds one value at most. */
  | `cfg:${string}`
  /** Behind dev_iommu.iommu_dev: valid, or the address of a member of NULL ("&NULL->iommu"). */
  | 'iommu_device.ops'
  | 'iommu_device.dev'
  | 'iommu_device.singleton_group'
  /** A global object that a driver publishes late; NULL before. */
  | `late:${string}`;

/** Registers of a thread: what a compiler would keep in one. All hold small numbers: object ids, error classes, flags. */
export const REGISTERS = ['p', 'fs', 'ops', 'cfg', 'idev', 'err', 'grp', 'tmp', 'own', 'had'] as const;
export type Register = (typeof REGISTERS)[number];
export const REGISTER_BITS = 3;

/** Error classes in `err`: the model needs only to tell them apart. */
export const ERR = { OK: 0, ENODEV: 1, EPROBE_DEFER: 2, EINVAL: 3, EEXIST: 4, EBUSY: 5 } as const;

/** Values of dev_iommu.iommu_dev. */
export const IOMMU_DEV = { NULL: 0, VALID: 1, BOGUS: 2 } as const;

export type Value = number | { readonly reg: Register };

export interface Test {
  readonly reg: Register;
  readonly is: '==' | '!=';
  readonly value: number;
}

export type QuietResult =
  | 'bound-with-iommu'
  | 'bound-without-iommu'
  | 'bound-default-domain-missing'
  | 'deferred'
  | 'probe-failed'
  | 'registered'
  | 'registration-failed'
  /** device_add() of the client is through its notifier. */
  | 'added'
  /** The IOMMU instance is unregistered. */
  | 'unregistered'
  /** dma_configure() inside dma_configure() inside a probe, once more than the model follows. */
  | 'nested-beyond-bound';

export type Node =
  | { readonly op: 'load'; readonly dst: Register; readonly from: Global; readonly text: string }
  | { readonly op: 'store'; readonly to: Global; readonly value: Value; readonly text: string }
  /** Read a field through a pointer; `dst` null where the value does not matter to the model. */
  | {
      readonly op: 'get';
      readonly dst: Register | null;
      readonly ptr: Register;
      readonly field: Field;
      readonly text: string;
      readonly fn?: string;
    }
  | {
      readonly op: 'put';
      readonly ptr: Register;
      readonly field: Field;
      readonly value: Value;
      readonly text: string;
      readonly fn?: string;
    }
  | {
      readonly op: 'alloc';
      readonly dst: Register;
      readonly type: ObjectType;
      readonly init?: Readonly<Partial<Record<Field, Value>>>;
    }
  /** Atomic test-and-set: dst = old value, then 1 (sysfs_create_link() of "iommu_group", which fails with -EEXIST the second time). */
  | { readonly op: 'claim'; readonly dst: Register; readonly what: Global; readonly text: string }
  | { readonly op: 'free'; readonly ptr: Register; readonly type: ObjectType; readonly text: string }
  | { readonly op: 'lock' | 'unlock'; readonly mutex: Mutex }
  | { readonly op: 'print'; readonly message: string }
  | { readonly op: 'set'; readonly dst: Register; readonly value: Value }
  | { readonly op: 'if'; readonly test: Test; readonly then: readonly Node[]; readonly else: readonly Node[] }
  | { readonly op: 'call'; readonly procedure: Procedure }
  /** Out of the innermost procedure; its result stands in `err` (or whatever register it says). */
  | { readonly op: 'return' }
  /** The thread is over. */
  | { readonly op: 'end'; readonly result: QuietResult }
  /** Opens or closes the section that a2e7e59a9426 serialises, whether or not the era has the lock: for the race window. */
  | { readonly op: 'section'; readonly open: boolean };

export type Mutex = 'iommu_probe_device_lock';

/** One kernel function. `inline` says that compilers merge it into its caller: it then has no frame of its own in a trace. */
export interface Procedure {
  readonly fn: string;
  readonly file: string;
  /** 'never' has a frame always; 'usually' is static with one caller; 'accessor' is a header's static inline and counts as its caller in outcomes. */
  readonly inline: 'never' | 'usually' | 'accessor';
  readonly body: readonly Node[];
}

/* ---- constructors, so that procedures read like the C they stand for ---- */

export const load = (dst: Register, from: Global, text: string): Node => ({ op: 'load', dst, from, text });
export const store = (to: Global, value: Value, text: string): Node => ({ op: 'store', to, value, text });
export const get = (dst: Register | null, ptr: Register, field: Field, text: string): Node => ({
  op: 'get',
  dst,
  ptr,
  field,
  text,
});
export const put = (ptr: Register, field: Field, value: Value, text: string): Node => ({
  op: 'put',
  ptr,
  field,
  value,
  text,
});
export const alloc = (dst: Register, type: ObjectType, init?: Readonly<Partial<Record<Field, Value>>>): Node => ({
  op: 'alloc',
  dst,
  type,
  ...(init ? { init } : {}),
});
export const claim = (dst: Register, what: Global, text: string): Node => ({ op: 'claim', dst, what, text });
export const free = (ptr: Register, type: ObjectType, text: string): Node => ({
  op: 'free',
  ptr,
  type,
  text,
});
export const lock = (mutex: Mutex): Node => ({ op: 'lock', mutex });
export const unlock = (mutex: Mutex): Node => ({ op: 'unlock', mutex });
export const print = (message: string): Node => ({ op: 'print', message });
export const set = (dst: Register, value: Value): Node => ({ op: 'set', dst, value });
export const call = (procedure: Procedure): Node => ({ op: 'call', procedure });
export const back: Node = { op: 'return' };
export const end = (result: QuietResult): Node => ({ op: 'end', result });
export const openSection: Node = { op: 'section', open: true };
export const closeSection: Node = { op: 'section', open: false };
export const when = (test: Test, then: readonly Node[], otherwise: readonly Node[] = []): Node => ({
  op: 'if',
  test,
  then,
  else: otherwise,
});
export const reg = (r: Register): Value => ({ reg: r });
export const isNull = (r: Register): Test => ({ reg: r, is: '==', value: 0 });
export const nonNull = (r: Register): Test => ({ reg: r, is: '!=', value: 0 });
export const equals = (r: Register, value: number): Test => ({ reg: r, is: '==', value });
export const failed = nonNull('err');
export const succeeded = isNull('err');

export function procedure(fn: string, file: string, inline: Procedure['inline'], body: readonly Node[]): Procedure {
  return { fn, file, inline, body };
}

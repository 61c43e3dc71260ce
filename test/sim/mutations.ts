/**
 * Changes to the model of which each takes out one lock, or turns round one ordering, of the kernel's. The table must notice every one
 * (mutants.test.ts): what it does not notice it does not say.
 */

import type { ThreadProgram } from '../../src/sim/machine/machine.ts';
import { call, type Node, type Procedure, set, when } from '../../src/sim/machine/program.ts';
import type { Driver } from '../../src/sim/procedures/code.ts';
import { type EraCode, since } from '../../src/sim/procedures/code.ts';
import { withBuses } from '../../src/sim/procedures/of_iommu.ts';

export interface Mutation {
  readonly name: string;
  /** Another era record; null where the era has nothing of the kind. */
  readonly era?: (era: EraCode) => EraCode | null;
  readonly driver?: (driver: Driver, era: EraCode) => Driver | null;
  /** Another thread; the same one where there is nothing of the kind in it. */
  readonly thread?: (thread: ThreadProgram) => ThreadProgram;
}

type Body = readonly Node[];

/** Changes the bodies of every call of `fn` in the thread, wherever it is called. */
function within(fn: string, edit: (body: Body) => Body, role?: ThreadProgram['role']): Mutation['thread'] {
  const procedure = (p: Procedure): Procedure => {
    const inner = nodes(p.body);
    const body = p.fn === fn ? edit(inner) : inner;
    return same(body, p.body) ? p : { ...p, body };
  };
  const nodes = (body: Body): Body => {
    const changed = body.map((node): Node => {
      if (node.op === 'call') {
        const inner = procedure(node.procedure);
        return inner === node.procedure ? node : call(inner);
      }
      if (node.op !== 'if') return node;
      const [then, otherwise] = [nodes(node.then), nodes(node.else)];
      return same(then, node.then) && same(otherwise, node.else) ? node : { ...node, then, else: otherwise };
    });
    return same(changed, body) ? body : changed;
  };
  return (thread) => {
    if (role !== undefined && thread.role !== role) return thread;
    const top = procedure(thread.top);
    return top === thread.top ? thread : { ...thread, top };
  };
}

function same(a: Body, b: Body): boolean {
  return a.length === b.length && a.every((node, i) => node === b[i]);
}

/** Without the nodes that `gone` names, also inside tests, but not inside calls. */
function without(body: Body, gone: (node: Node) => boolean): Body {
  const kept = body
    .filter((node) => !gone(node))
    .map((node): Node => {
      if (node.op !== 'if') return node;
      const [then, otherwise] = [without(node.then, gone), without(node.else, gone)];
      return same(then, node.then) && same(otherwise, node.else) ? node : { ...node, then, else: otherwise };
    });
  return same(kept, body) ? body : kept;
}

/** The first node that `which` names goes right behind the first one that `behind` names. The body as it was where one is missing. */
function moved(body: Body, which: (node: Node) => boolean, behind: (node: Node) => boolean): Body {
  const node = body.find(which);
  const at = body.findIndex(behind);
  if (node === undefined || at < body.indexOf(node)) return body;
  return [...body.slice(0, at + 1).filter((n) => n !== node), node, ...body.slice(at + 1)];
}

const isLock = (node: Node) => node.op === 'lock' || node.op === 'unlock';
const calls = (fn: string) => (node: Node) => node.op === 'call' && node.procedure.fn === fn;
const stores = (what: RegExp) => (node: Node) => node.op === 'store' && what.test(node.to);
const says = (what: string) => (node: Node) => 'text' in node && node.text === what;
/** A test of what the node before it loaded. */
const testBehind = (body: Body, what: string) => body[body.findIndex(says(what)) + 1];

function withoutLoadAndTest(text: string): (body: Body) => Body {
  return (body) => {
    const test = testBehind(body, text);
    return body.some(says(text)) ? body.filter((node) => node !== test && !says(text)(node)) : body;
  };
}

const lockFree = (body: Body) => without(body, isLock);

/** The unlock of the error exit comes before its dev_iommu_free(), which stands in __iommu_probe_device() or (6.6) in iommu_init_device(). */
function earlyUnlock(thread: ThreadProgram): ThreadProgram {
  const swapped = (body: Body): Body => moved(body, calls('dev_iommu_free'), (node) => node.op === 'unlock');
  const own = inExits('__iommu_probe_device', swapped)(thread);
  if (own !== thread) return own;
  let unlock: Node | undefined;
  const without = inExits('__iommu_probe_device', (body) => {
    if (body.length !== 3 || body[1]!.op !== 'unlock') return body;
    unlock = body[1]!;
    return body.filter((node) => node !== unlock);
  })(thread);
  if (unlock === undefined) return thread;
  return inExits('iommu_init_device', (body) => (body.some(calls('dev_iommu_free')) ? [unlock!, ...body] : body))(
    without,
  );
}

/** Changes what `fn` does where its `err` is set. */
function inExits(fn: string, edit: (body: Body) => Body): (thread: ThreadProgram) => ThreadProgram {
  return within(fn, (body) => {
    const changed = body.map((node): Node => {
      if (node.op !== 'if' || node.test.reg !== 'err' || node.test.is !== '!=') return node;
      const then = edit(node.then);
      return same(then, node.then) ? node : { ...node, then };
    });
    return same(changed, body) ? body : changed;
  })!;
}

const LOCKS: readonly Mutation[] = [
  {
    name: 'the lock reaches one level less',
    era: (era) => (era.lock === 'none' ? null : { ...era, lock: era.lock === 'global' ? 'static' : 'none' }),
  },
  { name: 'of_iommu_configure() does not take the lock', thread: within('of_iommu_configure', lockFree) },
  { name: 'iommu_probe_device() does not take the lock', thread: within('iommu_probe_device', lockFree) },
  { name: 'probe_iommu_group() does not take the lock', thread: within('probe_iommu_group', lockFree) },
  {
    name: '__iommu_probe_device() does not take the lock in the walk',
    thread: within('__iommu_probe_device', lockFree, 'walk'),
  },
  {
    name: '__iommu_probe_device() does not take the lock in the replay',
    thread: within('__iommu_probe_device', lockFree, 'client'),
  },
  {
    name: 'of_iommu_configure() drops the lock before it reads the fwspec again',
    thread: within('of_iommu_configure', (body) =>
      moved(
        body,
        (node) => node.op === 'if' && node.then.some(says('ops = fwspec->ops')),
        (node) => node.op === 'unlock',
      ),
    ),
  },
  { name: '__iommu_probe_device() drops the lock before its error exit', thread: earlyUnlock },
];

/** v6.15 and later only: before it the feature has no code to be in. */
const from6_15 =
  (change: (era: EraCode) => Partial<EraCode>) =>
  (era: EraCode): EraCode | null =>
    since(era, '6.15') ? { ...era, ...change(era) } : null;

const LISTED = /^listed[12]$/;

const ORDERS: readonly Mutation[] = [
  {
    name: 'the instance is ready before its walk',
    thread: within('iommu_device_register', (body) => {
      const ready = body.flatMap((node) => (node.op === 'if' ? node.else.filter(stores(/^ready[12]$/)) : []));
      return ready.length === 0 ? body : [...ready, ...body];
    }),
  },
  {
    name: 'dev_iommu_free() frees in the other order',
    era: (era) => ({ ...era, free: era.free === 'null-then-free' ? 'free-then-null' : 'null-then-free' }),
  },
  {
    name: 'the walk is where the other eras have it',
    era: (era) => ({ ...era, walk: era.walk === 'register' ? 'bus_set_iommu' : 'register' }),
  },
  {
    name: 'the IOMMU is listed after the walk',
    thread: within('iommu_device_register', (body) => moved(body, stores(LISTED), calls('bus_iommu_probe'))),
  },
  {
    name: "the bus's ops are stored before the IOMMU is listed",
    thread: within('iommu_device_register', (body) => moved(body, stores(LISTED), stores(/^bus->iommu_ops$/))),
  },
  {
    name: "the bus's ops are stored after the walk",
    thread: within('iommu_device_register', (body) =>
      moved(body, stores(/^bus->iommu_ops$/), calls('bus_iommu_probe')),
    ),
  },
  {
    name: "bus_set_iommu() stores the bus's ops after the walk",
    thread: within('bus_set_iommu', (body) => moved(body, stores(/^bus->iommu_ops$/), calls('bus_iommu_probe'))),
  },
  {
    name: 'iommu_fwspec_free() clears the pointer before kfree()',
    thread: within('iommu_fwspec_free', (body) =>
      body.map((node): Node => {
        if (node.op !== 'if') return node;
        const at = node.then.findIndex((n) => n.op === 'free');
        if (at < 0) return node;
        return when(node.test, [...node.then.filter((_, i) => i !== at), node.then[at]!], node.else);
      }),
    ),
  },
  {
    name: 'iommu_device_link() comes before the lock is dropped',
    thread: within('__iommu_probe_device', (body) => {
      const at = body.findIndex((node, i) => node.op === 'unlock' && body.slice(i).some(calls('iommu_device_link')));
      if (at < 0) return body;
      return [...body.slice(0, at), ...body.slice(at + 1), body[at]!];
    }),
  },
  {
    name: 'iommu->iommu_dev is stored before dev->iommu_group',
    thread: within('iommu_init_device', (body) =>
      moved(body, stores(/^dev->iommu_group$/), says('iommu->iommu_dev = iommu_dev')),
    ),
  },
];

const TESTS: readonly Mutation[] = [
  {
    name: 'iommu_init_device() looks again behind dma_configure() where it does not, and does not where it does',
    era: from6_15((era) => ({ recheck: !era.recheck })),
  },
  {
    name: 'iommu_fwspec_init() asks for iommu_device.ready where it does not, and does not where it does',
    era: from6_15((era) => ({ ready: !era.ready })),
  },
  { name: 'amba_dma_configure() reads dev->driver once', era: from6_15(() => ({ amba: 'reads dev->driver once' })) },
  {
    name: 'a group without its default domain defers where it does not, and does not where it does',
    era: (era) => ({ ...era, defaultDomain: era.defaultDomain === 'checked' ? 'unchecked' : 'checked' }),
  },
  {
    name: 'of_iommu_configure() undoes nothing on error',
    era: (era) => (era.undo === 'nothing' ? null : { ...era, undo: 'nothing' }),
  },
  {
    name: 'iommu_init_device() keeps the lock over dma_configure()',
    thread: within('iommu_init_device', lockFree),
  },
  {
    name: 'really_probe() does not say that it binds a driver before dma_configure()',
    thread: within('really_probe', (body) => without(body, stores(/^dev2?->driver$/))),
  },
  {
    name: 'the replay is as in the other eras: always, or only without a group',
    era: (era) => ({ ...era, replay: era.replay === 'always' ? 'if-ungrouped' : 'always' }),
  },
  { name: 'there is no replay', thread: within('of_iommu_configure', (body) => body.slice(0, -1)) },
  {
    name: 'probe_iommu_group() does not test for a group',
    thread: within('probe_iommu_group', withoutLoadAndTest('group = iommu_group_get(dev)')),
  },
  {
    name: '__iommu_probe_device() does not test for a group',
    thread: within('__iommu_probe_device', withoutLoadAndTest('dev->iommu_group?')),
  },
  {
    name: 'of_iommu_configure() does not read the fwspec again',
    thread: within('of_iommu_configure', (body) =>
      body.filter((node) => !(node.op === 'if' && node.then.some(says('ops = fwspec->ops')) && node.else.length === 0)),
    ),
  },
];

/** What a driver's probe sets up when. Each concerns the drivers that have it only. */
const DRIVER_ORDERS: readonly Mutation[] = [
  {
    name: "the driver's data are set up on the other side of the walk",
    driver: (driver, era) => {
      const after = driver.after_register(
        withBuses({ ...era, granularity: 'compiled', driver, bus: 'platform', devices: 1 }),
      );
      const data = (body: Body) => body.filter(stores(/^late_data$/));
      const moving = [...data(driver.before_walk), ...data(after)][0];
      if (moving === undefined) return null;
      const late = data(after).length > 0;
      return {
        ...driver,
        before_walk: late ? [moving] : [],
        after_register: () => (late ? after.filter((node) => node !== moving) : [moving]),
      };
    },
  },
  {
    name: 'driver_bound() comes before registration',
    thread: within(
      'really_probe',
      (body) => {
        const bound = body.find(stores(/^bound[12]$/));
        return bound === undefined ? body : [bound, ...body.filter((node) => node !== bound)];
      },
      'walk',
    ),
  },
];

const RELEASES: readonly Mutation[] = [
  {
    name: 'the error exit of __iommu_probe_device() calls no release_device()',
    thread: within('__iommu_probe_device', (body) =>
      without(body, (n) => n.op === 'call' && /_release_device$/.test(n.procedure.fn)),
    ),
  },
  {
    name: 'iommu_device_unlink() follows NULL',
    thread: within('iommu_device_unlink', (body) => body.filter((node) => node.op !== 'if')),
  },
  {
    name: 'a failing attach does not end the walk',
    thread: within('bus_iommu_probe', (body) =>
      body.map((node): Node => {
        if (node.op !== 'if' || node.test.reg !== 'grp') return node;
        const then = node.then.map((n) => (n.op === 'if' && n.test.reg === 'err' ? set('err', 0) : n));
        return same(then, node.then) ? node : { ...node, then };
      }),
    ),
  },
  {
    name: 'iommu_dma_get_resv_regions() does not look at the fwspec',
    thread: within('iommu_dma_get_resv_regions', () => []),
  },
  {
    name: 'iommu_release_device() leaves the group',
    thread: within('iommu_release_device', (body) => without(body, calls('iommu_group_remove_device'))),
  },
];

const ENTRIES: readonly Mutation[] = [
  {
    name: 'only the first entry of "iommus" is translated',
    thread: within('of_iommu_configure', (body) =>
      without(body, (n) => n.op === 'if' && n.then.some(calls('of_iommu_xlate'))),
    ),
  },
  {
    name: 'iommu_fwspec_add_ids() does not store the pointer again',
    thread: within('iommu_fwspec_add_ids', (body) =>
      without(body, (n) => n.op === 'if' && n.then.some(calls('krealloc'))),
    ),
  },
  {
    name: 'the translation by ACPI does not take the lock',
    thread: within('acpi_iommu_configure_id', lockFree),
  },
];

export const MUTATIONS: readonly Mutation[] = [
  ...ENTRIES,
  ...LOCKS,
  ...ORDERS,
  ...TESTS,
  ...DRIVER_ORDERS,
  ...RELEASES,
];

/** Mutants that reach what the kernel reaches, by era and name, each with the reason. */
export const EQUIVALENT: ReadonlyMap<string, string> = new Map([
  ...['F', 'F61', 'F2', 'F3', 'G', 'H'].map((era): [string, string] => [
    `${era} only the first entry of "iommus" is translated`,
    'with the lock held over both, the second entry of the one instance finds what the first one made',
  ]),
  [
    'F61 iommu_fwspec_add_ids() does not store the pointer again',
    'with the lock held the pointer is the same: krealloc() hands the object back',
  ],
  // qcom_iommu, sun50i, mtk_iommu, arm-smmu-v3 with two walks; omap_iommu_probe() does not look at what bus_iommu_probe() returns.
  ...['B1', 'C'].map((era): [string, string] => [
    `${era} a failing attach does not end the walk`,
    'in the rows where an attach fails the registration also fails by a probe of its own walk, with as few preemptions, and what follows is the same',
  ]),
  ...['F', 'F61', 'F2', 'F3', 'G', 'H'].map((era): [string, string] => [
    `${era} a failing attach does not end the walk`,
    'with the lock around the translation nobody takes away what attach_dev() asks for',
  ]),
  ...['E', 'F61'].map((era): [string, string] => [
    `${era} the error exit of __iommu_probe_device() calls no release_device()`,
    'the group is made once, under the lock: what it was made for does not fail',
  ]),
  ...['E', 'F61', 'E2', 'F', 'F2', 'F3', 'G', 'H'].map((era): [string, string] => [
    `${era} iommu_device_unlink() follows NULL`,
    since({ shape: ['E', 'F61'].includes(era) ? '6.1' : '6.6' }, '6.6')
      ? 'dev_iommu_ops(), before it, has followed the same pointer'
      : 'in these rows a device is released only where this instance has probed it',
  ]),
  ...['F', 'F61', 'F2', 'G', 'H'].map((era): [string, string] => [
    `${era} iommu_fwspec_free() clears the pointer before kfree()`,
    'it is called with the lock held that every reader of the pointer takes but a release, which takes the pointer from a dev_iommu that it has unlinked',
  ]),
  [
    'F61 of_iommu_configure() does not read the fwspec again',
    'the lock is held from the translation to the second reading, so the fwspec is the same; v6.8 took the reading out',
  ],
  ...['F', 'F2', 'F3'].map((era): [string, string] => [
    `${era} the replay is as in the other eras: always, or only without a group`,
    '__iommu_probe_device() makes the same test of dev->iommu_group itself, under the lock',
  ]),
  [
    'B the replay is as in the other eras: always, or only without a group',
    'a device that has a group is probed again with the same result: the group that is there is taken',
  ],
  [
    'B a group without its default domain defers where it does not, and does not where it does',
    'v5.7 gives a group its default domain before a device is in it: none is ever missing',
  ],
  [
    'F3 of_iommu_configure() undoes nothing on error',
    'nothing is allocated when iommu_fwspec_init() fails, and what can fail behind it (ops without of_xlate) leaves an fwspec that nobody follows',
  ],
  [
    'E iommu_device_link() comes before the lock is dropped',
    'it follows a pointer that the thread holds itself, and no shared variable',
  ],
  ...[
    'iommu_fwspec_init() asks for iommu_device.ready where it does not, and does not where it does',
    'the instance is ready before its walk',
  ].map((name): [string, string] => [
    `H ${name}`,
    'the WARN that da33e87bd2bf was made against is reached all the same, with as few preemptions: by a client that stored dev->driver before the walk came and translates after it',
  ]),
  ...['G', 'H'].flatMap((era): [string, string][] => [
    [
      `${era} the driver's data are set up on the other side of the walk`,
      'no driver of v6.15 asks in of_xlate or probe_device for what is set up after registration',
    ],
  ]),
]);

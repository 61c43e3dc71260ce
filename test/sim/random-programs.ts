/** Small random threads in the model's own language: pointers are what they are for, all else is left to chance. */
import fc from 'fast-check';
import { LIVE, Machine, type Start, type ThreadProgram } from '../../src/sim/machine/machine.ts';
import {
  alloc,
  claim,
  end,
  free,
  get,
  isNull,
  load,
  lock,
  type Node,
  nonNull,
  print,
  procedure,
  put,
  reg,
  set,
  store,
  unlock,
  when,
} from '../../src/sim/machine/program.ts';

const MUTEX = 'iommu_probe_device_lock';
const FLAGS = ['listed1', 'listed2'] as const;

/** "p" and "own" hold dev_iommu objects, "fs" fwspec objects, "tmp" flags. */
const step: fc.Arbitrary<Node> = fc.oneof(
  ...(
    [
      [6, load('p', 'dev->iommu', 'p = dev->iommu')],
      [2, store('dev->iommu', reg('p'), 'dev->iommu = p')],
      [2, store('dev->iommu', 0, 'dev->iommu = NULL')],
      [2, free('p', 'dev_iommu', 'kfree(p)')],
      [5, get('fs', 'p', 'dev_iommu.fwspec', 'fs = p->fwspec')],
      [2, put('p', 'dev_iommu.fwspec', reg('fs'), 'p->fwspec = fs')],
      [1, put('p', 'dev_iommu.fwspec', 0, 'p->fwspec = NULL')],
      [1, get(null, 'fs', 'fwspec.ids', 'fs->ids')],
      [2, get('tmp', 'fs', 'fwspec.ops', 'tmp = fs->ops')],
      [2, put('fs', 'fwspec.ops', 1, 'fs->ops = ops')],
      [2, free('fs', 'fwspec', 'kfree(fs)')],
      [1, claim('tmp', 'iommu_group_link', 'tmp = link++')],
      [1, print('a line')],
      ...FLAGS.flatMap((flag): [number, Node][] => [
        [1, load('tmp', flag, `tmp = ${flag}`)],
        [1, store(flag, 1, `${flag} = 1`)],
        [1, store(flag, 0, `${flag} = 0`)],
      ]),
    ] as const
  ).map(([weight, node]) => ({ weight, arbitrary: fc.constant(node) })),
);

const piece: fc.Arbitrary<readonly Node[]> = fc.oneof(
  { weight: 6, arbitrary: step.map((node) => [node]) },
  {
    weight: 2,
    arbitrary: fc.constant([
      load('p', 'dev->iommu', 'p = dev->iommu'),
      get('fs', 'p', 'dev_iommu.fwspec', 'fs = p->fwspec'),
    ]),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<readonly Node[]>(
      [set('own', reg('p'))],
      [get('fs', 'own', 'dev_iommu.fwspec', 'fs = own->fwspec')],
      [free('own', 'dev_iommu', 'kfree(own)')],
    ),
  },
  // An object is made where there is none, as dev_iommu_get() does it, and shown to all or kept.
  { weight: 1, arbitrary: fc.constant([when(isNull('p'), [alloc('p', 'dev_iommu')])]) },
  {
    weight: 1,
    arbitrary: fc.constant([alloc('p', 'dev_iommu'), store('dev->iommu', reg('p'), 'dev->iommu = p')]),
  },
  { weight: 1, arbitrary: fc.constant([alloc('fs', 'fwspec', { 'fwspec.ops': 1 })]) },
  {
    weight: 1,
    arbitrary: fc.constant([alloc('fs', 'fwspec'), put('p', 'dev_iommu.fwspec', reg('fs'), 'p->fwspec = fs')]),
  },
);

function several(most: number): fc.Arbitrary<readonly Node[]> {
  return fc.array(piece, { minLength: 1, maxLength: most }).map((pieces) => pieces.flat());
}

const block: fc.Arbitrary<readonly Node[]> = fc.oneof(
  { weight: 4, arbitrary: several(2) },
  { weight: 3, arbitrary: several(2).map((body) => [lock(MUTEX), ...body, unlock(MUTEX)]) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('p' as const, 'fs' as const, 'tmp' as const), fc.boolean(), several(2), several(2))
      .map(([r, yes, then, otherwise]) => [when(yes ? nonNull(r) : isNull(r), then, otherwise)]),
  },
);

const thread: fc.Arbitrary<readonly Node[]> = fc
  .array(block, { minLength: 1, maxLength: 4 })
  .map((blocks) => [...blocks.flat(), when(nonNull('tmp'), [end('bound-with-iommu')]), end('deferred')]);

function allocations(nodes: readonly Node[]): number {
  let n = 0;
  for (const node of nodes) {
    if (node.op === 'alloc') n++;
    if (node.op === 'if') n += allocations(node.then) + allocations(node.else);
  }
  return n;
}

/** Objects of a type at most, with the one that a deferral left: ids have three bits. */
const HEAP = 7;

/** A machine of these threads. */
export function machineOf(bodies: readonly (readonly Node[])[], kasan: boolean, leftByDeferral: boolean): Machine {
  const threads = bodies.map(
    (body, t): ThreadProgram => ({
      name: `thread ${t}`,
      role: 'client',
      top: procedure(`thread${t}`, 'random.c', 'never', body),
    }),
  );
  return new Machine({
    threads,
    heap: { dev_iommu: HEAP, fwspec: HEAP, cfg: 1 },
    memory: kasan ? 'kasan' : 'plain',
    initially: leftByDeferral ? LEFT : { because: null, values: [] },
    privIsAllocated: false,
    watchOverlap: false,
  });
}

/** An object that all threads can see from the start, as a deferred probe leaves it. */
const LEFT: Start = {
  because: null,
  values: [
    ['dev->iommu', 1],
    ['dev_iommu1', LIVE],
    ['dev_iommu1.dev_iommu.fwspec', 1],
    ['fwspec1', LIVE],
  ],
};

/** Machines of two or three threads, with and without KASAN, with and without an object that all can see from the start. */
export const machines: fc.Arbitrary<Machine> = fc
  .record({
    bodies: fc.array(thread, { minLength: 2, maxLength: 3 }),
    kasan: fc.boolean(),
    leftByDeferral: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
  })
  .filter(({ bodies }) => allocations(bodies.flat()) < HEAP)
  .map(({ bodies, kasan, leftByDeferral }) => machineOf(bodies, kasan, leftByDeferral));

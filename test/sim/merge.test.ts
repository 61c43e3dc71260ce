/** Loads of dev->iommu that a compiler may make one: left out where nothing stands between them that could change it, and nowhere else. */
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/sim/explore/graph.ts';
import { mergeLoads } from '../../src/sim/machine/merge.ts';
import {
  alloc,
  back,
  call,
  get,
  isNull,
  load,
  lock,
  type Node,
  procedure,
  put,
  set,
  when,
} from '../../src/sim/machine/program.ts';
import { build } from '../../src/sim/scenarios.ts';
import { setUp } from './set-up.ts';

const p = load('p', 'dev->iommu', 'iommu = dev->iommu');
const priv = get('cfg', 'p', 'dev_iommu.priv', 'priv = iommu->priv');
const link = get(null, 'cfg', 'cfg:rk_iommu.dev', 'device_link_add(dev, iommu->dev, ...)');

const of = (...body: readonly Node[]) => procedure('fn', 'file.c', 'never', body);
/** How many loads of dev->iommu are left. */
function loads(...body: readonly Node[]): number {
  const count = (nodes: readonly Node[]): number =>
    nodes.reduce((sum, node) => {
      if (node.op === 'load') return sum + Number(node.from === 'dev->iommu');
      if (node.op === 'if') return sum + count(node.then) + count(node.else);
      return node.op === 'call' ? sum + count(node.procedure.body) : sum;
    }, 0);
  return count(mergeLoads(of(...body)).body);
}

describe('mergeLoads', () => {
  it('makes one of two loads with only other loads between them', () => {
    expect(loads(p, priv, p, priv)).toBe(1);
    expect(loads(p, when(isNull('p'), [back]), p, priv)).toBe(1);
  });

  it.each<[string, Node]>([
    ['a store through another pointer', put('fs', 'fwspec.ids', 1, 'fwspec->ids[0] = id')],
    ['a call', link],
    ['an allocation', alloc('fs', 'fwspec')],
    ['a lock', lock('iommu_probe_device_lock')],
    ['a call of a function of its own', call(procedure('krealloc', 'mm/slab_common.c', 'never', []))],
  ])('keeps both around %s', (_, node) => {
    expect(loads(p, node, p, priv)).toBe(2);
  });

  it('looks into what is inlined, on both sides of it', () => {
    const inlined = (inline: 'usually' | 'accessor') => call(procedure('static_fn', 'file.c', inline, [p, priv]));
    expect(loads(p, inlined('usually'), p)).toBe(1);
    expect(loads(inlined('accessor'), p, priv)).toBe(1);
    expect(loads(p, call(procedure('other', 'file.c', 'never', [p, priv])), p)).toBe(3);
  });

  it('keeps a load that only one way to it has, and one whose register was used for something else', () => {
    expect(loads(when(isNull('ops'), [p]), p)).toBe(2);
    expect(loads(when(isNull('ops'), [p], [p]), p)).toBe(2);
    expect(loads(p, set('p', 0), p)).toBe(2);
  });

  it('takes the value from the register that has it', () => {
    const again = load('own', 'dev->iommu', 'iommu = dev->iommu');
    expect(mergeLoads(of(p, again)).body).toEqual([p, set('own', { reg: 'p' })]);
  });
});

it.each([
  ['C', 'rockchip'],
  ['C', 'qcom_iommu'],
  ['E', 'apple-dart'],
  ['E', 'sprd'],
])('era %s, %s: with merged loads nothing is reached that is not reached without', (era, driver) => {
  const reached = (granularity: 'compiled' | 'merged') =>
    new Set(explore(build(setUp(era, driver, 'deferred-retry', { granularity }))).faults.map((f) => f.outcome));
  expect([...reached('merged')].filter((o) => !reached('compiled').has(o))).toEqual([]);
});

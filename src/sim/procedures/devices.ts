/** A second client device: the same kernel code, run on variables of its own. */
import { type Global, type Node, type Procedure, procedure, when } from '../machine/program.ts';

/** What a device has of its own; the IOMMUs, their list and the lock are common. One late-probe WARN stands for both. */
const OF_SECOND: ReadonlyMap<Global, Global> = new Map([
  ['dev->iommu', 'dev2->iommu'],
  ['dev->iommu_group', 'dev2->iommu_group'],
  ['iommu_group_link', 'iommu_group2_link'],
  ['group->default_domain', 'group2->default_domain'],
  ['dev->driver', 'dev2->driver'],
  ['dev->archdata.iommu', 'dev2->archdata.iommu'],
]);

const known = new WeakMap<Procedure, Procedure>();

const named = (global: Global): Global => OF_SECOND.get(global) ?? global;
const inText = (text: string): string =>
  text
    .replaceAll(/\bdev(?=->)/g, 'dev2')
    .replaceAll(/\(dev\b/g, '(dev2')
    .replaceAll(/\bgroup(?=->)/g, 'group2');

function second(node: Node): Node {
  switch (node.op) {
    case 'load':
      return { ...node, from: named(node.from), text: inText(node.text) };
    case 'store':
      return { ...node, to: named(node.to), text: inText(node.text) };
    case 'claim':
      return { ...node, what: named(node.what), text: inText(node.text) };
    case 'if':
      return when(node.test, node.then.map(second), node.else.map(second));
    case 'call':
      return { ...node, procedure: onSecondDevice(node.procedure) };
    default:
      return node;
  }
}

/** The procedure as it runs for the second device. */
export function onSecondDevice(of: Procedure): Procedure {
  let other = known.get(of);
  if (!other) {
    other = procedure(of.fn, of.file, of.inline, of.body.map(second));
    known.set(of, other);
  }
  return other;
}

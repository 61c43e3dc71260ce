/**
 * The ways to a scenario's ends as one graph: the witness of each outcome, run again, with the states that they share drawn once. A chain of steps of one
 * thread that changes nothing which a reader sees in a node is one edge.
 */

import { build, type SetUp } from '../scenarios.ts';
import type { OutcomeRow } from '../types.ts';
import { decodeReplay } from './replay.ts';
import { snapshot, textOf } from './witness.ts';

export interface MergedNode {
  readonly id: number;
  /** dev->iommu and what hangs off it, in words. */
  readonly state: Readonly<Record<string, string>>;
  /** For each thread: the function whose step it rests before, or how it ended. */
  readonly threads: readonly string[];
  /** A run without a crash is over here: its end's names. */
  ends: string[];
}

export interface MergedEdge {
  readonly from: number;
  /** Null: the last of `steps` crashes. */
  readonly to: number | null;
  readonly thread: number;
  /** "fn: text" of each step. */
  readonly steps: readonly string[];
  /** The crash's outcome. */
  readonly outcome: string | null;
}

export interface Merged {
  readonly threads: readonly string[];
  readonly nodes: readonly MergedNode[];
  readonly edges: readonly MergedEdge[];
  /** Outcomes whose witness is not drawn, for want of room. */
  readonly leftOut: readonly string[];
}

/** Merges the witnesses of `rows`, in their order, as long as the graph has at most `most` states before chains become edges. */
export function mergedPaths(setUp: SetUp, rows: readonly OutcomeRow[], most: number): Merged {
  const machine = build(setUp);
  const ids = new Map<string, number>();
  const nodes: MergedNode[] = [];
  const edges = new Map<string, MergedEdge>();
  const leftOut: string[] = [];
  const nodeOf = (v: Uint32Array): number => {
    const key = v.join(' ');
    const known = ids.get(key);
    if (known !== undefined) return known;
    const threads = machine.threads.map((_, t) => {
      const stop = machine.stopAt(v, t);
      return stop.end === null ? `before ${textOf(stop.place.node)} in ${stop.fn}` : `over: ${stop.end}`;
    });
    ids.set(key, nodes.length);
    return nodes.push({ id: nodes.length, state: snapshot(machine, v), threads, ends: [] }) - 1;
  };
  const v = machine.initial();
  nodeOf(v);
  for (const { outcome, crash, witness } of rows) {
    const decoded = decodeReplay(witness);
    if (!decoded.ok) throw new Error(decoded.why);
    if (nodes.length + decoded.threads.length > most) {
      leftOut.push(outcome);
      continue;
    }
    v.set(machine.initial());
    let from = 0;
    decoded.threads.forEach((thread, i) => {
      const stop = machine.stopAt(v, thread);
      machine.step(v, thread);
      const crashes = crash && i === decoded.threads.length - 1;
      const to = crashes ? null : nodeOf(v);
      const step = `${stop.fn}: ${textOf(stop.place.node)}`;
      edges.set(`${from} ${thread} ${crashes}`, { from, to, thread, steps: [step], outcome: crashes ? outcome : null });
      if (to !== null) from = to;
    });
    if (!crash && !nodes[from]!.ends.includes(outcome)) nodes[from]!.ends.push(outcome);
  }
  const chained = chains(nodes, [...edges.values()]);
  return { threads: machine.threads.map((t) => t.name), ...chained, leftOut };
}

/** Leaves out the nodes that only one edge enters and one of the same thread leaves, with the same shared state before and after. */
function chains(nodes: readonly MergedNode[], edges: readonly MergedEdge[]): Pick<Merged, 'nodes' | 'edges'> {
  const into = nodes.map(() => [] as MergedEdge[]);
  const out = nodes.map(() => [] as MergedEdge[]);
  for (const edge of edges) {
    out[edge.from]!.push(edge);
    if (edge.to !== null) into[edge.to]!.push(edge);
  }
  const shown = (node: MergedNode) => JSON.stringify(node.state);
  const passed = nodes.map(({ id, ends }) => {
    const [enters] = into[id]!;
    const [leaves] = out[id]!;
    if (id === 0 || ends.length > 0 || into[id]!.length !== 1 || out[id]!.length !== 1) return false;
    if (enters!.thread !== leaves!.thread) return false;
    return shown(nodes[enters!.from]!) === shown(nodes[id]!);
  });
  const kept = edges
    .filter((edge) => !passed[edge.from])
    .map((edge) => {
      const steps = [...edge.steps];
      let last = edge;
      while (last.to !== null && passed[last.to]) {
        last = out[last.to]![0]!;
        steps.push(...last.steps);
      }
      return { ...edge, to: last.to, outcome: last.outcome, steps };
    });
  return { nodes: nodes.filter((_, i) => !passed[i]), edges: kept };
}

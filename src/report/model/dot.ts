/**
 * `simulate --format dot`: how each outcome is reached, for Graphviz. Not the state graph, which may have millions of states, but the witnesses of the
 * outcomes, merged where they go through the same state. The same set-up gives the same text, byte for byte.
 */

import { type Merged, type MergedEdge, type MergedNode, mergedPaths } from '../../sim/explain/merged.ts';
import type { SetUp } from '../../sim/scenarios.ts';
import type { Simulation } from '../../sim/simulate.ts';
import { plural } from '../../words.ts';
import { sanitizeAscii } from '../safe/sanitize.ts';

/** States that are drawn, before chains become one edge: a page that can still be read. */
const MOST = 600;
/** Steps of one edge that are written out: the first ones and the last. */
const STEPS_SHOWN = 4;
const COLOURS = ['#1f5fa8', '#a85a1f', '#5a1fa8', '#1fa87a'];

/** A quoted string of the dot language: lines are left-justified, and nothing in them has power over the markup. */
export function dotString(lines: readonly string[]): string {
  const escaped = lines.map((line) => sanitizeAscii(line).replace(/[\\"]/g, '\\$&'));
  return `"${escaped.map((line) => `${line}\\l`).join('')}"`;
}

function nodeLine({ id, state, threads, ends }: MergedNode): string {
  const lines = [
    ...Object.entries(state).map(([name, value]) => `${name} = ${value}`),
    ...threads.map((at, t) => `T${t} ${at}`),
    ...ends.map((end) => `ends in: ${end}`),
  ];
  const look = ends.length > 0 ? ', style="filled,rounded", fillcolor="#dff0d8", color="#3c763d"' : '';
  return `  s${id} [label=${dotString(lines)}${id === 0 ? ', penwidth=2' : ''}${look}];`;
}

function stepsOf({ thread, steps }: MergedEdge): string[] {
  if (steps.length <= STEPS_SHOWN) return steps.map((step) => `T${thread} ${step}`);
  const first = steps.slice(0, STEPS_SHOWN - 2);
  return [...first, `... ${plural(steps.length - STEPS_SHOWN + 1, 'more step')}`, steps.at(-1)!].map(
    (step) => `T${thread} ${step}`,
  );
}

function edgeLine(edge: MergedEdge, crashes: ReadonlyMap<string, number>): string {
  const { from, to, thread, outcome } = edge;
  const colour = outcome === null ? COLOURS[thread % COLOURS.length]! : '#c00000';
  const target = to === null ? `crash${crashes.get(outcome!)}` : `s${to}`;
  return `  s${from} -> ${target} [label=${dotString(stepsOf(edge))}, color="${colour}", fontcolor="${colour}"];`;
}

/** What is drawn, and what is not. */
function title(setUp: SetUp, s: Simulation, { threads, leftOut }: Merged, most: number): string[] {
  const shown = s.outcomes.length - leftOut.length;
  return [
    `era ${s.era}, ${s.driver}, ${s.scenario}, memory ${s.memory}, granularity ${s.granularity}, lock ${setUp.lock ?? setUp.era.lock}`,
    ...threads.map((name, t) => `T${t}: ${name}`),
    `The witnesses of ${plural(shown, 'outcome')} with the fewest preemptions, out of ${plural(s.states, 'state')}${s.exhaustive ? '' : ' (NOT exhaustive: the search ended at its budget)'}; red: crashes, green: quiet ends.`,
    ...(leftOut.length === 0
      ? []
      : [
          `Capped at ${most} states; not drawn: ${plural(leftOut.length, 'outcome')}:`,
          ...leftOut.map((o) => `  ${o}`),
        ]),
  ];
}

/** The graph of `simulation`'s outcomes as a dot file. `most` is for tests. */
export function dotText(setUp: SetUp, simulation: Simulation, most: number = MOST): string {
  const merged = mergedPaths(setUp, simulation.outcomes, most);
  const crashes = new Map<string, number>();
  for (const { outcome } of merged.edges)
    if (outcome !== null && !crashes.has(outcome)) crashes.set(outcome, crashes.size);
  return [
    'digraph oopsreplay {',
    `  graph [label=${dotString(title(setUp, simulation, merged, most))}, labelloc=t, labeljust=l, fontname="monospace", fontsize=11];`,
    '  node [shape=box, fontname="monospace", fontsize=9];',
    '  edge [fontname="monospace", fontsize=9];',
    ...merged.nodes.map(nodeLine),
    ...[...crashes].map(
      ([outcome, i]) =>
        `  crash${i} [label=${dotString(['***', outcome])}, style=filled, fillcolor="#f2dede", color="#c00000", fontcolor="#c00000"];`,
    ),
    ...merged.edges.map((edge) => edgeLine(edge, crashes)),
    '}',
    '',
  ].join('\n');
}

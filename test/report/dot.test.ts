import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotString, dotText } from '../../src/report/model/dot.ts';
import { build } from '../../src/sim/scenarios.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { setUp } from '../sim/set-up.ts';
import { hostile, SEED } from './attacks.ts';

const SET_UPS = [
  setUp('E', 'apple-dart', 'deferred-retry'),
  setUp('F', 'apple-dart', 'deferred-retry'),
  setUp('C', 'rockchip', 'deferred-retry', { memory: 'plain' }),
  setUp('E', 'sprd', 'priv-without-fwspec'),
];

/** Statements of the subset of the language that is written here; throws on anything else. */
function parsed(text: string) {
  const quoted = String.raw`"((?:[^"\\\n]|\\[^\n])*)"`;
  const value = String.raw`(?:${quoted}|[\w#.]+)`;
  const list = String.raw`\[\w+=${value}(?:, \w+=${value})*\]`;
  const lines = text.split('\n');
  expect(lines.shift()).toBe('digraph oopsreplay {');
  expect(lines.pop()).toBe('');
  expect(lines.pop()).toBe('}');
  const nodes = new Map<string, string>();
  const edges: { from: string; to: string; label: string }[] = [];
  for (const line of lines) {
    const statement = new RegExp(`^  (\\w+)(?: -> (\\w+))? ${list};$`).exec(line);
    if (!statement) throw new Error(`no statement of dot: ${line}`);
    const label = new RegExp(`label=${quoted}`).exec(line)?.[1] ?? '';
    const [, name, to] = statement;
    if (to !== undefined) edges.push({ from: name!, to, label });
    else nodes.set(name!, label);
  }
  return { nodes, edges };
}

describe('dotText', () => {
  it.each(SET_UPS)('$era.id $driver.name $scenario.id $memory: every outcome is an end, every end is reached', (of) => {
    const simulation = simulate(of);
    const text = dotText(of, simulation);
    const { nodes, edges } = parsed(text);
    const reached = new Set(['s0']);
    for (const _ of nodes) for (const { from, to } of edges) if (reached.has(from)) reached.add(to);
    for (const name of nodes.keys())
      if (!['graph', 'node', 'edge'].includes(name)) expect([name, reached.has(name)]).toEqual([name, true]);
    for (const { from, to } of edges) expect([nodes.has(from), nodes.has(to)]).toEqual([true, true]);
    for (const { outcome, crash } of simulation.outcomes)
      expect(text).toContain(crash ? `label="***\\l${outcome}\\l"` : `ends in: ${outcome}\\l`);
    expect([...nodes.keys()].filter((n) => n.startsWith('crash')).length).toBe(
      simulation.outcomes.filter((o) => o.crash).length,
    );
    expect(dotText(of, simulate(of))).toBe(text);
  });

  it('takes the steps of a chain together, but none away: the longest way has as many steps as its witness', () => {
    const of = SET_UPS[0]!;
    const [row] = simulate(of).outcomes;
    const { edges } = parsed(dotText(of, { ...simulate(of), outcomes: [row!] }));
    const steps = edges.map(({ label }) => {
      const more = /\.\.\. (\d+) more steps?/.exec(label);
      return label.split('\\l').length - 1 + (more ? Number(more[1]) - 1 : 0);
    });
    const runs = row!.witness.split('.').at(-1)!.split(',');
    const all = runs.reduce((sum, run) => sum + Number(run.split('x')[1] ?? 1), 0);
    expect(steps.reduce((sum, n) => sum + n, 0)).toBe(all);
    expect(edges.length).toBeLessThan(all);
    expect(build(of).threads.length).toBe(2);
  });

  it('is capped, and says which outcomes are not drawn', () => {
    const of = SET_UPS[0]!;
    const simulation = simulate(of);
    const { nodes } = parsed(dotText(of, simulation, 60));
    expect(nodes.size).toBeLessThan(64);
    const [, left] = /Capped at 60 states; not drawn: (\d+) outcomes:/.exec(nodes.get('graph')!)!;
    const drawn = [...nodes.keys()].filter((n) => n.startsWith('crash')).length;
    expect(Number(left)).toBeLessThanOrEqual(simulation.outcomes.length - drawn);
    expect(drawn).toBeGreaterThan(0);
  });

  it('keeps hostile text inside its string', () => {
    const one = /^"(?:[^"\\\n]|\\[^\n])*"$/;
    fc.assert(
      fc.property(fc.array(hostile), (lines) => {
        expect(dotString(lines)).toMatch(one);
        expect(dotString(lines)).toMatch(/^[\x20-\x7e]*$/);
      }),
      { seed: SEED },
    );
  });

  const graphviz = spawnSync('dot', ['-V']).status === 0;
  it.skipIf(!graphviz)('is taken by Graphviz', () => {
    for (const of of SET_UPS) {
      const text = dotText(of, simulate(of));
      const { status, stderr, stdout } = spawnSync('dot', ['-Tcanon'], { input: text, encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('digraph oopsreplay');
    }
  });
});

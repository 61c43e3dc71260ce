/** The model's own results in print: simulations, replays, and what it knows. */
import Table from 'cli-table3';
import { DRIVERS } from '../sim/drivers/models.ts';
import { ERAS } from '../sim/eras/eras.ts';
import { ERA_ORDER, ERAS_WITH_FIX, ERAS_WITH_LOCK, MAINLINE_ERAS, STABLE_ERAS } from '../sim/eras/releases.ts';
import { HYPOTHESES } from '../sim/hypotheses/hypotheses.ts';
import { quietEnds } from '../sim/quiet.ts';
import type { SetUp } from '../sim/scenarios.ts';
import type { Simulation } from '../sim/simulate.ts';
import type { Rerun } from '../sim/witness.ts';
import { sanitize } from './sanitize.ts';

/** Neither colour nor border: cli-table3 would colour even when piped. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const t = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) t.push(row.map(sanitize));
  return `${t.toString()}\n`;
}

/** "54023918904019408618663" is easier read as 5.4e22, and exact in JSON. */
function count(n: bigint): string {
  const digits = n.toString();
  return digits.length <= 9 ? digits : `${digits[0]}.${digits.slice(1, 3)}e${digits.length - 1}`;
}

export function simulationText(s: Simulation): string {
  const rows = s.outcomes.map((o) => [
    o.outcome,
    o.crash ? 'crash' : 'quiet',
    o.serial ? 'yes' : 'no',
    String(o.preemptions),
    count(o.interleavings),
  ]);
  const head = `era ${s.era}, ${s.driver}, ${s.scenario}, memory ${s.memory}, granularity ${s.granularity}`;
  const bounds = `${s.bounds.threads} threads, 1 client device, ${s.bounds.instances} IOMMU instance${s.bounds.instances === 1 ? '' : 's'}`;
  const crashes = s.outcomes.filter((o) => o.crash).length;
  return [
    head,
    `${bounds}; ${s.states} states, ${s.transitions} transitions, ${count(s.interleavings)} interleavings; ${s.exhaustive ? 'exhaustive' : 'NOT exhaustive: ended at its budget'}`,
    crashes === 0 ? 'no crash is reachable' : `${crashes} crashes are reachable`,
    table(['outcome', 'end', 'serial', 'preemptions', 'interleavings'], rows).trimEnd(),
    ...s.outcomes.slice(0, 1).map((o) => `oopsreplay replay ${o.witness}`),
    '',
  ].join('\n');
}

/** The object of CONTRACT, "simulate". */
export function simulationJson(s: Simulation, milliseconds: number) {
  return {
    schema: 'oopsreplay/simulate/1',
    era: s.era,
    driver: s.driver,
    scenario: s.scenario,
    hypothesis: null,
    bounds: s.bounds,
    exhaustive: s.exhaustive,
    reduction: false,
    memory: s.memory,
    granularity: s.granularity,
    states: s.states,
    transitions: s.transitions,
    depth: s.depth,
    interleavings: s.interleavings.toString(),
    milliseconds,
    outcomes: s.outcomes.map((o) => ({ ...o, interleavings: o.interleavings.toString() })),
  };
}

/** Every step with its thread, function, source file and effect, and the shared state where it changed. */
export function replayText({ era, driver, scenario, memory, lock }: SetUp, run: Rerun): string {
  const lines = [
    `era ${era.id} (lock: ${lock ?? era.lock}), ${driver.name}, ${scenario.id}, memory ${memory}`,
    ...run.witness.threads.map((name, i) => `thread ${i}: ${name}`),
    '',
  ];
  let shown = '';
  run.witness.steps.forEach((step, i) => {
    const state = Object.entries(step.after)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ');
    const preempts = step.preempts ? '  (preempts the other thread)' : '';
    lines.push(`${String(i + 1).padStart(3)}  thread ${step.thread}  ${step.fn}()  ${step.file}${preempts}`);
    lines.push(`       ${step.text}`);
    if (state !== shown) lines.push(`         ${state}`);
    if (step.outcome) lines.push(`       *** ${step.outcome}`);
    shown = state;
  });
  const last = run.witness.steps.at(-1);
  const end = last?.outcome ?? quietEnds(run.machine, run.end).join(', ');
  lines.push(
    '',
    `ends in: ${end}; ${run.witness.preemptions} preemption${run.witness.preemptions === 1 ? '' : 's'}`,
    '',
  );
  return lines.map(sanitize).join('\n');
}

export function eraRows(): string {
  const rows = ERA_ORDER.map((id) => {
    const from = MAINLINE_ERAS.find((m) => m.era === id)?.from;
    const stable = STABLE_ERAS.filter((s) => s.era === id).map((s) => `${s.branch}.${s.from}`);
    const since = [...(from ? [`v${from}`] : []), ...stable].join(', ') || 'before v5.7';
    const lock = ERAS_WITH_FIX.has(id)
      ? 'also around the translation'
      : ERAS_WITH_LOCK.has(id)
        ? 'inside __iommu_probe_device()'
        : 'none';
    const subject = MAINLINE_ERAS.find((m) => m.era === id);
    return [
      id,
      since,
      lock,
      ERAS.has(id) ? 'yes' : 'no',
      subject ? `${subject.commit ?? ''} ${subject.subject}`.trim() : '',
    ];
  });
  return table(['era', 'since', 'iommu_probe_device_lock', 'modelled', 'opened by'], rows);
}

export function driverRows(): string {
  const rows = [...DRIVERS.values()].map((d) => [d.name, d.class, d.file]);
  return table(['driver', 'of_xlate stores', 'source'], rows);
}

export function hypothesisRows(): string {
  const rows = [...HYPOTHESES.values()].map((h) => [
    h.id,
    h.eras.join(' '),
    h.fixes.join(', ') || '-',
    h.modelled ? 'yes' : 'by place and era',
    h.means,
  ]);
  const t = new Table({
    head: ['hypothesis', 'eras', 'fixed by', 'explored', 'means'],
    style: { head: [], border: [] },
    colWidths: [32, 18, 16, 12, 48],
    wordWrap: true,
  });
  for (const row of rows) t.push(row);
  return `${t.toString()}\n`;
}

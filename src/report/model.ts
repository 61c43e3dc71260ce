/** The model's own results in print: simulations, replays, and what it knows. */
import { DRIVERS } from '../sim/drivers/models.ts';
import { DRIVER_NAMES } from '../sim/drivers/names.ts';
import { ERAS } from '../sim/eras/eras.ts';
import { ERA_ORDER, ERAS_WITH_FIX, ERAS_WITH_LOCK, MAINLINE_ERAS, STABLE_ERAS } from '../sim/eras/releases.ts';
import { HYPOTHESES } from '../sim/hypotheses/hypotheses.ts';
import { quietEnds } from '../sim/quiet.ts';
import type { SetUp } from '../sim/scenarios.ts';
import type { Simulation } from '../sim/simulate.ts';
import type { HypothesisId } from '../sim/types.ts';
import type { Rerun } from '../sim/witness.ts';
import { sanitize, sanitizeAscii } from './sanitize.ts';
import { tableLines } from './table.ts';
import { plural, shortCount } from './wording.ts';

/** A head and its rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[], widths?: readonly number[]): string {
  return tableLines(
    [head, ...rows].map((row) => row.map(sanitizeAscii)),
    { widths },
  ).join('\n');
}

export function simulationText(s: Simulation, hypothesis: HypothesisId | null): string {
  const rows = s.outcomes.map((o) => [
    o.outcome,
    o.crash ? 'crash' : 'quiet',
    o.serial ? 'yes' : 'no',
    o.preemptionsExact ? String(o.preemptions) : `at most ${o.preemptions}`,
    s.reduction ? 'not counted' : atLeast(s, o.interleavings),
  ]);
  const head = `era ${s.era}, ${s.driver}, ${s.scenario}, memory ${s.memory}, granularity ${s.granularity}${hypothesis === null ? '' : `, hypothesis ${hypothesis}`}`;
  const bounds = `${plural(s.bounds.threads, 'thread')}, 1 client device, ${plural(s.bounds.instances, 'IOMMU instance')}`;
  const crashes = s.outcomes.filter((o) => o.crash).length;
  return [
    head,
    `${bounds}; ${s.states} states, ${s.transitions} transitions, ${s.reduction ? 'interleavings not counted' : `${atLeast(s, s.interleavings)} interleavings`}; ${extent(s)}`,
    crashes === 0
      ? `no crash${hypothesis === null ? '' : ` of ${hypothesis}`} is reachable`
      : `${plural(crashes, 'crash', 'crashes')} can be reached`,
    table(['outcome', 'end', 'serial', 'preemptions', 'interleavings'], rows),
    ...s.outcomes.slice(0, 1).map((o) => `to see the first of them step by step: oopsreplay replay ${o.witness}`),
    '',
  ].join('\n');
}

function atLeast({ countsExact }: Simulation, count: bigint): string {
  return `${countsExact ? '' : 'at least '}${shortCount(String(count))}`;
}

/** What the search covered, and how. */
function extent({ exhaustive, reduction, budget }: Simulation): string {
  const end = exhaustive ? 'exhaustive' : `NOT exhaustive: ended at its budget of ${plural(budget, 'state')}`;
  return reduction ? `${end}, with partial-order reduction` : end;
}

/** The object of CONTRACT, "simulate". */
export function simulationJson(s: Simulation, hypothesis: HypothesisId | null, milliseconds: number) {
  return {
    schema: 'oopsreplay/simulate/1',
    era: s.era,
    driver: s.driver,
    scenario: s.scenario,
    hypothesis,
    bounds: s.bounds,
    budget: s.budget,
    exhaustive: s.exhaustive,
    reduction: s.reduction,
    countsExact: s.countsExact,
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
export function replayText({ era, driver, scenario, memory, granularity, lock }: SetUp, run: Rerun): string {
  const lines = [
    `era ${era.id} (lock: ${lock ?? era.lock}), ${driver.name}, ${scenario.id}, memory ${memory}, granularity ${granularity}`,
    ...run.witness.threads.map((name, i) => `thread ${i}: ${name}`),
    '',
  ];
  let shown = '';
  run.witness.steps.forEach((step, i) => {
    const state = Object.entries(step.after)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ');
    const preempts = step.preempts ? '  (the other thread was preempted)' : '';
    lines.push(`${String(i + 1).padStart(3)}  thread ${step.thread}  ${step.fn}()  ${step.file}${preempts}`);
    lines.push(`       ${step.text}`);
    if (state !== shown) lines.push(`         ${state}`);
    if (step.outcome) lines.push(`       *** ${step.outcome}`);
    shown = state;
  });
  const last = run.witness.steps.at(-1);
  const end = last?.outcome ?? quietEnds(run.machine, run.end).join(', ');
  lines.push('', `ends in: ${end}; ${plural(run.witness.preemptions, 'preemption')}`, '');
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
  return `${table(['era', 'since', 'iommu_probe_device_lock', 'modelled', 'opened by'], rows)}\n`;
}

export function driverRows(): string {
  const stores = { priv_set: 'priv', add_ids: 'ids only' } as const;
  const rows = [...DRIVERS.values()].map((d) => [d.name, stores[d.class], d.file]);
  const named = DRIVER_NAMES.map((d) => d.name).filter((name) => !DRIVERS.has(name));
  return `${table(['driver', 'of_xlate stores', 'source'], rows)}\nrecognised in logs, not modelled: ${named.join(', ')}\n`;
}

export function hypothesisRows(): string {
  const rows = [...HYPOTHESES.values()].map((h) => [
    h.id,
    h.eras.join(' '),
    h.fixes.join(', ') || '-',
    h.modelled ? 'in the model' : 'by place and era',
    h.means,
  ]);
  const widths = [32, 18, 16, 14, 48];
  return `${table(['hypothesis', 'eras', 'closed by', 'judged', 'means'], rows, widths)}\n`;
}

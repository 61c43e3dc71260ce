/** The model's own results in print: simulations, and what it knows. */
import { DRIVERS } from '../sim/drivers/models.ts';
import { DRIVER_NAMES } from '../sim/drivers/names.ts';
import { ERAS } from '../sim/eras/eras.ts';
import { ERA_ORDER, ERAS_WITH_FIX, ERAS_WITH_LOCK, MAINLINE_ERAS, STABLE_ERAS } from '../sim/eras/releases.ts';
import { HYPOTHESES } from '../sim/hypotheses/hypotheses.ts';
import type { Simulation } from '../sim/simulate.ts';
import type { HypothesisId } from '../sim/types.ts';
import { sanitizeAscii } from './sanitize.ts';
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
    String(o.preemptions),
    shortCount(String(o.interleavings)),
  ]);
  const head = `era ${s.era}, ${s.driver}, ${s.scenario}, memory ${s.memory}, granularity ${s.granularity}${hypothesis === null ? '' : `, hypothesis ${hypothesis}`}`;
  const bounds = `${plural(s.bounds.threads, 'thread')}, 1 client device, ${plural(s.bounds.instances, 'IOMMU instance')}`;
  const crashes = s.outcomes.filter((o) => o.crash).length;
  return [
    head,
    `${bounds}; ${s.states} states, ${s.transitions} transitions, ${shortCount(String(s.interleavings))} interleavings; ${s.exhaustive ? 'exhaustive' : 'NOT exhaustive: ended at its budget'}`,
    crashes === 0
      ? `no crash${hypothesis === null ? '' : ` of ${hypothesis}`} is reachable`
      : `${plural(crashes, 'crash', 'crashes')} can be reached`,
    table(['outcome', 'end', 'serial', 'preemptions', 'interleavings'], rows),
    ...s.outcomes.slice(0, 1).map((o) => `to see the first of them step by step: oopsreplay replay ${o.witness}`),
    '',
  ].join('\n');
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

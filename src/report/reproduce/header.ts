/** plan.h of the module: the turns of a plan as C tables. */

import { namesOf, type Place } from '../../sim/force/places.ts';
import type { ForcingPlan, Gate } from '../../sim/force/plan.ts';
import { build } from '../../sim/scenarios.ts';

/** What a log or a user knows beside the plan. */
export interface Target {
  /** The client device's name; null: the user must give it. */
  readonly device: string | null;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '').replaceAll(/[^ -~]/g, '?')}"`;

function placeLine(place: Place): string {
  const fields = [`.fn = ${quoted(place.fn)}`, `.event = ${place.event.toUpperCase()}`, `.nth = ${place.nth}`];
  if (place.event === 'call') fields.push(`.callee = ${quoted(place.callee)}`);
  if (place.event === 'load' || place.event === 'store')
    fields.push(`.offset = offsetof(struct device, ${place.member})`);
  return `\t\t\t{ ${fields.join(', ')} },`;
}

function gateLines(gate: Gate, i: number): readonly string[] {
  return [
    `\t/* gate ${i}: before ${gate.before.replaceAll('*/', '* /')} */`,
    '\t{',
    `\t\t.role = ${gate.role.toUpperCase()}, .of_client = ${gate.ofClient}, .resume = ${gate.resume ?? 0},`,
    `\t\t.before = ${quoted(gate.before)},`,
    '\t\t.places = {',
    ...gate.places.map(placeLine),
    '\t\t},',
    '\t},',
  ];
}

/** Functions of both threads, the driver's by their members of iommu_ops: where sleeps at random may come. */
function functionsOf({ setUp }: ForcingPlan): readonly string[] {
  const names = namesOf(setUp);
  const machine = build(setUp);
  const all = machine.stops.flat().flatMap(({ place }) => place.stack.filter((p) => p.inline !== 'accessor'));
  const kept = all.filter((p) => p.file.startsWith('drivers/iommu/')).map((p) => names.get(p.fn) ?? p.fn);
  return [...new Set(kept)].sort();
}

/** The turn at which a thread of that role begins. */
function startOf({ turns, threads }: ForcingPlan, role: 'client' | 'walk'): number {
  return turns.findIndex((t) => threads[t]!.role === role);
}

export function headerOf(plan: ForcingPlan, { device }: Target): string {
  const { setUp, gates } = plan;
  const ends = (role: 'client' | 'walk') =>
    Number(gates.some((g) => g.role === role && g.places[0]?.event === 'return'));
  return [
    '/* SPDX-License-Identifier: GPL-2.0 */',
    `/* ${plan.replay.replaceAll('*/', '* /')} */`,
    `#define CLIENT_DEVICE ${quoted(device ?? '')}`,
    `#define INSTANCE ${setUp.earlier ? 2 : 1}`,
    `#define ATTEMPT ${setUp.scenario.deferredBefore ? 2 : 1}`,
    `#define OUTCOME ${quoted(plan.outcome)}`,
    `#define GATES ${gates.length}`,
    `#define CLIENT_STARTS ${startOf(plan, 'client')}`,
    `#define WALK_STARTS ${startOf(plan, 'walk')}`,
    `#define WALK_TOP ${quoted(setUp.era.walk === 'bus_set_iommu' ? 'bus_set_iommu' : 'iommu_device_register')}`,
    `#define WALK_ENDS ${ends('walk')}`,
    `#define CLIENT_ENDS ${ends('client')}`,
    '',
    'static struct gate gates[GATES] = {',
    ...gates.flatMap(gateLines),
    '};',
    '',
    'static const char * const functions[] = {',
    ...functionsOf(plan).map((fn) => `\t${quoted(fn)},`),
    '};',
    '',
  ].join('\n');
}

/** The files of a reproduction, by name. */
import type { ForcingPlan } from '../../sim/force/plan.ts';
import { headerOf } from './header.ts';
import { MODULE_NAME, MODULE_SOURCE } from './module.ts';
import { type PageFacts, pageOf } from './page.ts';

const KBUILD = `# SPDX-License-Identifier: GPL-2.0\nobj-m += ${MODULE_NAME}.o\n`;

export interface Reproduction {
  readonly facts: Omit<PageFacts, 'patch'>;
  /** Unified diff and what it could not place; null where no tree was given. */
  readonly patch: { readonly text: string; readonly missing: readonly string[] } | null;
}

/** In the order in which they are read. */
export function filesOf({ facts, patch }: Reproduction): ReadonlyMap<string, string> {
  const missing = patch === null ? null : { missing: patch.missing };
  return new Map([
    ['README.md', pageOf({ ...facts, patch: missing })],
    ['Kbuild', KBUILD],
    [`${MODULE_NAME}.c`, MODULE_SOURCE],
    ['plan.h', headerOf(facts.plan, { device: facts.device })],
    ...(patch === null || patch.text === '' ? [] : [['delays.patch', patch.text] as const]),
  ]);
}

/** What `reproduce --format json` prints: the plan, for programs. */
export function planJson(plan: ForcingPlan): object {
  const { setUp } = plan;
  return {
    schema: 'oopsreplay/reproduce/1',
    ...{ wanted: plan.wanted, outcome: plan.outcome, witness: plan.replay },
    ...{ era: setUp.era.id, driver: setUp.driver.name, scenario: setUp.scenario.id, memory: setUp.memory },
    earlier: setUp.earlier ?? false,
    threads: plan.threads.map((t) => ({ name: t.name, role: t.role })),
    turns: plan.turns,
    reloads: plan.reloads,
    gates: plan.gates.map(({ thread, resume, before, moved, places }) => ({ thread, resume, before, moved, places })),
  };
}

/** The questions that logs ask again and again, answered when the program is built. */
import { keyOf } from './asked.ts';
import { type Digest, digestGraph, type Reach } from './digest.ts';
import { exists } from './drivers/exists.ts';
import { DRIVERS } from './drivers/models.ts';
import { ERAS } from './eras/eras.ts';
import { withoutUnused } from './eras/overrides.ts';
import { explore, type Graph } from './explore/graph.ts';
import { Preemptions } from './explore/schedule.ts';
import { fixedTrees, withoutRelease } from './hypotheses/fixes.ts';
import type { Memory } from './machine/machine.ts';
import { NEAR, setUpsIn, WIDE } from './near.ts';
import { bothStarts, build, misfit, SCENARIOS, type SetUp } from './scenarios.ts';
import { answersFile } from './shipped.ts';
import type { EraId, ScenarioId } from './types.ts';

/** Scenarios of rivals that are asked about wherever the race fits. */
const RIVALS: readonly ScenarioId[] = ['release-vs-xlate'];

/** Every era's own code with every driver. */
export function* usualSetUps(memories: readonly Memory[] = ['plain', 'kasan']): Generator<SetUp> {
  for (const era of ERAS.values())
    for (const driver of DRIVERS.values())
      for (const id of [...NEAR, ...RIVALS])
        for (const memory of memories) {
          const scenario = SCENARIOS.get(id)!;
          if (misfit(scenario, driver) !== null || !exists(driver, era.id)) continue;
          yield* bothStarts(withoutUnused({ era, driver, scenario, memory, granularity: 'compiled' }));
        }
}

/** What is asked of beside a set-up: the trees that have one fix more after the other. */
export function askedBeside(setUp: SetUp): readonly SetUp[] {
  const whole: SetUp = { ...setUp, watchOverlap: true };
  // Attribution asks no more of them than which faults they come to (attribute.ts).
  const quiet = withoutRelease(whole);
  const trees = [...fixedTrees(whole), ...(quiet === whole ? [] : [quiet, ...fixedTrees(quiet)])];
  // So do rivals of a scenario of their own (reachesIn in search.ts).
  if (RIVALS.includes(setUp.scenario.id)) trees.push({ ...setUp, watchOverlap: false });
  return trees;
}

/** What a set-up is counted by, and what each that is asked of beside it comes to. */
export function answersOf(setUp: SetUp): ReadonlyMap<string, Reach | Digest> {
  const whole: SetUp = { ...setUp, watchOverlap: true };
  const entries = new Map<string, Reach | Digest>([[keyOf(whole), digestOf(explore(build(whole)))]]);
  for (const tree of askedBeside(setUp))
    if (!entries.has(keyOf(tree))) entries.set(keyOf(tree), reachOf(explore(build(tree))));
  return entries;
}

function digestOf(graph: Graph): Digest {
  const search = new Preemptions(graph);
  return digestGraph(graph, (edges) => search.toEdge(edges)!.preemptions);
}

function reachOf({ faults, states, exhaustive }: Graph): Reach {
  return { faults, states, exhaustive };
}

/** The eras whose code, with the fix taken out, stands for what a kernel that has it would do without (`shapeWithout` in search.ts). */
const SHAPES: readonly EraId[] = ['B', 'B1', 'C', 'F61', 'F'];

/** What is asked of a crash that nothing comes to: whether the same code without the fix would. */
export function* setUpsWithoutFix(memories: readonly Memory[] = ['plain', 'kasan']): Generator<SetUp> {
  for (const id of SHAPES)
    for (const driver of DRIVERS.values())
      for (const memory of memories) {
        const scenarios = [...NEAR, ...WIDE].map((s) => SCENARIOS.get(s)!).filter((s) => misfit(s, driver) === null);
        yield* setUpsIn(scenarios, { era: ERAS.get(id)!, driver, memory }, 'static', true);
      }
}

/** The file of them all, without the line that says of which model. */
export function usualAnswers(): Uint8Array {
  const entries = new Map<string, Reach | Digest>();
  for (const setUp of usualSetUps()) {
    const key = keyOf({ ...setUp, watchOverlap: true });
    if (entries.has(key)) continue;
    for (const [of, value] of answersOf(setUp)) if (!entries.has(of) || 'endings' in value) entries.set(of, value);
  }
  for (const setUp of setUpsWithoutFix()) {
    const whole: SetUp = { ...setUp, watchOverlap: true };
    const key = keyOf(whole);
    if (!entries.has(key)) entries.set(key, reachOf(explore(build(whole))));
  }
  return answersFile(entries);
}

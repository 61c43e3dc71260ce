/** The library: one function an arrow of the flow, and the words that they speak. */
import { useAnswers } from './io/answers.ts';
import { refuseOldNode } from './needed.ts';

export { MARKERS } from './parser/grammars/markers.ts';
export { parse, parseBytes as parseLog } from './parser/stream.ts';
export type * from './parser/types.ts';
export { judgeLog, triage, triageChunks } from './reconstruct/triage.ts';
export type * from './reconstruct/types.ts';
export { type Conformity, judgeTrace } from './reconstruct/verdict/conform.ts';
export { rendererFor } from './report/render.ts';
export { Redactor } from './report/safe/redact.ts';
export { DRIVERS } from './sim/drivers/models.ts';
export { ERAS } from './sim/eras/eras.ts';
export { nameOfCode, readCode, withFeatures } from './sim/eras/record.ts';
export { type Comparison, compareRuns } from './sim/explain/compare.ts';
export { type Explanation, endOf, explain } from './sim/explain/explain.ts';
export { type Nearest, nearestPassing } from './sim/explain/nearest.ts';
export { decodeReplay, encodeReplay } from './sim/explain/replay.ts';
export { rerun } from './sim/explain/witness.ts';
export { explore, type Graph } from './sim/explore/graph.ts';
export { type Reached, reachable, type SearchOptions } from './sim/explore/reachable.ts';
export { HYPOTHESES } from './sim/hypotheses/hypotheses.ts';
export { toPromela } from './sim/promela/promela.ts';
export { build, SCENARIOS, type SetUp } from './sim/scenarios.ts';
export { type Simulation, simulate } from './sim/simulate.ts';
export type * from './sim/types.ts';

refuseOldNode();
useAnswers();

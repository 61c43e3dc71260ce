/** The library: one function an arrow of the flow, and the words that they speak. */
export { parseLog } from './parser/parse.ts';
export type * from './parser/types.ts';
export { type Conformity, judgeTrace } from './reconstruct/conform.ts';
export { judgeLog, triage } from './reconstruct/triage.ts';
export type * from './reconstruct/types.ts';
export { rendererFor } from './report/render.ts';
export { type Comparison, compareRuns } from './sim/compare.ts';
export { DRIVERS } from './sim/drivers/models.ts';
export { ERAS } from './sim/eras/eras.ts';
export { type Explanation, endOf, explain } from './sim/explain.ts';
export { explore, type Graph } from './sim/graph.ts';
export { HYPOTHESES } from './sim/hypotheses/hypotheses.ts';
export { type Nearest, nearestPassing } from './sim/nearest.ts';
export { decodeReplay, encodeReplay } from './sim/replay.ts';
export { build, SCENARIOS, type SetUp } from './sim/scenarios.ts';
export { type Simulation, simulate } from './sim/simulate.ts';
export type * from './sim/types.ts';
export { rerun } from './sim/witness.ts';

/** What comes with the build is what an exploration says, and so are the digests that are kept. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { digestOf, graphOf, keyOf } from '../../src/sim/asked.ts';
import { digestGraph } from '../../src/sim/digest.ts';
import { allPaths, faultEdges, pathsThrough, pathsTo } from '../../src/sim/explore/count.ts';
import { explore, stateAt } from '../../src/sim/explore/graph.ts';
import { judge, scheduleOf } from '../../src/sim/judge.ts';
import { build, type SetUp, silhouetteOf } from '../../src/sim/scenarios.ts';
import { answersFile, offerAnswers, shippedDigest, shippedReach } from '../../src/sim/shipped.ts';
import { isAmong, signsIn } from '../../src/sim/signs.ts';
import { answersOf, askedBeside, setUpsWithoutFix, usualSetUps } from '../../src/sim/usual.ts';
import { EXHAUSTIVE as exhaustive, thinned } from '../size.ts';

const SEED = Number(process.env.SEED ?? 7);
const all = [...usualSetUps()];
const some = thinned(all, 97, SEED);

afterEach(() => offerAnswers('', () => null));

describe(`the answers to the usual questions (seed ${SEED})`, () => {
  it('read from their file are what was written', () => {
    for (const setUp of some.slice(0, exhaustive ? undefined : 12)) {
      const entries = answersOf(setUp);
      const file = answersFile(entries);
      offerAnswers('this', () => Buffer.concat([Buffer.from('this\n'), file]));
      const whole: SetUp = { ...setUp, watchOverlap: true };
      const digest = shippedDigest(keyOf(whole), silhouetteOf(whole))!;
      const fresh = entries.get(keyOf(whole))!;
      // Serial runs tell what the faults' outcomes are compared with, and nothing else of them is asked.
      expect({ ...digest, serial: null }).toEqual({ ...fresh, serial: null });
      for (const of of [whole, ...askedBeside(setUp)]) {
        const { faults, states, exhaustive } = entries.get(keyOf(of))!;
        expect(shippedReach(keyOf(of), silhouetteOf(of))).toEqual({ faults, states, exhaustive });
      }
    }
  });

  it('are those of the build where there is one of this model', () => {
    if (!existsSync('dist/answers.bin')) return;
    const bytes = readFileSync('dist/answers.bin');
    const model = bytes.subarray(0, bytes.indexOf(10)).toString();
    offerAnswers(model, () => bytes);
    for (const setUp of some.slice(0, exhaustive ? undefined : 6)) {
      const whole: SetUp = { ...setUp, watchOverlap: true };
      const digest = shippedDigest(keyOf(whole), silhouetteOf(whole));
      expect(digest, keyOf(whole)).not.toBeNull();
    }
    for (const setUp of thinned([...setUpsWithoutFix()], 97, SEED)) {
      const whole: SetUp = { ...setUp, watchOverlap: true };
      expect(shippedReach(keyOf(whole), silhouetteOf(whole)), keyOf(whole)).not.toBeNull();
    }
  });

  it('are what exploring a tree without its fix comes to', () => {
    if (!existsSync('dist/answers.bin')) return;
    const bytes = readFileSync('dist/answers.bin');
    offerAnswers(bytes.subarray(0, bytes.indexOf(10)).toString(), () => bytes);
    for (const setUp of thinned([...setUpsWithoutFix(['plain'])], 97, SEED).slice(0, exhaustive ? undefined : 4)) {
      const whole: SetUp = { ...setUp, watchOverlap: true };
      const { faults, states, exhaustive: all } = explore(build(whole));
      expect(shippedReach(keyOf(whole), silhouetteOf(whole))).toEqual({ faults, states, exhaustive: all });
    }
  });

  it('are not taken from a file of another model', () => {
    const [setUp] = some;
    const file = answersFile(answersOf(setUp!));
    offerAnswers('this', () => Buffer.concat([Buffer.from('that\n'), file]));
    expect(shippedReach(keyOf({ ...setUp!, watchOverlap: true }), silhouetteOf(setUp!))).toBeNull();
  });
});

describe(`a digest (seed ${SEED})`, () => {
  it("counts each fault's interleavings as the graph does, and knows its signs", () => {
    for (const setUp of some.slice(0, exhaustive ? 60 : 8)) {
      const graph = explore(build({ ...setUp, watchOverlap: true }));
      const { endings, faults, all: sum } = digestGraph(graph);
      const paths = pathsTo(graph);
      expect(sum).toBe(allPaths(graph, paths));
      const v = new Uint32Array(graph.machine.words);
      const threads = graph.machine.threads.length;
      faults.forEach((_, fault) => {
        const edges = faultEdges(graph, (f) => f === fault);
        const own = endings.filter((e) => e.fault === fault);
        expect(own.reduce((total, e) => total + e.crashing, 0n)).toBe(pathsThrough(graph, paths, edges));
        const signs = new Set(
          edges.map((e) => signsIn(graph.machine, stateAt(graph, Math.floor(e / threads), v), e % threads)),
        );
        expect(new Set(own.map((e) => e.signs))).toEqual(signs);
      });
    }
  });

  it('that came with the build gives the judgement that an exploration gives', () => {
    for (const setUp of some.slice(0, exhaustive ? 60 : 8)) {
      const constraint = { line: null, text: '', sign: 'init-runs' } as const;
      const fresh = judge(setUp, () => true, [constraint]);
      const key = keyOf({ ...setUp, watchOverlap: true });
      offerAnswers('this', () => Buffer.concat([Buffer.from('this\n'), answersFile(answersOf(setUp))]));
      const { endings } = shippedDigest(key, silhouetteOf(setUp))!;
      const chosen = endings.filter((e) => isAmong('init-runs', e.signs));
      expect(chosen.reduce((total, e) => total + e.crashing, 0n)).toBe(fresh.crashing);
      const preemptions = chosen.map((e) => e.preemptions);
      expect(preemptions.length === 0 ? null : Math.min(...preemptions)).toBe(fresh.preemptions);
      expect(scheduleOf(fresh)?.preemptions ?? null).toBe(fresh.preemptions);
    }
  });

  it('is the same whether its graph is still kept or not', () => {
    const [setUp] = some;
    const { states } = digestOf({ ...setUp!, watchOverlap: true });
    expect(graphOf({ ...setUp!, watchOverlap: true }).states).toBe(states);
  });
});

/** Everything that is asked of the model by set-up: what came with the build, what was asked before and is kept, or else an exploration. */
import { type Digest, digestGraph, type Reach } from './digest.ts';
import { charge } from './effort.ts';
import { type Budget, explore, type Graph } from './explore/graph.ts';
import { FIRST_STATES } from './explore/table.ts';
import { build, type SetUp, silhouetteOf } from './scenarios.ts';
import { shippedDigest, shippedReach } from './shipped.ts';

/** A memory of so much; what was longest not asked for goes first. */
class Kept<T> {
  readonly #most: number;
  readonly #weigh: (value: T) => number;
  readonly #by = new Map<string, T>();
  #weight = 0;

  constructor(most: number, weigh: (value: T) => number = () => 1) {
    this.#most = most;
    this.#weigh = weigh;
  }

  /** What is kept, or else is made. */
  get(key: string, make: () => T): T {
    let value = this.#by.get(key);
    if (value === undefined) {
      value = make();
      this.#weight += this.#weigh(value);
      for (const [old, other] of this.#by) {
        if (this.#weight <= this.#most) break;
        this.#by.delete(old);
        this.#weight -= this.#weigh(other);
      }
    } else this.#by.delete(key);
    this.#by.set(key, value);
    return value;
  }
}

/** Graphs by the states that they have room for, some fifty bytes each: ten megabytes in all; the newest one whatever its size. */
const graphs = new Kept<Graph>(200_000, (graph) => Math.max(graph.states, FIRST_STATES));
const reaches = new Kept<Reach>(8192);
const digests = new Kept<Digest>(2048);

/** The set-up by everything that its states depend on. */
export function keyOf(setUp: SetUp, budget?: Budget): string {
  const { era, driver, scenario, memory, granularity, lock, watchOverlap, iommus, earlier } = setUp;
  return [
    ...Object.values({ ...era, lock: lock ?? era.lock }),
    driver.name,
    scenario.id,
    memory,
    granularity,
    watchOverlap ?? false,
    iommus ?? 1,
    earlier ?? false,
    ...(budget === undefined ? [] : [budget.states]),
  ].join(' ');
}

function explored(key: string, setUp: SetUp, budget?: Budget): Graph {
  return graphs.get(key, () => explore(build(setUp), budget));
}

/** All states and transitions. A few graphs are kept. */
export function graphOf(setUp: SetUp, budget?: Budget): Graph {
  const key = keyOf(setUp, budget);
  const graph = explored(key, setUp, budget);
  charge(key, graph.states);
  return graph;
}

/** Which faults the scenario comes to. */
export function reachOf(setUp: SetUp, budget?: Budget): Reach {
  const key = keyOf(setUp, budget);
  const reach = reaches.get(key, () => {
    const known = shippedReach(key, silhouetteOf(setUp));
    if (known !== null) return known;
    const { faults, states, exhaustive } = explored(key, setUp, budget);
    return { faults, states, exhaustive };
  });
  charge(key, reach.states);
  return reach;
}

/** The same with its counts. */
export function digestOf(setUp: SetUp, budget?: Budget): Digest {
  const key = keyOf(setUp, budget);
  const digest = digests.get(
    key,
    () => shippedDigest(key, silhouetteOf(setUp)) ?? digestGraph(explored(key, setUp, budget)),
  );
  charge(key, digest.states);
  return digest;
}

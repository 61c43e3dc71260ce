/**
 * How much exploring one log may ask for. It is counted in states, each set-up once, whether it is explored now, was before or came with the build: so
 * the same log has the same verdict on every machine, after every other log.
 */

/** Thrown where a log asks for more than its budget; the crash that did is left unjudged (DESIGN 5: insufficient). */
export class BeyondBudget extends Error {
  readonly states: number;

  constructor(states: number) {
    super(`more than ${states} states`);
    this.states = states;
  }
}

/** What was asked for so far. */
export interface Effort {
  readonly most: number;
  readonly asked: Map<string, number>;
  states: number;
}

let current: Effort | null = null;

export function effortOf(most: number): Effort {
  return { most, asked: new Map(), states: 0 };
}

/** Runs `judge` on the account of `effort`. */
export function within<T>(effort: Effort, judge: () => T): T {
  const before = current;
  current = effort;
  try {
    return judge();
  } finally {
    current = before;
  }
}

/** Puts a set-up on the account of whoever is judged. Throws BeyondBudget. */
export function charge(key: string, states: number): void {
  if (current === null || current.asked.has(key)) return;
  current.asked.set(key, states);
  current.states += states;
  if (current.states > current.most) throw new BeyondBudget(current.most);
}

/** What `ask` comes to, with all that it was charged for: who is given the same answer later is charged the same (`chargeAll`). */
export function accounted<T>(ask: () => T): { readonly value: T; readonly asked: ReadonlyMap<string, number> } {
  const own = effortOf(current === null ? Number.POSITIVE_INFINITY : current.most);
  try {
    return { value: within(own, ask), asked: own.asked };
  } catch (error) {
    chargeAll(own.asked);
    throw error;
  }
}

export function chargeAll(asked: ReadonlyMap<string, number>): void {
  for (const [key, states] of asked) charge(key, states);
}

/**
 * Is everything that a procedure of the model does, in its order, among what the function's text can do? Both are walked at once: for each way through the model the
 * set of places of the text that it can have come to. An event of the text that the model must have (events.ts) cannot be passed over.
 */
import type { Procedure } from '../sim/machine/program.ts';
import { type Event, eventOf, isHeld, ONCE } from './events.ts';
import type { Edge, Graph } from './flow.ts';
import { changedBy, type Env, type Instruction, knowing, known, NOTHING_KNOWN, straight, valueIn } from './model.ts';

export interface Step {
  readonly text: string;
  readonly event: Event;
  /** Lines of the function's file where it stands. */
  readonly lines: readonly number[];
}

export interface Held {
  /** Each step that is an event, in the model's order. */
  readonly steps: readonly Step[];
  /** Where the model does what the text does not: the event, and what the text could do instead. */
  readonly stuck: readonly { readonly event: Event; readonly text: string; readonly instead: readonly string[] }[];
  /** Events that the text has and no way of the model takes. */
  readonly missing: readonly { readonly event: Event; readonly line: number; readonly in: string }[];
}

export interface Passing {
  /** May an event of the text be passed over? */
  readonly inText: (edge: Edge) => boolean;
  /** Does the text have the event on ways only that the model does not go? */
  readonly elsewhere: (edge: Edge) => boolean;
  /** Is a step of the model one that no text has? */
  readonly inModel: (event: Event, text: string) => boolean;
  /** The event that a call is. */
  readonly callOf: (p: Procedure) => Event | null;
}

interface Config {
  readonly at: number;
  readonly env: Env;
  /** The fwspec's ids have been come by (ONCE). */
  readonly had: boolean;
}

/** More than any function has. */
const MOST_CONFIGS = 20_000;
const LEFT = 'the function ends';

export function hold(procedure: Procedure, graph: Graph, passing: Passing): Held {
  return new Walk(straight(procedure), graph, passing).run();
}

class Walk {
  readonly #instructions: readonly Instruction[];
  readonly #graph: Graph;
  readonly #passing: Passing;
  readonly #closures = new Map<string, readonly number[]>();
  readonly #seen = new Set<string>();
  readonly #stuck = new Map<string, { event: Event; text: string; instead: string[] }>();
  /** By instruction, the edges that its event can be. */
  readonly #taken = new Map<number, Map<Edge, string[]>>();
  /** Pairs of model and text that lead to the end, found backwards. */
  readonly #before = new Map<string, { readonly from: string; readonly edge: Edge | null; readonly at: number }[]>();
  readonly #ends = new Set<string>();

  constructor(instructions: readonly Instruction[], graph: Graph, passing: Passing) {
    this.#instructions = instructions;
    this.#graph = graph;
    this.#passing = passing;
  }

  run(): Held {
    const start: Config = { at: 0, env: NOTHING_KNOWN, had: false };
    this.#go(start, this.#closure([this.#graph.entry], start));
    const good = this.#leadingToAnEnd();
    const steps = this.#instructions.flatMap(({ node }, at) => {
      const event = node.op === 'call' ? this.#passing.callOf(node.procedure) : eventOf(node);
      if (event === null) return [];
      const text = 'text' in node ? node.text : node.op === 'call' ? `${node.procedure.fn}()` : node.op;
      const lines = new Set<number>();
      for (const [edge, froms] of this.#taken.get(at) ?? []) if (froms.some((f) => good.has(f))) lines.add(edge.line);
      return [{ text, event, lines: [...lines].sort((a, b) => a - b) }];
    });
    return { steps, stuck: [...this.#stuck.values()], missing: this.#missing(good) };
  }

  /** All ways on from a place of the model, with the places of the text in `states`. */
  #go(config: Config, states: readonly number[]): void {
    const key = `${keyOf(config)} ${states.join()}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (this.#seen.size > MOST_CONFIGS) throw new Error('a function of the model has more ways than are followed');
    const instruction = this.#instructions[config.at];
    if (instruction === undefined) {
      this.#end(config, states);
      return;
    }
    const { node, next, other } = instruction;
    const on = (env: Env, to = next) => this.#silently(config, { ...config, at: to, env }, states);
    switch (node.op) {
      case 'if': {
        const { reg, value } = node.test;
        const is = known(config.env, reg);
        const may = (equal: boolean) =>
          is === null ? true : is === 'not 0' ? !(equal && value === 0) : equal === (is === value);
        for (const equal of [true, false]) {
          if (!may(equal)) continue;
          const learnt = equal ? value : value === 0 ? 'not 0' : is;
          on(knowing(config.env, reg, learnt), equal === (node.test.is === '==') ? next : other);
        }
        return;
      }
      case 'set':
        on(knowing(config.env, node.dst, valueIn(config.env, node.value)));
        return;
      case 'alloc':
        on(knowing(config.env, node.dst, 'not 0'));
        return;
      case 'section':
      case 'return':
        on(config.env);
        return;
      case 'end':
        this.#ends.add(pair(config, states[0] ?? 0));
        for (const s of states) this.#ends.add(pair(config, s));
        return;
      default:
        this.#event(config, states, instruction);
        return;
    }
  }

  #event(config: Config, states: readonly number[], { node, next }: Instruction): void {
    const event = node.op === 'call' ? this.#passing.callOf(node.procedure) : eventOf(node);
    const text = 'text' in node ? node.text : node.op === 'call' ? `${node.procedure.fn}()` : node.op;
    let { env } = config;
    if (node.op === 'call') for (const r of changedBy(node.procedure)) env = knowing(env, r, null);
    else if ((node.op === 'load' || node.op === 'get' || node.op === 'claim') && node.dst)
      env = knowing(env, node.dst, null);
    // What follows NULL ends there.
    const crashes = (node.op === 'get' || node.op === 'put') && known(config.env, node.ptr) === 0;
    if ((node.op === 'get' || node.op === 'put') && !crashes) {
      // A pointer that was followed is not NULL, unless it was what the field's value replaced.
      if (node.op === 'put' || node.dst !== node.ptr)
        env = knowing(env, node.ptr, known(config.env, node.ptr) ?? 'not 0');
    }
    const to: Config = { at: next, env, had: config.had || ONCE.test(event ?? '') };
    if (event === null || this.#passing.inModel(event, text)) {
      if (crashes) for (const s of states) this.#ends.add(pair(config, s));
      else this.#silently(config, to, states);
      return;
    }
    const reached = new Set<number>();
    for (const s of states) {
      for (const edge of this.#graph.edges[s]!) {
        if (edge.event !== event) continue;
        const taken = this.#taken.get(config.at) ?? new Map<Edge, string[]>();
        this.#taken.set(config.at, taken);
        const after = this.#closure([edge.to], to);
        const from = pair(config, s);
        // Each pair of its own: which of them lead to an end is asked afterwards.
        taken.set(edge, [...(taken.get(edge) ?? []), ...after.map((a) => `${from}>${pair(to, a)}`)]);
        for (const a of after) {
          reached.add(a);
          this.#link(from, pair(to, a), edge, config.at);
        }
      }
    }
    if (reached.size === 0) {
      this.#fail(event, text, states);
      return;
    }
    if (crashes) {
      for (const r of reached) this.#ends.add(pair(to, r));
      return;
    }
    this.#go(
      to,
      [...reached].sort((a, b) => a - b),
    );
  }

  #silently(from: Config, to: Config, states: readonly number[]): void {
    // What is known now may let more be passed over.
    const all = new Set<number>();
    for (const s of states)
      for (const after of this.#closureOf(s, to)) {
        all.add(after);
        this.#link(pair(from, s), pair(to, after), null, -1);
      }
    this.#go(
      to,
      [...all].sort((a, b) => a - b),
    );
  }

  #end(config: Config, states: readonly number[]): void {
    if (states.includes(this.#graph.exit)) this.#ends.add(pair(config, this.#graph.exit));
    else this.#fail(LEFT, LEFT, states);
  }

  #fail(event: Event, text: string, states: readonly number[]): void {
    const key = `${event} ${text}`;
    if (this.#stuck.has(key)) return;
    const instead = new Set<string>();
    for (const s of states)
      for (const e of this.#graph.edges[s]!)
        if (e.event !== null && isHeld(e.event)) instead.add(`${e.event} (line ${e.line}, ${e.in})`);
    if (states.includes(this.#graph.exit)) instead.add(LEFT);
    this.#stuck.set(key, { event, text, instead: [...instead] });
  }

  #link(from: string, to: string, edge: Edge | null, at: number): void {
    const all = this.#before.get(to) ?? [];
    all.push({ from, edge, at });
    this.#before.set(to, all);
  }

  /** "from>to" of every link from which an end can be come to. */
  #leadingToAnEnd(): ReadonlySet<string> {
    const good = new Set<string>();
    const seen = new Set(this.#ends);
    const todo = [...this.#ends];
    for (let to = todo.pop(); to !== undefined; to = todo.pop())
      for (const { from } of this.#before.get(to) ?? []) {
        good.add(`${from}>${to}`);
        if (!seen.has(from)) {
          seen.add(from);
          todo.push(from);
        }
      }
    return good;
  }

  #missing(good: ReadonlySet<string>): Held['missing'] {
    const used = new Set<string>();
    for (const edges of this.#taken.values())
      for (const [edge, froms] of edges) if (froms.some((f) => good.has(f))) used.add(place(edge));
    const missing = new Map<string, Held['missing'][number]>();
    const once = [...used].some((u) => ONCE.test(u.split(' ').slice(0, 2).join(' ')));
    for (const edge of this.#reachable())
      if (
        edge.event !== null &&
        !this.#passing.inText(edge) &&
        !this.#passing.elsewhere(edge) &&
        !used.has(place(edge)) &&
        !(once && ONCE.test(edge.event))
      )
        missing.set(place(edge), { event: edge.event, line: edge.line, in: edge.in });
    return [...missing.values()];
  }

  #reachable(): readonly Edge[] {
    const seen = new Set([this.#graph.entry]);
    const todo = [this.#graph.entry];
    const edges: Edge[] = [];
    for (let s = todo.pop(); s !== undefined; s = todo.pop())
      for (const e of this.#graph.edges[s]!) {
        edges.push(e);
        if (!seen.has(e.to)) {
          seen.add(e.to);
          todo.push(e.to);
        }
      }
    return edges;
  }

  /** With what the text can come to without an event that must be the model's. */
  #closure(states: readonly number[], config: Config): readonly number[] {
    const all = new Set<number>();
    for (const s of states) for (const c of this.#closureOf(s, config)) all.add(c);
    return [...all].sort((a, b) => a - b);
  }

  #closureOf(state: number, { env, had }: Config): readonly number[] {
    const nulls = FREED.filter(([, r]) => known(env, r) === 0).map(([event]) => event);
    const key = `${state} ${nulls.join()} ${had}`;
    const made = this.#closures.get(key);
    if (made) return made;
    const passes = (e: Edge): boolean =>
      e.event === null || this.#passing.inText(e) || nulls.some((n) => n === e.event) || (had && ONCE.test(e.event));
    const seen = new Set([state]);
    const todo = [state];
    for (let s = todo.pop(); s !== undefined; s = todo.pop())
      for (const e of this.#graph.edges[s]!)
        if (passes(e) && !seen.has(e.to)) {
          seen.add(e.to);
          todo.push(e.to);
        }
    const all = [...seen];
    this.#closures.set(key, all);
    return all;
  }
}

/** kfree(NULL) does nothing: what is freed, and the register that the model has it in. */
const FREED = [
  ['free iommu_fwspec', 'fs'],
  ['free dev_iommu', 'p'],
  ['free cfg', 'cfg'],
] as const;

const keyOf = ({ at, env, had }: Config): string =>
  `${at}:${had}:${env.map((k) => (k === null ? '?' : k === 'not 0' ? '+' : k)).join('')}`;
const pair = (config: Config, state: number): string => `${keyOf(config)}@${state}`;
const place = (edge: Edge): string => `${edge.event} ${edge.line} ${edge.in}`;

/**
 * A function's body as a graph of what it can do in which order: each edge is an event, or nothing. Conditions are not looked into, so that the graph has every order that
 * the text allows and some that no run has; that suffices to ask whether what the model does is among them. Functions that the model does not have as functions of their
 * own are written into their callers, as the model has them.
 */
import { CALLS, CORE_CALLS, type Event, isHeld, OPS } from './events.ts';
import type { Fn, Sources } from './sources.ts';
import type { Expr, Stmt } from './syntax.ts';

export interface Edge {
  readonly event: Event | null;
  readonly to: number;
  /** Line in the function's file: of what was written in from elsewhere, the line of the call. */
  readonly line: number;
  /** The functions that the access stands in, below the one that is held: "iommu_group_add_device > dev_iommu_ops". */
  readonly in: string;
}

export interface Graph {
  readonly edges: readonly (readonly Edge[])[];
  readonly entry: number;
  readonly exit: number;
}

/** What the model has, by which a call is an event or is written in. */
export interface Words {
  /** Functions of the model's own. */
  readonly procedures: ReadonlySet<string>;
  /** Of those, the ones that are called through a pointer, with the pointer's name. */
  readonly ops: ReadonlyMap<string, string>;
  /** Functions that are not looked into. */
  readonly opaque: ReadonlySet<string>;
  /** Variables that are false in every kernel of the model's. */
  readonly never: ReadonlySet<string>;
  /** Calls of a driver's own that are accesses. */
  readonly calls: ReadonlyMap<string, Event>;
  /** A driver's static objects that it publishes late: "dma_dev". */
  readonly late: RegExp | null;
  /** Fields of a driver's own that the model has: "r rk_iommu.dev". */
  readonly used: ReadonlySet<Event>;
  /** The driver's structs for a client: what kfree() of one is called. */
  readonly isCfg: (struct: string) => boolean;
}

/** Deeper than the core calls itself on any way that the model has. */
const DEEPEST = 7;
const LOCK = 'iommu_probe_device_lock';
const CORE = 'drivers/iommu/iommu.c';

interface Loop {
  readonly leave: number;
  readonly again: number | null;
}

/** One function, or one that is written into it. */
interface Frame {
  readonly fn: Fn;
  readonly types: Map<string, string | null>;
  readonly labels: Map<string, number>;
  readonly exit: number;
  /** Where the call stands, for what is written in. */
  readonly line: number | null;
  readonly depth: number;
  readonly above: Frame | null;
  readonly loops: Loop[];
  /** Heads of open switches, for their cases. */
  readonly switches: { readonly head: number; last: boolean }[];
  /** guard(mutex)(&iommu_probe_device_lock) is open. */
  guarded: boolean;
}

/** The graph of `fn`; null where its body could not be read. */
export function graphOf(fn: Fn, sources: Sources, words: Words): Graph | null {
  return fn.body === null ? null : contracted(new Builder(sources, words).build(fn), words);
}

const matters = (event: Event | null, words: Words): boolean =>
  event !== null && (isHeld(event) || words.used.has(event));

/** The same ways with fewer places: what nobody asks for is nothing, and a place that only nothing leads on from is not kept. */
function contracted({ edges, entry, exit }: Graph, words: Words): Graph {
  const asked = edges.map((out) => out.map((e) => (matters(e.event, words) ? e : { ...e, event: null })));
  const beyond = (state: number): { readonly events: readonly Edge[]; readonly ends: boolean } => {
    const seen = new Set([state]);
    const todo = [state];
    const events: Edge[] = [];
    for (let s = todo.pop(); s !== undefined; s = todo.pop())
      for (const e of asked[s]!) {
        if (e.event !== null) events.push(e);
        else if (!seen.has(e.to)) {
          seen.add(e.to);
          todo.push(e.to);
        }
      }
    return { events, ends: seen.has(exit) };
  };
  const numbers = new Map<number, number>([[exit, 0]]);
  const kept: Edge[][] = [[]];
  const todo: number[] = [];
  const number = (state: number): number => {
    const known = numbers.get(state);
    if (known !== undefined) return known;
    const made = kept.push([]) - 1;
    numbers.set(state, made);
    todo.push(state);
    return made;
  };
  const start = number(entry);
  for (let s = todo.pop(); s !== undefined; s = todo.pop()) {
    const { events, ends } = beyond(s);
    const out = events.map((e) => ({ ...e, to: number(e.to) }));
    if (ends) out.push({ event: null, to: 0, line: 0, in: '' });
    kept[numbers.get(s)!] = out;
  }
  return { edges: kept, entry: start, exit: 0 };
}

class Builder {
  readonly #edges: Edge[][] = [];
  readonly #sources: Sources;
  readonly #words: Words;

  /** Calls are not written in: what the body does itself is asked. */
  readonly #shallow: boolean;
  readonly #called = new Set<string>();
  readonly #known: Map<Fn, boolean>;

  constructor(sources: Sources, words: Words, known: Map<Fn, boolean> | null = null) {
    this.#sources = sources;
    this.#words = words;
    this.#shallow = known !== null;
    this.#known = known ?? new Map();
  }

  /** Does a function, or one that it calls, do anything that is asked for? */
  #matters(fn: Fn): boolean {
    // What a macro does depends on what it is called with.
    if (fn.macro) return true;
    const known = this.#known.get(fn);
    if (known !== undefined) return known;
    // While it is open: what it calls is asked without it.
    this.#known.set(fn, false);
    const inside = new Builder(this.#sources, this.#words, this.#known);
    const { edges } = inside.build(fn);
    const is =
      edges.some((out) => out.some((e) => matters(e.event, this.#words))) ||
      [...inside.#called].some((name) => {
        const called = this.#words.opaque.has(name) ? null : this.#longest(this.#sources.find(name, fn.file));
        return called !== null && called.body !== null && this.#matters(called);
      });
    this.#known.set(fn, is);
    return is;
  }

  build(fn: Fn): Graph {
    const entry = this.#state();
    const exit = this.#state();
    this.#function(fn, entry, exit, null, null);
    return { edges: this.#edges, entry, exit };
  }

  #state(): number {
    return this.#edges.push([]) - 1;
  }

  #edge(from: number, to: number, event: Event | null = null, frame: Frame | null = null, at = 0): void {
    const line = frame === null ? 0 : (frame.line ?? this.#sources.lineOf(frame.fn.file, at));
    this.#edges[from]!.push({ event, to, line, in: frame === null ? '' : wayTo(frame) });
  }

  #do(from: number, event: Event, frame: Frame, at: number): number {
    const to = this.#state();
    this.#edge(from, to, event, frame, at);
    return to;
  }

  #function(
    fn: Fn,
    entry: number,
    exit: number,
    line: number | null,
    above: Frame | null,
    args: readonly (string | null)[] = [],
  ): void {
    const frame: Frame = {
      fn,
      types: new Map(fn.parameters.map((p, i) => [p.name, fn.macro ? (args[i] ?? null) : p.struct])),
      labels: new Map(),
      exit,
      line,
      depth: (above?.depth ?? 0) + 1,
      above,
      loops: [],
      switches: [],
      guarded: false,
    };
    const end = this.#block(fn.body!, entry, frame);
    this.#leave(end, frame);
  }

  /** Out of the function. */
  #leave(from: number, frame: Frame): void {
    this.#edge(frame.guarded ? this.#do(from, 'unlock', frame, frame.fn.at) : from, frame.exit);
  }

  #block(body: readonly Stmt[], from: number, frame: Frame): number {
    return body.reduce((at, s) => this.#statement(s, at, frame), from);
  }

  /** The state behind the statement; one that nothing leads to where it does not end. */
  #statement(s: Stmt, from: number, frame: Frame): number {
    switch (s.is) {
      case 'expr':
        return this.#guard(s.expr, from, frame) ?? this.#expr(s.expr, from, frame).to;
      case 'declare': {
        let at = from;
        for (const { name, struct, init } of s.names) {
          frame.types.set(name, struct);
          if (init) at = this.#expr(init, at, frame).to;
        }
        return at;
      }
      case 'block':
        return this.#block(s.body, from, frame);
      case 'if': {
        const tested = this.#expr(s.test, from, frame).to;
        const after = this.#state();
        const { test } = s;
        const asked = test.is === 'call' ? test.of : test;
        const never = asked.is === 'name' && this.#words.never.has(asked.name);
        const then = this.#statement(s.then, never ? this.#state() : this.#from(tested), frame);
        this.#edge(then, after);
        if (s.otherwise) this.#edge(this.#statement(s.otherwise, this.#from(tested), frame), after);
        else this.#edge(tested, after);
        return after;
      }
      case 'loop':
        return this.#loop(s, from, frame);
      case 'scoped': {
        if (!isLock(s.lock)) return this.#statement(s.body, this.#expr(s.lock, from, frame).to, frame);
        const inside = this.#do(from, 'lock', frame, s.at);
        return this.#do(this.#statement(s.body, inside, frame), 'unlock', frame, s.at);
      }
      case 'switch': {
        const head = this.#expr(s.on, from, frame).to;
        const leave = this.#state();
        const open = { head, last: false };
        frame.switches.push(open);
        frame.loops.push({ leave, again: frame.loops.at(-1)?.again ?? null });
        this.#edge(this.#statement(s.body, this.#state(), frame), leave);
        frame.loops.pop();
        frame.switches.pop();
        if (!open.last) this.#edge(head, leave);
        return leave;
      }
      case 'case': {
        const open = frame.switches.at(-1);
        const here = this.#from(from);
        if (open) {
          this.#edge(open.head, here);
          if (s.last) open.last = true;
        }
        return here;
      }
      case 'label': {
        const here = this.#label(s.name, frame);
        this.#edge(from, here);
        return here;
      }
      case 'goto':
        this.#edge(from, this.#label(s.name, frame));
        return this.#state();
      case 'return':
        this.#leave(this.#expr(s.expr, from, frame).to, frame);
        return this.#state();
      case 'break':
      case 'continue': {
        const loop = frame.loops.at(-1);
        const to = s.is === 'break' ? loop?.leave : loop?.again;
        if (to !== null && to !== undefined) this.#edge(from, to);
        return this.#state();
      }
    }
  }

  #label(name: string, frame: Frame): number {
    const known = frame.labels.get(name) ?? this.#state();
    frame.labels.set(name, known);
    return known;
  }

  /** A fresh state behind `from`. */
  #from(from: number): number {
    const to = this.#state();
    this.#edge(from, to);
    return to;
  }

  /** A later round's test may go without its reads: the model goes through a loop once. */
  #loop(s: Extract<Stmt, { is: 'loop' }>, from: number, frame: Frame): number {
    const start = s.init ? this.#statement(s.init, from, frame) : this.#from(from);
    const leave = this.#state();
    const again = this.#state();
    const body = this.#state();
    frame.loops.push({ leave, again });
    const end = this.#statement(s.body, body, frame);
    frame.loops.pop();
    this.#edge(end, again);
    const stepped = this.#expr(s.step, again, frame).to;
    const head = this.#from(start);
    if (s.first) {
      this.#edge(head, body);
      this.#edge(this.#expr(s.test, stepped, frame).to, leave);
    } else {
      const tested = this.#expr(s.test, head, frame).to;
      this.#edge(tested, body);
      this.#edge(tested, leave);
    }
    this.#edge(stepped, head);
    this.#edge(stepped, leave);
    return leave;
  }

  /** guard(mutex)(&iommu_probe_device_lock): to the function's end, which is where the kernel's own guards of this lock reach. */
  #guard(e: Expr, from: number, frame: Frame): number | null {
    if (e.is !== 'call' || e.of.is !== 'call' || e.of.of.is !== 'name' || e.of.of.name !== 'guard') return null;
    if (!isLock(e.args[0])) return null;
    frame.guarded = true;
    return this.#do(from, 'lock', frame, e.at);
  }

  /** What an expression does, read as a value, and the struct that it points to. */
  #expr(e: Expr, from: number, frame: Frame): { readonly to: number; readonly struct: string | null } {
    switch (e.is) {
      case 'nothing':
        return { to: from, struct: null };
      case 'name': {
        if (this.#words.late?.test(e.name)) return { to: this.#do(from, 'r late', frame, e.at), struct: 'device' };
        // A function that is handed on is called.
        if (this.#words.procedures.has(e.name) && !frame.types.has(e.name))
          return { to: this.#do(from, this.#callOf(e.name), frame, e.at), struct: null };
        return { to: from, struct: this.#structOf(e.name, frame) };
      }
      case 'member': {
        const place = this.#place(e, from, frame);
        return { to: this.#do(place.to, `r ${place.field}`, frame, e.at), struct: place.struct };
      }
      case 'index': {
        const index = this.#expr(e.index, from, frame);
        return this.#expr(e.of, index.to, frame);
      }
      case 'unary': {
        if (e.op === '&') return this.#address(e.of, from, frame);
        const of = this.#expr(e.of, from, frame);
        if (e.op !== '++' && e.op !== '--') return of;
        return { to: this.#write(e.of, of.to, frame, e.at), struct: null };
      }
      case 'both': {
        const left = this.#expr(e.left, from, frame);
        return this.#expr(e.right, left.to, frame);
      }
      case 'logic': {
        const left = this.#expr(e.left, from, frame).to;
        const after = this.#state();
        this.#edge(left, after);
        const right = this.#expr(e.right, this.#from(left), frame);
        this.#edge(right.to, after);
        return { to: after, struct: right.struct };
      }
      case 'choice': {
        const tested = this.#expr(e.test, from, frame);
        const after = this.#state();
        const then = this.#expr(e.then, this.#from(tested.to), frame);
        const otherwise = this.#expr(e.otherwise, this.#from(tested.to), frame);
        this.#edge(then.to, after);
        this.#edge(otherwise.to, after);
        return { to: after, struct: then.struct ?? otherwise.struct ?? tested.struct };
      }
      case 'assign': {
        const value = this.#expr(e.value, from, frame);
        const read = e.op === '=' ? value.to : this.#expr(e.to, value.to, frame).to;
        if (e.to.is === 'name' && value.struct !== null && !frame.types.get(e.to.name))
          frame.types.set(e.to.name, value.struct);
        return { to: this.#write(e.to, read, frame, e.at), struct: value.struct };
      }
      case 'cast': {
        const of = this.#expr(e.of, from, frame);
        return { to: of.to, struct: e.struct ?? of.struct };
      }
      case 'block':
        return { to: this.#block(e.body, from, frame), struct: null };
      case 'call':
        return this.#call(e, from, frame);
    }
  }

  #structOf(name: string, frame: Frame): string | null {
    return frame.types.has(name) ? frame.types.get(name)! : this.#sources.variable(name, frame.fn.file);
  }

  /** The field that a member is, with what must be followed to come to it. */
  #place(e: Extract<Expr, { is: 'member' }>, from: number, frame: Frame) {
    // `a.b` inside an object that is pointed to, and `a->b`, are alike: what matters is the struct.
    const of = this.#expr(e.of, from, frame);
    const struct = of.struct ?? '?';
    const member = of.struct === null ? null : this.#sources.memberOf(of.struct, e.name, frame.fn.file);
    return { to: of.to, field: `${struct}.${e.name}`, struct: member };
  }

  /** &a->b follows a, and reads no b. */
  #address(e: Expr, from: number, frame: Frame): { readonly to: number; readonly struct: string | null } {
    if (e.is === 'member') {
      const place = this.#place(e, from, frame);
      const { struct } = place;
      // What a driver has in its own struct is used by whom its address is handed to.
      const used = `r ${place.field}`;
      return {
        to: this.#words.used.has(used) && isPrivate(used) ? this.#do(place.to, used, frame, e.at) : place.to,
        struct,
      };
    }
    if (e.is === 'index') return this.#address(e.of, this.#expr(e.index, from, frame).to, frame);
    if (e.is === 'name') return { to: from, struct: this.#structOf(e.name, frame) };
    return this.#expr(e, from, frame);
  }

  #write(to: Expr, from: number, frame: Frame, at: number): number {
    if (to.is === 'name') return this.#words.late?.test(to.name) ? this.#do(from, 'w late', frame, at) : from;
    if (to.is === 'member') {
      const place = this.#place(to, from, frame);
      return this.#do(place.to, `w ${place.field}`, frame, at);
    }
    if (to.is === 'index') return this.#write(to.of, this.#expr(to.index, from, frame).to, frame, at);
    return this.#expr(to, from, frame).to;
  }

  #call(e: Extract<Expr, { is: 'call' }>, from: number, frame: Frame): { to: number; struct: string | null } {
    const name = e.of.is === 'name' ? e.of.name : null;
    const locked = name === null ? null : this.#lockCall(name, e, from, frame);
    if (locked !== null) return { to: locked, struct: null };
    if (name === 'READ_ONCE' || name === 'rcu_dereference') return this.#expr(e.args[0]!, from, frame);
    if (name === 'WRITE_ONCE' || name === 'smp_store_release' || name === 'rcu_assign_pointer') {
      const value = this.#expr(e.args[1]!, from, frame);
      return { to: this.#write(pointee(e.args[0]!), value.to, frame, e.at), struct: null };
    }
    const list = name === null ? null : this.#listCall(name, e, frame);
    if (list !== null) return { to: this.#do(from, list, frame, e.at), struct: null };
    // A pointer's own read comes before its arguments; nothing of the model depends on which.
    let at = from;
    let struct: string | null = null;
    if (e.of.is === 'member') at = this.#place(e.of, at, frame).to;
    else if (e.of.is !== 'name') at = this.#expr(e.of, at, frame).to;
    const structs: (string | null)[] = [];
    for (const arg of e.args) {
      const done = this.#argument(arg, at, frame);
      at = done.to;
      struct ??= done.struct;
      structs.push(done.struct);
    }
    if (e.of.is === 'member')
      return {
        to: OPS.has(e.of.name) ? this.#do(at, `op ${e.of.name}`, frame, e.at) : at,
        struct: null,
      };
    if (name === null) return { to: at, struct: null };
    return this.#named(name, e, at, struct, frame, structs);
  }

  /** A function of the file that is handed on is called by whom it is handed to: it is written in. */
  #argument(e: Expr, from: number, frame: Frame): { readonly to: number; readonly struct: string | null } {
    if (e.is !== 'name' || frame.types.has(e.name) || this.#words.procedures.has(e.name))
      return this.#expr(e, from, frame);
    if (this.#sources.own(e.name, frame.fn.file).length === 0) return this.#expr(e, from, frame);
    const call = { is: 'call', of: e, args: [], at: e.at } as const;
    return this.#named(e.name, call, from, null, frame, []);
  }

  /** Behind its arguments, of which the first that points to a struct points to `first`. */
  #named(
    name: string,
    e: Extract<Expr, { is: 'call' }>,
    at: number,
    first: string | null,
    frame: Frame,
    structs: readonly (string | null)[],
  ) {
    if (/^kv?z?free(?:_rcu\w*|_sensitive)?$/.test(name)) {
      const what = first !== null && this.#words.isCfg(first) ? 'cfg' : first;
      return { to: this.#do(at, `free ${what ?? '?'}`, frame, e.at), struct: null };
    }
    if (this.#words.procedures.has(name)) {
      const returns = this.#sources.find(name, frame.fn.file)[0]?.returns ?? null;
      return { to: this.#do(at, this.#callOf(name), frame, e.at), struct: returns };
    }
    const known =
      this.#words.calls.get(name) ?? CALLS.get(name) ?? (frame.fn.file === CORE ? CORE_CALLS.get(name) : undefined);
    const found = this.#longest(this.#sources.find(name, frame.fn.file));
    if (known !== undefined) return { to: this.#do(at, known, frame, e.at), struct: found?.returns ?? null };
    if (/^(?:WARN_ON|WARN_ON_ONCE|likely|unlikely|IS_ERR|PTR_ERR|ERR_PTR|ERR_CAST|READ_ONCE)$/.test(name))
      return { to: at, struct: first };
    this.#called.add(name);
    const skip = this.#shallow || this.#words.opaque.has(name) || this.#within(name, frame);
    if (found === null || found.body === null || skip || !this.#matters(found))
      return { to: at, struct: found?.returns ?? null };
    const exit = this.#state();
    const line = frame.line ?? this.#sources.lineOf(frame.fn.file, e.at);
    this.#function(found, this.#from(at), exit, line, frame, structs);
    return { to: exit, struct: found.returns };
  }

  #within(name: string, frame: Frame): boolean {
    if (frame.depth >= DEEPEST) return true;
    for (let f: Frame | null = frame; f !== null; f = f.above) if (f.fn.name === name) return true;
    return false;
  }

  /** Of several definitions, between which the configuration chooses, the one that is no stub. */
  #longest(all: readonly Fn[]): Fn | null {
    return all.reduce<Fn | null>((best, fn) => (best === null || size(fn) > size(best) ? fn : best), null);
  }

  #callOf(name: string): Event {
    const op = this.#words.ops.get(name);
    return op === undefined ? `call ${name}` : `op ${op}`;
  }

  #lockCall(name: string, e: Extract<Expr, { is: 'call' }>, from: number, frame: Frame): number | null {
    if (!isLock(e.args[0])) return null;
    if (/^mutex_lock(?:_\w+)?$/.test(name)) return this.#do(from, 'lock', frame, e.at);
    return name === 'mutex_unlock' ? this.#do(from, 'unlock', frame, e.at) : null;
  }

  /** An instance goes on the list of instances, or off. */
  #listCall(name: string, e: Extract<Expr, { is: 'call' }>, frame: Frame): Event | null {
    if (!/^list_(?:add|del)/.test(name)) return null;
    const [first] = e.args;
    if (first?.is !== 'unary' || first.of.is !== 'member' || first.of.of.is !== 'name') return null;
    return frame.types.get(first.of.of.name) === 'iommu_device' && first.of.name === 'list' ? 'w listed' : null;
  }
}

function wayTo(frame: Frame): string {
  return frame.above === null ? '' : [wayTo(frame.above), frame.fn.name].filter((w) => w !== '').join(' > ');
}

const size = (fn: Fn): number => JSON.stringify(fn.body).length;

const isPrivate = (event: Event): boolean => !/^r (?:device|dev_iommu|iommu_\w+)\./.test(event);

function isLock(e: Expr | undefined): boolean {
  return e?.is === 'unary' && e.op === '&' && e.of.is === 'name' && e.of.name === LOCK;
}

/** *p of p, and a of &a. */
function pointee(e: Expr): Expr {
  return e.is === 'unary' && e.op === '&' ? e.of : e;
}

/**
 * A whole kernel tree: which code it has, and every procedure of the model for that code held against the function's body. What the trees' own text says is right: a
 * difference is a defect of the model, or stands in exceptions.ts with its reason.
 */
import { codesOf } from '../reconstruct/kernel/source/codes.ts';
import { readSource } from '../reconstruct/kernel/source/reading.ts';
import type { ReadFile } from '../reconstruct/kernel/source/types.ts';
import { DRIVERS } from '../sim/drivers/models.ts';
import type { Node, Procedure } from '../sim/machine/program.ts';
import type { Driver, EraCode } from '../sim/procedures/code.ts';
import { NOT_HELD, OTHER_NAMES } from './exceptions.ts';
import { graphOf, type Words } from './flow.ts';
import { type Held, hold, type Step } from './hold.ts';
import { isWrittenIn } from './model.ts';
import { type Needed, passingFor } from './passing.ts';
import { partOf, planted } from './plant.ts';
import { type Fn, Sources } from './sources.ts';
import type { Stmt } from './syntax.ts';
import { proceduresOf, VIOT, wordsFor } from './words.ts';

/** A function of the model for one tree, and what holding it against the text came to. */
export interface Finding {
  readonly fn: string;
  readonly file: string;
  /** Drivers with which the model has this body. */
  readonly drivers: readonly string[];
  /** Why it was not held against any text; null where it was. */
  readonly notHeld: string | null;
  readonly steps: readonly Step[];
  readonly stuck: Held['stuck'];
  readonly missing: Held['missing'];
  /** Of a plant: changes of the text that were tried, and those that were not noticed. */
  readonly planted: number;
  readonly unnoticed: readonly string[];
}

export interface Audited {
  readonly tree: string;
  readonly version: string | null;
  /** The code that the tree has; null, with the reason, where that could not be told. */
  readonly code: EraCode | null;
  readonly why: string | null;
  readonly findings: readonly Finding[];
  readonly needed: Needed;
}

/** Does the model do what the text does, and all of it? */
export const agrees = (f: Finding): boolean => f.stuck.length === 0 && f.missing.length === 0;

/** Reads the tree through `read`. With `plant`, each function's text is also changed in small ways, to see whether that is noticed. */
export function audit(name: string, read: ReadFile, plant = false): Audited {
  const reading = readSource(name, read);
  const { codes, why } = codesOf(reading);
  const { version } = reading;
  const [code] = codes;
  if (code === undefined || codes.length > 1) {
    const open = reading.features.filter((f) => f.why !== null).map((f) => `${f.feature}: ${f.why}`);
    const several = `${codes.length} codes are possible (${open.join('; ')})`;
    return { tree: name, version, code: null, why: why ?? several, findings: [], needed: new Set() };
  }
  const run = new Run(new Sources(read), plant);
  for (const driver of DRIVERS.values()) run.driver(code, driver);
  return { tree: name, version, code, why: null, findings: run.findings, needed: run.needed };
}

type Open = { -readonly [K in keyof Finding]: Finding[K] } & { drivers: string[] };

class Run {
  readonly #found = new Map<string, Open>();
  readonly needed: Needed = new Set();
  readonly #sources: Sources;
  readonly #plant: boolean;

  constructor(sources: Sources, plant: boolean) {
    this.#sources = sources;
    this.#plant = plant;
  }

  /** What one body of a function does not take, another one of it may: the walk's probe and the replay's. */
  get findings(): readonly Finding[] {
    const all = [...this.#found.values()];
    return all.map((f) => {
      const others = all
        .filter((o) => o !== f && o.fn === f.fn && o.file === f.file && o.notHeld === null)
        .map((o) => new Set(o.missing.map(placeOf)));
      return { ...f, missing: f.missing.filter((m) => others.every((o) => o.has(placeOf(m)))) };
    });
  }

  driver(era: EraCode, driver: Driver): void {
    if (this.#sources.tree.text(driver.file) === null) return;
    const procedures = proceduresOf(era, driver, 'source', this.#sources.tree.text(VIOT) !== null);
    const words = wordsFor(era, driver, procedures);
    for (const p of procedures) this.#hold(p, driver, words);
  }

  #hold(p: Procedure, driver: Driver, words: Words): void {
    const key = JSON.stringify([p.file, p.fn, byName(p.body, words)]);
    const known = this.#found.get(key);
    if (known) {
      if (!known.drivers.includes(driver.name)) known.drivers.push(driver.name);
      return;
    }
    const found: Open = {
      ...{ fn: p.fn, file: p.file, drivers: [driver.name], notHeld: null },
      ...{ steps: [], stuck: [], missing: [], planted: 0, unnoticed: [] },
    };
    this.#found.set(key, found);
    found.notHeld = NOT_HELD.find(([name]) => name.test(p.fn))?.[1] ?? null;
    if (found.notHeld !== null) return;
    const all = this.#definitions(p).map((fn) => ({ fn, held: this.#against(fn, p, words) }));
    // Where the configuration chooses among several, one of them is the model's.
    const [best] = all.sort((a, b) => wrong(a.held) - wrong(b.held));
    if (best === undefined) {
      found.stuck = [{ event: 'no such function', text: p.fn, instead: [] }];
      return;
    }
    Object.assign(found, best.held);
    if (this.#plant && wrong(best.held) === 0) this.#plants(best.fn, p, words, found);
  }

  #definitions(p: Procedure): readonly Fn[] {
    const named = this.#sources.own(p.fn, p.file);
    const other = OTHER_NAMES.get(p.fn);
    return named.length === 0 && other !== undefined ? this.#sources.own(other, p.file) : named;
  }

  #against(fn: Fn, p: Procedure, words: Words): Held {
    const procedures = new Set(words.procedures);
    procedures.delete(p.fn);
    const graph = graphOf(fn, this.#sources, { ...words, procedures });
    if (graph === null) return { steps: [], missing: [], stuck: [{ event: 'unread', text: fn.name, instead: [] }] };
    return hold(p, graph, passingFor(p, words, this.needed));
  }

  #plants(fn: Fn, p: Procedure, words: Words, found: Open): void {
    const before = new Set(found.missing.map(placeOf));
    for (const { changed, what } of planted(fn, (s) => this.#does(s, fn, p, words))) {
      found.planted++;
      const held = this.#against(changed, p, words);
      if (held.stuck.length === 0 && held.missing.every((m) => before.has(placeOf(m))))
        found.unnoticed = [...found.unnoticed, what];
    }
  }

  /** Lines of what a part of a function does that the model must have. */
  #does(body: readonly Stmt[], fn: Fn, p: Procedure, words: Words): readonly number[] {
    const { inText, elsewhere } = passingFor(p, words, new Set());
    const edges = graphOf(partOf(fn, body), this.#sources, words)?.edges.flat() ?? [];
    return edges.flatMap((e) => (e.event === null || inText(e) || elsewhere(e) ? [] : [e.line]));
  }
}

const wrong = ({ stuck, missing }: Held): number => stuck.length * 1000 + missing.length;
const placeOf = ({ event, line, in: fn }: Held['missing'][number]): string => `${event} ${line} ${fn}`;

/** A function's body as it is told apart from others: with what it calls by name. */
function byName(nodes: readonly Node[], words: Words): unknown {
  return nodes.map((node) => {
    if (node.op === 'if') return [node.test, byName(node.then, words), byName(node.else, words)];
    if (node.op !== 'call') return node;
    const { procedure } = node;
    return isWrittenIn(procedure) ? byName(procedure.body, words) : (words.ops.get(procedure.fn) ?? procedure.fn);
  });
}

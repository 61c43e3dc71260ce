/** The model's procedures in print: which bodies a function has in which eras, each as numbered C-like steps. */

import { exists } from '../../sim/drivers/exists.ts';
import { textOf } from '../../sim/explain/witness.ts';
import { fieldName, isVisible } from '../../sim/machine/flatten.ts';
import {
  ERR,
  IOMMU_DEV,
  type Node,
  type Procedure,
  procedure,
  type Register,
  type Test,
  type Value,
} from '../../sim/machine/program.ts';
import {
  dev_iommu_fwspec_get,
  dev_iommu_fwspec_set,
  dev_iommu_ops,
  dev_iommu_priv_get,
  dev_iommu_priv_set,
} from '../../sim/procedures/accessors.ts';
import type { Driver, EraCode } from '../../sim/procedures/code.ts';
import { device_add } from '../../sim/procedures/notifier.ts';
import { really_probe, withBuses } from '../../sim/procedures/of_iommu.ts';
import { iommu_driver_probe } from '../../sim/procedures/register.ts';
import { iommu_driver_remove } from '../../sim/procedures/release.ts';
import { stray_store } from '../../sim/procedures/stray.ts';
import type { EraId } from '../../sim/types.ts';

/** A body of a function, and where it is the one that runs. */
export interface Body {
  readonly fn: string;
  readonly file: string;
  readonly lines: readonly string[];
  /** Steps of an interleaving in it, called functions aside. */
  readonly steps: number;
  /** The text of each of them, as the audit knows it. */
  readonly texts: readonly string[];
  readonly eras: EraId[];
  /** Threads that run it: "client", "registration" ... */
  readonly threads: string[];
}

/** Columns of a step's number. */
const NUMBER = 7;

const ERRORS = new Map(Object.entries(ERR).map(([name, value]) => [value, value === 0 ? '0' : `-${name}`]));

function valueWords(dst: Register | null, value: Value): string {
  if (typeof value !== 'number') return value.reg;
  if (dst === 'own' && value === IOMMU_DEV.VALID) return 'the iommu_device';
  if (dst === 'own' && value === IOMMU_DEV.BOGUS) return 'the address of a member of NULL';
  return dst === 'err' ? (ERRORS.get(value as never) ?? String(value)) : value === 0 ? 'NULL' : String(value);
}

function testWords({ reg, is, value }: Test): string {
  if (reg === 'err') return value === 0 ? (is === '==' ? '!err' : 'err') : `err ${is} ${valueWords('err', value)}`;
  if (value === 0) return is === '==' ? `!${reg}` : reg;
  return `${reg} ${is} ${value}`;
}

/** What a step does, with the register that its value goes to: later tests name that. */
function stepWords(node: Node): string {
  const text = textOf(node);
  switch (node.op) {
    case 'load':
    case 'claim':
      return `${text}   [${node.dst}]`;
    case 'get':
      return `${text}   [${node.dst === null ? '' : `${node.dst} = `}${fieldName(node.field)}]`;
    case 'put':
      return `${text}   [${fieldName(node.field)}]`;
    case 'end':
      return `end: ${text}`;
    default:
      return text;
  }
}

function silentWords(node: Node): string | null {
  switch (node.op) {
    case 'alloc':
      return `${node.dst} = new ${node.type === 'cfg' ? 'private data' : node.type}`;
    case 'set':
      return `${node.dst} = ${valueWords(node.dst, node.value)}`;
    case 'call':
      return `call ${node.procedure.fn}()`;
    case 'return':
      return 'return';
    case 'section':
      return node.open ? '-- serialised from here (a2e7e59a9426) --' : '-- serialised to here --';
    default:
      return null;
  }
}

/** An accessor of include/linux/iommu.h where it was written into a body: its call, and how many nodes and steps it takes up. */
interface Accessor {
  readonly call: string;
  readonly nodes: number;
  readonly steps: number;
}

const PRIV_SET = 'dev_iommu_priv_set';

/** The accessor that begins at `nodes[at]`, or null: each begins with a load of dev->iommu. */
function accessorAt(nodes: readonly Node[], at: number): Accessor | null {
  const [first, second, third] = nodes.slice(at, at + 3);
  // A function of its own since v6.8, with the same steps.
  if (first?.op === 'call' && first.procedure.fn === PRIV_SET) {
    const inside = accessorAt(first.procedure.body, 0);
    return inside && { ...inside, nodes: 1 };
  }
  if (first?.op !== 'load' || first.from !== 'dev->iommu' || second === undefined) return null;
  if (second.op === 'if') {
    const [get] = second.then;
    const [none] = second.else;
    const one = second.then.length === 1 && second.else.length === 1 && second.test.reg === first.dst;
    if (!one || get?.op !== 'get' || none?.op !== 'set' || none.value !== 0 || none.dst !== get.dst) return null;
    const field = get.field.replace('dev_iommu.', '');
    return { call: `${get.dst} = dev_iommu_${field}_get(dev)`, nodes: 2, steps: 2 };
  }
  if (second.op === 'put' && second.ptr === first.dst && /^dev_iommu\.(?:priv|fwspec)$/.test(second.field)) {
    const field = second.field.replace('dev_iommu.', '');
    return { call: `dev_iommu_${field}_set(dev, ${valueWords(null, second.value)})`, nodes: 2, steps: 2 };
  }
  if (
    second.op === 'get' &&
    second.field === 'dev_iommu.iommu_dev' &&
    third?.op === 'get' &&
    third.field === 'iommu_device.ops'
  )
    return { call: 'dev_iommu_ops(dev)', nodes: 3, steps: 3 };
  return null;
}

/** The text of a step, of those in branches, and of those of an accessor that is a function. */
function stepTexts(node: Node): readonly string[] {
  if (node.op === 'if') return [...node.then, ...node.else].flatMap(stepTexts);
  if (node.op === 'call') return node.procedure.body.flatMap(stepTexts);
  if (!isVisible(node) || node.op === 'end') return [];
  return ['text' in node ? node.text : node.op];
}

/** Lines of a body: steps are numbered, what is silent is not; branches are indented; accessors stand as calls, unless `whole`. */
export function bodyLines(
  body: readonly Node[],
  whole = false,
): { readonly lines: readonly string[]; readonly steps: number; readonly texts: readonly string[] } {
  const lines: string[] = [];
  const texts: string[] = [];
  let steps = 0;
  const put = (number: string, depth: number, text: string) =>
    lines.push(`${number.padStart(NUMBER - 2)}  ${'    '.repeat(depth)}${text}`);
  const write = (nodes: readonly Node[], depth: number): void => {
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at]!;
      const accessor = whole ? null : accessorAt(nodes, at);
      if (accessor) {
        put(`${steps + 1}-${steps + accessor.steps}`, depth, accessor.call);
        texts.push(...nodes.slice(at, at + accessor.nodes).flatMap(stepTexts));
        steps += accessor.steps;
        at += accessor.nodes - 1;
      } else if (node.op === 'if') {
        if (node.then.length > 0) put('', depth, `if (${testWords(node.test)})`);
        write(node.then, depth + 1);
        if (node.else.length === 0) continue;
        const not: Test = { ...node.test, is: node.test.is === '==' ? '!=' : '==' };
        put('', depth, node.then.length > 0 ? 'else' : `if (${testWords(not)})`);
        write(node.else, depth + 1);
      } else if (isVisible(node)) {
        put(String(++steps), depth, stepWords(node));
        texts.push(...stepTexts(node));
      } else put('', depth, silentWords(node) ?? '');
    }
  };
  write(body, 0);
  return { lines, steps, texts };
}

/** The accessors that stand as calls, each with its own steps. `like`: an era from v5.8 to v6.7, in which they all are inline. */
export function accessors(
  like: EraCode,
  driver: Driver,
): readonly (readonly [call: string, lines: readonly string[]])[] {
  const code = withBuses({ ...like, granularity: 'compiled', driver, bus: 'platform', devices: 1 });
  const bodies = [
    dev_iommu_fwspec_get(code, 'fs'),
    dev_iommu_priv_get(code, 'cfg'),
    dev_iommu_fwspec_set({ reg: 'fs' }, 'fwspec'),
    dev_iommu_priv_set(code, 'cfg'),
    dev_iommu_ops(),
  ];
  return bodies.map((body) => [accessorAt(body, 0)!.call, bodyLines(body, true).lines]);
}

/** Collects the bodies of everything that a root calls. */
class Collection {
  readonly #bodies = new Map<string, Body>();
  readonly #wanted: (p: Procedure) => boolean;

  constructor(wanted: (p: Procedure) => boolean) {
    this.#wanted = wanted;
  }

  add(root: Procedure, era: EraId, thread: string): void {
    if (this.#wanted(root)) this.#put(root, era, thread);
    this.#below(root.body, era, thread);
  }

  #below(nodes: readonly Node[], era: EraId, thread: string): void {
    for (const node of nodes) {
      if (node.op === 'if') {
        this.#below(node.then, era, thread);
        this.#below(node.else, era, thread);
      } else if (node.op === 'call') this.add(node.procedure, era, thread);
    }
  }

  #put({ fn, file, body }: Procedure, era: EraId, thread: string): void {
    const { lines, steps, texts } = bodyLines(body, fn === PRIV_SET);
    if (lines.length === 0) return;
    const key = [file, fn, ...lines].join('\n');
    const known = this.#bodies.get(key) ?? { fn, file, lines, steps, texts, eras: [], threads: [] };
    this.#bodies.set(key, known);
    if (!known.eras.includes(era)) known.eras.push(era);
    if (!known.threads.includes(thread)) known.threads.push(thread);
  }

  get bodies(): readonly Body[] {
    return [...this.#bodies.values()];
  }
}

/** Stands for any driver: its functions are named, and have no body here. */
function anyDriver(like: Driver): Driver {
  const file = 'drivers/iommu/DRIVER.c';
  const named = (fn: string) => () => procedure(`DRIVER_${fn}`, file, 'never', []);
  return {
    ...like,
    name: 'DRIVER',
    file,
    probe: 'DRIVER_probe',
    of_xlate: named('of_xlate'),
    probe_device: named('probe_device'),
    device_group: named('device_group'),
    attach_dev: named('attach_dev'),
    before_walk: [],
    after_register: () => [],
  };
}

/** The kernel's own functions, in the order in which the threads come to them. `like`: any driver of the model. */
export function coreBodies(eras: Iterable<EraCode>, like: Driver): readonly Body[] {
  const collection = new Collection(() => true);
  const amba = new Collection((p) => p.fn.startsWith('amba_'));
  const acpi = new Collection((p) => p.file.startsWith('drivers/acpi/'));
  const driver = anyDriver(like);
  for (const era of eras) {
    for (const bus of ['platform', 'amba', 'acpi'] as const) {
      const code = withBuses({ ...era, granularity: 'compiled', driver, bus, devices: 1 });
      // The amba bus has a dma_configure() of its own, and is else the same.
      if (bus === 'acpi') {
        acpi.add(really_probe(code), era.id, 'client');
        continue;
      }
      if (bus === 'amba') {
        amba.add(really_probe(code), era.id, 'client');
        amba.add(iommu_driver_probe(code, 1), era.id, 'registration');
        continue;
      }
      collection.add(really_probe(code), era.id, 'client');
      collection.add(iommu_driver_probe(code, 1), era.id, 'registration');
      collection.add(device_add(code), era.id, 'device_add()');
      collection.add(iommu_driver_remove(code), era.id, 'unregistration');
      collection.add(stray_store(code), era.id, 'stray store');
    }
  }
  return [...collection.bodies, ...amba.bodies, ...acpi.bodies];
}

/** A driver's own functions, in the eras whose kernels have it. What it does around its registration stands as functions named so. */
export function driverBodies(eras: Iterable<EraCode>, driver: Driver): readonly Body[] {
  const collection = new Collection((p) => p.file === driver.file);
  for (const era of eras) {
    if (!exists(driver, era.id)) continue;
    const code = withBuses({ ...era, granularity: 'compiled', driver, bus: 'platform', devices: 1 });
    const around = (name: string, nodes: readonly Node[]) => procedure(name, driver.file, 'never', nodes);
    const own = [
      driver.of_xlate(code),
      driver.probe_device(code),
      driver.device_group?.(code),
      driver.attach_dev?.(code),
    ];
    for (const p of own) if (p) collection.add(p, era.id, driver.name);
    if (era.walk === 'bus_set_iommu' && driver.bus_ops === 'probe')
      collection.add(around(`${driver.probe}, before bus_set_iommu()`, driver.before_walk), era.id, driver.name);
    collection.add(around(`${driver.probe}, after its registration`, driver.after_register(code)), era.id, driver.name);
  }
  return collection.bodies;
}

/** Lines of `to` beside those of `from`: "- " taken out, "+ " put in, "  " common; a gap of common lines is "...". Step numbers are left out. */
export function variantLines(from: Body, to: Body): { readonly lines: readonly string[]; readonly changed: number } {
  const [a, b] = [from.lines, to.lines].map((lines) => lines.map((line) => line.slice(NUMBER))) as [string[], string[]];
  const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i]![j] = a[i] === b[j] ? longest[i + 1]![j + 1]! + 1 : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
  const all: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      all.push(`  ${a[i++]}`);
      j++;
    } else if (j === b.length || (i < a.length && longest[i + 1]![j]! >= longest[i]![j + 1]!)) all.push(`- ${a[i++]}`);
    else all.push(`+ ${b[j++]}`);
  }
  const differs = (line: string | undefined) => line !== undefined && !line.startsWith('  ');
  const near = all.map((_, i) => [-1, 0, 1].some((by) => differs(all[i + by])));
  const lines = all.flatMap((line, i) => (near[i] ? [line] : i === 0 || near[i - 1] ? ['  ...'] : []));
  return { lines, changed: all.filter(differs).length };
}

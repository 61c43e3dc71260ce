/**
 * Which field of `struct dev_iommu`, `iommu_fwspec` or `iommu_device` an offset is: by the layouts of a kernel's era, by what the function
 * accesses at all, and, where the Code: words show it, by the chain of loads device -> iommu -> field.
 */

import { type Access, DRIVER_ACCESSES, DRIVER_PRIV, FUNCTION_ACCESSES } from '../../sim/layouts/accesses.ts';
import { type ExactLayouts, layoutOf } from '../../sim/layouts/exact.ts';
import {
  DEVICE_IOMMU,
  MUTEX_RANGE,
  STRUCT_LAYOUTS,
  type StructLayout,
  type StructName,
} from '../../sim/layouts/structs.ts';
import type { EraId } from '../../sim/types.ts';
import { compareVersions, type KernelVersion, versionOf } from '../kernel/version.ts';
import type { DecodedAccess } from './chain.ts';

/** What is known of the kernel that lays the structures out. */
export interface LayoutQuery {
  readonly word: 4 | 8;
  /** Empty: unknown. */
  readonly eras: readonly EraId[];
  readonly version: KernelVersion | null;
  /** The kernel's own layouts by its debug information: where they say, nothing is guessed. */
  readonly exact?: ExactLayouts | null;
}

export interface FieldHit {
  /** "dev_iommu.priv". */
  readonly field: string;
  /** "32-byte struct mutex: plain or PREEMPT_RT". */
  readonly config: string;
}

export type ReadWrite = 'read' | 'write' | null;

/** What one function accesses, or null where it is none of the IOMMU core or drivers. */
export function accessesOf(fn: string): readonly Access[] | null {
  // Names come from the log: "constructor" must not find Object's own.
  if (Object.hasOwn(FUNCTION_ACCESSES, fn)) return FUNCTION_ACCESSES[fn] ?? null;
  return DRIVER_ACCESSES.find((d) => d.ending.test(fn))?.accesses ?? null;
}

function allowed(accesses: readonly Access[] | null, field: string, access: ReadWrite): boolean {
  if (accesses === null) return true;
  return accesses.some((a) => a.slice(2) === field && (access === null || a[0] === access[0]));
}

function layoutsOf(struct: StructName, query: LayoutQuery): StructLayout[] {
  const exact = query.exact ? layoutOf(query.exact, struct) : null;
  if (exact !== null) return [exact];
  return STRUCT_LAYOUTS.filter(
    (l) =>
      l.struct === struct &&
      l.word === query.word &&
      (query.eras.length === 0 || l.eras.some((era) => query.eras.includes(era))) &&
      (query.version === null ||
        (compareVersions(versionOf(l.from), query.version) <= 0 &&
          compareVersions(query.version, versionOf(l.to)) <= 0)),
  );
}

/** Fields of `struct` that lie at `offset` in some layout and can be accessed with `size` bytes (0: unknown), the likeliest layout first. */
export function fieldsAt(
  struct: StructName,
  offset: number,
  size: number,
  query: LayoutQuery,
  anyId = true,
): FieldHit[] {
  const hits = new Map<string, FieldHit>();
  for (const layout of layoutsOf(struct, query)) {
    for (const [name, place] of Object.entries(layout.fields)) {
      // LDP and STP cover two neighbouring pointers; compilers and KASAN never split a field.
      const isPair = size === 2 * place.size && place.size === query.word;
      const covers = offset === place.offset || (isPair && offset + place.size === place.offset);
      const fits = size === 0 || size === place.size || isPair;
      // ids[] is an array: any of its elements.
      const inIds =
        anyId &&
        name === 'ids' &&
        offset >= place.offset &&
        offset < place.offset + 64 &&
        (offset - place.offset) % 4 === 0;
      const field = `${struct}.${name}`;
      if ((covers || inIds) && fits && !hits.has(field)) hits.set(field, { field, config: layout.config });
    }
  }
  return [...hits.values()];
}

const STRUCTS: readonly StructName[] = ['dev_iommu', 'fwspec', 'iommu_device'];

/** Fields at `offset` from a bad base pointer that `accesses` (null: any function) can touch; those the function faults on first come first. */
export function fieldsByOffset(
  offset: number,
  size: number,
  access: ReadWrite,
  fn: string | null,
  query: LayoutQuery,
): FieldHit[] {
  const accesses = fn === null ? null : accessesOf(fn);
  if (fn !== null && accesses === null) return [];
  const hits = STRUCTS.flatMap((s) => fieldsAt(s, offset, size, query, false)).filter((h) =>
    allowed(accesses, h.field, access),
  );
  const known = new Set(hits.map((h) => h.field));
  if (fn !== null) hits.push(...privField(fn, offset, access, query).filter((h) => !known.has(h.field)));
  // &NULL->iommu: probe_device() gave the address of a member of NULL, which the core then follows.
  for (const [field, at] of [
    ['iommu_device.ops', 2 * query.word],
    ['iommu_device.dev', 4 * query.word],
  ] as const) {
    if (fn === null || known.has(field) || access === 'write' || !allowed(accesses, field, 'read')) continue;
    if (offset >= at && offset % query.word === 0)
      hits.push({ field, config: `a struct iommu_device inside of NULL, ${offset - at} bytes in` });
  }
  return hits;
}

function privField(fn: string, offset: number, access: ReadWrite, { exact }: LayoutQuery): FieldHit[] {
  if (access === 'write') return [];
  return DRIVER_PRIV.flatMap(({ functions, field, from, to, text }) => {
    if (!functions.test(fn)) return [];
    const what = `of what priv points to${text === undefined ? '' : `: ${text}`}`;
    const place = exact?.others[field];
    if (place !== undefined)
      return offset >= place.offset && offset < place.offset + Math.max(place.size, 1)
        ? [{ field, config: `${what}, by ${exact!.name}` }]
        : [];
    return offset >= from && offset < to ? [{ field, config: what }] : [];
  });
}

export interface ChainReading {
  readonly hits: readonly FieldHit[];
  /** The words alone say it: device -> iommu -> ... -> field, in a function that does just that. */
  readonly decoded: boolean;
  /** What each load is taken for: "dev->iommu", "->fwspec". Empty where there was none. */
  readonly path: string;
}

type Pointee = StructName | 'priv' | 'other';

/** Reads a decoded chain of loads as kernel structures. */
export function fieldsByChain(
  decoded: DecodedAccess,
  access: ReadWrite,
  fn: string | null,
  query: LayoutQuery,
): ChainReading {
  const none: ChainReading = { hits: [], decoded: false, path: '' };
  if (decoded.fieldOffset === null || fn === null) return none;
  const accesses = accessesOf(fn);
  const offset = decoded.fieldOffset;
  if (decoded.loads.length === 0) {
    // The pointer came from outside of the words: an argument, or code before a jump.
    if (accesses === null) return none;
    const hits = fieldsByBase(offset, decoded.size, access, accesses, query);
    return { ...none, hits: hits.length > 0 ? hits : privField(fn, offset, access, query) };
  }
  const own = query.exact?.deviceIommu ?? null;
  const [first, last] = own === null ? DEVICE_IOMMU[query.word] : [own, own];
  const outermost = decoded.loads[0]!.offset;
  const fromDevice = outermost >= first && outermost <= last && outermost % query.word === 0;
  // With the words cut before the load of device.iommu, the chain may begin at dev->iommu.
  const rest = fromDevice ? decoded.loads.slice(1) : decoded.loads;
  if (!fromDevice && accesses === null) return none;
  let pointees = new Set<Pointee>(['dev_iommu']);
  for (const load of rest) pointees = new Set([...pointees].flatMap((p) => follow(p, load.offset, query)));
  const hits: FieldHit[] = [];
  const through: Pointee[] = [];
  for (const pointee of pointees) {
    const before = hits.length;
    if (pointee === 'other') continue;
    if (pointee === 'priv') hits.push(...privField(fn, offset, access, query));
    else if (pointee === 'dev_iommu' && accesses !== null)
      hits.push(...devIommuField(offset, decoded.size, access, accesses, query));
    else hits.push(...fieldsAt(pointee, offset, decoded.size, query).filter((h) => allowed(accesses, h.field, access)));
    if (hits.length > before) through.push(pointee);
  }
  const path = `${fromDevice ? 'dev->iommu' : 'iommu'}${through.map((p) => ARROW[p]).join(' or ')}`;
  const unique = hits.filter((h, i) => hits.findIndex((o) => o.field === h.field) === i);
  if (unique.length === 0) return { ...none, path: '' };
  return { hits: unique, decoded: fromDevice && accesses !== null && unique.length === 1, path };
}

const ARROW: Readonly<Record<Pointee, string>> = {
  dev_iommu: '',
  fwspec: '->fwspec',
  iommu_device: '->iommu_dev',
  priv: '->priv',
  other: '->?',
};

function fieldsByBase(
  offset: number,
  size: number,
  access: ReadWrite,
  accesses: readonly Access[],
  query: LayoutQuery,
): FieldHit[] {
  return STRUCTS.flatMap((s) => fieldsAt(s, offset, size, query)).filter((h) => allowed(accesses, h.field, access));
}

/** What the pointer at `offset` of a structure points to. */
function follow(from: Pointee, offset: number, query: LayoutQuery): Pointee[] {
  if (from !== 'dev_iommu') return ['other'];
  const targets: Readonly<Record<string, Pointee>> = { fwspec: 'fwspec', iommu_dev: 'iommu_device', priv: 'priv' };
  const found = fieldsAt('dev_iommu', offset, query.word, query).flatMap(
    (h) => targets[h.field.slice('dev_iommu.'.length)] ?? [],
  );
  if (found.length > 0 || query.exact?.structs.dev_iommu !== undefined) return found.length > 0 ? found : ['other'];
  // A configuration that is not in the tables: any pointer behind a mutex of some size.
  return offset >= MUTEX_RANGE[query.word][0] && offset <= MUTEX_RANGE[query.word][1] && offset % query.word === 0
    ? ['fwspec', 'iommu_device', 'priv']
    : ['other'];
}

/**
 * A field of dev_iommu by what the function does to it. Where only one is accessed that way the layout does not matter, as long as the mutex
 * before it has a possible size; else the layouts decide.
 */
function devIommuField(
  offset: number,
  size: number,
  access: ReadWrite,
  accesses: readonly Access[],
  query: LayoutQuery,
): FieldHit[] {
  const at = fieldsAt('dev_iommu', offset, size, query);
  const byLayout = at.filter((h) => allowed(accesses, h.field, access));
  const layouts = layoutsOf('dev_iommu', query);
  const own = [
    ...new Set(
      accesses
        .filter((a) => a.slice(2).startsWith('dev_iommu.') && allowed([a], a.slice(2), access))
        .map((a) => a.slice(2)),
    ),
  ];
  if ((byLayout.length > 0 && own.length !== 1) || query.exact?.structs.dev_iommu !== undefined) return byLayout;
  return own.flatMap((field) => {
    const known = byLayout.find((h) => h.field === field);
    if (known !== undefined) return [known];
    const implied = layouts
      .map((l) => impliedMutex(l, field, offset))
      .find((m) => m !== null && m % query.word === 0 && inRange(m, query.word));
    return implied === undefined || implied === null
      ? []
      : [{ field, config: `a ${implied}-byte struct mutex, which is no configuration known here` }];
  });
}

function impliedMutex(layout: StructLayout, field: string, offset: number): number | null {
  const place = layout.fields[field.slice('dev_iommu.'.length)];
  const first = layout.fields.fault_param;
  return place === undefined || first === undefined ? null : offset - (place.offset - first.offset);
}

function inRange(mutex: number, word: 4 | 8): boolean {
  return mutex >= MUTEX_RANGE[word][0] && mutex <= MUTEX_RANGE[word][1];
}

/**
 * Is a line of a store, or of a worker's result, of the shape that it says it is? Files are edited, disks fail, and a worker may be somebody else's program:
 * what counts and buckets are made of is looked at before it is believed. schema/batch.schema.json says the same for others.
 */
import type { VerdictClass } from '../reconstruct/types.ts';
import { LOG_CLOCKS } from './dates.ts';
import { type Head, INPUT_SCHEMA, type InputLine, type InputStatus, RECORD_SCHEMA } from './types.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const hash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const date: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
/** A date whose year may be missing. */
const stamp: Check = (value) => date(typeof value === 'string' ? value.replace(/^--/, '2000-') : value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** Lines of earlier versions lack it. */
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const one = <T extends string>(...names: readonly T[]): Check => {
  const known = new Set<unknown>(names);
  return (value) => known.has(value);
};
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    wrongField(value, fields) === null;

const CLASSES: readonly VerdictClass[] = ['confirmed', 'possible', 'excluded', 'insufficient', 'no-crash'];
const STATUSES: readonly InputStatus[] = ['judged', 'archive', 'refused', 'unreadable', 'defect'];

const HEAD: Readonly<Record<keyof Head, Check>> = {
  schema: one(RECORD_SCHEMA),
  content: hash,
  model: text,
  boot: count,
  boots: count,
  bytes: count,
  buckets: list(text),
  mechanism: orNull(text),
  class: one(...CLASSES),
  hypothesis: orNull(text),
  outcome: orNull(text),
  contradiction: flag,
  driver: orNull(text),
  era: orNull(text),
  release: orNull(text),
  arch: orNull(text),
  hardware: orNull(text),
  title: orNull(text),
  type: orNull(text),
  frames: list(text),
  crashes: count,
  clarity: count,
  cut: orNull(record({ instance: text, drivers: list(text) })),
  kernelLog: (value) => value === undefined || value === false,
  dated: orAbsent(orNull(record({ at: stamp, by: one(...LOG_CLOCKS) }))),
  built: orAbsent(orNull(date)),
};

const INPUT: Readonly<Record<keyof InputLine, Check>> = {
  schema: one(INPUT_SCHEMA),
  path: text,
  status: one(...STATUSES),
  bytes: orNull(count),
  modified: orNull(date),
  content: orNull(hash),
  model: orNull(text),
  diagnostics: list(record({ code: text, text })),
};

/** The first field that is missing or of another kind; '' where there is no object at all; null where all is well. */
function wrongField(value: unknown, fields: Readonly<Record<string, Check>>): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  for (const [name, check] of Object.entries(fields)) if (!check((value as Record<string, unknown>)[name])) return name;
  return null;
}

const SHAPES = { [RECORD_SCHEMA]: HEAD, [INPUT_SCHEMA]: INPUT } as const;

/** What is wrong with a line, in words; null where it is of the schema. */
export function wrongWith(value: unknown, schema: keyof typeof SHAPES): string | null {
  const field = wrongField(value, SHAPES[schema]);
  if (field === null) return null;
  if (field === '' || field === 'schema') return `is not of ${schema}`;
  return `its "${field}" is not what ${schema} has there`;
}

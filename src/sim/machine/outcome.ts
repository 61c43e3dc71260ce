/** What a step can come to. */

import type { FaultKind } from '../types.ts';
import { fieldName } from './flatten.ts';
import type { Node } from './program.ts';
import type { Stop } from './stops.ts';

/** The field that a step accesses, or the type of what it frees, as outcomes name it. */
export function accessed(node: Node): string {
  if (node.op === 'free') return node.type;
  return node.op === 'get' || node.op === 'put' ? fieldName(node.field) : '';
}

export interface FaultResult {
  readonly is: 'fault';
  readonly kind: FaultKind;
  readonly field: string;
  readonly fn: string;
  /** False for a use-after-free or double free that a kernel without KASAN does not notice. */
  readonly fatal: boolean;
}

export type StepResult =
  /** The thread waits for a lock or is over. */
  { readonly is: 'stuck' } | { readonly is: 'moved' } | FaultResult;

export const STUCK: StepResult = { is: 'stuck' };
export const MOVED: StepResult = { is: 'moved' };

/** The faults that the steps of a machine can end in, each made once: the same fault is the same object. */
export class FaultResults {
  readonly #stops: readonly (readonly Stop[])[];
  readonly #kasan: boolean;
  readonly #null: (FaultResult | undefined)[][];
  readonly #freed: (FaultResult | undefined)[][];

  constructor(stops: readonly (readonly Stop[])[], kasan: boolean) {
    this.#stops = stops;
    this.#kasan = kasan;
    this.#null = stops.map(() => []);
    this.#freed = stops.map(() => []);
  }

  /** The step goes through NULL. */
  null(thread: number, stop: number, kind: 'null-read' | 'null-write'): FaultResult {
    const known = this.#null[thread]!;
    known[stop] ??= this.#make(thread, stop, kind, true);
    return known[stop];
  }

  /** The step goes through, or frees, an object that is freed already. */
  freed(thread: number, stop: number, kind: 'uaf-read' | 'uaf-write' | 'double-free'): FaultResult {
    const known = this.#freed[thread]!;
    known[stop] ??= this.#make(thread, stop, kind, this.#kasan);
    return known[stop];
  }

  #make(thread: number, stop: number, kind: FaultKind, fatal: boolean): FaultResult {
    const { fn, place } = this.#stops[thread]![stop]!;
    return { is: 'fault', kind, field: accessed(place.node), fn, fatal };
  }
}

/** What may be passed over in one function: by the lists of exceptions.ts, of which it keeps count. */
import type { Procedure } from '../sim/machine/program.ts';
import { isHeld } from './events.ts';
import { LEFT_OUT, type LeftOut, STANDS_FOR, type Stands } from './exceptions.ts';
import type { Edge, Words } from './flow.ts';
import type { Passing } from './hold.ts';

/** Which exceptions were needed. */
export type Needed = Set<LeftOut | Stands>;

export function passingFor(p: Procedure, words: Words, needed: Needed): Passing {
  const ops = new Set(words.ops.values());
  const left = ({ event, in: way }: Edge, elsewhere: true | undefined): boolean => {
    const found = LEFT_OUT.find(
      (l) =>
        l.elsewhere === elsewhere &&
        l.event.test(event ?? '') &&
        l.fn.test(p.fn) &&
        (l.in === null || way.split(' > ').includes(l.in)),
    );
    if (found) needed.add(found);
    return found !== undefined;
  };
  return {
    callOf: ({ fn }) => {
      const op = words.ops.get(fn);
      return op === undefined ? `call ${fn}` : `op ${op}`;
    },
    inText: (edge) => {
      const { event } = edge;
      if (event === null || !isHeld(event)) return true;
      // A pointer that the driver leaves NULL.
      if (event.startsWith('op ') && !ops.has(event.slice('op '.length))) return true;
      return left(edge, undefined);
    },
    elsewhere: (edge) => left(edge, true),
    inModel: (event, text) => {
      const found = STANDS_FOR.find((s) => s.fn.test(p.fn) && (s.text === null || s.text === text || s.text === event));
      if (found) needed.add(found);
      return found !== undefined;
    },
  };
}

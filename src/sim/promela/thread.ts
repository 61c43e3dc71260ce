/** One thread as a proctype: a label for every place where it can rest, a d_step for every way on from there. */

import { stackOf, textOf } from '../explain/witness.ts';
import type { Machine } from '../machine/machine.ts';
import { REGISTERS, type Register } from '../machine/program.ts';
import { type Stop, type ThreadCode, threadCode } from '../machine/stops.ts';
import { type Way, waysFrom } from './ways.ts';
import { resultWord } from './words.ts';

/** The proctype of thread `index`. It never ends: at its last label it waits for ever, so that no state is spent on leaving. */
export function proctype(machine: Machine, index: number): string {
  const thread = machine.threads[index]!;
  const code = threadCode(thread.top);
  const begin = machine.initial();
  const first = machine.stopIndex(begin, index);
  const ways = new Map<number, readonly Way[]>();
  for (const work = [first]; work.length > 0; ) {
    const stop = work.pop()!;
    if (ways.has(stop)) continue;
    const on = waysFrom(code, code.stops[stop]!, index + 1, machine.options.memory);
    ways.set(stop, on);
    for (const { to } of on) if (typeof to === 'number') work.push(to);
  }
  const order = [first, ...[...ways.keys()].filter((s) => s !== first).sort((a, b) => a - b)];
  const held = (register: Register) => machine.read(begin, `thread${index}.${register}`);
  const used = REGISTERS.filter((r) => [...ways.values()].flat().some((w) => mentions(w, r)));
  const declared = used.map((r) => (held(r) === 0 ? r : `${r} = ${held(r)}`));
  const result = (stop: Stop) => `result[${index}] = ${resultWord(stop.end!)}`;
  return [
    `/* ${thread.name} */`,
    `proctype thread${index}() {`,
    ...(declared.length > 0 ? [`  byte ${declared.join(', ')};`] : []),
    ...order.flatMap((stop, i) => step(code, code.stops[stop]!, ways.get(stop)!, order[i + 1], result)),
    '}',
  ].join('\n');
}

function mentions(way: Way, register: string): boolean {
  const word = new RegExp(`(?<![.\\w])${register}(?!\\w)`);
  return [...way.guard, ...way.actions].some((text) => word.test(text));
}

function label(code: ThreadCode, stop: number): string {
  return code.stops[stop]!.end === null ? `S${stop}` : `end_S${stop}`;
}

/** A label, what the kernel does there, and the ways on; `next` is the label that the text goes on with. */
function step(
  code: ThreadCode,
  stop: Stop,
  ways: readonly Way[],
  next: number | undefined,
  result: (stop: Stop) => string,
): readonly string[] {
  const comment = `/* ${stackOf(stop)[0] ?? stop.fn}: ${textOf(stop.place.node)} */`;
  const here = label(code, stop.index);
  if (stop.end !== null) return [`${here}: ${comment}`, '  false;'];
  const ends = (to: number) => (code.stops[to]!.end === null ? [] : [result(code.stops[to]!)]);
  const on = ways.flatMap(({ guard, actions, to }) =>
    typeof to === 'number' ? [`${oneStep(guard, [...actions, ...ends(to)])}; goto ${label(code, to)}`] : [],
  );
  const crash = crashes(ways);
  const lines = crash === null ? on : [`${crash}; goto ${here}`, ...on];
  if (lines.length > 1) return [`${here}: ${comment}`, '  if', ...lines.map((line) => `  :: ${line}`), '  fi;'];
  // The only way on needs no jump to the label that follows. SPIN lets no label stand right before a d_step, hence the `if`.
  const [line] = lines;
  return [`${here}: ${comment}`, `  if :: ${ways[0]!.to === next ? line!.replace(/; goto \w+$/, '') : line} fi;`];
}

/** A condition alone and an assignment alone are one step as they are; SPIN takes some 2000 d_steps in a model at most. */
function oneStep(guard: readonly string[], actions: readonly string[]): string {
  if (actions.length === 0) return guard.length === 0 ? 'skip' : `(${guard.join(' && ')})`;
  if (guard.length === 0 && actions.length === 1 && /^[\w[\].]+ = [^;]+$/.test(actions[0]!)) return actions[0]!;
  const before = guard.length === 0 ? '' : `${guard.join(' && ')} -> `;
  return `d_step { ${before}${actions.join('; ')} }`;
}

/** All that can go wrong at a place in one d_step; at most one of it can at a time. Null where nothing can. */
function crashes(ways: readonly Way[]): string | null {
  const wrong = ways.flatMap(({ guard, to }) => (typeof to === 'number' ? [] : [{ guard, outcome: to.outcome }]));
  const say = (outcome: string) => `printf("crash: ${outcome}\\n")`;
  const [only] = wrong;
  if (only === undefined) return null;
  if (wrong.length === 1) {
    const before = only.guard.length === 0 ? '' : `${only.guard.join(' && ')} -> `;
    return `d_step { ${before}${say(only.outcome)}; assert(false) }`;
  }
  const any = wrong.map(({ guard }) => `(${guard.join(' && ')})`).join(' || ');
  const each = wrong.map(({ guard, outcome }) => `:: ${guard.join(' && ')} -> ${say(outcome)}`).join(' ');
  return `d_step { ${any} -> if ${each} fi; assert(false) }`;
}

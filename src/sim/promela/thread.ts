/** One thread as a proctype: a label for every place where it can rest, a d_step for every way on from there. */
import type { Machine } from '../machine.ts';
import { REGISTERS, type Register } from '../program.ts';
import { type Stop, type ThreadCode, threadCode } from '../stops.ts';
import { stackOf, textOf } from '../witness.ts';
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
  const lines = ways.map(({ guard, actions, to }) => {
    if (typeof to !== 'number')
      return `d_step { ${all(guard)}printf("crash: ${to.outcome}\\n"); assert(false) }; goto ${here}`;
    const end = code.stops[to]!.end === null ? [] : [result(code.stops[to]!)];
    const body = [...actions, ...end].join('; ') || 'skip';
    return `d_step { ${all(guard)}${body} }; goto ${label(code, to)}`;
  });
  if (lines.length > 1) return [`${here}: ${comment}`, '  if', ...lines.map((line) => `  :: ${line}`), '  fi;'];
  // The only way on needs no jump to the label that follows. SPIN lets no label stand right before a d_step, hence the `if`.
  const [line] = lines;
  return [`${here}: ${comment}`, `  if :: ${ways[0]!.to === next ? line!.replace(/; goto \w+$/, '') : line} fi;`];
}

function all(guard: readonly string[]): string {
  return guard.length === 0 ? '' : `${guard.join(' && ')} -> `;
}

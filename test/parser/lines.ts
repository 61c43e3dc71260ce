/** Real kernel lines for tests that take them apart: those of the fixtures, and the examples that the grammars accept. */
import { readdirSync, readFileSync } from 'node:fs';

const GRAMMARS = 'src/parser/grammars';
const LOGS = 'test/fixtures/logs';

/** Every message that some rule's comment gives as accepted. */
export function examples(): string[] {
  return readdirSync(GRAMMARS)
    .filter((f) => f.endsWith('.ohm'))
    .flatMap((f) =>
      [...readFileSync(`${GRAMMARS}/${f}`, 'utf8').matchAll(/^\s*\/\/\+ (".*")\s*$/gm)].map(
        (m) => JSON.parse(m[1]!) as string,
      ),
    );
}

/** Lines of the fixtures, stamps and all, each shape of message once. */
export function fixtureLines(): string[] {
  const lines = new Map<string, string>();
  for (const file of readdirSync(LOGS).filter((f) => f.endsWith('.log')))
    for (const line of readFileSync(`${LOGS}/${file}`, 'latin1').split('\n'))
      lines.set(line.replace(/[0-9a-f]{4,}|\d+/g, '0'), line);
  return [...lines.values()].filter((l) => l.trim() !== '');
}

/** `count` offsets in [0, size], the same for the same seed (a linear congruential generator, Numerical Recipes' constants). */
export function drawn(seed: number, count: number, size: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * (size + 1));
  });
}

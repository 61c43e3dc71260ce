/**
 * How much of a suite is run. `npm test` takes the few, `npm run test:exhaustive` all (vitest.config.ts lists the files that ask): one body, two sizes.
 */

/** Whether this is the exhaustive run. */
export const EXHAUSTIVE = process.env.EXHAUSTIVE === '1';

/** Of the two sizes the one of this run. */
export function size<T>(few: T, all: T): T {
  return EXHAUSTIVE ? all : few;
}

/** All rows, or of the few every `step`th, beginning with `from`: over several lists that begin elsewhere each has its turn. */
export function thinned<T>(rows: Iterable<T>, step: number, from = 0): readonly T[] {
  const all = [...rows];
  return EXHAUSTIVE ? all : all.filter((_, i) => i % step === from % step);
}

/**
 * Whether a program that is not here fails its tests instead of skipping them: in the exhaustive run with CI set, as nothing is merged unseen.
 */
export const REQUIRED = EXHAUSTIVE && Boolean(process.env.CI);

import { defineConfig } from 'vitest/config';

/**
 * Two runs of one suite. `npm test` is what is run before a commit: minutes, with nothing installed but what `npm ci` brings. `npm run test:exhaustive`
 * (`--mode exhaustive`) is what takes longer or needs SPIN, Chromium, Redis, xmllint or GNU parallel; `.ci/run` does both.
 */

/** In the exhaustive run alone. */
export const EXHAUSTIVE_ONLY = [
  'test/batch/queue.test.ts',
  'test/batch/thousand.test.ts',
  'test/browser/**/*.test.ts',
  'test/cli/same-bytes.test.ts',
  'test/differential/**/*.test.ts',
  'test/package/matrix.test.ts',
  'test/parser/twins.test.ts',
  'test/reconstruct/verdict/mutate.test.ts',
  'test/sim/mutants.test.ts',
  'test/sim/reduction.test.ts',
];

/** In both: a few in `npm test`, all in the exhaustive run, by size() of test/size.ts (test/docs/runs.test.ts holds the list to who imports it). */
export const SIZED = [
  'test/batch/store.test.ts',
  'test/cli/model.test.ts',
  'test/golden/model.test.ts',
  'test/parser/captures.test.ts',
  'test/parser/cuts.test.ts',
  'test/parser/demangle.test.ts',
  'test/parser/fuzz.test.ts',
  'test/parser/invented.test.ts',
  'test/parser/hostile.test.ts',
  'test/parser/shape.test.ts',
  'test/parser/stream.test.ts',
  'test/parser/usual.test.ts',
  'test/reconstruct/verdict/invariants.test.ts',
  'test/reconstruct/evidence/evidence.test.ts',
  'test/reconstruct/verdict/perturb.test.ts',
  'test/reconstruct/verdict/truncate.test.ts',
  'test/report/attack.test.ts',
  'test/report/ci/github.test.ts',
  'test/report/ci/junit.test.ts',
  'test/report/ci/kcidb.test.ts',
  'test/report/ci/ktap.test.ts',
  'test/report/ci/sarif.test.ts',
  'test/report/escape.test.ts',
  'test/report/fuzz.test.ts',
  'test/report/html.test.ts',
  'test/report/json.test.ts',
  'test/report/mail.test.ts',
  'test/report/mermaid.test.ts',
  'test/report/redact.test.ts',
  'test/report/sanitize.test.ts',
  'test/report/terminal.test.ts',
  'test/sim/answers.test.ts',
  'test/sim/conform-runs.test.ts',
  'test/sim/conform.test.ts',
  'test/sim/explore.test.ts',
  'test/sim/hypotheses.test.ts',
  'test/sim/nearest.test.ts',
  'test/sim/table.test.ts',
];

export default defineConfig(({ mode }) => {
  const exhaustive = mode === 'exhaustive';
  return {
    test: {
      include: exhaustive ? [...EXHAUSTIVE_ONLY, ...SIZED] : ['test/**/*.test.ts'],
      exclude: ['node_modules/**', ...(exhaustive ? [] : EXHAUSTIVE_ONLY)],
      env: { EXHAUSTIVE: exhaustive ? '1' : '', OOPSREPLAY_OPTIONS: '' },
      globalSetup: ['test/setup.ts'],
      // A busy machine is no failure: what must be quick measures processor time (test/processor-time.ts), and these end only what hangs.
      testTimeout: exhaustive ? 3_600_000 : 600_000,
      hookTimeout: 600_000,
      // Of two cores vitest would use one.
      maxWorkers: '100%',
    },
  };
});

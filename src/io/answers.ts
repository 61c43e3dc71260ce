/** The model's answers that came with the build lie beside the program; run from its sources it has none, and explores. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { offerAnswers } from '../sim/shipped.ts';

/** Set by the build: which model it is (batch/version.ts). */
declare const OOPSREPLAY_MODEL: string | undefined;

/** The command runs as a script that knows no place of its own (start.ts): its folder is handed to it. */
const FOLDER = Symbol.for('oopsreplay.folder');

/** Null in the single file, which has no other beside it. */
function folder(here: string | undefined): string | null {
  const given = (globalThis as { readonly [FOLDER]?: string })[FOLDER];
  return given ?? (here === undefined ? null : dirname(fileURLToPath(here)));
}

/** Has them read when a crash first asks. */
export function useAnswers(): void {
  if (typeof OOPSREPLAY_MODEL === 'undefined') return;
  const at = folder(import.meta.url);
  if (at === null) return;
  offerAnswers(OOPSREPLAY_MODEL, () => {
    try {
      return readFileSync(join(at, 'answers.bin'));
    } catch {
      return null;
    }
  });
}

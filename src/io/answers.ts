/** The model's answers that came with the build lie beside the program; run from its sources it has none, and explores. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { offerAnswers } from '../sim/shipped.ts';

/** Set by the build: which model it is (batch/version.ts). */
declare const OOPSREPLAY_MODEL: string | undefined;

/** The command runs as a script that knows no place of its own (start.ts): its folder is handed to it. */
const FOLDER = Symbol.for('oopsreplay.folder');

function folder(): string {
  const given = (globalThis as { readonly [FOLDER]?: string })[FOLDER];
  return given ?? dirname(fileURLToPath(import.meta.url));
}

/** Has them read when a crash first asks. */
export function useAnswers(): void {
  if (typeof OOPSREPLAY_MODEL === 'undefined') return;
  offerAnswers(OOPSREPLAY_MODEL, () => {
    try {
      return readFileSync(join(folder(), 'answers.bin'));
    } catch {
      return null;
    }
  });
}

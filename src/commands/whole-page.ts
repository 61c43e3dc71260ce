/** The page of `npm run page`, which the build leaves beside the program. The program loads this when it is asked for (scripts/bundle.mjs). */
import { readFile } from 'node:fs/promises';

const HERE = import.meta.url;

/** The page as one text; null where the program was built without it. */
export async function page(): Promise<string | null> {
  try {
    return await readFile(
      new URL(HERE.endsWith('.ts') ? '../../dist/oopsreplay.html' : './oopsreplay.html', HERE),
      'utf8',
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Every page that is written by `npm run docs` (scripts/docs.mjs), from the model's data and from the commands. */
import manifest from '../package.json' with { type: 'json' };
import { commandLine, EXAMPLES } from './program.ts';
import { cliPage } from './reference/cli-page.ts';
import { manPage } from './reference/man.ts';
import { modelDocs } from './report/model/doc.ts';

export { withContents } from './report/model/contents.ts';

/** File by text. */
export function documents(): Readonly<Record<string, string>> {
  return {
    ...modelDocs(),
    'docs/CLI.md': cliPage(commandLine()),
    'man/oopsreplay.1': manPage(commandLine(), { version: manifest.version, examples: EXAMPLES }),
  };
}

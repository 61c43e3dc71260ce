// Compiles every src/parser/grammars/*.ohm into a typed JavaScript recipe beside it, so that the program starts without parsing grammars.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'src/parser/grammars';
const sources = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.ohm')) : [];
const stale = sources.filter((f) => {
  const bundle = join(folder, `${f}-bundle.js`);
  return !existsSync(bundle) || statSync(bundle).mtimeMs <= statSync(join(folder, f)).mtimeMs;
});
if (stale.length > 0) {
  execFileSync(
    process.execPath,
    [
      'node_modules/@ohm-js/cli/index.js',
      'generateBundles',
      '--withTypes',
      '--esm',
      ...stale.map((f) => join(folder, f)),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

// Which model judged a log (src/batch/version.ts): the program's version and a hash of everything that a verdict comes from.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['src/parser', 'src/reconstruct', 'src/sim'];

/** "0.1.0+3f9a0c1d2e4b": another one as soon as the parser, the reconstruction, the model's data or the grammars' engine are others. */
export function modelVersion() {
  const { version, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const hash = createHash('sha256').update(`ohm-js ${devDependencies['ohm-js']}\n`);
  // What is made from the grammars follows from them.
  for (const folder of FOLDERS)
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
      if (/\.(?:ts|ohm)$/.test(file) && !/\.ohm-bundle\./.test(file))
        hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  return `${version}+${hash.digest('hex').slice(0, 12)}`;
}

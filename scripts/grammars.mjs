// Compiles every src/parser/grammars/*.ohm into a typed JavaScript recipe beside it, so that the program starts without parsing grammars. What ohm writes
// is then cut down to what matching needs: no grammar text, no positions in it, and a function in place of the grammar, as few logs need all of them.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'src/parser/grammars';
const RECIPE = /makeRecipe\((\[.*\])\);export default result;\s*$/s;
const DECLARATION = /declare const grammar: (\w+);/;

/**
 * Recipes are [kind, { source... }, ...]: the second place tells where in the .ohm file a part stands, which only messages about grammars need. The
 * rules of a grammar are an object by name; what else is an array holds parts.
 */
function withoutPlaces(recipe) {
  if (recipe === null || typeof recipe !== 'object') return recipe;
  if (!Array.isArray(recipe))
    return Object.fromEntries(Object.entries(recipe).map(([name, rule]) => [name, withoutPlaces(rule)]));
  const [, place] = recipe;
  const placed = place?.sourceInterval !== undefined || place?.source !== undefined;
  return recipe.map((part, i) => (placed && i === 1 ? {} : withoutPlaces(part)));
}

function slim(name) {
  const bundle = join(folder, `${name}-bundle.js`);
  const [, recipe] = RECIPE.exec(readFileSync(bundle, 'utf8'));
  const bare = JSON.stringify(withoutPlaces(JSON.parse(recipe)));
  writeFileSync(
    bundle,
    `import { makeRecipe } from 'ohm-js';\nlet made;\nexport default () => (made ??= makeRecipe(${bare}));\n`,
  );
  const types = join(folder, `${name}-bundle.d.ts`);
  writeFileSync(types, readFileSync(types, 'utf8').replace(DECLARATION, 'declare const grammar: () => $1;'));
}

const sources = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.ohm')) : [];
const changed = (file) => statSync(file).mtimeMs;
const stale = sources.filter((f) => {
  const bundle = join(folder, `${f}-bundle.js`);
  return !existsSync(bundle) || changed(bundle) <= Math.max(changed(join(folder, f)), changed('scripts/grammars.mjs'));
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
  for (const name of stale) slim(name);
}

// The words that the grammars' own strings hold (src/parser/grammars/shape.ts): texts may be taken for one another only where they differ in no such word.
const STRINGS = /"((?:[^"\\]|\\.)*)"/g;
const bundle = join(folder, 'literals.ohm-bundle.js');
if (stale.length > 0 || !existsSync(bundle)) {
  const literals = new Set();
  for (const file of sources)
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      if (line.trimStart().startsWith('//')) continue;
      for (const [, text] of line.matchAll(STRINGS))
        if (/[a-z]{2}|[0-9]{2}/.test(text)) literals.add(JSON.parse(`"${text}"`));
    }
  writeFileSync(bundle, `export default ${JSON.stringify([...literals].sort())};\n`);
  writeFileSync(
    join(folder, 'literals.ohm-bundle.d.ts'),
    'declare const literals: readonly string[];\nexport default literals;\n',
  );
}

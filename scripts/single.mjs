// The command as one file that runs with Node alone: all of it inside, batch too, and the licences of what it is made of at its end. No bytecode, no threads.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundle, OPTIONAL } from './bundle.mjs';
import { licensesOf } from './licenses.mjs';

/** The page for a browser, which stands beside the program elsewhere: packed, as text. */
const page = {
  name: 'page',
  setup({ onLoad }) {
    onLoad({ filter: /\/whole-page\.ts$/ }, () => {
      const packed = gzipSync(readFileSync('dist/oopsreplay.html'), { level: 9 }).toString('base64');
      return {
        contents: `import { gunzipSync } from 'node:zlib';
          export const page = async () => gunzipSync(Buffer.from('${packed}', 'base64')).toString();`,
      };
    });
  },
};

/** The text of oopsreplay.cjs; `npm run page` comes before it. */
export async function singleFile() {
  const built = await build({
    ...bundle,
    entryPoints: ['src/cli.ts'],
    outfile: 'oopsreplay.cjs',
    format: 'cjs',
    minify: true,
    plugins: [page, ...bundle.plugins],
    external: OPTIONAL,
    write: false,
    banner: { js: '#!/usr/bin/env node' },
    // src/batch/pool.ts takes it for what it is: no other file is beside this one.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return `${built.outputFiles[0].text}/*\n${licensesOf([built]).replaceAll('*/', '* /')}*/\n`;
}

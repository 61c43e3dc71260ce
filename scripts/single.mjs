// The command as one file that runs with Node alone: all of it inside, batch too, and the licences of what it is made of at its end. No bytecode, no threads.
import { build } from 'esbuild';
import { bundle, OPTIONAL } from './bundle.mjs';
import { licensesOf } from './licenses.mjs';

/** The text of oopsreplay.cjs. */
export async function singleFile() {
  const built = await build({
    ...bundle,
    entryPoints: ['src/cli.ts'],
    outfile: 'oopsreplay.cjs',
    format: 'cjs',
    minify: true,
    external: OPTIONAL,
    write: false,
    banner: { js: '#!/usr/bin/env node' },
    // src/batch/pool.ts takes it for what it is: no other file is beside this one.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return `${built.outputFiles[0].text}/*\n${licensesOf([built]).replaceAll('*/', '* /')}*/\n`;
}

// Writes docs/MODEL.md and docs/DRIVERS.md from the model's data (src/report/model/doc.ts): npm run docs. A test fails when a page is out of date.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-docs-'));
try {
  const outfile = join(folder, 'model-doc.mjs');
  const entryPoints = ['src/report/model/doc.ts'];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm' });
  const { modelDocs } = await import(pathToFileURL(outfile).href);
  mkdirSync('docs', { recursive: true });
  for (const [file, text] of Object.entries(modelDocs())) writeFileSync(file, text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

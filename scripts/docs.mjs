// Writes what is generated of docs/ (src/documents.ts), and the tables of contents of the other pages: npm run docs. A test fails when one is out of date.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { OPTIONAL } from './bundle.mjs';
import { modelVersion } from './model-version.mjs';

const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-docs-'));
try {
  const outfile = join(folder, 'documents.cjs');
  await build({
    entryPoints: ['src/documents.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
    external: OPTIONAL,
    define: { OOPSREPLAY_MODEL: JSON.stringify(modelVersion()) },
  });
  const { documents, withContents } = createRequire(import.meta.url)(outfile);
  const written = documents();
  for (const [file, text] of Object.entries(written)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const name of readdirSync('docs').filter((file) => file.endsWith('.md') && !(`docs/${file}` in written))) {
    const page = readFileSync(`docs/${name}`, 'utf8');
    if (page !== withContents(page)) writeFileSync(`docs/${name}`, withContents(page));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

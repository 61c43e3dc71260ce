// What the HTML pages have beside their text, made small, as strings of a module of their own: of the report src/page/stepper.ts and page.css, of batch's
// page src/page/batch.ts and batch.css.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const options = {
  bundle: true,
  minify: true,
  write: false,
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
};

async function bundle(script, style, folder) {
  const built = await Promise.all([
    build({ ...options, entryPoints: [script], format: 'iife', target: 'es2022' }),
    build({ ...options, entryPoints: [style] }),
  ]);
  const [SCRIPT, STYLE] = built.map(({ outputFiles }) => outputFiles[0].text.trim());
  // Either would end its element, and with it the policy's hold on the rest of the page.
  if (/<\/(?:script|style)|<!--/i.test(SCRIPT + STYLE))
    throw new Error("the page's script or style holds the end of its element");
  // The page's policy names them by these (Content-Security-Policy, script-src and style-src).
  const hash = (of) => createHash('sha256').update(of).digest('base64');
  const all = { SCRIPT, STYLE, SCRIPT_HASH: hash(SCRIPT), STYLE_HASH: hash(STYLE) };
  const lines = (write) => Object.entries(all).map(write).join('');
  const text = lines(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);
  const file = `${folder}/page-bundle.js`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  writeFileSync(file, text);
  writeFileSync(
    `${folder}/page-bundle.d.ts`,
    lines(([name]) => `export declare const ${name}: string;\n`),
  );
}

await bundle('src/page/report.ts', 'src/page/page.css', 'src/report/html');
await bundle('src/page/batch.ts', 'src/page/batch.css', 'src/batch/show');

// What --format html puts into its page beside the report: src/page/stepper.ts and src/page/page.css, made small, as strings of a module of their own.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const bundle = 'src/report/html/page-bundle.js';
const options = {
  bundle: true,
  minify: true,
  write: false,
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
};
const [script, style] = await Promise.all([
  build({ ...options, entryPoints: ['src/page/report.ts'], format: 'iife', target: 'es2022' }),
  build({ ...options, entryPoints: ['src/page/page.css'] }),
]);
const [SCRIPT, STYLE] = [script, style].map(({ outputFiles }) => outputFiles[0].text.trim());
// Either would end its element, and with it the policy's hold on the rest of the page.
if (/<\/(?:script|style)|<!--/i.test(SCRIPT + STYLE))
  throw new Error("the page's script or style holds the end of its element");
// The page's policy names them by these (Content-Security-Policy, script-src and style-src).
const hash = (of) => createHash('sha256').update(of).digest('base64');
const all = { SCRIPT, STYLE, SCRIPT_HASH: hash(SCRIPT), STYLE_HASH: hash(STYLE) };
const lines = (write) => Object.entries(all).map(write).join('');
const text = lines(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);
if (!existsSync(bundle) || readFileSync(bundle, 'utf8') !== text) {
  writeFileSync(bundle, text);
  writeFileSync(
    'src/report/html/page-bundle.d.ts',
    lines(([name]) => `export declare const ${name}: string;\n`),
  );
}

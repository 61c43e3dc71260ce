// `npm run page`: dist/oopsreplay.html, the page to paste a log into, whole in one file: its style, its script, its worker as text, and the licences. The
// policy in it names the script and the style by their hashes and lets no request out.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { browser } from './bundle.mjs';
import { licensesOf } from './licenses.mjs';
import { modelVersion } from './model-version.mjs';

const OUT = 'dist/oopsreplay.html';

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Text in an element that ends at its own end tag. */
function inside(element, text) {
  const end = new RegExp(`.{20}(?:</${element}|<!--).{20}`, 'i').exec(text);
  if (end !== null) throw new Error(`the page's ${element} holds the end of its element: ${end[0]}`);
  return text;
}

/** Choices of a list, by what the sources call them. */
function choices(names) {
  return names.map((name) => `<option>${escaped(name)}</option>`).join('');
}

/** Names in the sources, asked of a bundle of them. */
async function words() {
  const source = `
    import { DRIVERS } from './src/sim/drivers/models.ts';
    import { SCENARIOS } from './src/sim/scenarios.ts';
    import { ARCHES } from './src/options.ts';
    import { FIX } from './src/sim/eras/releases.ts';
    export default { drivers: [...DRIVERS.keys()], scenarios: [...SCENARIOS.keys()], arches: [...ARCHES], fix: FIX.commit };`;
  const { outputFiles } = await build({
    ...browser,
    stdin: { contents: source, resolveDir: '.', loader: 'ts' },
    format: 'esm',
    write: false,
  });
  return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`))
    .default;
}

const script = (entry) => build({ ...browser, entryPoints: [entry], format: 'iife', minify: true, write: false });
const [app, worker, style, names] = await Promise.all([
  script('src/paste/app.ts'),
  script('src/paste/worker.ts'),
  build({
    stdin: {
      contents: '@import "./src/page/page.css"; @import "./src/paste/paste.css";',
      resolveDir: '.',
      loader: 'css',
    },
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
  }),
  words(),
]);
const text = ({ outputFiles }) => outputFiles[0].text.trim();
const [SCRIPT, STYLE] = [inside('script', text(app)), inside('style', text(style))];
const policy = [
  "default-src 'none'",
  // WebAssembly: the scanner of large logs, and xz.
  `script-src ${hash(SCRIPT)} 'wasm-unsafe-eval'`,
  `style-src ${hash(STYLE)}`,
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types oopsreplay',
].join('; ');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const values = {
  policy,
  version,
  model: modelVersion(),
  style: STYLE,
  drivers: choices(names.drivers),
  scenarios: choices(names.scenarios),
  arches: choices(names.arches),
  fix: names.fix,
  licenses: escaped(licensesOf([app, worker])),
  sample: inside('script', readFileSync('samples/dmesg/qcom-null-priv-5.10.log', 'utf8')),
  // In a string or a pattern, where alone it stands.
  worker: inside('script', text(worker).replaceAll('<!--', '\\x3c!--')),
  script: SCRIPT,
};
const page = readFileSync('src/paste/page.html', 'utf8').replace(/@(\w+)@/g, (_, name) => {
  if (!(name in values)) throw new Error(`the page asks for @${name}@`);
  return values[name];
});
mkdirSync('dist', { recursive: true });
writeFileSync(OUT, page);

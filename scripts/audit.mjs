/**
 * `npm run audit -- [--plant] [--write] TREE...`: is the model what these kernels' source says? Each TREE is the root of a kernel's source (Debian's linux-source packages,
 * unpacked, will do); prints what was held and every difference, and ends with 1 where there is one. `--plant`: what the audit itself would notice: each function's text is
 * changed by changing two statements' places. `--write`: file and line of each step, for docs/MODEL.md (then `npm run docs`).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const given = process.argv.slice(2);
const trees = given.filter((one) => !one.startsWith('--'));
const unknown = given.filter((one) => one.startsWith('--') && one !== '--plant' && one !== '--write');
if (trees.length === 0 || unknown.length > 0) {
  console.error('usage: npm run audit -- [--plant] [--write] TREE...');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-audit-'));
try {
  const outfile = join(folder, 'audit.mjs');
  const entryPoints = ['src/audit/main.ts'];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm' });
  const { auditTrees } = await import(pathToFileURL(outfile).href);
  const read = (tree) => (path) => {
    try {
      return { is: 'text', text: readFileSync(join(tree, path), 'utf8') };
    } catch (error) {
      return { is: 'not seen', why: error.code === 'ENOENT' ? 'is not there' : `cannot be read (${error.code})` };
    }
  };
  const named = trees.map((name) => ({ name, read: read(name) }));
  const { lines, failed, module } = auditTrees(named, given.includes('--plant'));
  for (const line of lines) console.log(line);
  if (given.includes('--write')) writeFileSync('src/report/model/source-lines.ts', module);
  process.exitCode = failed ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

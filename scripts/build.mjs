// Builds dist/: the command and the library bundled with code splitting (rare commands load lazily), and the type declarations.
// --quiet leaves out the declarations, which only publishing needs.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const quiet = process.argv.includes('--quiet');
await import('./grammars.mjs');
rmSync('dist', { recursive: true, force: true });
const entries = ['src/cli.ts', 'src/index.ts', 'src/eval.ts'].filter((f) => existsSync(f));
await build({
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: false,
  logLevel: 'warning',
});
if (existsSync('dist/cli.js')) chmodSync('dist/cli.js', 0o755);
if (!quiet)
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
    stdio: 'inherit',
  });

// The library's declarations as one file that imports nothing: consumers of any TypeScript from 5.4 on, with any module resolution and without
// skipLibCheck, read it as it is. Declarations by the compiler, file by file, and those rolled into one.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const OURS = 'dist/index.d.ts';

const parts = mkdtempSync(join(tmpdir(), 'oopsreplay-types-'));
try {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json', '--outDir', parts], {
    stdio: 'inherit',
  });
  const whole = await rollup({
    input: join(parts, 'index.d.ts'),
    plugins: [dts()],
    // What is only imported for a declaration that is left out again.
    onwarn: ({ code, message }) => {
      if (code !== 'UNRESOLVED_IMPORT') throw new Error(message);
    },
  });
  const { output } = await whole.write({ file: OURS, format: 'es' });
  // What is imported would have to be installed, or be a global of Node's that a consumer may not have.
  const imported = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.imports : []));
  if (imported.length > 0) throw new Error(`${OURS} imports ${imported.join(', ')}`);
} finally {
  rmSync(parts, { recursive: true });
}
// For who calls require(), whose declarations have an ending of their own.
copyFileSync(OURS, 'dist/index.d.cts');

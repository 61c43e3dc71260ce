// Makes dist/answers.bin: the model's answers to the usual questions (src/sim/usual.ts), so that no log waits for them. They follow from src/sim alone and are kept
// under node_modules/.cache by its content: a build after a change elsewhere takes them from there.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const CACHE = 'node_modules/.cache/oopsreplay';

function hashOfModel() {
  const hash = createHash('sha256').update(readFileSync('scripts/answers.mjs'));
  for (const file of readdirSync('src/sim', { recursive: true, encoding: 'utf8' }).sort())
    if (file.endsWith('.ts')) hash.update(`${file}\n`).update(readFileSync(join('src/sim', file)));
  return hash.digest('hex').slice(0, 16);
}

/** Writes the file for the build of `model`. */
export async function writeAnswers(model, to) {
  const kept = join(CACHE, `answers-${hashOfModel()}`);
  let entries;
  try {
    entries = readFileSync(kept);
  } catch {
    mkdirSync(CACHE, { recursive: true });
    const script = join(CACHE, `usual-${process.pid}.mjs`);
    await build({ entryPoints: ['src/sim/usual.ts'], bundle: true, platform: 'node', format: 'esm', outfile: script });
    const { usualAnswers } = await import(pathToFileURL(resolve(script)).href);
    rmSync(script);
    entries = usualAnswers();
    const part = `${kept}.${process.pid}`;
    writeFileSync(part, entries);
    renameSync(part, kept);
  }
  writeFileSync(to, Buffer.concat([Buffer.from(`${model}\n`), entries]));
}

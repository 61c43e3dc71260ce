// `npm run release`: what a release is made of, in release/, with checksums. Each is a whole program; none needs another.
//   oopsreplay-X.tgz     what `npm publish` would send: npm i -g ./oopsreplay-X.tgz, or npx -p "$PWD/oopsreplay-X.tgz" oopsreplay boot.log
//   oopsreplay.cjs       node oopsreplay.cjs boot.log
//   oopsreplay.html      the page to paste a log into
//   oopsreplay-OS-ARCH   with --executable: this Node with the program in it (a single executable application), for machines without Node
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { singleFile } from './single.mjs';

const OUT = 'release';

/** nodejs.org/api/single-executable-applications.html: the program as a resource of a copy of this Node. */
async function executable() {
  const { inject } = await import('postject');
  const file = join(OUT, `oopsreplay-${process.platform}-${process.arch}`);
  const [config, blob] = [join(OUT, 'sea.json'), join(OUT, 'sea.blob')];
  writeFileSync(
    config,
    JSON.stringify({ main: join(OUT, 'oopsreplay.cjs'), output: blob, disableExperimentalSEAWarning: true }),
  );
  execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  copyFileSync(process.execPath, file);
  await inject(file, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
  });
  for (const made of [config, blob]) rmSync(made);
  chmodSync(file, 0o755);
}

// For tests: that one alone, into a file of theirs.
const alone = process.argv.indexOf('--single');
if (alone > 0) {
  await import('./paste.mjs');
  writeFileSync(process.argv[alone + 1], await singleFile());
  process.exit();
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
execFileSync('npm', ['pack', '--silent', '--pack-destination', OUT], { stdio: ['ignore', 'ignore', 'inherit'] });
writeFileSync(join(OUT, 'oopsreplay.cjs'), await singleFile(), { mode: 0o755 });
copyFileSync('dist/oopsreplay.html', join(OUT, 'oopsreplay.html'));
if (process.argv.includes('--executable')) await executable();
const sums = readdirSync(OUT)
  .sort()
  .map((name) => {
    const bytes = readFileSync(join(OUT, name));
    console.log(`${String(bytes.length).padStart(10)}  ${name}`);
    return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`;
  });
writeFileSync(join(OUT, 'SHA256SUMS'), sums.join(''));

/**
 * `npm run trees [-- FOLDER]`: are real trees and builds told right? Fetches Debian's linux-source packages by apt (all versions that it offers), reads each tree
 * with `affected --source` and holds every feature against what the release's tables say; fetches one kernel with its debug information and holds the place of every
 * field that is used against pahole's. Needs apt-get, dpkg-deb, tar with xz, pahole; about 1 GB in FOLDER (default: a temporary one, removed). Ends with 1 where
 * anything differs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const FILES = [
  ...['iommu', 'base'].map((folder) => `*/drivers/${folder}`),
  ...['drivers/amba/bus.c', 'include/linux/iommu.h', 'Makefile'].map((file) => `*/${file}`),
];
const given = process.argv[2];
const folder = given === undefined ? mkdtempSync(join(tmpdir(), 'oopsreplay-trees-')) : resolve(given);
mkdirSync(folder, { recursive: true });
let failed = 0;

const run = (program, ...args) =>
  execFileSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const json = (...args) =>
  JSON.parse(
    execFileSync(process.execPath, [resolve('dist/cli.js'), ...args, '--format', 'json'], { encoding: 'utf8' }),
  );

/** "linux-source-6.1=6.1.192-2" for every version that apt offers. */
function packages() {
  const names = run('apt-cache', 'search', '--names-only', '^linux-source-[0-9.]+$')
    .split('\n')
    .flatMap((line) => line.split(' ')[0] || []);
  return names.flatMap((name) =>
    run('apt-cache', 'madison', name)
      .split('\n')
      .map((line) => line.split('|').map((part) => part.trim()))
      .filter(([is, , from]) => is === name && from?.endsWith('Packages'))
      .map(([, version]) => ({ name, version })),
  );
}

function fetched({ name, version }) {
  const tree = join(folder, `${name}_${version.replace(/[^\w.-]/g, '_')}`);
  if (existsSync(join(tree, 'Makefile'))) return tree;
  run('apt-get', 'download', `${name}=${version}`);
  const deb = readdirSync(folder).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  mkdirSync(tree, { recursive: true });
  const member = run(
    'sh',
    '-c',
    'dpkg-deb --fsys-tarfile "$1" | tar -t | grep "linux-source-.*tar.xz$"',
    'sh',
    deb,
  ).trim();
  const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "$2" | tar -xJ -C "$3" --strip-components=1 --wildcards';
  run('sh', '-c', `${unpack} ${FILES.map((file) => `'${file}'`).join(' ')}`, 'sh', deb, member, tree);
  rmSync(join(folder, deb));
  return tree;
}

/** Features of the tree against those of its release; null where all agree. */
function differing(tree) {
  const { source, codes, fix } = json('affected', '--source', tree);
  const open = Object.entries(source.features).filter(([, reading]) => !reading.seen);
  if (open.length > 0) return `not seen: ${open.map(([name, { why }]) => `${name} (${why})`).join(', ')}`;
  const release = json('affected', source.version);
  if (codes.length !== 1 || release.codes.length !== 1)
    return `${codes.length} codes by source, ${release.codes.length} by release`;
  const apart = Object.entries(codes[0].features).filter(([name, value]) => release.codes[0].features[name] !== value);
  const said = apart.map(([name, value]) => `${name} is ${value}, by the release ${release.codes[0].features[name]}`);
  if (fix.status !== release.fix.status) said.push(`the fix is ${fix.status}, by the release ${release.fix.status}`);
  return said.length === 0 ? null : said.join('; ');
}

const trees = packages();
for (const one of trees) {
  const what = `${one.name} ${one.version}`;
  let apart;
  try {
    apart = differing(fetched(one));
  } catch (error) {
    apart = `cannot be had (${String(error.message).split('\n')[0]})`;
  }
  if (apart !== null) failed++;
  console.log(`${apart === null ? 'right' : 'WRONG'}  ${what}${apart === null ? '' : `: ${apart}`}`);
}
console.log(
  `${trees.length} trees read, ${trees.length - failed} told right, every feature held against the release's`,
);

/** Members with their offsets, as pahole prints them. */
function byPahole(file, struct) {
  const { stdout } = spawnSync('pahole', ['-C', struct, file], { encoding: 'utf8' });
  const members = new Map();
  for (const line of stdout.split('\n')) {
    const member = /[ *(](\w+)(?:\)\(.*\))?(?:\[\d*\])*;\s*\/\*\s*(\d+)\s+\d+ \*\//.exec(line);
    if (member) members.set(member[1], Number(member[2]));
  }
  return members;
}

/** The debug package of the smallest kernel that apt offers. */
function vmlinux() {
  const kept = join(folder, 'vmlinux');
  const found = () =>
    existsSync(kept) && run('find', kept, '-name', 'vmlinux-*', '-type', 'f', '-size', '+1M').split('\n')[0];
  if (!found()) {
    const name = run('apt-cache', 'search', '--names-only', '^linux-image-.*cloud-[a-z0-9]+-dbg$')
      .split('\n')
      .flatMap((line) => line.split(' ')[0] || [])
      .filter((one) => /linux-image-\d/.test(one))
      .sort()[0];
    if (name === undefined) return null;
    run('apt-get', 'download', name);
    const deb = readdirSync(folder).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
    mkdirSync(kept, { recursive: true });
    run('dpkg-deb', '-x', deb, kept);
    rmSync(join(folder, deb));
  }
  return found() || null;
}

const file = vmlinux();
if (file === null) console.log('no vmlinux: apt offers no debug package');
else {
  const outfile = join(folder, 'images.mjs');
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  await build({
    entryPoints: ['src/commands/vmlinux.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    banner,
    logLevel: 'error',
  });
  const { openImages } = await import(outfile);
  const started = performance.now();
  const [image] = await openImages([file], undefined);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const names = { dev_iommu: 'dev_iommu', fwspec: 'iommu_fwspec', iommu_device: 'iommu_device' };
  const fields = [
    ['device', 'iommu', image.exact.deviceIommu],
    ...Object.entries(image.exact.structs).flatMap(([struct, all]) =>
      Object.entries(all).map(([field, { offset }]) => [names[struct], field, offset]),
    ),
    ...Object.entries(image.exact.others).map(([name, { offset }]) => [...name.split('.'), offset]),
  ];
  const wrong = fields.filter(([struct, field, offset]) => byPahole(file, struct).get(field) !== offset);
  for (const [struct, field, offset] of wrong)
    console.log(`WRONG  ${struct}.${field}: ${offset}, by pahole ${byPahole(file, struct).get(field)}`);
  failed += wrong.length;
  console.log(
    `${file.split('/').at(-1)}: ${fields.length} fields, ${fields.length - wrong.length} where pahole has them; opened in ${seconds} s`,
  );
}
if (given === undefined) rmSync(folder, { recursive: true });
process.exitCode = failed === 0 ? 0 : 1;

/**
 * Debian's unmodified kernels of other architectures: fetched by apt with lists of the lab's own, unpacked, and the modules of the guest built against their
 * headers. Headers name /usr/src and /usr/lib in their makefiles, so links are made there, which needs root.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { archive, directory, file, node } from './archive.mjs';
import { run } from './need.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
export const CACHE = process.env.LAB_CACHE ?? join(homedir(), '.cache/oopsreplay-lab');

/**
 * By the name that --kernel takes. `release`: what Debian had on 2026-11-26; `series` is searched for a newer one where that is gone. `fixed`: it has the fix,
 * which the module takes out; `without`: how simulate is asked for its code without that, where no era of the model is it.
 */
export const KERNELS = {
  'arm64-6.1': {
    deb: 'arm64',
    arch: 'arm64',
    cross: 'aarch64-linux-gnu-',
    release: '6.1.0-56-arm64',
    series: /^6\.1\.0-\d+-arm64$/,
    suite: 'bookworm',
    fixed: true,
  },
  'arm64-6.1-rt': {
    deb: 'arm64',
    arch: 'arm64',
    cross: 'aarch64-linux-gnu-',
    release: '6.1.0-56-rt-arm64',
    series: /^6\.1\.0-\d+-rt-arm64$/,
    suite: 'bookworm',
    fixed: true,
  },
  'arm64-6.12': {
    deb: 'arm64',
    arch: 'arm64',
    cross: 'aarch64-linux-gnu-',
    release: '6.12.95+deb12-arm64',
    series: /^6\.12\.[\d.]+\+deb12[\d.]*-arm64$/,
    suite: 'bookworm',
    pocket: 'bookworm-backports',
    fixed: true,
    without: ['--set', 'lock=static'],
  },
  'arm64-6.12-16k': {
    deb: 'arm64',
    arch: 'arm64',
    cross: 'aarch64-linux-gnu-',
    release: '6.12.95+deb12-arm64-16k',
    series: /^6\.12\.[\d.]+\+deb12[\d.]*-arm64-16k$/,
    suite: 'bookworm',
    pocket: 'bookworm-backports',
    fixed: true,
    without: ['--set', 'lock=static'],
  },
  'arm64-5.10': {
    deb: 'arm64',
    arch: 'arm64',
    cross: 'aarch64-linux-gnu-',
    release: '5.10.0-32-arm64',
    series: /^5\.10\.0-\d+-arm64$/,
    suite: 'bullseye',
    fixed: false,
  },
  'armhf-6.1': {
    deb: 'armhf',
    arch: 'arm',
    cross: 'arm-linux-gnueabihf-',
    release: '6.1.0-50-armmp',
    series: /^6\.1\.0-\d+-armmp$/,
    suite: 'bookworm',
    fixed: true,
  },
  'armhf-6.1-lpae': {
    deb: 'armhf',
    arch: 'arm',
    cross: 'arm-linux-gnueabihf-',
    release: '6.1.0-50-armmp-lpae',
    series: /^6\.1\.0-\d+-armmp-lpae$/,
    suite: 'bookworm',
    fixed: true,
  },
  'armhf-5.10': {
    deb: 'armhf',
    arch: 'arm',
    cross: 'arm-linux-gnueabihf-',
    release: '5.10.0-32-armmp',
    series: /^5\.10\.0-\d+-armmp$/,
    suite: 'bullseye',
    fixed: false,
  },
};

const OFFSETS = [
  'mutex',
  'dev_iommu.fwspec',
  'dev_iommu.iommu_dev',
  'dev_iommu.priv',
  'fwspec.ops',
  'fwspec.iommu_fwnode',
  'fwspec.num_ids',
  'device.iommu',
  'device.iommu_group',
];

/** IOMMU drivers that Debian does not build, from linux-source as they are. */
const AS_MODULES = { 'sprd-iommu': ['arm64', 'arm'], 'apple-dart': ['arm64'] };

/** `from`: a kernel of the table, for its suite; lists are kept apart for each. */
function apt(deb, { suite, pocket }, ...args) {
  const dir = join(CACHE, 'apt', `${pocket ?? suite}-${deb}`);
  mkdirSync(join(dir, 'lists/partial'), { recursive: true });
  mkdirSync(join(dir, 'parts'), { recursive: true });
  const sources = [
    ['http://deb.debian.org/debian', `${suite} ${suite}-updates${pocket ? ` ${pocket}` : ''}`],
    ['http://deb.debian.org/debian-security', `${suite}-security`],
  ];
  const text = sources.map(
    ([uri, suites]) =>
      `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n`,
  );
  writeFileSync(join(dir, 'parts/debian.sources'), text.join('\n'));
  const set = {
    'APT::Architecture': deb,
    'APT::Architectures': deb,
    'Dir::State::Lists': join(dir, 'lists'),
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': join(dir, 'parts'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'APT::Sandbox::User': 'root',
  };
  const [tool, ...rest] = args;
  return run(tool, [...Object.entries(set).map(([k, v]) => `-o${k}=${v}`), ...rest], { cwd: join(CACHE, 'deb') });
}

/** An archive may lack one suite (an old release has no security for every architecture): what there is is used. */
function update(deb, from) {
  try {
    apt(deb, from, 'apt-get', 'update', '-qq');
  } catch {
    // The search below says what is not there.
  }
}

const debs = () => readdirSync(join(CACHE, 'deb'));
const debOf = (name) => debs().find((d) => d.startsWith(`${name}_`) && d.endsWith('.deb'));

function fetchKernel(from) {
  const { deb, suite, release, series } = from;
  mkdirSync(join(CACHE, 'deb'), { recursive: true });
  if (debOf(`linux-image-${release}`) && debOf(`linux-headers-${release}`)) return release;
  update(deb, from);
  const there = apt(deb, from, 'apt-cache', 'search', '--names-only', '^linux-image-[0-9].*')
    .split('\n')
    .flatMap((line) => /^linux-image-(\S+) /.exec(line)?.[1] ?? [])
    .filter((name) => series.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const use = there.includes(release) ? release : there.at(-1);
  if (use === undefined) throw new Error(`Debian ${suite} has no linux-image like ${release} for ${deb}`);
  apt(deb, from, 'apt-get', 'download', `linux-image-${use}`, `linux-headers-${use}`);
  const needs = apt(deb, from, 'apt-cache', 'show', `linux-headers-${use}`)
    .match(/^Depends: (.*)$/m)[1]
    .split(',');
  for (const name of needs.map((part) => part.replace(/[(|].*/, '').trim())) {
    if (/^linux-headers-.*common/.test(name)) apt(deb, from, 'apt-get', 'download', name);
    // modpost and its like run here, whatever they build for.
    if (/^linux-kbuild-/.test(name)) {
      const host = run('dpkg', ['--print-architecture']).trim();
      update(host, from);
      apt(host, from, 'apt-get', 'download', name);
    }
  }
  return use;
}

function link(from, to) {
  if (existsSync(to)) return;
  try {
    if (readlinkSync(to)) rmSync(to);
  } catch {
    // Not there.
  }
  symlinkSync(from, to);
}

function unpackHeaders() {
  const root = join(CACHE, 'hdr');
  mkdirSync(root, { recursive: true });
  for (const d of debs().filter((name) => /^linux-(?:headers|kbuild)-/.test(name))) {
    const mark = join(root, `.${d}`);
    if (existsSync(mark)) continue;
    run('dpkg-deb', ['-x', join(CACHE, 'deb', d), root]);
    writeFileSync(mark, '');
  }
  for (const [sub, to] of [
    ['usr/src', '/usr/src'],
    ['usr/lib', '/usr/lib'],
  ])
    for (const name of readdirSync(join(root, sub)).filter((n) => n.startsWith('linux-')))
      link(join(root, sub, name), join(to, name));
}

/** make of the folder's Kbuild against the kernel's headers; returns compiler and modpost warnings. */
export function make(kernel, folder) {
  const { arch, cross, release } = kernel;
  const said = run('sh', [
    '-c',
    'exec make -s -j2 -C "$1" M="$2" ARCH="$3" CROSS_COMPILE="$4" CC="$4gcc" KBUILD_MODPOST_WARN=1 modules 2>&1',
    'sh',
    `/usr/src/linux-headers-${release}`,
    folder,
    arch,
    cross,
  ]);
  return said.split('\n').filter((line) => /warning|error/i.test(line));
}

function guestModules(kernel, out) {
  const dir = join(out, 'guest');
  mkdirSync(dir, { recursive: true });
  for (const name of readdirSync(join(HERE, 'guest'))) copyFileSync(join(HERE, 'guest', name), join(dir, name));
  const kbuild = [readFileSync(join(dir, 'Kbuild'), 'utf8')];
  const source = '/usr/src/linux-source-6.1.tar.xz';
  if (/^6\.1\./.test(kernel.release) && existsSync(source)) {
    const from = join(CACHE, 'src/linux-source-6.1/drivers/iommu');
    if (!existsSync(from)) {
      mkdirSync(join(CACHE, 'src'), { recursive: true });
      run('tar', ['-C', join(CACHE, 'src'), '-xf', source, 'linux-source-6.1/drivers/iommu']);
    }
    for (const [name, arches] of Object.entries(AS_MODULES)) {
      if (!arches.includes(kernel.arch)) continue;
      for (const header of readdirSync(from).filter((n) => n.endsWith('.h')))
        copyFileSync(join(from, header), join(dir, header));
      // A 32-bit table of devices trips the 64-bit modpost.
      const text = readFileSync(join(from, `${name}.c`), 'utf8').replaceAll(/^MODULE_DEVICE_TABLE.*$/gm, '');
      const license = text.includes('MODULE_LICENSE') ? '' : '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n';
      writeFileSync(join(dir, `drv_${name}.c`), `${text}${license}`);
      kbuild.push(`obj-m += ${name}.o\n${name}-y := drv_${name}.o\n`);
    }
  }
  writeFileSync(join(dir, 'Kbuild'), kbuild.join(''));
  make(kernel, dir);
  run(`${kernel.cross}objcopy`, [
    '-O',
    'binary',
    '-j',
    '.lab_offsets',
    '--set-section-flags',
    '.lab_offsets=alloc',
    join(dir, 'offsets.o'),
    join(out, 'offsets.bin'),
  ]);
  const bytes = readFileSync(join(out, 'offsets.bin'));
  writeFileSync(
    join(out, 'offsets.json'),
    JSON.stringify(
      Object.fromEntries(
        OFFSETS.map((name, i) => [name, bytes.readUInt32LE(4 * i)]).filter(([, offset]) => offset !== 0xffffffff),
      ),
    ),
  );
  run(`${kernel.cross}gcc`, ['-static', '-Os', '-Wall', '-o', join(out, 'init'), join(HERE, 'guest/init.c')]);
  const modules = readdirSync(dir).filter((n) => n.endsWith('.ko') && n !== 'offsets.ko');
  for (const name of modules) run(`${kernel.cross}strip`, ['--strip-debug', join(dir, name)]);
  writeFileSync(
    join(out, 'initrd.cpio'),
    archive([
      ...['dev', 'proc', 'sys', 'mod'].map(directory),
      node('dev/console', 5, 1),
      file('init', readFileSync(join(out, 'init')), 0o755),
      ...modules.map((name) => file(`mod/${name}`, readFileSync(join(dir, name)))),
    ]),
  );
}

/** A kernel of the table ready to boot: { name, release, arch, cross, fixed, dir, version, offsets }. */
export function prepare(name) {
  const known = KERNELS[name];
  if (known === undefined) throw new Error(`no kernel ${name}; there are ${Object.keys(KERNELS).join(', ')}`);
  const kernel = { name, ...known, release: fetchKernel(known) };
  const out = join(CACHE, 'img', name);
  kernel.dir = out;
  if (!existsSync(join(out, 'ready'))) {
    unpackHeaders();
    mkdirSync(out, { recursive: true });
    const image = join(CACHE, 'deb', debOf(`linux-image-${kernel.release}`));
    run('sh', [
      '-c',
      `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --transform='s,.*/boot/vmlinuz.*,kernel,;s,.*/boot/config.*,config,' --wildcards './boot/vmlinuz*' './boot/config*'`,
      'sh',
      image,
      out,
    ]);
    guestModules(kernel, out);
    writeFileSync(join(out, 'ready'), '');
  }
  kernel.version = /_(\d+\.\d+\.\d+)/.exec(debOf(`linux-image-${kernel.release}`))[1];
  kernel.offsets = JSON.parse(readFileSync(join(out, 'offsets.json'), 'utf8'));
  return kernel;
}

/** What the lab uses of this machine, and how Debian names it. */
import { execFileSync, spawnSync } from 'node:child_process';

const PROGRAMS = {
  'qemu-system-aarch64': 'qemu-system-arm',
  'qemu-system-arm': 'qemu-system-arm',
  dtc: 'device-tree-compiler',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
  'arm-linux-gnueabihf-gcc': 'gcc-arm-linux-gnueabihf libc6-dev-armhf-cross',
  make: 'make',
  'dpkg-deb': 'dpkg',
  'apt-get': 'apt',
};

/** Packages to install; empty: all is there. */
export function missing() {
  const absent = Object.keys(PROGRAMS).filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return [...new Set(absent.flatMap((name) => PROGRAMS[name].split(' ')))];
}

/** Runs a program to its end and returns what it prints; throws with its last lines where it fails. */
export function run(program, args, options = {}) {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(-12).join('\n');
    throw new Error(`${program} ${args.slice(0, 6).join(' ')}: ${said || error.message}`);
  }
}

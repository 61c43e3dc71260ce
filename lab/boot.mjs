/** One boot in QEMU: the kernel, the guest's script and one more module; what came out of its console, and how it ended. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archive, file } from './archive.mjs';
import { treeOf } from './drivers.mjs';
import { CACHE } from './kernels.mjs';
import { run } from './need.mjs';

function qemuOf({ name, arch }, { qemu, pci }) {
  // QEMU's cortex-a72 has no pages of 16 KiB; pauth-impdef: its own hash, the architecture's takes minutes to emulate.
  const cpu = name.endsWith('-16k') ? 'max,pauth-impdef=on' : 'cortex-a72';
  const own = qemu === undefined ? '' : `,iommu=${qemu}`;
  const machine =
    arch === 'arm'
      ? ['qemu-system-arm', '-M', 'virt,highmem=off', '-cpu', 'cortex-a15']
      : ['qemu-system-aarch64', '-M', `virt,gic-version=3${own}`, '-cpu', cpu];
  return [
    ...machine,
    '-m',
    '512',
    '-smp',
    '2',
    '-nographic',
    '-monitor',
    'none',
    '-serial',
    'stdio',
    '-net',
    'none',
    '-no-reboot',
    ...(pci ? ['-device', 'pcie-pci-bridge,id=lab', '-device', 'edu,bus=lab,addr=1'] : []),
  ];
}

/** Is the console through? The kernel needs some time behind an oops: other threads may go on. */
function isOver(text, quietFor) {
  if (text.includes('end Kernel panic')) return quietFor > 1000;
  const crash = text.lastIndexOf('Internal error');
  return crash >= 0 && text.indexOf('---[ end trace', crash) >= 0 && quietFor > 3000;
}

/** `modules`: [[name, bytes]] beside those of the kernel's own initramfs. Returns { text, ended, seconds }. */
export async function boot(kernel, driver, { script, modules = [], instances = 1, cmdline = '', limit = 400 }) {
  const dir = mkdtempSync(join(CACHE, 'boot-'));
  try {
    const qemu = qemuOf(kernel, driver);
    run(qemu[0], [...qemu.slice(1), '-machine', `dumpdtb=${join(dir, 'q.dtb')}`]);
    const { dts, loader } = treeOf(run('dtc', ['-q', '-I', 'dtb', '-O', 'dts', join(dir, 'q.dtb')]), driver, instances);
    writeFileSync(join(dir, 't.dts'), dts);
    run('dtc', ['-q', '-I', 'dts', '-O', 'dtb', '-o', join(dir, 't.dtb'), join(dir, 't.dts')]);
    const more = [file('script', script), ...modules.map(([name, bytes]) => file(name, bytes))];
    writeFileSync(join(dir, 'initrd'), Buffer.concat([readFileSync(join(kernel.dir, 'initrd.cpio')), archive(more)]));
    const args = [
      ...qemu.slice(1),
      ...loader,
      '-dtb',
      join(dir, 't.dtb'),
      '-kernel',
      join(kernel.dir, 'kernel'),
      '-initrd',
      join(dir, 'initrd'),
      '-append',
      `console=ttyAMA0 ${cmdline}`.trim(),
    ];
    return await console_(qemu[0], args, limit);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function console_(program, args, limit) {
  const start = Date.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let raw = '';
  let last = start;
  let ended = 'the limit of the boot';
  const take = (chunk) => {
    raw += chunk.toString('latin1');
    last = Date.now();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const over = isOver(raw, Date.now() - last);
      if (over) ended = 'QEMU stopped some seconds behind the oops';
      if (over || raw.includes('LAB-DONE') || Date.now() - start > limit * 1000) child.kill('SIGKILL');
      if (!over && raw.includes('LAB-DONE')) ended = 'the script of the guest ended';
    }, 100);
    child.on('close', (_, signal) => {
      clearInterval(timer);
      if (signal === null && !raw.includes('LAB-DONE')) ended = 'the guest rebooted';
      const lines = raw
        .replaceAll('\r', '')
        .split('\n')
        .filter((line) => line.trim() !== 'LAB-DONE' && !/reboot: Power down$/.test(line.trim()));
      resolve({ text: lines.join('\n'), ended, seconds: Math.round((Date.now() - start) / 1000) });
    });
  });
}

/** Changes to a known log: those that a verdict must not see, and those that it must. Each is a pure function of the log's text and some numbers. */
import { recordsOf, WRITERS } from '../../parser/writers.ts';

/** Numbers in [0, below), the same for the same seed (a linear congruential generator, Numerical Recipes' constants). */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const STAMP = /^(?:\[ *\d+\.\d{6}\])?(?:\[ *[TC]\d+\])? ?/;
/** What other CPUs print while a machine boots. */
const OTHERS = [
  'usb 1-1: new high-speed USB device number 2 using xhci_hcd',
  'mmc0: new HS400 MMC card at address 0001',
  'EXT4-fs (mmcblk0p2): mounted filesystem with ordered data mode. Quota mode: none.',
  'random: crng init done',
  'brcmfmac: brcmf_c_process_txcap_blob: no txcap_blob available (err=-2)',
  'input: gpio-keys as /devices/platform/gpio-keys/input/input0',
  'clk: Disabling unused clocks',
  'r8152 2-1:1.0 eth0: v1.12.13',
  'hwmon hwmon1: temp1_input not attached to any thermal zone',
  'systemd[1]: Started udev Kernel Device Manager.',
  'platform 1c14000.crypto: deferred probe pending',
  'panel-simple panel: supply power not found, using dummy regulator',
];

/** Lines of other CPUs come in between, `count` of them, with the stamp of the line before and a caller of their own. */
export function mixed(log: string, seed: number, count = 12): string {
  const draw = numbers(seed);
  const lines = log.split('\n');
  for (let i = 0; i < count; i++) {
    const at = 1 + draw(lines.length - 1);
    const front = STAMP.exec(lines[at - 1]!)![0].replace(/\[ *[TC]\d+\]/, '[  T977]');
    lines.splice(at, 0, front + OTHERS[draw(OTHERS.length)]!);
  }
  return lines.join('\n');
}

/** Lines are lost, with the mark that printk leaves; `keep`: numbers of those that stay. */
export function dropped(log: string, seed: number, keep: ReadonlySet<number>, count = 4): string {
  const draw = numbers(seed);
  const lines = log.split('\n');
  const gone = new Set<number>();
  for (let i = 0; i < count; i++) gone.add(1 + draw(lines.length - 1));
  return lines
    .map((line, i) =>
      gone.has(i + 1) && !keep.has(i + 1) ? `${STAMP.exec(line)![0]}** 1 printk messages dropped **` : line,
    )
    .join('\n');
}

/** Each way of capturing it that keeps every line; null where the log has no stamps to write anew. */
export function reframed(log: string, which: number): Buffer | null {
  const writers = Object.values(WRITERS);
  const records = recordsOf(log);
  return records.length < 10 ? null : writers[which % writers.length]!(records);
}

export const FRAMINGS = Object.keys(WRITERS);

/** Kernel addresses moved, each by the same; their low bits, and so what lies how far from what, stay. */
export function moved(log: string, seed: number): string {
  const by = BigInt(1 + numbers(seed)(0xffff)) << 24n;
  return log.replace(/\bffff[0-9a-f]{12}\b/g, (hex) => (BigInt(`0x${hex}`) ^ by).toString(16));
}

const TASKS = ['kworker/u16:7', 'systemd-udevd', 'modprobe', '(udev-worker)', 'init', 'kworker/3:2H', 'v4l_id'];

/** Tasks with other names and numbers. */
export function retasked(log: string, seed: number): string {
  const draw = numbers(seed);
  const by = 1 + draw(4000);
  const names = new Map<string, string>();
  const name = (old: string) => {
    if (!names.has(old)) names.set(old, TASKS[(names.size + (seed % 7) + 7) % TASKS.length]!);
    return names.get(old)!;
  };
  const add = (pid: string) => String(Number(pid) + by);
  return log
    .replace(/\bPID: (\d+) Comm: (\S+)/g, (_, pid: string, comm: string) => `PID: ${add(pid)} Comm: ${name(comm)}`)
    .replace(/\b(by task |Process \S+ \(pid: |\bT)(\d+)\b/g, (_, before: string, pid: string) => before + add(pid))
    .replace(
      / ([\w/:.]{2,16})-(\d+)( +\d[.dn][.NnpP])/g,
      (_, task: string, pid: string, rest: string) => ` ${task.slice(0, 8)}-${add(pid)}${rest}`,
    )
    .replace(
      /\btask:(\S+)( +state:\S+ +stack:\S+ +pid: ?)(\d+)/g,
      (_, task: string, rest: string, pid: string) => `task:${name(task)}${rest}${add(pid)}`,
    );
}

const MODULES: Readonly<Record<string, string>> = {
  labdma: 'adpdrm',
  labaux: 'gpio_wdt',
  labclk: 'clk_sec',
  labmisc: 'soc_mbx',
};

/** Devices, and the modules of the clients, with other names. */
export function renamed(log: string, seed: number): string {
  const draw = numbers(seed);
  const names = new Map<string, string>();
  return log
    .replace(/\b([0-9a-f]{5,9})\.([a-z][\w-]{2,})\b/g, (whole: string, _, kind: string) => {
      if (!names.has(whole))
        names.set(whole, `${(0x1000000 + draw(0xefff) * 0x1000).toString(16)}.${draw(2) ? kind : 'block'}`);
      return names.get(whole)!;
    })
    .replace(/\blab(?:dma|aux|clk|misc)/g, (m) => MODULES[m]!);
}

/** A release that carries the fix, in every line that names one. */
export function fixedKernel(log: string, which: number): string {
  const release = ['6.7.0', '6.8.12', '6.12.95', '6.6.5-200.fc39.aarch64', '6.1.68'][which % 5]!;
  return log.replace(/\b(?:5\.10\.262|6\.1\.192|6\.6\.17)\S*/g, release);
}

const NULL_AT = /NULL pointer dereference at virtual address (0000[0-9a-f]{12})/;
const further = (hex: string, by: number) => (BigInt(`0x${hex}`) + BigInt(by)).toString(16).padStart(16, '0');

/** Another field: the instruction's offset and the address grow by the same. Null where the trapping word has no scaled offset, or the address is none from NULL. */
export function otherField(log: string, by: number): string | null {
  const word = /Code: .*\(([0-9a-f]{8})\)/.exec(log)?.[1];
  const address = NULL_AT.exec(log)?.[1];
  if (word === undefined || address === undefined) return null;
  const code = Number.parseInt(word, 16);
  // LDR and STR (immediate, unsigned offset), 64 bits.
  if ((code & 0xff800000) >>> 0 !== 0xf9000000) return null;
  const other = (code + (by << 10)) >>> 0;
  return log.replaceAll(address, further(address, 8 * by)).replaceAll(`(${word})`, `(${other.toString(16)})`);
}

/** Only the lines of the address say so: they and the instruction are no longer of one fault. */
export function otherAddress(log: string, by: number): string | null {
  const address = NULL_AT.exec(log)?.[1];
  if (address === undefined) return null;
  return log.replaceAll(
    new RegExp(`(virtual address |^(?:\\[[^\\]]*\\])* ?\\[)${address}`, 'gm'),
    (_, before: string) => before + further(address, by),
  );
}

/** The address, and every register of zero, are a small number: what was followed is no longer NULL. */
export function otherPointer(log: string, by: number): string | null {
  const address = NULL_AT.exec(log)?.[1];
  if (address === undefined) return null;
  return log
    .replaceAll(/^(.*\bx\d+ ?: .*)$/gm, (line) => line.replaceAll('0000000000000000', further('0', by)))
    .replaceAll(`virtual address ${address}`, `virtual address ${further(address, by)}`);
}

/** Drivers whose of_xlate stores priv, and one whose of_xlate only adds ids: functions, module, name in messages. */
const STORES = [
  ['apple_dart', 'apple-dart'],
  ['qcom_iommu', 'qcom-iommu'],
  ['sprd_iommu', 'sprd-iommu'],
] as const;

/** The driver swapped for one of the other class. */
export function otherDriver(log: string): string {
  if (/\barm_smmu_(?:of_xlate|probe_device)|arm-smmu-v3/.test(log))
    return log
      .replaceAll('arm_smmu_of_xlate', 'sprd_iommu_of_xlate')
      .replaceAll('arm_smmu_v3', 'sprd_iommu')
      .replaceAll('arm-smmu-v3', 'sprd-iommu')
      .replaceAll('arm_smmu_', 'sprd_iommu_');
  return STORES.reduce(
    (text, [symbol, name]) =>
      text
        .replaceAll(`${symbol}_of_xlate`, 'arm_smmu_of_xlate')
        .replaceAll(name, 'arm-smmu-v3')
        .replaceAll(symbol, 'arm_smmu_v3'),
    log,
  );
}

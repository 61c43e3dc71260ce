// Logs by the thousand, from a seed: real ones with other addresses, tasks, devices and times, in other framings, cut here and there, and longer.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SHARED = '../shared';

const logsBelow = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((f) => f.endsWith('.log'))
        .sort()
        .map((f) => join(folder, f))
    : [];

/** The labelled captures and the corpus beside a checkout; without them the samples. */
export function sources() {
  const found = [...logsBelow(`${SHARED}/logs`), ...logsBelow(`${SHARED}/corpus`)];
  return found.length > 0 ? found : logsBelow('samples/dmesg');
}

export function randomOf(seed) {
  let state = seed >>> 0 || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % n;
  };
}

const FRAMINGS = [
  (text) => text,
  (text) => text.replace(/^\[ *\d+\.\d{6}\] ?/gm, ''),
  (text) => text.replace(/^\[/gm, '<6>['),
  (text) => text.replace(/^(?=\[)/gm, 'Mar  1 12:00:00 board kernel: '),
];

/** Another log of the same kind. `about`: bytes it should have, more or less; null: as many as it has. */
export function variant(text, random, about) {
  const shift = random(900);
  let log = text
    .replace(/^\[ *(\d+)(\.\d{6}\])/gm, (_, s, b) => `[${String(Number(s) + shift).padStart(5)}${b}`)
    .replace(/\bffff[0-9a-f]{12}\b/g, (a) => a.slice(0, 10) + random(0xffffff).toString(16).padStart(6, '0'))
    .replace(/\b(PID|pid)([: ]+)\d+/g, (_, a, b) => `${a}${b}${1 + random(30000)}`)
    .replace(/\b[0-9a-f]{7,9}(?=\.(?:iommu|dma|mmu)\b)/g, () => (0x1000000 + random(0xffffff) * 16).toString(16));
  if (about !== null && log.length < about) {
    const lines = [];
    for (let bytes = log.length, i = 0; bytes < about; i++) {
      const line = `[    0.${String(100000 + (i % 800000))}] ${['usb', 'mmc', 'pci', 'clk'][random(4)]} ${random(4096)}-${random(64)}: device ${(random(1 << 30) >>> 0).toString(16)} is up, revision ${random(99)}`;
      bytes += line.length + 1;
      lines.push(line);
    }
    log = `${lines.join('\n')}\n${log}`;
  }
  log = FRAMINGS[random(10) < 6 ? 0 : random(FRAMINGS.length)](log);
  // One in ten lost its end.
  return random(10) === 0 ? log.slice(0, Math.floor((log.length * (50 + random(50))) / 100)) : log;
}

/** Writes `count` logs. `sized`: all of about 10 KB, else from 1 KB to 2 MB, most of them small. Bytes in all. */
export function makeLogs(folder, count, seed, sized) {
  const random = randomOf(seed);
  const texts = sources().map((f) => readFileSync(f, 'latin1'));
  const small = texts.filter((t) => t.length > 5_000 && t.length < 14_000);
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const from = sized ? small : texts;
    const dice = random(1000);
    const about = sized ? 10_000 : dice < 2 ? 2_000_000 : dice < 20 ? 200_000 : dice < 200 ? 30_000 : null;
    const log = Buffer.from(variant(from[random(from.length)], random, about), 'latin1');
    const at = join(folder, String(i % 100).padStart(2, '0'));
    if (i < 100) mkdirSync(at, { recursive: true });
    writeFileSync(join(at, `${i}.log`), log);
    bytes += log.length;
  }
  return bytes;
}

// What judging one log takes, all logs in one process: the model's answers are kept from log to log, as in a batch. Prints JSON; processor time, which other work changes little.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { triage } from '../dist/index.js';

const below = (folder) =>
  readdirSync(folder)
    .sort()
    .flatMap((entry) => {
      const path = join(folder, entry);
      if (statSync(path).isDirectory()) return below(path);
      return /\.(?:json|md)$/.test(entry) && existsSync(path.replace(/\.json$/, '.log')) ? [] : [path];
    });

const folders = process.argv.slice(2).filter(existsSync);
const took = folders.flatMap(below).map((file) => {
  const bytes = readFileSync(file);
  const start = process.cpuUsage();
  triage(bytes, { name: file });
  const { user, system } = process.cpuUsage(start);
  return { file, bytes: bytes.length, milliseconds: (user + system) / 1000 };
});
took.sort((a, b) => a.milliseconds - b.milliseconds);
const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
process.stdout.write(JSON.stringify({ logs: took.length, median: at(0.5), p95: at(0.95), worst: took.at(-1) }));

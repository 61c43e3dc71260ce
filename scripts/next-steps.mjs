// Boots without a next step, over logs: npm run next [FOLDER...] (samples/dmesg, and ../shared where that is there). Status 1 where there is one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rendererFor, triage } from '../dist/index.js';

const asked = process.argv.slice(2);
const folders = asked.length > 0 ? asked : ['samples/dmesg', '../shared/logs', '../shared/corpus'].filter(existsSync);
const files = folders
  .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
  .filter(
    (entry) => entry.isFile() && /\.(?:log|test|report|txt)$|^[^.]+$/.test(entry.name) && !/README/.test(entry.name),
  )
  .map((entry) => join(entry.parentPath, entry.name));
let boots = 0;
const without = [];
for (const file of files)
  for (const one of triage(readFileSync(file), { name: file })) {
    boots++;
    const renderer = await rendererFor('ndjson', { columns: 80, colour: false, ascii: false, several: false });
    if (!(JSON.parse(await renderer.add(one)).next.length > 0)) without.push(`${file} (boot ${one.log.source.boot})`);
  }
for (const name of without) console.log(name);
console.log(`${boots} boots of ${files.length} files; without a next step: ${without.length}`);
process.exitCode = without.length > 0 ? 1 : 0;

// Leaves V8's bytecode of dist/program.cjs beside it (src/start.ts): runs it on sample logs in a process of its own, so that the bytecode holds what a
// triage uses, and keeps what V8 compiled.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

const filename = resolve('dist/program.cjs');
const samples = ['qcom-null-priv-5.10', 'dart-null-priv-6.1', 'smmuv3-kasan-uaf-6.6'];
process.argv = [process.execPath, resolve('dist/cli.js'), ...samples.map((name) => `samples/dmesg/${name}.log`)];
process.stdout.write = () => true;
process.stderr.write = () => true;
const program = readFileSync(filename);
const script = new Script(program.toString('latin1'), { filename });
process.on('exit', () => {
  if (process.exitCode) throw new Error('the program failed on the samples');
  // V8 tells a source by its length alone.
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(program));
  writeFileSync('dist/program.v8', Buffer.concat([script.createCachedData(), checksum]));
});
script.runInThisContext();

#!/usr/bin/env node
/**
 * dist/cli.js: runs dist/program.cjs (src/cli.ts and all it needs) with the bytecode that the build left beside it, so that V8 need not compile the
 * program at every start. V8 itself refuses bytecode of another version, and then the program is compiled as ever. V8 knows a source by its length alone, so
 * the bytecode ends with a checksum of the program that it was made of. Nothing is written here.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import * as zlib from 'node:zlib';
import { lackOf } from './lacking.ts';
import { tooOld } from './needed.ts';

/** Bytes of the checksum behind the bytecode (scripts/bytecode.mjs). */
const CHECKSUM = 4;

const wrong = tooOld(process.versions.node);
if (wrong !== null) {
  process.stderr.write(`oopsreplay: ${wrong}\n`);
  process.exit(2);
}

const folder = dirname(fileURLToPath(import.meta.url));

function bytecodeOf(program: Buffer): Buffer | undefined {
  try {
    const kept = readFileSync(join(folder, 'program.v8'));
    const at = kept.length - CHECKSUM;
    return kept.readUInt32LE(at) === zlib.crc32(program) ? kept.subarray(0, at) : undefined;
  } catch {
    return undefined;
  }
}

function readOwn(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    process.stderr.write(`oopsreplay: ${lackOf(error) ?? String(error)}\n`);
    process.exit(2);
  }
}

// A script like this one's may not import(): what the program loads when it is asked for, such as batch.js, is imported from here.
Object.defineProperty(globalThis, Symbol.for('oopsreplay.import'), { value: (path: string) => import(path) });
Object.defineProperty(globalThis, Symbol.for('oopsreplay.folder'), { value: folder });

const filename = join(folder, 'program.cjs');
const program = readOwn(filename);
// The bundle is ASCII: as latin1 it stays at one byte a character.
new Script(program.toString('latin1'), { filename, cachedData: bytecodeOf(program) }).runInThisContext();

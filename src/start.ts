#!/usr/bin/env node
/**
 * dist/cli.js: runs dist/program.cjs (src/cli.ts and all it needs) with the bytecode that the build left beside it, so that V8 need not compile the
 * program at every start. V8 itself refuses bytecode of another version, and then the program is compiled as ever. Nothing is written here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

const folder = import.meta.dirname;

function bytecode(): Buffer | undefined {
  try {
    return readFileSync(join(folder, 'program.v8'));
  } catch {
    return undefined;
  }
}

// A script like this one's may not import(): what the program loads when it is asked for, such as batch.js, is imported from here.
Object.defineProperty(globalThis, Symbol.for('oopsreplay.import'), { value: (path: string) => import(path) });

const filename = join(folder, 'program.cjs');
// The bundle is ASCII: read as bytes it stays at one byte a character.
new Script(readFileSync(filename, 'latin1'), { filename, cachedData: bytecode() }).runInThisContext();

/** The functions that a kernel's source defines, by file: C definitions, static inlines, assembly entry points, IDTENTRY and system call macros. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TOPS =
  'arch block certs crypto drivers fs include init io_uring ipc kernel lib mm net rust security sound virt'.split(' ');
/** A definition begins at the margin and its body's brace stands on a line of its own, as checkpatch asks. */
const DEFINED =
  /^(?!typedef|return|else|#)(?:[A-Za-z_][\w \t*]*?[ \t*]+(?:\n)?)?\**([A-Za-z_]\w*)\s*\([^;{}#]*?\)(?:[ \t]*__\w+(?:\([^)]*\))?)*\s*\n\{/gm;
const MACROS = /\b(?:DEFINE_IDTENTRY\w*|SYSCALL_DEFINE\d)\(\s*(?:\w+,\s*)?(\w+)/g;
const ASSEMBLED = /^\s*(?:SYM_(?:TYPED_)?(?:FUNC|CODE)_START\w*|ENTRY|SYM_FUNC_ALIAS\w*|WEAK|ENTRY_\w+)\(\s*(\w+)/gm;

/** Map from file to its functions' names. */
export function functionsOf(root) {
  const all = new Map();
  for (const top of TOPS)
    if (existsSync(join(root, top)))
      for (const file of filesBelow(join(root, top))) {
        const text = readFileSync(file, 'latin1');
        const patterns = file.endsWith('.S') ? [ASSEMBLED] : [DEFINED, MACROS];
        const names = new Set(patterns.flatMap((p) => [...text.matchAll(p)].map((m) => m[1])));
        if (names.size > 0) all.set(file.slice(root.length + 1), names);
      }
  return all;
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() && /\.[chS]$/.test(entry.name) ? [path] : [];
  });
}

/** "6.12.117" of the tree's Makefile. */
export function releaseOf(root) {
  const text = readFileSync(join(root, 'Makefile'), 'utf8');
  return ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map((k) => new RegExp(`^${k} = (\\d+)`, 'm').exec(text)?.[1]).join('.');
}

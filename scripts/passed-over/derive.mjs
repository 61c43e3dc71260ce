/**
 * node scripts/passed-over/derive.mjs SOURCE...: writes src/parser/title/passed-over.ts from the kinds (kinds.mjs) and kernel sources, as Debian's
 * linux-source packages unpack. A part of a name that drivers and subsystems use far more than the kind itself ("string", "readl") says nothing by
 * itself: of such only the kind's own names count, which the sources give, and names that begin with it.
 */
import { writeFileSync } from 'node:fs';
import { KINDS } from './kinds.mjs';
import { functionsOf, releaseOf } from './source.mjs';

const roots = process.argv.slice(2);
if (roots.length === 0) throw new Error('usage: node scripts/passed-over/derive.mjs SOURCE...');
const sources = roots.map(functionsOf);
/** Where a kind's relatives live; what is elsewhere is a driver's or a subsystem's own. */
const CORE = /^(?:lib|mm|include|kernel|arch|virt\/lib|rust)\//;
const MOST = 60 * 1024;

const glob = (pattern) =>
  new RegExp(`^${pattern.replace(/[.+]/g, '\\$&').replace(/\*/g, pattern.endsWith('/*') ? '.*' : '[^/]*')}$`);
const matcher = (part) => {
  const pattern = new RegExp(part.replace('#', '\\d+'));
  return /^\w+$/.test(part) ? { test: (name) => name.includes(part) } : pattern;
};
const elsewhere = new Set();
for (const source of sources)
  for (const [file, names] of source) if (!CORE.test(file)) for (const name of names) elsewhere.add(name);
const namesIn = (globs, wanted) => {
  const files = globs.map(glob);
  const found = new Set();
  for (const source of sources)
    for (const [file, names] of source)
      if (files.some((f) => f.test(file))) for (const name of names) if (wanted(name)) found.add(name);
  return found;
};

/** True for a part that stands in more than five times as many names elsewhere as in the kind's own files. */
function isWide(part, own) {
  const pattern = matcher(part);
  let strays = 0;
  for (const name of elsewhere) if (pattern.test(name) && !own.has(name)) strays++;
  return strays > 60 && strays > 5 * own.size;
}

const kinds = KINDS.map(({ kind, in: files, parts, whole = [], some = {}, but }) => {
  const listed = namesIn(whole, (name) => but === undefined || !but.test(name));
  for (const [file, wanted] of Object.entries(some))
    for (const name of namesIn([file], (n) => wanted.test(n))) listed.add(name);
  const kept = [];
  const begins = [];
  for (const part of parts) {
    const pattern = matcher(part);
    const own = namesIn(files, (name) => pattern.test(name));
    if (!isWide(part, own)) kept.push(part);
    else {
      begins.push(part.replace(/\$$/, ''));
      for (const name of own) listed.add(name);
    }
  }
  return { kind, parts: kept, begins, names: [...listed].filter((n) => !kept.some((p) => matcher(p).test(n))).sort() };
});

const text = `/**
 * Functions that never name a crash, by kind. Written by scripts/passed-over/derive.mjs from the sources of Linux ${roots.map(releaseOf).join(' and ')}
 * (Debian's linux-source) and scripts/passed-over/kinds.mjs, whose parts of names are those that syzkaller's pkg/report goes by. Do not edit.
 */

/** One kind: parts of names that all of it bears, words that names of it begin with, and what else a source has of it. */
export interface PassedOver {
  readonly kind: string;
  /** "^" begins a name, "$" ends it, "#" is a number. */
  readonly parts: readonly string[];
  /** Words that drivers use more than this kind does: of it are only names that begin so, underscores aside. */
  readonly begins: readonly string[];
  /** Names that none of these covers, by blanks. */
  readonly names: string;
}

export const PASSED_OVER: readonly PassedOver[] = ${JSON.stringify(
  kinds.map((k) => ({ ...k, names: k.names.join(' ') })),
  null,
  2,
)};
`;
if (text.length > MOST) throw new Error(`the table has ${text.length} bytes, more than ${MOST}`);
writeFileSync('src/parser/title/passed-over.ts', text);
console.log(
  `${text.length} bytes; ${kinds.map((k) => `${k.kind}: ${k.parts.length} parts, ${k.begins.length} words, ${k.names.length} names`).join('\n')}`,
);
for (const k of kinds) if (k.begins.length) console.log(k.kind, k.begins.join(' '));

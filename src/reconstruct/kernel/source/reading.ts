/** A tree's text to the features of its code: each with file and line, or with why it was not seen. */
import { devIommu, SIGNS } from './signs.ts';
import { Tree } from './tree.ts';
import type { ReadFile, SourceReading } from './types.ts';

/** `name`: as reports call the tree. Reads at most six files and the Makefile. */
export function readSource(name: string, read: ReadFile): SourceReading {
  const tree = new Tree(read);
  return {
    tree: name,
    devIommu: devIommu(tree),
    features: SIGNS.map(({ feature, read: sign }) => ({ feature, ...sign(tree) })),
    version: versionIn(read),
    notSeen: tree.notSeen(),
  };
}

/** VERSION, PATCHLEVEL, SUBLEVEL and EXTRAVERSION at the head of the kernel's Makefile. */
function versionIn(read: ReadFile): string | null {
  const found = read('Makefile');
  if (found.is !== 'text') return null;
  const head = found.text.slice(0, 4000);
  const of = (name: string) => new RegExp(`^${name}[ \\t]*=[ \\t]*(\\S*)[ \\t]*$`, 'm').exec(head)?.[1];
  const [major, minor, patch, extra] = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL', 'EXTRAVERSION'].map(of);
  if (!/^\d{1,3}$/.test(major ?? '') || !/^\d{1,3}$/.test(minor ?? '') || !/^\d{0,5}$/.test(patch ?? '')) return null;
  return `${major}.${minor}.${patch || '0'}${/^[\w.+-]{0,40}$/.test(extra ?? '') ? (extra ?? '') : ''}`;
}

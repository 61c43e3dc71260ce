/** Other people's logs: how their crashes are judged, and that none of an unrelated bug is ever confirmed. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { triage } from '../reconstruct/triage.ts';
import type { VerdictClass } from '../reconstruct/types.ts';
import type { Evaluation } from './logs.ts';

/** Judges every file below a folder; the sidecar's `cause` says which may be confirmed. */
export function evaluateCorpus(folder: string): Evaluation {
  const counts = new Map<string, number>();
  const remarks: string[] = [];
  let falseConfirmed = 0;
  let files = 0;
  // The same paste stands in several collections; its label counts everywhere.
  const causes = new Map(
    filesBelow(folder)
      .map((path) => [readFileSync(path, 'latin1').trim(), causeOf(path)])
      .filter(([, c]) => c !== null) as [string, string][],
  );
  for (const path of filesBelow(folder)) {
    const name = path.slice(folder.length + 1);
    const group = name.split('/')[0]!;
    const started = performance.now();
    let classes: readonly VerdictClass[] = [];
    try {
      classes = triage(readFileSync(path), { name }).map((t) => t.verdict.class);
    } catch (error) {
      remarks.push(`  ${name}: threw ${error instanceof Error ? error.message : String(error)}`);
      falseConfirmed++;
    }
    files++;
    const took = performance.now() - started;
    if (took > 2000) remarks.push(`  ${name}: took ${(took / 1000).toFixed(1)} s`);
    for (const c of classes) counts.set(`${group} ${c}`, (counts.get(`${group} ${c}`) ?? 0) + 1);
    const cause = causeOf(path) ?? causes.get(readFileSync(path, 'latin1').trim()) ?? null;
    if (classes.includes('confirmed') && cause !== 'this-race') {
      falseConfirmed++;
      remarks.push(`  ${name}: FALSE confirmed (${cause ?? 'not labelled'})`);
    }
    if (cause === 'this-race' && !classes.includes('confirmed'))
      remarks.push(`  ${name}: this race, judged ${classes.join(', ')}`);
    if (group === 'iommu' && classes.includes('possible') && cause !== 'this-race')
      remarks.push(`  ${name}: ${cause}, judged possible`);
  }
  const groups = [...new Set([...counts.keys()].map((k) => k.split(' ')[0]!))].sort();
  const all: readonly VerdictClass[] = ['confirmed', 'possible', 'excluded', 'insufficient', 'no-crash'];
  return {
    falseConfirmed,
    text: [
      '',
      `corpus: ${files} files judged`,
      `${'folder'.padEnd(16)}${all.map((c) => c.padStart(13)).join('')}`,
      ...groups.map(
        (g) => `${g.padEnd(16)}${all.map((c) => String(counts.get(`${g} ${c}`) ?? 0).padStart(13)).join('')}`,
      ),
      `false confirmed or thrown: ${falseConfirmed}`,
      ...remarks,
    ].join('\n'),
  };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((entry) => {
      const path = join(folder, entry);
      if (statSync(path).isDirectory()) return filesBelow(path);
      return /\.json$|\.md$/.test(entry) && existsSync(path.replace(/\.json$/, '.log')) ? [] : [path];
    });
}

function causeOf(path: string): string | null {
  const side = path.replace(/\.[^.]*$/, '.json');
  if (side === path || !existsSync(side)) return null;
  return (JSON.parse(readFileSync(side, 'utf8')) as { cause?: string }).cause ?? null;
}

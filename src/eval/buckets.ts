/** Buckets of labelled logs: none may hold a race and something else, and the race's outcomes of one driver and era must be one mechanism. */
import { readdirSync, readFileSync } from 'node:fs';
import { Judging } from '../batch/judge.ts';
import { headOf } from '../batch/store.ts';
import { optionsOf } from './logs.ts';

interface Sidecar {
  readonly label: string;
  readonly race_took_place?: boolean;
  readonly kernel_crashed?: boolean;
  readonly expect: { readonly hypothesis?: string; readonly flags?: readonly string[] };
}

export interface Purity {
  readonly text: string;
  readonly mixed: number;
}

/** Judges every log of a folder as a batch does, with the options of its sidecar. */
export function evaluateBuckets(folder: string): Purity {
  const labels = new Map<string, Map<string, string[]>>();
  const mechanisms = new Map<string, Set<string>>();
  const names = readdirSync(folder)
    .filter((f) => f.endsWith('.log'))
    .sort();
  let crashes = 0;
  for (const name of names) {
    const side = JSON.parse(readFileSync(`${folder}/${name.replace(/\.log$/, '.json')}`, 'utf8')) as Sidecar;
    const judging = new Judging(optionsOf(side.expect.flags ?? []));
    judging.push(readFileSync(`${folder}/${name}`));
    const race = side.label === 'race-crash' ? 'race' : 'not the race';
    for (const line of judging.end('0'.repeat(64), 'eval', 0).lines) {
      const head = headOf(line);
      if (head.title === null) continue;
      crashes++;
      const bucket = head.buckets[0]!;
      const of = labels.get(bucket) ?? new Map<string, string[]>();
      labels.set(bucket, of.set(race, [...(of.get(race) ?? []), `${name} (${side.label}, ${head.class})`]));
      if (head.hypothesis !== 'xlate-vs-probe-free' || head.mechanism === null) continue;
      const code = `${head.driver}, era ${head.era}`;
      mechanisms.set(code, (mechanisms.get(code) ?? new Set()).add(head.mechanism));
    }
  }
  const mixed = [...labels].filter(([, of]) => of.size > 1);
  const split = [...mechanisms].filter(([, of]) => of.size > 1);
  return {
    mixed: mixed.length,
    text: [
      `\nbuckets: ${crashes} crashes of ${names.length} logs in ${labels.size} buckets`,
      `buckets that hold the race and something else: ${mixed.length}`,
      ...mixed.flatMap(([id, of]) => [`  ${id}`, ...[...of].map(([race, logs]) => `    ${race}: ${logs.join(', ')}`)]),
      `mechanisms of the race: ${mechanisms.size} pairs of driver and era, ${split.length} of them in more than one`,
    ].join('\n'),
  };
}

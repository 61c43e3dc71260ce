/** Sample logs, judged with the options that their index gives: shared by the tests of formats. */
import { readFileSync } from 'node:fs';
import { optionsOf } from '../../src/eval/logs.ts';
import { triage } from '../../src/reconstruct/triage.ts';
import type { Triage } from '../../src/reconstruct/types.ts';
import { type Format, rendererFor } from '../../src/report/render.ts';

interface Sample {
  readonly file: string;
  readonly flags: readonly string[];
}

export const SAMPLES: readonly Sample[] = JSON.parse(readFileSync('samples/dmesg/index.json', 'utf8'));

const judgedOnce = new Map<string, readonly Triage[]>();

/** All boots of `samples/dmesg/NAME.log`, under the name that a user in the repository's folder would give. */
export function sample(name: string): readonly Triage[] {
  const known = judgedOnce.get(name);
  if (known !== undefined) return known;
  const { file, flags } = SAMPLES.find((s) => s.file === `${name}.log`)!;
  const path = `samples/dmesg/${file}`;
  const judged = triage(readFileSync(path), { name: path }, optionsOf(flags));
  judgedOnce.set(name, judged);
  return judged;
}

/** One output of `triages`. */
export async function rendered(
  format: Format,
  triages: readonly Triage[],
  several = triages.length > 1,
): Promise<string> {
  const renderer = await rendererFor(format, { columns: 80, colour: false, ascii: false, several });
  const parts: string[] = [];
  for (const one of triages) parts.push(await renderer.add(one));
  return parts.join('') + renderer.end();
}

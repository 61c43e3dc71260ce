/** Logs of a folder with the options to judge each with, and what they come to as a whole. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { optionsOf } from '../../src/eval/logs.ts';
import { triage } from '../../src/reconstruct/triage.ts';
import type { Triage, TriageOptions } from '../../src/reconstruct/types.ts';

export interface Known {
  readonly file: string;
  readonly text: string;
  readonly options: TriageOptions;
  readonly whole: Triage;
}

/** The boot that is confirmed, if one is. */
export function judge(log: string | Uint8Array, options: TriageOptions): Triage {
  const bytes = typeof log === 'string' ? Buffer.from(log, 'latin1') : log;
  const boots = triage(bytes, { name: 'log' }, options);
  return boots.find((b) => b.verdict.class === 'confirmed') ?? boots[0]!;
}

/** Logs that are confirmed: of a folder with an index, or with a sidecar for each. */
export function confirmedLogs(folder: string): readonly Known[] {
  return [...flagsOf(folder)].flatMap(([file, flags]) => {
    const text = readFileSync(`${folder}/${file}`, 'latin1');
    const options = optionsOf(flags);
    const whole = judge(text, options);
    return whole.verdict.class === 'confirmed' ? [{ file, text, options, whole }] : [];
  });
}

function flagsOf(folder: string): ReadonlyMap<string, readonly string[]> {
  const index = `${folder}/index.json`;
  if (existsSync(index)) {
    const samples = JSON.parse(readFileSync(index, 'utf8')) as { file: string; flags?: string[] }[];
    return new Map(samples.map((s) => [s.file, s.flags ?? []]));
  }
  const logs = readdirSync(folder).filter((f) => f.endsWith('.log'));
  return new Map(
    logs.map((f) => {
      const side = JSON.parse(readFileSync(`${folder}/${f.replace(/\.log$/, '.json')}`, 'utf8')) as {
        expect: { flags?: string[] };
      };
      return [f, side.expect.flags ?? []];
    }),
  );
}

/** Which model judged a log: a second run judges again what another one judged. */
import { createHash } from 'node:crypto';
import manifest from '../../package.json' with { type: 'json' };
import type { TriageOptions } from '../reconstruct/types.ts';

/** Set by the build (scripts/model-version.mjs): the version and a hash of parser, reconstruction and model. */
declare const OOPSREPLAY_MODEL: string | undefined;

export const MODEL: string = typeof OOPSREPLAY_MODEL === 'undefined' ? `${manifest.version}+source` : OOPSREPLAY_MODEL;

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** The model with the options that bear on a verdict, as a command line has them: "0.1.0+3f9a0c1d2e4b --driver apple-dart". */
export function modelWith(options: TriageOptions): string {
  const { kernel, driver, arch, fixed = [], notFixed = [], source } = options;
  return [
    MODEL,
    ...(kernel === undefined ? [] : [`--kernel ${kernel}`]),
    ...(driver === undefined ? [] : [`--driver ${driver}`]),
    ...(arch === undefined ? [] : [`--arch ${arch}`]),
    ...[...fixed].sort().map((commit) => `--fixed ${commit}`),
    ...[...notFixed].sort().map((commit) => `--not-fixed ${commit}`),
    // What was read, not where: the tree may have changed since.
    ...(source === undefined ? [] : [`--source ${digest(JSON.stringify(source))}`]),
  ].join(' ');
}

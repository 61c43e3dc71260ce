/** The code that a kernel runs, as the record of features that the model is a function of: its era's, its release's, and what else is known of its tree. */
import { ERAS } from '../../sim/eras/eras.ts';
import { OVERRIDES } from '../../sim/eras/overrides.ts';
import type { EraCode } from '../../sim/procedures/code.ts';
import type { EraId } from '../../sim/types.ts';
import type { KernelIdentity } from '../types.ts';
import { withFix } from './era.ts';
import { branchOf, compareVersions, type KernelVersion, versionOf } from './version.ts';

/** The part of a KernelIdentity that says which code it is. */
export type CodeKnown = Pick<KernelIdentity, 'version' | 'features' | 'code'>;

/** Does this exact version carry what came with `mainline`, and with these stable releases? */
function has(v: KernelVersion, { mainline, stable }: (typeof OVERRIDES)[number]): boolean {
  if (compareVersions(v, versionOf(mainline)) >= 0) return true;
  const own = stable.find((s) => s.branch === branchOf(v));
  return own !== undefined && v.patch >= own.from;
}

/** The era's code with what this release has beyond it. */
export function releaseCode(era: EraCode, v: KernelVersion | null): EraCode {
  let code = era;
  if (v === null) return code;
  for (const o of OVERRIDES)
    if ((o.shape === null || o.shape === code.shape) && has(v, o)) code = { ...code, ...o.features };
  return code;
}

const known = new Map<string, EraCode>();

/**
 * The code of `era` in this kernel; undefined for era A, which has none to model. One object for one code: what is remembered of it is found again.
 */
export function codeOf({ version, features, code }: CodeKnown, era: EraId): EraCode | undefined {
  if (code !== undefined) return code;
  const base = ERAS.get(era);
  if (base === undefined) return undefined;
  const made = { ...releaseCode(base, version ?? null), ...features };
  const key = JSON.stringify(made);
  const same = known.get(key) ?? (key === JSON.stringify(base) ? base : made);
  known.set(key, same);
  return same;
}

/** Is a2e7e59a9426's scope of the lock in the code of `era` in this kernel? */
export function hasFix(kernel: CodeKnown, era: EraId): boolean {
  return codeOf(kernel, era)?.lock === 'global';
}

/** Every code that this kernel may run: its eras', and where it is not known whether the tree picked a2e7e59a9426, the same with it. */
export function codesOf(kernel: KernelIdentity): readonly EraCode[] {
  const eras = kernel.era === null ? kernel.eras : [kernel.era];
  const codes = eras.flatMap((era) => codeOf(kernel, era) ?? []);
  if (kernel.fix.status !== 'unknown' || codes.some((code) => code.lock === 'global')) return codes;
  const picked = eras
    .map(withFix)
    .flatMap(({ era, code }) => codeOf({ ...kernel, features: { ...kernel.features, ...code } }, era) ?? []);
  return [...codes, ...picked.filter((code) => code.lock === 'global')];
}

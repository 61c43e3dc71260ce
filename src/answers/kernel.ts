/** "Can my kernel crash this way, how, and which release cannot": what `simulate --kernel` says beside the exploration. No log is needed. */
import { fixAdvice, nextFixed } from '../reconstruct/kernel/advice.ts';
import { codeOf } from '../reconstruct/kernel/code.ts';
import { eraOfVersion } from '../reconstruct/kernel/era.ts';
import { versionOf } from '../reconstruct/kernel/version.ts';
import type { Claim, KernelIdentity } from '../reconstruct/types.ts';
import type { FirstFixed, KernelAnswer } from '../report/model/model.ts';
import { graphOf } from '../sim/asked.ts';
import { NOT_MODELLED } from '../sim/eras/eras.ts';
import { withoutUnused } from '../sim/eras/overrides.ts';
import { FIX } from '../sim/eras/releases.ts';
import type { SetUp } from '../sim/scenarios.ts';

/** What an identity rests on, but for the option itself: the user knows what he typed. */
function beyondTheOption(claims: readonly Claim[]): readonly string[] {
  return claims.map((c) => c.text).filter((text) => !text.startsWith('--kernel '));
}

/** Why it is this era, and what the release string leaves open. */
function because({ version, era, because: claims }: KernelIdentity): readonly string[] {
  const told = beyondTheOption(claims);
  const by = version == null ? null : eraOfVersion(version);
  // With --fixed or --not-fixed the era is another than the release's own, and the claims say so.
  return by !== null && by.era === era ? [by.because, ...told] : told;
}

/** The release to go to; `race` are the crashes that the model must not reach with its code. */
function firstFixed({ version }: KernelIdentity, setUp: SetUp, race: readonly string[]): FirstFixed | null {
  if (version == null) return null;
  const { branch, fixedIn, fact } = fixAdvice(version);
  const release = fixedIn ?? nextFixed(version);
  if (release === null) return null;
  const { era } = eraOfVersion(versionOf(release));
  const code = codeOf({ version: versionOf(release) }, era);
  const graph = code && graphOf({ ...withoutUnused({ ...setUp, era: code }), watchOverlap: true });
  const reached = graph && new Set(graph.faults.map((f) => f.outcome));
  return {
    branch,
    ofBranch: fixedIn !== null,
    release,
    commit: FIX.commit,
    era,
    fact,
    reaches: reached && graph.exhaustive ? race.filter((outcome) => reached.has(outcome)) : null,
  };
}

/** For a kernel whose era the model has. `race`: its crashes that belong to the race. */
export function answerFor(identity: KernelIdentity, setUp: SetUp, race: readonly string[]): KernelAnswer {
  return {
    release: identity.release ?? '',
    era: setUp.era.id,
    because: because(identity),
    fix: identity.fix,
    affected: race.length > 0,
    race,
    firstFixed: firstFixed(identity, setUp, race),
  };
}

/** For a kernel older than v5.7, which has no dev->iommu to race about. */
export function notAffected(identity: KernelIdentity): KernelAnswer {
  const { fact } = fixAdvice(identity.version ?? versionOf('5.6'));
  return {
    release: identity.release ?? 'era A',
    era: 'A',
    because: [fact, ...[NOT_MODELLED.get('A') ?? []].flat(), ...beyondTheOption(identity.because)],
    fix: identity.fix,
    affected: false,
    race: [],
    firstFixed: null,
  };
}

/** Which commits a tree lacks, in the order to pick them; from the tables of sim/eras/releases.ts and what the log says of the kernel. */
import type { Triage } from '../../reconstruct/types.ts';
import { hasCommit } from '../../sim/eras/record.ts';
import { FIX, type FixCommit, LOCK } from '../../sim/eras/releases.ts';
import type { EraId } from '../../sim/types.ts';

export interface Backport {
  /** What to start from: "v5.10.262", or "the tree that was built" where patches beside its release are possible or known. */
  readonly onto: string;
  readonly picks: readonly FixCommit[];
  /** Picks that the tree may have already. */
  readonly perhaps: readonly FixCommit[];
  /** A release of the branch that has the last of them, if there is one: "6.1.68". */
  readonly release: string | null;
  /** The era is older than every tree that the fix was picked to. */
  readonly old: boolean;
}

/** Null where no commit of the table is what the crash calls for, or the tree has them all. */
export function backportFor({ kernel, verdict }: Triage): Backport | null {
  const wanted = commitsFor(verdict.class, verdict.hypothesis);
  const eras = kernel.era === null ? kernel.eras : [kernel.era];
  if (wanted.length === 0 || eras.length === 0 || eras.includes('A')) return null;
  const lock = kernel.features?.lock;
  const has = (era: EraId, commit: FixCommit) => {
    if (lock !== undefined) return commit === LOCK ? lock !== 'none' : lock === 'global';
    return hasCommit(commit.commit, era, kernel.code);
  };
  const fixed = kernel.fix.status === 'present';
  const inBranch = (commit: FixCommit) => carriedByRelease(commit, kernel.version ?? null);
  const picks = wanted.filter(
    (c) => !(c === FIX && fixed) && !eras.every((era) => has(era, c)) && !(c === LOCK && inBranch(c)),
  );
  // Its release has the last of them: it was taken out, and that is what is to be looked into.
  if (picks.length === 0 || inBranch(picks.at(-1)!)) return null;
  const { version } = kernel;
  const branch = version ? `${version.major}.${version.minor}` : null;
  const stable = picks.at(-1)!.stable.find((s) => s.branch === branch);
  const plain = version && kernel.release === `${version.major}.${version.minor}.${version.patch}`;
  return {
    onto: plain ? `v${kernel.release}` : 'the tree that was built',
    picks,
    // A vendor's pick of the fix brings its lock along, whatever the release says.
    perhaps: picks.filter((c) => kernel.fix.status === 'unknown' || eras.some((era) => has(era, c))),
    release: stable ? `${stable.branch}.${stable.from}` : null,
    old: eras.every((era) => !has(era, LOCK)),
  };
}

function commitsFor(verdictClass: string, hypothesis: string | null): readonly FixCommit[] {
  if (verdictClass === 'confirmed' || verdictClass === 'possible') return [LOCK, FIX];
  return verdictClass === 'excluded' && hypothesis === 'probe-vs-probe' ? [LOCK] : [];
}

/** By its number alone: a release of a stable branch after the one that got the commit. */
function carriedByRelease(commit: FixCommit, version: Triage['kernel']['version'] | null): boolean {
  if (!version) return false;
  const stable = commit.stable.find((s) => s.branch === `${version.major}.${version.minor}`);
  return stable !== undefined && version.patch >= stable.from;
}

/** What the commands are, right before them. */
export function backportLead({ onto }: Backport): string {
  return `Suggestion: ${onto.startsWith('v') ? `onto ${onto}, ` : ''}in this order, in a clone that has mainline:`;
}

/** Commands of git, to be read before they are run. */
export function cherryPicks({ onto, picks }: Backport): string[] {
  const start = onto.startsWith('v') ? [`git switch --create iommu-probe-race ${onto}`] : [];
  const width = Math.max(...picks.map((p) => p.hash.length));
  return [
    ...start,
    ...picks.map((p) => `git cherry-pick -x ${p.hash.padEnd(width)}  # v${p.mainline}: ${p.subject}`),
    'grep -n iommu_probe_device_lock drivers/iommu/*iommu.c',
  ];
}

/** What there is to say beside the commands; sentences. */
export function backportNotes({ picks, perhaps, release, old, onto }: Backport): string[] {
  const names = (commits: readonly FixCommit[]) => commits.map((c) => c.commit).join(' and ');
  const fix = picks.includes(FIX);
  return [
    ...(perhaps.length > 0 ? [`${names(perhaps)} may be in the tree already: look there first`] : []),
    ...(release !== null
      ? [`the branch has ${picks.at(-1)!.commit} since ${release}: its commit there is the one that fits this branch`]
      : []),
    ...(onto.startsWith('v')
      ? []
      : [`apply them to the tree that was built; what else was changed in it is not in the log`]),
    ...(old && release === null
      ? [
          'the code around them differs from mainline in a tree of this age, so that the picks will not apply by themselves; the nearest model is the version in 6.1.68',
        ]
      : []),
    ...(fix
      ? [
          'done right, of_iommu_configure() holds iommu_probe_device_lock from its look at the fwspec until the translation is over',
        ]
      : ['done right, __iommu_probe_device() runs under one mutex']),
  ];
}

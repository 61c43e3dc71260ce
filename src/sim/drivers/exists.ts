/** Which drivers an era's kernels have: what never was is refused, with the reason. */
import { MAINLINE_ERAS, STABLE_ERAS } from '../eras/releases.ts';
import type { Driver, Release } from '../procedures/code.ts';
import type { EraId } from '../types.ts';

type Branch = readonly [major: number, minor: number];

/** "5.17-rc5" and "6.13" by their branch. */
function branchOf(release: string): Branch {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release)!;
  return [Number(major), Number(minor)];
}

function compare(a: Branch, b: Branch): number {
  return a[0] - b[0] || a[1] - b[1];
}

interface Span {
  readonly from: Branch | null;
  readonly to: Branch | null;
  /** A branch that the next era begins with its first release candidate is not of this one any more. */
  readonly toExcluded: boolean;
}

/** The branches that run the era's code: mainline's from one era to the next, and the stable branches that came to it. */
function spansOf(era: EraId): readonly Span[] {
  const at = MAINLINE_ERAS.findIndex((m) => m.era === era);
  const stable = STABLE_ERAS.filter((s) => s.era === era).map(({ branch }): Span => {
    const b = branchOf(branch);
    return { from: b, to: b, toExcluded: false };
  });
  if (at < 0) return stable;
  const next = MAINLINE_ERAS[at + 1];
  const from = MAINLINE_ERAS[at]!.from;
  return [
    {
      from: from ? branchOf(from) : null,
      to: next?.from ? branchOf(next.from) : null,
      toExcluded: next?.from?.endsWith('-rc1') ?? false,
    },
    ...stable,
  ];
}

function meets({ from, to, toExcluded }: Span, since: Release | null, until: Release | null): boolean {
  const beginsInTime = since === null || to === null || compare(branchOf(since), to) < (toExcluded ? 0 : 1);
  const endsInTime = until === null || from === null || compare(from, branchOf(until)) <= 0;
  return beginsInTime && endsInTime;
}

/** Null where some kernel of the era has the driver, else why none has. */
export function absence(driver: Driver, era: EraId): string | null {
  if (spansOf(era).some((span) => meets(span, driver.since, driver.until))) return null;
  const life = [
    ...(driver.since ? [`came with v${driver.since}`] : []),
    ...(driver.until ? [`was last in v${driver.until}`] : []),
  ];
  return `no kernel of era ${era} has the driver ${driver.name}, which ${life.join(' and ')}`;
}

export function exists(driver: Driver, era: EraId): boolean {
  return absence(driver, era) === null;
}

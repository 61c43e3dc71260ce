/**
 * Which kernel's code crashed: release, era, fix status. The release string comes first, then what the user says with --fixed and --not-fixed, and
 * where neither settles it, what the stacks and messages show of the code.
 */

import type { Incident, ParsedLog } from '../../parser/types.ts';
import { absence } from '../../sim/drivers/exists.ts';
import { DRIVERS } from '../../sim/drivers/models.ts';
import { hasCommit, nameOfCode } from '../../sim/eras/record.ts';
import { ERA_ORDER, ERAS_WITH_FIX, ERAS_WITH_LOCK, FIX, type FixCommit, LOCK } from '../../sim/eras/releases.ts';
import type { EraCode } from '../../sim/procedures/code.ts';
import type { EraId } from '../../sim/types.ts';
import type { Claim, FixStatus, GivenCode, KernelIdentity, TreeAnswer, TriageOptions } from '../types.ts';
import { givenBy, partlyBy, readingFor } from './by-source.ts';
import { identifyDriver } from './driver.ts';
import { type CodeOfTree, eraWithoutFix, inOrder, statusOfEras, withFix, withLock } from './era.ts';
import { eraSigns } from './era-signs.ts';
import { type Found, findRelease, type Named } from './named.ts';
import { identifyPrefix } from './prefix.ts';
import { identifyRelease, type ReleaseIdentity } from './release.ts';
import type { SourceReading } from './source/types.ts';
import type { KernelVersion } from './version.ts';

/** `incident` null: of the boot as a whole. */
export function identifyKernel(log: ParsedLog, incident: Incident | null, options: TriageOptions): KernelIdentity {
  const because: Claim[] = [];
  const found = findRelease(log, incident, options);
  const identity = found === null ? null : identityOf(found);
  if (found !== null) because.push(found.claim, ...found.against.map((other) => other.claim));
  if (identity?.caveat != null) because.push({ text: identity.caveat, lines: found?.claim.lines ?? [] });

  let eras: readonly EraId[] = identity === null || identity.eras.length === 0 ? ERA_ORDER : identity.eras;
  let fix: { status: FixStatus; because: string } =
    identity === null || (identity.version === null && !found?.cut && found?.against.length === 0)
      ? { status: 'unknown', because: found === null ? 'no kernel release is in the log' : (identity?.because ?? '') }
      : { status: identity.fix, because: identity.because };

  const shown = options.kernel === undefined && identity !== null ? newerThan(eras, log, incident, because) : null;
  if (shown !== null) {
    eras = shown;
    fix = {
      status: 'unknown',
      because: `${found!.release} is older than the code that the log shows: the release is not whole, or the tree is another`,
    };
  }
  if (eras.length > 1) {
    const narrowed = narrow(eras, log, incident, found?.release ?? null, because);
    if (narrowed.length < eras.length) {
      eras = narrowed;
      const status = statusOfEras(eras);
      // What the tree may have picked is no less possible.
      const settled =
        (found?.against.length ?? 0) > 0 ||
        (status === 'absent' && identity?.era === null && identity.fix === 'unknown' && identity.ownPatches);
      if (status !== fix.status && !settled)
        fix = { status, because: `${fix.because}; what the log shows of the code leaves ${eras.join(', ')}` };
    }
  }

  const applied = applyOptions(eras, identity, options, found?.release ?? null);
  because.push(...applied.because);
  const driver = identifyDriver(log, incident, options);
  const said = { ...applied, eras: thatHave(driver, applied.eras, because) };
  if (said.fix !== null) fix = { status: said.fix, because: said.because.map((c) => c.text).join('; ') };
  const isCut = found !== null && (found.cut === true || shown !== null);
  const of = {
    release: found === null || isCut ? null : found.release,
    ...(isCut ? { cut: { prefix: found.release, line: found.claim.lines[0] ?? 0 } } : {}),
    ...(found !== null && found.against.length > 0 ? { disputed: found.against.map((n) => n.release) } : {}),
    version: shown === null ? (identity?.version ?? null) : null,
    arch: options.arch ?? incident?.arch ?? log.arch,
    driver: driver.driver,
  };
  const reading = options.code === undefined ? readingFor(options, of.release) : null;
  const given = options.code ?? (reading === null ? null : givenBy(reading));
  if (given != null) return { ...of, ...byItsCode(given, found) };
  if (reading !== null) return { ...of, ...byPartOfIt(reading, said, fix, of.version, because) };
  return {
    ...of,
    era: said.eras.length === 1 && said.certain ? said.eras[0]! : null,
    eras: said.eras,
    fix: { commit: 'a2e7e59a9426', ...fix },
    features: said.code,
    takenWithoutFix: said.fix === null && fix.status === 'absent' && (identity?.ownPatches ?? false),
    because,
  };
}

const identified = (found: Named) =>
  found.cut ? identifyPrefix(found.release) : identifyRelease(found.release, found.build);

/** Where the log names its kernel in several ways, one of them is damaged: it may be any of them, and what none of them says besides. */
function identityOf(found: Found): ReleaseIdentity {
  const own = identified(found);
  if (found.against.length === 0) return own;
  const all = [own, ...found.against.map(identified)];
  const names = [...new Set([found, ...found.against].map((n) => n.release))];
  const present = all.every((one) => one.fix === 'present');
  return {
    ...own,
    version: null,
    era: null,
    eras: inOrder(new Set(all.flatMap((one) => (one.eras.length === 0 ? ERA_ORDER : one.eras)))),
    fix: present ? 'present' : 'unknown',
    lock: all.every((one) => one.lock === 'present') ? 'present' : 'unknown',
    code: {},
    because: `the log names its kernel as ${names.slice(0, -1).join(', ')} and as ${names.at(-1)}: what stood there before one was damaged is not known; ${present ? 'each of them has' : 'it may or may not have'} ${FIX.commit} ("${FIX.subject}")`,
    caveat: null,
    ownPatches: true,
    vendor: null,
  };
}

/** What the code itself says; of the release only that it was named. */
function byItsCode({ code, because, who }: GivenCode, found: Found | null) {
  const status: FixStatus = hasCommit(FIX.commit, code.id, code) ? 'present' : 'absent';
  const reach = {
    none: 'there is no iommu_probe_device_lock',
    static: '__iommu_probe_device() takes iommu_probe_device_lock, of_iommu_configure() does not',
    global: 'of_iommu_configure() takes iommu_probe_device_lock',
  }[code.lock];
  const name = nameOfCode(code);
  const given = who ?? 'the code that was given';
  const which = { text: `${given} is ${name}`, lines: [] };
  return {
    era: code.id,
    eras: [code.id],
    code,
    fix: { commit: FIX.commit as 'a2e7e59a9426', status, because: `in ${given} (${name}) ${reach}` },
    takenWithoutFix: false,
    because: [...(found === null ? [] : [found.claim]), which, ...because],
  };
}

/** Not all of the code was seen: the release says the rest. */
function byPartOfIt(
  reading: SourceReading,
  said: Said,
  fix: { readonly status: FixStatus; readonly because: string },
  version: KernelVersion | null,
  because: readonly Claim[],
) {
  const partly = partlyBy(reading, said.eras, version, said.code);
  const { lock } = partly.features;
  const old = partly.eras.every((era) => era === 'A');
  const seen =
    old || lock !== undefined
      ? {
          status: (!old && lock === 'global' ? 'present' : 'absent') as FixStatus,
          because: old ? `there is no struct dev_iommu in ${reading.tree}` : (partly.because[0]?.text ?? fix.because),
        }
      : fix;
  return {
    era: partly.eras.length === 1 ? partly.eras[0]! : null,
    eras: partly.eras,
    features: partly.features,
    fix: { commit: 'a2e7e59a9426' as const, ...seen },
    takenWithoutFix: false,
    because: [...because, ...partly.because],
  };
}

/** Keeps the eras that the stacks and messages allow; contradictory signs keep everything. */
function narrow(
  eras: readonly EraId[],
  log: ParsedLog,
  incident: Incident | null,
  release: string | null,
  because: Claim[],
): readonly EraId[] {
  let left = eras;
  for (const sign of eraSigns(log, incident, release)) {
    const kept = left.filter((era) => sign.eras.has(era));
    if (kept.length === 0 || kept.length === left.length) continue;
    left = kept;
    because.push(sign.claim);
  }
  return left;
}

/**
 * The eras that the stacks and messages leave, where the release is older than dev->iommu and they are not: digits of it are lost. Null where it may be as it
 * says. Between later eras no such sign is sure: an inline function can have been compiled out of line.
 */
function newerThan(
  eras: readonly EraId[],
  log: ParsedLog,
  incident: Incident | null,
  because: Claim[],
): readonly EraId[] | null {
  if (!eras.every((era) => era === 'A')) return null;
  const claims: Claim[] = [];
  const left = narrow(ERA_ORDER, log, incident, null, claims);
  if (left.includes('A')) return null;
  because.push(...claims);
  return left;
}

/** Does the user's hash name this commit: 7 hexadecimal digits of it at least, and no digit another one. */
export function namesCommit(text: string, commit: FixCommit): boolean {
  const hash = text.trim().toLowerCase();
  if (!/^[0-9a-f]{7,40}$/.test(hash)) return false;
  return commit.hash.startsWith(hash) || (commit.hash.length === 12 && hash.startsWith(commit.hash));
}

/** The eras whose kernels have the driver. Where none of them has, the driver or the release is not what it seems, and neither leaves the other out. */
function thatHave(
  { driver, because: told }: ReturnType<typeof identifyDriver>,
  eras: readonly EraId[],
  because: Claim[],
): readonly EraId[] {
  const model = DRIVERS.get(driver ?? '');
  const kept = model === undefined ? eras : eras.filter((era) => era === 'A' || absence(model, era) === null);
  const gone = eras.filter((era) => !kept.includes(era));
  if (kept.length === 0 || gone.length === 0) return eras;
  because.push({ text: absence(model!, gone[0]!)!, lines: told.flatMap((c) => c.lines).slice(0, 1) });
  return kept;
}

interface Said {
  readonly eras: readonly EraId[];
  /** False where the options name code that no era of the model is. */
  readonly certain: boolean;
  readonly fix: FixStatus | null;
  readonly code: Partial<EraCode>;
  readonly because: Claim[];
}

/** That the tree has or lacks a commit, and who says so. */
interface Statement {
  readonly has: boolean;
  readonly who: string;
}

/** What the options, or else the user's tree, say of `commit`; null where nothing is said, or where it is contradictory. */
function statementOn(
  commit: FixCommit,
  options: TriageOptions,
  inTree: readonly TreeAnswer[],
  note: (text: string) => void,
): Statement | null {
  const given = (list: readonly string[] | undefined) => list?.find((t) => namesCommit(t, commit));
  const yes = given(options.fixed);
  const no = given(options.notFixed);
  if (yes !== undefined && no !== undefined) {
    note(`--fixed ${yes} and --not-fixed ${no} contradict each other; both ignored`);
    return null;
  }
  if (yes !== undefined) return { has: true, who: `--fixed ${yes}` };
  if (no !== undefined) return { has: false, who: `--not-fixed ${no}` };
  const answer = inTree.find((a) => a.commit === commit.commit);
  if (answer === undefined) return null;
  if (answer.has === null) note(answer.because);
  return answer.has === null ? null : { has: answer.has, who: answer.because };
}

function applyOptions(
  start: readonly EraId[],
  identity: ReleaseIdentity | null,
  options: TriageOptions,
  release: string | null,
): Said {
  const because: Claim[] = [];
  const note = (text: string): void => {
    if (!because.some((c) => c.text === text)) because.push({ text, lines: [] });
  };
  for (const [flag, list] of [
    ['--fixed', options.fixed],
    ['--not-fixed', options.notFixed],
  ] as const) {
    for (const text of list ?? []) {
      if (!namesCommit(text, FIX) && !namesCommit(text, LOCK))
        note(`${flag} ${text}: not a commit that the model knows (${FIX.commit}, ${LOCK.commit}); ignored`);
    }
  }
  const inTree = release === null ? [] : (options.tree?.(release) ?? []);
  let eras = start;
  let certain = true;
  let fix: FixStatus | null = null;
  let code: Partial<EraCode> = identity?.code ?? {};

  for (const commit of [LOCK, FIX]) {
    const statement = statementOn(commit, options, inTree, note);
    if (statement === null) continue;
    const { has, who } = statement;
    const isFix = commit === FIX;
    const having = isFix ? ERAS_WITH_FIX : ERAS_WITH_LOCK;
    // A lock that the tree picked makes no other era of it.
    const picked = code.lock === 'global' || (code.lock === 'static' && !isFix);
    const agreeing = eras.filter((era) => (picked || having.has(era)) === has);
    if (agreeing.length > 0) {
      // Of several candidates it picks; code that is that way already stays.
      if (agreeing.length < eras.length) note(`${who}: leaves era ${agreeing.join(' or ')}`);
      else note(`${who}: so it is in era ${eras.join(' or ')}`);
      eras = agreeing;
    } else {
      const changed = has
        ? eras.map(isFix ? withFix : withLock)
        : eras.flatMap((e) => withoutCommit(e, isFix, code) ?? []);
      const to = inOrder(changed.map((c) => c.era));
      if (to.length === 0) {
        certain = false;
        note(
          `${who}: no era of the model is the code of ${eras.join(' or ')} ${has ? 'with' : 'without'} ${commit.commit}`,
        );
      } else {
        const same = to.join() === eras.join();
        code = Object.assign({}, code, ...changed.map((c) => c.code));
        note(
          same
            ? `${who}: the code of era ${to.join(' or ')} ${has ? 'with' : 'without'} it`
            : `${who} makes it era ${to.join(' or ')}, not ${eras.join(' or ')}`,
        );
        eras = to;
      }
    }
    if (isFix) fix = has ? 'present' : 'absent';
  }
  return { eras, certain, fix, code, because };
}

/** The same code without it, or null where later code was built on it. 6.2 to 6.5 without the lock walk as 6.1.0 does. */
function withoutCommit(era: EraId, isFix: boolean, { lock }: Partial<EraCode>): CodeOfTree | null {
  if (lock !== undefined && ['B', 'B1', 'C'].includes(era)) return { era, code: { lock: isFix ? 'static' : 'none' } };
  const without = isFix ? eraWithoutFix(era) : era === 'E' ? 'D' : null;
  return without === null ? null : { era: without, code: {} };
}

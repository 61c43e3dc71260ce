/** What `affected` answers: which code it is, by release or by source, and which drivers' crashes of the race the model reaches in it. */
import { parseLog } from '../parser/parse.ts';
import { fixAdvice, nextFixed } from '../reconstruct/kernel/advice.ts';
import { againstRelease, codesByRelease } from '../reconstruct/kernel/against-source.ts';
import { codesOf as codesOfKernel } from '../reconstruct/kernel/code.ts';
import { driverByName } from '../reconstruct/kernel/driver.ts';
import { eraOfVersion } from '../reconstruct/kernel/era.ts';
import { identifyKernel } from '../reconstruct/kernel/kernel.ts';
import { identifyRelease } from '../reconstruct/kernel/release.ts';
import { codesOf } from '../reconstruct/kernel/source/codes.ts';
import { FILES } from '../reconstruct/kernel/source/signs.ts';
import { evidenceText, type SourceReading } from '../reconstruct/kernel/source/types.ts';
import type { KernelIdentity } from '../reconstruct/types.ts';
import {
  type AffectedAnswer,
  affectedJson,
  affectedText,
  type CommitAnswer,
  type DriverAnswer,
} from '../report/model/affected.ts';
import { jsonText } from '../report/safe/sanitize.ts';
import { exists } from '../sim/drivers/exists.ts';
import { DRIVERS } from '../sim/drivers/models.ts';
import { NOT_MODELLED } from '../sim/eras/eras.ts';
import { nameOfCode } from '../sim/eras/record.ts';
import { FIX, LOCK } from '../sim/eras/releases.ts';
import { attributed } from '../sim/explored.ts';
import type { Driver, EraCode } from '../sim/procedures/code.ts';
import { SCENARIOS } from '../sim/scenarios.ts';
import { UsageError } from '../usage.ts';

export interface AffectedOptions {
  readonly driver?: string;
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
  readonly format: 'text' | 'json';
}

/**
 * The answer as the command prints it. `read` gives what the tree shows that the user named, null where he named none. Throws UsageError where nothing
 * names a kernel.
 */
export function affectedBy(
  release: string | null,
  driver: string | null,
  options: AffectedOptions,
  read: () => SourceReading | null = () => null,
): string {
  const answer = affected(release, driver, options, read);
  return options.format === 'json' ? `${jsonText(affectedJson(answer), 2)}\n` : affectedText(answer);
}

/** Without one of these something that matters is open; a driver's file may well be missing. */
const CORE_FILES: ReadonlySet<string> = new Set([FILES.core, FILES.of, FILES.header]);

/** The scenarios of a boot: the client met before its IOMMU, or not. */
const BOOT = ['deferred-retry', 'first-probe'].map((id) => SCENARIOS.get(id)!);

/** The crashes of the race that the model reaches with this code and driver. */
function crashesOf(era: EraCode, driver: Driver): ReadonlySet<string> {
  const setUps = BOOT.map((scenario) => ({ era, driver, scenario, memory: 'kasan', granularity: 'compiled' }) as const);
  return new Set(
    setUps.flatMap((setUp) =>
      [...attributed(setUp)].flatMap(([outcome, of]) => (of === 'xlate-vs-probe-free' ? [outcome] : [])),
    ),
  );
}

function driverAnswer(driver: Driver, codes: readonly EraCode[]): DriverAnswer {
  const each = codes.filter((code) => exists(driver, code.id)).map((code) => crashesOf(code, driver));
  const can = each.filter((crashes) => crashes.size > 0).length;
  return {
    driver: driver.name,
    answer: can === 0 ? 'not-affected' : can === each.length ? 'affected' : 'unknown',
    outcomes: [...new Set(each.flatMap((crashes) => [...crashes]))],
  };
}

function driverNamed(name: string): Driver {
  const found = DRIVERS.get(driverByName(name) ?? name);
  if (!found) throw new UsageError(`the model has no driver ${name}; it has ${[...DRIVERS.keys()].join(', ')}`);
  return found;
}

function identityOf(release: string, { fixed = [], notFixed = [] }: AffectedOptions): KernelIdentity {
  const noLog = parseLog(new Uint8Array(0), { name: 'affected' })[0]!;
  return identifyKernel(noLog, null, { kernel: release, fixed, notFixed });
}

function affected(
  release: string | null,
  named: string | null,
  options: AffectedOptions,
  read: () => SourceReading | null,
): AffectedAnswer {
  if (named !== null && options.driver !== undefined && named !== options.driver)
    throw new UsageError(`${named} and --driver ${options.driver} both name the driver; give one`);
  const reading = read();
  if (release === null && reading === null)
    throw new UsageError('affected needs a release, such as 6.1.50, or --source DIR, or --git DIR');
  const name = named ?? options.driver ?? null;
  const driver = name === null ? null : driverNamed(name);
  const identity = release === null ? null : identityOf(release, options);
  return reading === null ? byRelease(identity!, driver) : bySource(reading, identity, driver);
}

/** What the codes that it may be come to. */
function weighed(
  codes: readonly EraCode[],
  driver: Driver | null,
): Pick<AffectedAnswer, 'answer' | 'drivers' | 'codes'> {
  const asked = driver === null ? [...DRIVERS.values()] : [driver];
  const drivers = asked.filter((d) => codes.some((code) => exists(d, code.id))).map((d) => driverAnswer(d, codes));
  const has = (answer: DriverAnswer['answer']) => drivers.some((d) => d.answer === answer);
  return {
    answer: codes.length === 0 ? 'unknown' : has('affected') ? 'affected' : has('unknown') ? 'unknown' : 'not-affected',
    drivers,
    codes: codes.map((code) => ({ era: code.id, name: nameOfCode(code), features: featuresOf(code) })),
  };
}

const featuresOf = ({ id: _, ...features }: EraCode) => features;

function byRelease(identity: KernelIdentity, driver: Driver | null): AffectedAnswer {
  const eras = identity.era === null ? identity.eras : [identity.era];
  const codes = codesOfKernel(identity);
  const release = identity.release ?? '';
  const { version } = identity;
  const told = identity.because.map((c) => c.text).filter((text) => !text.startsWith('--kernel '));
  const by = version == null ? null : eraOfVersion(version);
  const why = by !== null && by.era === identity.era ? [by.because, ...told] : told;
  if (eras.every((era) => era === 'A'))
    return {
      ...weighed([], driver),
      answer: 'not-affected',
      release,
      driver: driver?.name ?? null,
      fix: identity.fix,
      lock: lockOf(identity),
      source: null,
      contradictions: [],
      because: [...why, NOT_MODELLED.get('A')!],
      next: [],
    };
  const found = weighed(codes, driver);
  return {
    ...found,
    // Some of the releases that it may be are older than the race.
    answer: eras.includes('A') && found.answer === 'affected' ? 'unknown' : found.answer,
    release,
    driver: driver?.name ?? null,
    fix: identity.fix,
    lock: lockOf(identity),
    source: null,
    contradictions: [],
    because: why,
    next: found.answer === 'not-affected' ? [] : nextOf(identity),
  };
}

function lockOf(kernel: KernelIdentity): CommitAnswer {
  const { lock } = identifyRelease(kernel.release ?? '');
  const inCodes = [...new Set(codesOfKernel(kernel).map((code) => code.lock !== 'none'))];
  const status = inCodes.length === 1 && lock !== 'unknown' ? (inCodes[0] ? 'present' : 'absent') : lock;
  return { commit: LOCK.commit, status, because: `("${LOCK.subject}") by the release` };
}

/** Where to go from an affected release, and what would tell where it is not known. */
function nextOf({ version, era, release }: KernelIdentity): readonly string[] {
  const next: string[] = [];
  if (era === null)
    next.push(`its own source tells: oopsreplay affected ${release ?? ''} --source DIR`.replace('  ', ' '));
  if (version != null) {
    const { fixedIn, fact, suggestion } = fixAdvice(version);
    const release = fixedIn ?? nextFixed(version);
    next.push(suggestion === null ? fact : `${fact}; suggestion: ${suggestion}`);
    if (fixedIn === null && release !== null) next.push(`the next release that has it: ${release}`);
  }
  return next;
}

function bySource(reading: SourceReading, identity: KernelIdentity | null, driver: Driver | null): AffectedAnswer {
  const old = reading.devIommu.values.every((is) => is === false);
  const { codes, why } = codesOf(reading);
  const found = weighed(codes, driver);
  const lock = reading.features.find((f) => f.feature === 'lock')!;
  const status = (has: (value: unknown) => boolean): CommitAnswer['status'] =>
    lock.values.length > 0 && lock.values.every(has)
      ? 'present'
      : lock.values.some(has) || lock.values.length === 0
        ? 'unknown'
        : 'absent';
  const because = lock.why ?? lock.evidence.map((e) => evidenceText(e)).join('; ');
  const unclear = reading.features.filter(
    (f) => f.why !== null && !['smmuBound', 'readyToProbe', 'amba'].includes(f.feature),
  );
  return {
    ...found,
    answer: old ? 'not-affected' : found.answer,
    release: identity?.release ?? reading.version,
    driver: driver?.name ?? null,
    fix: { commit: FIX.commit, status: old ? 'absent' : status((v) => v === 'global'), because },
    lock: { commit: LOCK.commit, status: old ? 'absent' : status((v) => v !== 'none'), because },
    source: reading,
    contradictions: againstRelease(
      reading,
      identity?.release ?? null,
      identity?.version ?? null,
      identity === null ? [] : codesByRelease(identity),
    ),
    because: [
      ...(old ? [NOT_MODELLED.get('A')!] : []),
      ...reading.notSeen.filter((f) => CORE_FILES.has(f.file)).map((f) => f.why),
      ...(why === null || old ? [] : [`no code that the model can put together: ${why}`]),
    ],
    next:
      unclear.length > 0 && !old
        ? ['say where the whole tree is: a checkout with its files, not their Git LFS pointers']
        : [],
  };
}

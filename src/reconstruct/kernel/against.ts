/** Options that say otherwise than the log: the option wins, as its user was asked for what the log cannot say, and is told so. */
import type { Diagnostic, Incident, ParsedLog } from '../../parser/types.ts';
import type { TriageOptions } from '../types.ts';
import { againstRelease, codesByRelease } from './against-source.ts';
import { readingFor } from './by-source.ts';
import { driverByName, identifyDriver } from './driver.ts';
import { identifyKernel } from './kernel.ts';
import { compareVersions, parseVersion } from './version.ts';

/** One diagnostic for each of --kernel, --driver and --arch that contradicts what is printed. `incident` is the crash that the verdict is about. */
export function againstTheLog(
  log: ParsedLog,
  incident: Incident | null,
  options: TriageOptions,
): readonly Diagnostic[] {
  return [
    ...kernel(log, incident, options),
    ...driver(log, incident, options),
    ...arch(log, incident, options),
    ...source(log, incident, options),
  ];
}

/** A tree that is of another version than the log, or whose code the release cannot have. */
function source(log: ParsedLog, incident: Incident | null, options: TriageOptions): readonly Diagnostic[] {
  if (options.source === undefined && options.sourceAt === undefined) return [];
  const { source: _, sourceAt: __, code: ___, tree: ____, ...others } = options;
  const kernel = identifyKernel(log, incident, others);
  const reading = readingFor(options, kernel.release);
  if (reading === null) return [];
  const line = kernel.because[0]?.lines[0] ?? null;
  return againstRelease(reading, kernel.release, kernel.version ?? null, codesByRelease(kernel)).map((text) => ({
    code: 'OR404',
    text: `${text}; the tree was taken`,
    line,
  }));
}

const differs = (option: string, shown: string, line: number | null): Diagnostic => ({
  code: 'OR403',
  text: `${option} contradicts the log, which shows ${shown}; the option was taken`,
  line,
});

function kernel(log: ParsedLog, incident: Incident | null, { kernel: said }: TriageOptions): readonly Diagnostic[] {
  const given = said === undefined ? null : parseVersion(said);
  if (said === undefined || given === null) return [];
  const printed = identifyKernel(log, incident, {});
  const { release, version } = printed;
  if (release === null || release === said || version == null) return [];
  const same = given.branchOnly
    ? given.version.major === version.major && given.version.minor === version.minor
    : compareVersions(given.version, version) === 0;
  return same ? [] : [differs(`--kernel ${said}`, release, printed.because[0]?.lines[0] ?? null)];
}

function driver(
  log: ParsedLog,
  incident: Incident | null,
  { driver: said, arch }: TriageOptions,
): readonly Diagnostic[] {
  if (said === undefined) return [];
  const shown = identifyDriver(log, incident, arch === undefined ? {} : { arch });
  if (shown.candidates.length === 0 || shown.candidates.includes(driverByName(said) ?? said)) return [];
  return [differs(`--driver ${said}`, shown.candidates.join(' or '), shown.because[0]?.lines[0] ?? null)];
}

function arch(log: ParsedLog, incident: Incident | null, { arch: said }: TriageOptions): readonly Diagnostic[] {
  const shown = incident?.arch ?? log.arch;
  if (said === undefined || shown === null || shown === said) return [];
  return [differs(`--arch ${said}`, shown, incident?.at.cpu ?? null)];
}

/**
 * Which IOMMU driver a log is about. The crash's own frames count first, then an IOMMU module whose init is running, then what IOMMU instances print,
 * then other stacks, then modules that are merely loaded; a weaker sign only narrows what a stronger one has left open.
 */

import type { Arch, Frame, Incident, ParsedLog } from '../../parser/types.ts';
import { known } from '../../remembered.ts';
import { DRIVER_ALIASES, DRIVER_NAMES, type DriverNames } from '../../sim/drivers/names.ts';
import type { Claim, TriageOptions } from '../types.ts';

export interface DriverIdentity {
  /** Null where none is named, or several are and nothing tells them apart. */
  readonly driver: string | null;
  /** Every driver still possible; empty where the log names none. */
  readonly candidates: readonly string[];
  readonly because: readonly Claim[];
}

/** One sign of a driver, with how it was read. */
interface Sign {
  readonly names: readonly string[];
  readonly claim: Claim;
  /** Lines of further signs of the same kind. */
  readonly same: number[];
}

/** The model's name for a driver as a user or a log writes it, or null for one that is not known. */
export function driverByName(text: string): string | null {
  const lower = text.trim().toLowerCase();
  const named = DRIVER_NAMES.find((d) => d.name.toLowerCase() === lower)?.name;
  return named ?? (Object.hasOwn(DRIVER_ALIASES, lower) ? (DRIVER_ALIASES[lower] ?? null) : null);
}

/** Of a crash it is asked for its kernel's eras, and for its verdict. */
const identified = new WeakMap<
  Incident,
  { readonly log: ParsedLog; readonly options: TriageOptions; readonly identity: DriverIdentity }
>();

/** `incident` null: of the whole log. */
export function identifyDriver(log: ParsedLog, incident: Incident | null, options: TriageOptions): DriverIdentity {
  if (incident === null) return identify(log, null, options);
  const before = identified.get(incident);
  if (before?.log === log && before.options === options) return before.identity;
  const identity = identify(log, incident, options);
  identified.set(incident, { log, options, identity });
  return identity;
}

function identify(log: ParsedLog, incident: Incident | null, options: TriageOptions): DriverIdentity {
  if (options.driver !== undefined) {
    const name = driverByName(options.driver) ?? options.driver;
    return { driver: name, candidates: [name], because: [{ text: `--driver ${options.driver}`, lines: [] }] };
  }
  const arch = options.arch ?? incident?.arch ?? log.arch;
  const levels: readonly (() => Sign[])[] = [
    () => (incident === null ? [] : frameSigns(framesOf(incident))),
    () => moduleSigns(log, incident, true),
    () => instanceSigns(log),
    () => frameSigns(otherFrames(log, incident)),
    () => moduleSigns(log, incident, false),
  ];
  let candidates: readonly string[] = [];
  const because: Claim[] = [];
  for (const level of levels) {
    const signs = level().flatMap((s): Sign[] => {
      const names = s.names.filter((n) => buildsFor(n, arch));
      if (names.length === 0) return [];
      const other = s.names.filter((n) => !names.includes(n));
      const without = other.length === 0 ? '' : `, and ${other.join(', ')} is not built for ${arch}`;
      return [{ names, same: s.same, claim: { ...s.claim, text: s.claim.text + without, same: s.same } }];
    });
    if (signs.length === 0) continue;
    const named = [...new Set(signs.flatMap((s) => s.names))];
    if (candidates.length === 0) {
      candidates = narrowest(signs, named);
      because.push(...signs.slice(0, 3).map((s) => s.claim));
    } else {
      const both = candidates.filter((c) => named.includes(c));
      if (both.length > 0 && both.length < candidates.length) {
        candidates = both;
        because.push(
          ...signs
            .filter((s) => s.names.some((n) => both.includes(n)))
            .slice(0, 2)
            .map((s) => s.claim),
        );
      }
    }
    if (candidates.length === 1) break;
  }
  return { driver: candidates.length === 1 ? candidates[0]! : null, candidates, because };
}

function buildsFor(name: string, arch: Arch | null): boolean {
  const only = DRIVER_NAMES.find((d) => d.name === name)?.arch;
  return only === undefined || arch === null || only === arch;
}

/** What all signs of one level agree on, or else everything they name. */
function narrowest(signs: readonly Sign[], named: readonly string[]): readonly string[] {
  const common = named.filter((n) => signs.every((s) => s.names.includes(n)));
  return common.length > 0 ? common : named;
}

function framesOf(incident: Incident): Frame[] {
  const frames = [
    incident.pc,
    incident.lr,
    ...incident.frames,
    ...(incident.kasan?.freed?.frames ?? []),
    ...(incident.kasan?.allocated?.frames ?? []),
    ...(incident.racing ?? []).flatMap((side) => side.frames),
  ];
  return frames.filter((f): f is Frame => f?.reliable === true);
}

function otherFrames(log: ParsedLog, incident: Incident | null): Frame[] {
  const frames = log.incidents.filter((i) => i !== incident).flatMap(framesOf);
  for (const event of log.events) {
    if (event.kind === 'task-stack') frames.push(...event.frames);
    if (event.kind === 'ftrace')
      frames.push({
        symbol: event.function,
        offset: null,
        size: null,
        module: null,
        reliable: true,
        line: event.span.line,
      });
  }
  return frames;
}

/** By symbol and module: the same functions stand in all stacks. */
const ofFrames = new Map<string, readonly string[]>();
const MOST_FRAMES = 8192;

/** Drivers that a frame can be of: its module decides, then functions that one driver alone has. */
function driversOfFrame(frame: Frame): readonly string[] {
  const key = frame.module === null ? frame.symbol : `${frame.symbol} ${frame.module}`;
  return known(ofFrames, MOST_FRAMES, key, () => driversOf(frame));
}

function driversOf(frame: Frame): readonly string[] {
  const symbol = frame.symbol.split('.', 1)[0] ?? '';
  const matching = DRIVER_NAMES.filter((d) => d.symbols.test(symbol) || d.ofXlate === symbol);
  if (matching.length === 0) return [];
  const module = frame.module?.replaceAll('-', '_') ?? null;
  const byModule = module === null ? undefined : matching.find((d) => d.modules.includes(module));
  if (byModule !== undefined) return [byModule.name];
  const own = matching.filter((d) => d.own?.test(symbol));
  return (own.length > 0 ? own : matching).map((d) => d.name);
}

function frameSigns(frames: readonly Frame[]): Sign[] {
  const signs: Sign[] = [];
  for (const frame of frames) {
    const names = driversOfFrame(frame);
    if (names.length === 0) continue;
    const told = signs.find((s) => sameNames(s.names, names));
    if (told) {
      told.same.push(frame.line);
      continue;
    }
    const where = frame.module === null ? '' : ` [${frame.module}]`;
    signs.push({
      names,
      same: [],
      claim: { text: `\`${frame.symbol}${where}\` is a function of ${names.join(' or ')}`, lines: [frame.line] },
    });
  }
  return signs;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

function moduleSigns(log: ParsedLog, incident: Incident | null, running: boolean): Sign[] {
  const incidents = incident === null ? log.incidents : [incident];
  const signs: Sign[] = [];
  for (const { modules, modulesLine } of incidents) {
    for (const module of modules) {
      if ((module.state === '+') !== running) continue;
      const driver = ofModule(module.name);
      if (driver === undefined || signs.some((s) => s.names[0] === driver.name)) continue;
      const text = running
        ? `${module.name}(+) in "Modules linked in": the init of the IOMMU driver ${driver.name} was running`
        : `${module.name} in "Modules linked in"`;
      const lines = modulesLine === null ? [] : [modulesLine];
      signs.push({ names: [driver.name], same: [], claim: { text, lines } });
    }
  }
  return signs;
}

function ofModule(name: string): DriverNames | undefined {
  const module = name.replaceAll('-', '_');
  return DRIVER_NAMES.find((d) => d.modules.includes(module));
}

/** "arm-smmu-v3 9050000.smmuv3: ...": what an instance prints while it is probed. */
function instanceSigns(log: ParsedLog): Sign[] {
  const signs: Sign[] = [];
  for (const { driver: printed, device, line } of [...printedBy(log), ...cutShort(log)]) {
    const driver = DRIVER_NAMES.find((d) => d.printsAs.includes(printed) || d.name === printed);
    if (driver === undefined) continue;
    const told = signs.find((s) => s.names[0] === driver.name);
    if (told) {
      told.same.push(line);
      continue;
    }
    signs.push({
      names: [driver.name],
      same: [],
      claim: { text: `${printed} ${device} printed as an IOMMU instance`, lines: [line] },
    });
  }
  return signs;
}

interface Printed {
  readonly driver: string;
  readonly device: string;
  readonly line: number;
}

function printedBy(log: ParsedLog): Printed[] {
  return log.events.flatMap((event) =>
    event.kind === 'iommu-instance' || event.kind === 'iommu-message' || event.kind === 'probe-failed'
      ? [{ driver: event.driver, device: event.device, line: event.span.line }]
      : [],
  );
}

/** "apple-dart 5f000000.iommu: DA": a line cut short still bears the driver's name. */
function cutShort(log: ParsedLog): Printed[] {
  return log.fragments.flatMap(({ text, device, span }) => {
    const front = /^([a-z0-9_,-]{6,20}) \S{3,80}: /.exec(text);
    return front === null || device === null ? [] : [{ driver: front[1]!, device, line: span.line }];
  });
}

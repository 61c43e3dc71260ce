/**
 * Any kernel's code as a record of features: read from a file or from `--set`, checked for what cannot be together, and named. An era is a name for a common
 * record; a vendor's tree is called by the nearest era's code and what differs.
 */
import { type EraCode, since } from '../procedures/code.ts';
import type { EraId } from '../types.ts';
import { ERAS } from './eras.ts';
import { FEATURES, type Feature, type FeatureName, featureNamed, valueNamed } from './features.ts';
import { ERAS_WITH_FIX, ERAS_WITH_LOCK, type FixCommit, LOCK } from './releases.ts';

export type CodeRecord = { readonly ok: true; readonly code: EraCode } | { readonly ok: false; readonly why: string };

const no = (why: string): CodeRecord => ({ ok: false, why });
const tokens = (feature: Feature) => feature.values.map((v) => v.token).join(', ');
const NAMES = FEATURES.map((f) => f.name);

/** The era's code as somebody would say it. */
const SAID: Readonly<Partial<Record<EraId, string>>> = {
  B: "v5.7's",
  B1: "v5.8's",
  C: "5.10's",
  D: "6.1.0's",
  E: "6.5's",
  E2: "6.6.0's",
  F: "6.6.5's",
  F61: "6.1.68's",
  F2: "v6.8's",
  F3: "v6.11's",
  G: "6.15.0's",
  H: "6.15.1's",
};

/** How far apart two codes are, where one differing feature says more than another: a shape is most of what there is. */
const WEIGHT: Readonly<Partial<Record<FeatureName, number>>> = { shape: 4, walk: 2 };

function differing(a: EraCode, b: EraCode): readonly FeatureName[] {
  return NAMES.filter((name) => a[name] !== b[name] && !(featureNamed(name)!.optional && a[name] === undefined));
}

/** What cannot be in one tree, each with the reason. */
const CONTRADICTIONS: readonly { readonly of: (c: EraCode) => boolean; readonly why: string }[] = [
  {
    of: (c) => c.walk === 'bus_set_iommu' && since(c, '6.6'),
    why: 'shape 6.6 and later have no bus_set_iommu(): aa0958570f24 was made on code in which iommu_device_register() walks (57365a04c921)',
  },
  {
    of: (c) => c.walk === 'register' && !since(c, '5.10'),
    why: 'walk register needs shape 5.10 or later: v5.7 has no bus_iommu_probe() that iommu_device_register() could call',
  },
  {
    of: (c) => c.replay === 'if-absent' && !since(c, '6.11'),
    why: 'replay if-absent needs shape 6.11 or later: dev_iommu_present came to of_iommu_configure() with 3832862eb9c4',
  },
  {
    of: (c) => c.replay === 'if-ungrouped' && since(c, '6.11'),
    why: "replay if-ungrouped is not in shape 6.11 and later: f188056352bc had taken device_iommu_mapped() out before v6.11's of_iommu_configure()",
  },
  {
    of: (c) => c.undo !== 'nothing' && !since(c, '6.11'),
    why: 'undo needs shape 6.11 or later: before it a half-made fwspec is meant to stay behind for the next attempt',
  },
  {
    of: (c) => c.defaultDomain === 'checked' && !since(c, '6.1'),
    why: 'defaultDomain checked needs shape 6.1 or later: iommu_device_use_default_domain() came with v5.19',
  },
  {
    of: (c) => c.recheck && !since(c, '6.15'),
    why: 'recheck needs shape 6.15: nothing drops the lock in iommu_init_device() before bcb81ac6ae3c',
  },
  {
    of: (c) => c.ready && !since(c, '6.11'),
    why: 'ready needs shape 6.11 or later: before it iommu_fwspec_init() is told the ops and looks up no IOMMU',
  },
  {
    of: (c) => c.amba === 'reads dev->driver once' && !since(c, '6.15'),
    why: 'amba once needs shape 6.15: before bcb81ac6ae3c dma_configure() runs under really_probe() alone, where dev->driver stands still',
  },
  {
    of: (c) => c.groupTest !== 'nobody' && !since(c, '5.10'),
    why: "groupTest needs shape 5.10 or later: v5.7's add_iommu_group() asks for no group",
  },
  {
    of: (c) => c.groupTest === 'nobody' && since(c, '5.10'),
    why: "groupTest nobody is v5.7's alone: since v5.8 a device that has a group is left alone by the walk, or by __iommu_probe_device()",
  },
  {
    of: (c) => (c.groupTest === 'walk' || c.groupTest === 'both') && since(c, '6.6'),
    why: 'groupTest walk and both are not in shape 6.6 and later: 6eb4da8cf545 moved the test into __iommu_probe_device() before aa0958570f24',
  },
  {
    of: (c) => c.lock === 'none' && since(c, '6.6'),
    why: 'shape 6.6 and later need the lock: iommu_init_device() was made on code that has 01657bc14a39',
  },
];

/** The record, or why no tree can be so. */
export function checked(code: EraCode): CodeRecord {
  const wrong = CONTRADICTIONS.find(({ of }) => of(code));
  return wrong ? no(wrong.why) : { ok: true, code: withNearest(code) };
}

/** The era whose code it is in every feature; null for a hybrid. */
export function eraOfCode(code: EraCode): EraId | null {
  const era = ERAS.get(code.id);
  return era !== undefined && differing(code, era).length === 0 ? era.id : null;
}

/** `id` of the era that differs least; of two, the one whose code `id` said it was, then the older. */
function withNearest(code: EraCode): EraCode {
  const distance = (era: EraCode) => differing(code, era).reduce((sum, name) => sum + (WEIGHT[name] ?? 1), 0);
  const ranked = [...ERAS.values()].sort(
    (a, b) => distance(a) - distance(b) || Number(b.id === code.id) - Number(a.id === code.id),
  );
  return { ...code, id: ranked[0]!.id };
}

/** "era E", or of a hybrid "5.10's code plus the lock of 01657bc14a39". */
export function nameOfCode(code: EraCode): string {
  const era = ERAS.get(code.id)!;
  const more = differing(code, era).map(
    (name) => featureNamed(name)!.values.find((v) => v.value === code[name])?.words ?? `${name} ${String(code[name])}`,
  );
  if (more.length === 0) return `era ${code.id}`;
  const last = more.pop()!;
  return `${SAID[code.id]} code plus ${more.length > 0 ? `${more.join(', ')} and ${last}` : last}`;
}

/** Has the code of `era`, or a record that was given in its place, the commit? */
export function hasCommit(commit: FixCommit['commit'], era: EraId, code?: EraCode): boolean {
  if (code !== undefined) return commit === LOCK.commit ? code.lock !== 'none' : code.lock === 'global';
  return (commit === LOCK.commit ? ERAS_WITH_LOCK : ERAS_WITH_FIX).has(era);
}

/** "lock=static" for each feature in which a hybrid differs from its era, as `--set` and replay strings have it; empty for an era's own code. */
export function changesOf(code: EraCode): readonly string[] {
  return differing(code, ERAS.get(code.id)!).map((name) => {
    const value = featureNamed(name)!.values.find((v) => v.value === code[name])!;
    return `${name}=${value.token}`;
  });
}

function changed(base: EraCode, changes: readonly (readonly [name: string, value: string])[]): CodeRecord {
  const code: Record<string, unknown> = { ...base };
  const set = new Set<string>();
  for (const [name, text] of changes) {
    const feature = featureNamed(name);
    if (!feature) return no(`${name} is no feature of the code; they are ${NAMES.join(', ')}`);
    if (set.has(name)) return no(`${name} is given twice`);
    const value = valueNamed(feature, text);
    if (!value) return no(`${name} is one of ${tokens(feature)}, not ${text}`);
    set.add(name);
    code[name] = value.value;
  }
  return { ok: true, code: code as unknown as EraCode };
}

/** `base` with "lock=global,replay=always" made so, whether or not a tree can be so; it keeps its `id`. */
export function applied(base: EraCode, text: string): CodeRecord {
  const parts = text.split(',').map((part) => part.trim());
  const pairs = parts.map((part) => part.split('='));
  const wrong = pairs.findIndex((p) => p.length !== 2 || p[0] === '' || p[1] === '');
  if (wrong >= 0) return no(`"${parts[wrong]}" is no FEATURE=VALUE such as lock=global`);
  return changed(base, pairs as [string, string][]);
}

/** The same under the name of the nearest era. What cannot be together is refused with the reason. */
export function withFeatures(base: EraCode, text: string): CodeRecord {
  const made = applied(base, text);
  return made.ok ? checked(made.code) : made;
}

/**
 * A record as a JSON value: an object of features, each with its value or token (recheck and ready: also true and false). With "era" the features stand for
 * what differs from that era's code; without it all must be there but the optional ones.
 */
export function readCode(given: unknown): CodeRecord {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return no('a record of code is an object of features, such as {"era": "C", "lock": "static"}');
  const { era, id, ...features } = given as Record<string, unknown>;
  const base = era ?? id;
  if (base !== undefined && (typeof base !== 'string' || !ERAS.has(base)))
    return no(`the model has no era ${String(base)}; it has ${[...ERAS.keys()].join(', ')}`);
  const odd = Object.entries(features).find(([, value]) => typeof value !== 'string' && typeof value !== 'boolean');
  if (odd) return no(`${odd[0]} must be a word, or true or false`);
  const missing = FEATURES.filter((f) => !f.optional && !(f.name in features)).map((f) => f.name);
  if (base === undefined && missing.length > 0)
    return no(`the record says nothing of ${missing.join(', ')}; name an era whose code it is else, as "era"`);
  const made = changed(
    ERAS.get((base as string | undefined) ?? 'C')!,
    Object.entries(features).map(([name, value]) => [name, String(value)]),
  );
  return made.ok ? checked(made.code) : made;
}

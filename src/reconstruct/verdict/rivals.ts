/** Each crash is held against every hypothesis; a refutation says what of the log or of the code refutes, with lines. */
import type { Attribution } from '../../sim/attribute.ts';
import { GLOBAL_LOCK, STATIC_LOCK } from '../../sim/hypotheses/fixes.ts';
import { HYPOTHESES } from '../../sim/hypotheses/hypotheses.ts';
import type { Judgement } from '../../sim/judge.ts';
import { SCENARIOS, type Scenario } from '../../sim/scenarios.ts';
import type { EraId, HypothesisId } from '../../sim/types.ts';
import { plural } from '../../words.ts';
import type { OwnSearch, Rival } from '../types.ts';
import { type ReleaseCase, releaseRival } from './release-rival.ts';
import { explains, open, type Row, refuted } from './rival-rows.ts';
import type { Fit } from './search.ts';
import { searchOf } from './words.ts';

export interface RivalContext extends ReleaseCase {
  /** Eras that the log leaves open. */
  readonly eras: readonly EraId[];
  /** What of the model fits the crash, with the driver that it was asked of; empty where it reaches it in no way. */
  readonly fits: readonly { readonly driver: string; readonly fit: Fit }[];
  /** The crash in a scenario, in the era and with the driver that explain most of it; null where the model does not reach it there. */
  readonly judged: (scenario: Scenario) => Judgement | null;
}

const ORDER: readonly HypothesisId[] = [
  'xlate-vs-probe-free',
  'probe-vs-probe',
  'priv-without-fwspec',
  'driver-data-after-registration',
  'probed-twice',
  'second-provider',
  'release-vs-xlate',
  'replay-vs-registration',
  'default-domain',
  'dma-configure-toctou',
];

/** All rivals of `own` (the hypothesis that the verdict is about, which has no row of its own). */
export function rivalsOf(context: RivalContext, own: HypothesisId | null): readonly Rival[] {
  return ORDER.filter((id) => id !== own).map((id) =>
    withSearch({ hypothesis: id, ...against(id, context, own) }, context),
  );
}

/** Who explains the crash says by what: a search of its own, or the log alone. */
function withSearch(rival: Rival, context: RivalContext): Rival {
  if (rival.status !== 'explains') return rival;
  const own = ownSearch(rival.hypothesis, context);
  if (own === null) return { ...rival, own, because: `${rival.because} (not modelled here)` };
  const { explained, crashing, search } = own;
  const by = `${plural(BigInt(crashing), 'interleaving')} of ${search.scenario} in era ${search.era}, ${search.driver}`;
  return { ...rival, own, because: `${rival.because} (explained ${explained.k} of ${explained.n}: ${by})` };
}

function ownSearch(id: HypothesisId, { fits, judged, observations }: RivalContext): OwnSearch | null {
  const scenario = SCENARIOS.get(id);
  const best = fits.find(({ fit }) => fit.hypothesis === id)?.fit.best ?? (scenario ? judged(scenario) : null);
  if (best === null || best.crashing === 0n) return null;
  // The crash and its place are explained with it.
  const n = observations.length + 2;
  return { explained: { k: n, n }, crashing: String(best.crashing), search: searchOf(best) };
}

/** Several hypotheses have an outcome that fits: none of them is the explanation, each is open, and what it ends in says what separates it. */
function fitting(id: HypothesisId, { fits, place }: RivalContext, own: HypothesisId | null): Row | null {
  const ours = fits.filter(({ fit }) => fit.hypothesis === id);
  const [first] = ours;
  if (first === undefined) return null;
  const others = fits.filter(({ fit }) => fit.hypothesis !== id);
  if (others.length === 0 && own === null)
    return explains(attributionText(first.fit.attribution), place.lines.slice(0, 1));
  const drivers = [...new Set(ours.map((f) => f.driver))];
  const same = others.some(({ driver }) => drivers.includes(driver));
  const outcomes = new Map(ours.flatMap(({ fit }) => fit.outcomes.map((o) => [o.outcome, o] as const)));
  const named = [...outcomes.values()].map((o) => `${o.outcome} in ${plural(o.crashing, 'interleaving')}`).join(', ');
  const some = new Set(fits.map((f) => f.driver)).size > drivers.length;
  const of = some ? `, with ${drivers.join(' or ')}` : '';
  const ends = new Set(others.flatMap(({ fit }) => fit.outcomes.map((o) => o.outcome)));
  const both = same && [...outcomes.keys()].every((o) => ends.has(o));
  const apart = [
    ...(some ? ['the driver'] : []),
    ...(both ? [FREED_BY] : same ? [separates([...outcomes.keys()], [...ends])] : []),
  ].join(', and with it ');
  return open(`it fits too (${named}${of}); what separates them is ${apart}`, place.lines.slice(0, 1));
}

const FREED_BY =
  'who freed dev->iommu: __iommu_probe_device() of the client that it could not probe, or iommu_release_device() behind it';

const partsOf = (outcome: string) => /^(\w+)-(\w+) (\S+) in /.exec(outcome)!;

/** What a log would have to show for one outcome to be told from another. */
function separates(these: readonly string[], those: readonly string[]): string {
  const values = (at: number) => [these, those].map((side) => new Set(side.map((o) => partsOf(o)[at]!)));
  const apart = (at: number) => {
    const [a, b] = values(at);
    return [...a!].every((value) => !b!.has(value));
  };
  const shows = [
    ...(apart(1) ? ['the address (NULL, or freed memory)'] : []),
    ...(apart(2) ? ['whether it was a read or a write'] : []),
    ...(apart(3) ? ['the field, which the Code: line names'] : []),
  ];
  return shows[0] ?? 'the field, which the Code: line names';
}

function against(id: HypothesisId, context: RivalContext, own: HypothesisId | null): Row {
  const { place, fault, eras } = context;
  const hypothesis = HYPOTHESES.get(id)!;
  const fits = fitting(id, context, own);
  if (fits) return fits;
  if (eras.length > 0 && !eras.some((e) => hypothesis.eras.includes(e))) return refuted(outOfEra(id, eras));
  switch (id) {
    case 'xlate-vs-probe-free':
      return notTheRace(context);
    case 'probe-vs-probe':
      if (context.fits.some(({ fit }) => fit.attribution.survives.includes(STATIC_LOCK)))
        return refuted(
          'with the lock of 01657bc14a39 alone the model still reaches this crash, so it does not need two probes at once',
        );
      return place.role === 'walk' && context.placed && fault.fields.length === 0
        ? open('the field is not known, and two probes at once reach this function too')
        : refuted('the model reaches this access by no order of two probes');
    case 'priv-without-fwspec':
      return privWithoutFwspec(context);
    case 'driver-data-after-registration':
      return driverData(context);
    case 'probed-twice':
      return refuted('the model comes to this by no second probe of a device that is in its group');
    case 'second-provider':
      return secondProvider(context);
    case 'release-vs-xlate':
      return releaseRival(context);
    case 'replay-vs-registration':
      return refuted('it leaves a WARNING and a device without its IOMMU, not this memory fault');
    case 'default-domain':
      return refuted('it ends in DMA without a domain or in a failed attach, not in this memory fault');
    case 'dma-configure-toctou':
      return fault.shape === 'negative' && place.functions[0]?.endsWith('_dma_configure') === true
        ? explains(
            'a small negative address in *_dma_configure() is a driver pointer computed from NULL',
            lineOf(context.incident.at.address),
          )
        : refuted(
            'its address is a small negative one, in *_dma_configure() itself',
            lineOf(context.incident.at.address),
          );
  }
}

/** msm_iommu.c is of 32-bit ARM, and shares the name of its of_xlate with qcom_iommu.c. */
function secondProvider({ place, fault, incident, driver }: RivalContext): Row {
  const here = /^(?:qcom_iommu_of_xlate|insert_iommu_master)$/.test(place.functions[0] ?? '');
  const msm = driver.name === 'msm_iommu' || (driver.name === null && incident.arch === 'arm');
  if (here && msm && fault.shape === 'null' && fault.fields.includes('msm_iommu_ctx_dev.num_mids'))
    return explains(
      'msm_iommu follows a NULL master: a client of two providers whose first attempt failed has its master on the list of the first one still, and a new dev->iommu without priv; no second thread is needed. Until the driver looks for the master on its list, order the providers so that all are up before the client is probed',
      lineOf(incident.at.address),
    );
  return refuted('the access is not through a NULL master of msm_iommu');
}

/** Callbacks of an IOMMU driver that the walk of its own registration calls. */
const CALLBACK = /_(?:of_xlate|probe_device|device_group|attach_dev|identity_attach|blocking_attach|def_domain_type)$/;

/** The model knows such data of a few drivers; where a callback of another one follows NULL below its own registration, the log cannot tell. */
function driverData({ place, fault, incident }: RivalContext): Row {
  if (fault.fields.length > 0)
    return refuted(`the access is to ${fault.fields[0]}, not to data of the driver`, lineOf(incident.at.address));
  const register = place.functions.indexOf('iommu_device_register');
  if (register > 0 && fault.shape === 'null' && CALLBACK.test(place.functions[0]!))
    return open(
      `${place.functions[0]}() follows NULL below the registration of its own driver, to no field of dev->iommu: data that the driver sets up only behind iommu_device_register() would look so`,
      [place.lines[0]!, place.lines[register]!],
    );
  return refuted('the model reaches nothing of the kind at this place', lineOf(incident.at.address));
}

function lineOf(line: number | undefined): readonly number[] {
  return line === undefined ? [] : [line];
}

function attributionText({ hypothesis, survives }: Attribution): string {
  if (hypothesis === 'probe-vs-probe')
    return 'reachable in this era, and unreachable once 01657bc14a39 serialises __iommu_probe_device()';
  if (hypothesis === 'probed-twice')
    return 'reachable with the locks of 01657bc14a39 and a2e7e59a9426 too, and unreachable once 6eb4da8cf545 tests for a group under the lock';
  if (hypothesis === 'second-provider')
    return "one thread alone comes to it: the driver's list still has the master, and the new dev->iommu has no priv";
  if (hypothesis === 'release-vs-xlate')
    return 'reachable with the locks of 01657bc14a39 and a2e7e59a9426 too, and only where iommu_release_device() frees dev->iommu';
  if (hypothesis === 'driver-data-after-registration')
    return "reachable with the locks of 01657bc14a39 and a2e7e59a9426 too: the order is one inside the driver's own probe";
  return survives.includes(STATIC_LOCK)
    ? 'reachable with 01657bc14a39, and unreachable with a2e7e59a9426'
    : 'reachable in this era';
}

function outOfEra(id: HypothesisId, eras: readonly EraId[]): string {
  const span = eras.length === 1 ? `era ${eras[0]}` : `eras ${eras.join(', ')}`;
  switch (id) {
    case 'probe-vs-probe':
      return `${span}: 01657bc14a39 already serialises __iommu_probe_device()`;
    case 'replay-vs-registration':
    case 'dma-configure-toctou':
      return `${span}: it came with bcb81ac6ae3c (v6.15)`;
    case 'default-domain':
      return `${span}: either no group has a default domain to wait for, or a client without one is deferred (b46064a18810)`;
    case 'xlate-vs-probe-free':
      return `${span}: a2e7e59a9426 holds iommu_probe_device_lock over the translation`;
    default:
      return `${span} cannot have it`;
  }
}

function notTheRace({ place, fits }: RivalContext): Row {
  const [first] = fits;
  if (first) {
    return refuted(
      first.fit.attribution.survives.includes(GLOBAL_LOCK)
        ? 'a2e7e59a9426, which closes the race, does not close this'
        : 'the lock of 01657bc14a39 alone makes it unreachable; the race outlives that lock',
    );
  }
  if (place.role === 'nested')
    return refuted(
      'the translation runs below probe_iommu_group() here, in the registering thread itself: one thread, no race',
      place.lines.slice(0, 1),
    );
  if (place.role === 'elsewhere')
    return refuted(
      "the crashing thread is neither in a client's translation nor in the probe of an IOMMU's client",
      place.lines.slice(0, 1),
    );
  return refuted('no interleaving of the model ends in this access at this place');
}

function privWithoutFwspec({ incident, place, fault }: RivalContext): Row {
  const priv = fault.fields.includes('dev_iommu.priv') && fault.access === 'write' && fault.shape === 'null';
  if (!priv) return refuted('the access is not a store to dev_iommu.priv through NULL', lineOf(incident.at.address));
  const xlate = place.functions.indexOf('of_iommu_xlate');
  if (xlate >= 0) {
    return refuted(
      'of_iommu_xlate() calls of_xlate only after iommu_fwspec_init() returned 0, which leaves dev->iommu set',
      [place.lines[xlate]!],
    );
  }
  if (place.functions.length < 2)
    return open('the call trace is cut: what called the store is not known', place.lines.slice(0, 1));
  if (place.role === 'elsewhere' && fault.decoded) {
    return explains(
      `${place.functions[0]} stores through dev->iommu == NULL outside of_iommu_xlate(): no fwspec was made for the device`,
      [place.lines[0]!, ...lineOf(incident.at.code)],
    );
  }
  return open('a store of priv for a device that never had a dev->iommu would look the same', place.lines.slice(0, 1));
}

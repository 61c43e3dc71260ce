/** `oopsreplay affected` in print: the answer first, then why. */
import {
  evidenceText,
  type FeatureReading,
  type Reading,
  type SourceReading,
} from '../../reconstruct/kernel/source/types.ts';
import type { FixStatus } from '../../reconstruct/types.ts';
import { plural } from '../../words.ts';
import { sanitize } from '../safe/sanitize.ts';
import { hang } from '../text/layout.ts';

export type CanCrash = 'affected' | 'not-affected' | 'unknown';

export interface DriverAnswer {
  readonly driver: string;
  readonly answer: CanCrash;
  /** The crashes of the race that the model reaches in some of the code that it may be. */
  readonly outcomes: readonly string[];
}

export interface CommitAnswer {
  readonly commit: string;
  readonly status: FixStatus;
  readonly because: string;
}

export interface AffectedAnswer {
  readonly answer: CanCrash;
  /** As given, or as the tree's Makefile has it. */
  readonly release: string | null;
  /** The driver that was asked for; null: all that the code has. */
  readonly driver: string | null;
  /** What the code may be: an era, or a hybrid by its name. */
  readonly codes: readonly {
    readonly era: string;
    readonly name: string;
    readonly features: Readonly<Record<string, unknown>>;
  }[];
  readonly fix: CommitAnswer;
  readonly lock: CommitAnswer;
  readonly drivers: readonly DriverAnswer[];
  readonly source: SourceReading | null;
  /** What the tree and the release say against each other. */
  readonly contradictions: readonly string[];
  readonly because: readonly string[];
  readonly next: readonly string[];
}

const WIDTH = 80;
const WAYS_SHOWN = 4;
const HEAD: Readonly<Record<CanCrash, string>> = {
  affected: 'AFFECTED',
  'not-affected': 'NOT AFFECTED',
  unknown: 'NOT KNOWN',
};

function headline({ answer, release, driver, source, drivers }: AffectedAnswer): string {
  const what =
    release === null ? (source?.tree ?? 'this kernel') : source === null ? release : `${release} (${source.tree})`;
  const who = driver === null ? what : `${what} with ${driver}`;
  switch (answer) {
    case 'affected':
      return driver === null
        ? `${who} can crash by the race xlate-vs-probe-free, with ${drivers.filter((d) => d.answer === 'affected').length} of its ${plural(drivers.length, 'driver')}`
        : `${who} can crash by the race xlate-vs-probe-free, in ${plural(drivers[0]?.outcomes.length ?? 0, 'way')}`;
    case 'not-affected':
      return `${who} cannot crash by the race xlate-vs-probe-free`;
    case 'unknown':
      return `whether ${who} can crash by the race xlate-vs-probe-free cannot be told from this`;
  }
}

function driverLines({ drivers, driver }: AffectedAnswer): string[] {
  if (driver !== null) {
    const outcomes = drivers[0]?.outcomes ?? [];
    if (outcomes.length === 0) return [];
    const more = outcomes.length > WAYS_SHOWN ? `, and ${outcomes.length - WAYS_SHOWN} more` : '';
    return hang('  ways      ', `${outcomes.slice(0, WAYS_SHOWN).join(', ')}${more}`, WIDTH);
  }
  const of = (answer: CanCrash) => drivers.filter((d) => d.answer === answer);
  const rows = [
    ['can', of('affected').map((d) => `${d.driver} (${plural(d.outcomes.length, 'way')})`)],
    ['not known', of('unknown').map((d) => d.driver)],
    ['cannot', of('not-affected').map((d) => d.driver)],
  ] as const;
  return rows.flatMap(([label, names]) =>
    names.length === 0 ? [] : hang(`  ${label.padEnd(10)}`, names.join(', '), WIDTH),
  );
}

const shown = (values: Reading['values']) =>
  values.map((v) => (v === true ? 'yes' : v === false ? 'no' : String(v))).join(' or ');

function featureLines({ feature, values, evidence, why }: FeatureReading): string[] {
  const what = why === null ? shown(values) : `not seen${values.length === 0 ? '' : ` (${shown(values)})`}: ${why}`;
  return [
    ...hang(`    ${feature.padEnd(14)}`, sanitize(what), WIDTH),
    ...evidence.flatMap((e) => hang(' '.repeat(18), sanitize(evidenceText(e)), WIDTH)),
  ];
}

export function affectedText(answer: AffectedAnswer): string {
  const { codes, fix, lock, source, contradictions, because, next } = answer;
  const row = (label: string, text: string) => hang(`  ${label.padEnd(10)}`, sanitize(text), WIDTH);
  return [
    ...hang(`${HEAD[answer.answer]}  `, sanitize(headline(answer)), WIDTH),
    ...contradictions.flatMap((text) => row('but', text)),
    ...(codes.length === 0 ? [] : row('code', codes.map((c) => c.name).join(', or '))),
    ...row('fix', `${fix.commit} ${fix.status}: ${fix.because}`),
    ...row('lock', `${lock.commit} ${lock.status}: ${lock.because}`),
    ...driverLines(answer),
    ...because.flatMap((text) => row('because', text)),
    ...(source === null ? [] : ['  read in the tree:', ...source.features.flatMap(featureLines)]),
    ...next.flatMap((text) => row('next', text)),
    '',
  ].join('\n');
}

const readingJson = ({ values, evidence, why }: Reading) => ({ values, seen: why === null, why, evidence });

/** The object of CONTRACT, "affected". */
export function affectedJson(answer: AffectedAnswer) {
  const { source, ...rest } = answer;
  return {
    schema: 'oopsreplay/affected/1',
    ...rest,
    source: source && {
      tree: source.tree,
      version: source.version,
      devIommu: readingJson(source.devIommu),
      features: Object.fromEntries(source.features.map((f) => [f.feature, readingJson(f)])),
      notSeen: source.notSeen,
    },
  };
}

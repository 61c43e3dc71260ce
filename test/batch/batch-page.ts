/** Pages of batch for tests: so many buckets of all classes, over some months and releases, each with a view of its own. */
import type { Detail } from '../../src/batch/details.ts';
import type { Page } from '../../src/batch/show/page.ts';
import { statisticsOf } from '../../src/batch/statistics.ts';
import type { Head } from '../../src/batch/types.ts';
import { excluded, headOf, ledgerOf, race } from './heads.ts';

const KINDS = [
  'general protection fault in',
  'BUG: unable to handle kernel paging request in',
  'WARNING in',
  'INFO: task hung in',
];

function headsOf(buckets: number): readonly Head[] {
  return Array.from({ length: buckets }, (_, i): Head[] => {
    const title = `${KINDS[i % 4]} subsystem_${i}_function_that_fails`;
    const facts =
      i % 97 === 0
        ? {
            ...race,
            outcome: `null-write dev_iommu.priv in driver_${i}_of_xlate`,
            mechanism: i.toString(16).padStart(12, '0'),
          }
        : i % 61 === 0
          ? { ...excluded, class: 'insufficient' as const }
          : {};
    const of = (n: number) =>
      headOf(n, title, {
        ...facts,
        release: `6.${i % 12}.${n % 40}-vendor`,
        hardware: `Vendor Board ${i % 50} rev ${n % 3}`,
        dated: { at: new Date(Date.UTC(2026, 0, 1) + ((n * 7919) % 300) * 86_400_000).toISOString(), by: 'rtc' },
      });
    return i % 5 === 0 ? [of(i), of(100_000 + i), of(200_000 + i)] : [of(i)];
  }).flat();
}

const detail: Detail = {
  sentence:
    'No interleaving of this race ends in this crash: the model has no access of this function to what the race frees.',
  because: ['the crashing thread is not in of_iommu_configure() or iommu_probe_device() (lines 12, 19)'],
  witness: null,
  quote: Array.from({ length: 12 }, (_, i) => [
    100 + i,
    `[   12.34567${i % 10}]  subsystem_function_that_calls_${i}+0x1a4/0x2c8 [some_module]`,
  ]),
};

/** `buckets`: how many. */
export function pageOf(buckets: number): Page {
  const statistics = statisticsOf(ledgerOf(headsOf(buckets)));
  const path = (id: string) => `/var/lib/crashes/2026/11/host-${id.slice(0, 4)}/console-${id}.log`;
  return {
    statistics,
    examples: new Map(statistics.buckets.map((b) => [b.id, path(b.id)])),
    differences: null,
    stopped: false,
    details: () => detail,
    paths: new Map(statistics.buckets.map((b) => [b.id, [path(b.id)]])),
    file: '/var/lib/crashes/page.html',
  };
}

/** A bucket all of whose text is `text`. */
export function hostileOwn(text: string): Page {
  const head = headOf(4, text, {
    title: text,
    hardware: text,
    release: text,
    frames: [text],
    cut: { instance: text, drivers: [] },
  });
  const statistics = statisticsOf(ledgerOf([head]));
  const { id } = statistics.buckets[0]!;
  return {
    statistics,
    examples: new Map([[id, text]]),
    differences: null,
    stopped: false,
    known: new Map([[id, { id, ticket: text, note: text, status: 'open', fixedIn: [], seenOn: [] }]]),
    details: () => ({ sentence: text, because: [text], witness: text, quote: [[1, text]] }),
    paths: new Map([[id, [text]]]),
    file: null,
  };
}

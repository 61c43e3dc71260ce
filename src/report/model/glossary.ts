/**
 * Every word that a report uses and a reader may not know: words, classes, eras, scenarios, hypotheses, codes of diagnostics, each in a few sentences. `oopsreplay
 * explain` prints them, and docs/GLOSSARY.md is written from them. What the model's data says of a term is taken from there.
 */

import { DIAGNOSTICS, type DiagnosticCode } from '../../diagnostics.ts';
import type { VerdictClass } from '../../reconstruct/types.ts';
import { ERA_NOTES } from '../../sim/eras/notes.ts';
import {
  ERA_ORDER,
  ERAS_WITH_FIX,
  ERAS_WITH_LOCK,
  FIX,
  LOCK,
  MAINLINE_ERAS,
  STABLE_ERAS,
} from '../../sim/eras/releases.ts';
import { HYPOTHESES } from '../../sim/hypotheses/hypotheses.ts';
import { SCENARIOS } from '../../sim/scenarios.ts';
import type { EraId } from '../../sim/types.ts';
import { capital, plural } from '../../words.ts';
import { prose } from '../safe/escape.ts';
import { sanitize } from '../safe/sanitize.ts';
import { HEADLINE, withoutMarks } from '../story/wording.ts';
import { hang } from '../text/layout.ts';

export const GROUPS = ['word', 'class', 'era', 'scenario', 'hypothesis', 'code'] as const;
export type Group = (typeof GROUPS)[number];

export interface Term {
  readonly group: Group;
  /** What it is called by on the command line: "era-c", "or401", "deferred-retry". */
  readonly id: string;
  /** As reports write it: "era C", "OR401". */
  readonly name: string;
  readonly text: string;
}

const WORDS: Readonly<Record<string, string>> = {
  'the race': `The bug that this program looks for. A client device's driver probe translates its \`iommus\` property (\`of_iommu_configure()\`) while an IOMMU that is just registering probes the same client (\`__iommu_probe_device()\`), fails, and frees its \`dev->iommu\`. Closed upstream by ${FIX.commit} ("${FIX.subject}", v6.7, 6.6.5, 6.1.68).`,
  client:
    'A device that does its memory accesses through an IOMMU, and says so by `iommus` in the device tree: the one whose driver probes when the race strikes.',
  'client probe':
    "The thread that binds the client's driver: it translates the `iommus` property, and lets the driver's `of_xlate()` store what it found in `dev->iommu`.",
  'IOMMU registration':
    'The thread in `iommu_device_register()`: a new IOMMU instance goes over the bus and probes every device there.',
  instance: 'One IOMMU device of a driver: a machine may have a dozen, and each that registers walks the bus once.',
  walk: "A registration's way over all devices of the bus (`bus_iommu_probe()`).",
  replay:
    'Two things. In the kernel: the second probe of a client once its translation is done. Here: an interleaving run again, step by step; `oopsreplay replay STRING` does so.',
  'deferred retry':
    'A client whose IOMMU was not there yet is put off (`-EPROBE_DEFER`) and probed again later: that second attempt is what mostly meets a registration.',
  interleaving: 'One order in which the steps of the threads can come to pass.',
  step: 'One access to what the threads share, one lock taken or released, or one message printed: the smallest thing that another thread can come between.',
  preemption:
    'A switch away from a thread that could have gone on. The fewer an interleaving needs, the easier it comes to pass; waiting for a lock and ending are none.',
  witness:
    'One interleaving that ends in the very crash of the log, with as few preemptions as there can be: drawn as two columns, and run again by its replay string.',
  observation:
    'A line of the log that says something about the order of steps or about a thread: an interleaving has to agree with it.',
  'explained k of n':
    'Of the n observations of the log, k are met by the interleavings that were found. Where k is less than n, the first that is not is named.',
  outcome:
    'What an interleaving ends in: an access of the wrong kind to a field in a function (`null-write dev_iommu.priv in apple_dart_of_xlate`), or one of the quiet ends.',
  rival:
    'Another hypothesis by which the crash could have come to pass. `refuted`: it could not; `open`: it could; `explains`: it did.',
  'flip test': 'A pair of steps which, done in the other order, leave no interleaving that crashes: the cause.',
  era: 'A span of kernel releases in which this part of the code behaves alike. `oopsreplay kernels` lists them.',
  fix: `${FIX.commit} ("${FIX.subject}"): the translation and the probe take one lock. It needs ${LOCK.commit} ("${LOCK.subject}"), which put that lock around the probe.`,
  'fix absent':
    "The kernel's release, its tree, or an option says that it does not have the fix. `present`: it has; `unknown`: the release does not tell (a vendor may have picked it).",
  bucket: 'Crashes of many logs that are one bug, as `batch` sorts them: by title, function and verdict.',
  contradiction:
    'The log shows what the fix of its kernel prevents (OR401): the tree has lost the fix, or something is outside the model.',
  exhaustive:
    'Every interleaving within the bounds (threads, devices, instances) was looked at. A search that is not says so.',
  'quiet end':
    'An interleaving that ends without a crash and yet not well: a device without its IOMMU, a translation lost, memory leaked.',
};

const CLASSES: Readonly<Record<VerdictClass, string>> = {
  confirmed:
    'A crash is in the log, the model reaches this very fault for this kernel and driver by the race alone, every observation agrees, no rival explains it, and nothing that this rests on was cut.',
  possible:
    'The race fits, and something is open: a rival that the log does not refute, a fix whose presence is not known, a number that was cut. What would settle it is listed. A contradiction (OR401) is of this class, too.',
  excluded:
    'A crash is in the log, and it is not the race: the report says what it is, whose, and what to do next. Where another hypothesis of the model explains it, that is named.',
  insufficient:
    'Too little is left to judge (a cut line, a cut trace, no kernel log at all): the report says what to capture.',
  'no-crash': "It is a kernel's log, and nothing in it is a crash.",
};

const CODES: Readonly<Partial<Record<DiagnosticCode, string>>> = {
  OR104: 'What it could have become is listed under "cut lines".',
  OR107: 'What happened there is not known: the verdict takes nothing from silence.',
  OR301: 'The verdict is then possible at most. `--budget` of `simulate` searches further.',
  OR401:
    'Either the tree that was built has lost the fix (then `--not-fixed a2e7e59a9426`), or the crash comes from something outside the model. Never `confirmed`.',
  OR402: 'Say `--fixed a2e7e59a9426` or `--not-fixed a2e7e59a9426`, or name the tree with `--git DIR`.',
  OR403: 'The option wins; look whether it is of this log.',
};

function releasesOf(era: EraId): string {
  const main = MAINLINE_ERAS.filter((m) => m.era === era && m.from !== null).map((m) => `v${m.from}`);
  const stable = STABLE_ERAS.filter((s) => s.era === era).map((s) => `${s.branch}.${s.from}`);
  const from = [...main, ...stable];
  return from.length === 0 ? 'the oldest kernels read' : `from ${from.join(', ')}`;
}

function eraTerm(era: EraId): Term {
  const main = MAINLINE_ERAS.find((m) => m.era === era);
  const stable = STABLE_ERAS.find((s) => s.era === era);
  const commit = main?.commit ?? stable?.commit ?? null;
  const subject = main?.subject ?? FIX.subject;
  const began = commit === null ? `Before or by: ${subject}.` : `It began with ${commit} ("${subject}").`;
  const has =
    era === 'A'
      ? 'The race cannot be there: there is no `dev->iommu` yet.'
      : ERAS_WITH_FIX.has(era)
        ? `It has the fix, ${FIX.commit}.`
        : ERAS_WITH_LOCK.has(era)
          ? `It has the lock of ${LOCK.commit}, and not the fix: it can have the race.`
          : `It has neither the lock (${LOCK.commit}) nor the fix (${FIX.commit}): it can have the race, and two probes at once.`;
  const { basis, source } = ERA_NOTES[era];
  return {
    group: 'era',
    id: `era-${era.toLowerCase()}`,
    name: `era ${era}`,
    text: `Kernels ${releasesOf(era)}. ${began} ${has} Its code was ${basis === 'read' ? 'read in' : 'inferred from'} ${source}.`,
  };
}

function fixesWords(fixes: readonly string[]): string {
  return fixes.length === 0 ? 'No one commit closes it.' : `Closed by ${fixes.join(' and ')}.`;
}

const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** Words by what they are called by: a scenario of the same name is asked for as "scenario-...". */
const SLUGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(WORDS).map((name) => [slug(name), name]),
);

/** All terms, group by group. */
export function terms(): readonly Term[] {
  const of = (group: Group, id: string, name: string, text: string): Term => ({ group, id, name, text });
  return [
    ...Object.entries(WORDS).map(([name, text]) => of('word', slug(name), name, text)),
    ...(Object.keys(CLASSES) as VerdictClass[]).map((c) => of('class', c, HEADLINE[c], CLASSES[c])),
    ...ERA_ORDER.map(eraTerm),
    ...[...SCENARIOS.values()].map((s) =>
      of(
        'scenario',
        HYPOTHESES.has(s.id as never) || s.id in SLUGS ? `scenario-${s.id}` : s.id,
        s.id,
        `A scenario, that is, which threads meet: ${s.means}.`,
      ),
    ),
    ...[...HYPOTHESES.values()].map((h) =>
      of('hypothesis', h.id, h.id, `${capital(h.means)}. It shows as ${h.shows}. ${fixesWords(h.fixes)}`),
    ),
    ...(Object.keys(DIAGNOSTICS) as DiagnosticCode[]).map((code) =>
      of(
        'code',
        code.toLowerCase(),
        code,
        `${capital(DIAGNOSTICS[code])}.${CODES[code] === undefined ? '' : ` ${CODES[code]}`}`,
      ),
    ),
  ];
}

/** The terms that a reader can have meant: the one of that name, else those that hold it. */
export function termsFor(asked: string): readonly Term[] {
  const all = terms();
  const id = slug(asked);
  const exact = all.filter((t) => t.id === id || slug(t.name) === id || t.id === `era-${id}`);
  // What is called so stands before what is only written so.
  if (exact.length > 0) return exact.sort((a, b) => Number(b.id === id) - Number(a.id === id));
  return id === '' ? [] : all.filter((t) => t.id.includes(id));
}

const TITLES: Readonly<Record<Group, string>> = {
  word: 'Words',
  class: 'Classes of a verdict',
  era: 'Eras of the code',
  scenario: 'Scenarios',
  hypothesis: 'Hypotheses',
  code: 'Codes of diagnostics',
};

export function termText({ name, text }: Term): string {
  return `${[name, ...hang('  ', sanitize(withoutMarks(text)), 80)].join('\n')}\n`;
}

/** Without a term: what there is to ask for. */
export function indexText(): string {
  const all = terms();
  const blocks = GROUPS.map((group) => {
    const ids = all.filter((t) => t.group === group).map((t) => t.id);
    return [TITLES[group], ...hang('  ', ids.join(', '), 80)].join('\n');
  });
  return `${blocks.join('\n')}\n${plural(all.length, 'term')}: oopsreplay explain TERM\n`;
}

export function glossaryPage(): string {
  const all = terms();
  const blocks = GROUPS.map((group) =>
    [
      `## ${TITLES[group]}`,
      ...all
        .filter((t) => t.group === group)
        .map((t) => `**${prose(t.name)}** (\`explain ${t.id}\`): ${prose(t.text)}`),
    ].join('\n\n'),
  );
  return `${['# Glossary', 'Written by `npm run docs` from the table behind `oopsreplay explain` (src/report/model/glossary.ts): change that, not this page.', ...blocks].join('\n\n')}\n`;
}

/**
 * The sections of a report, in the order in which they stand: the one list that markdown, HTML, mail and text are driven by. What a section says in
 * a format is drawn there (`Drawn` demands a function for each section that the format shows); where it stands, under which title and for which
 * verdicts, is said here. The head of a report (headline, sentence, facts) is no section: nothing can stand before it.
 */

import type { JudgedCrash, Triage, Verdict, VerdictClass } from '../../reconstruct/types.ts';
import { type OtherCrash, otherCrash } from './other-crash.ts';
import { decidingCrash } from './wording.ts';

/** The formats that have sections. */
export type Sectioned = 'markdown' | 'html' | 'mail' | 'text';

interface Section<Id extends string> {
  readonly id: Id;
  /** Its title in each format that shows it; null where it stands there without one. */
  readonly titles: {
    readonly markdown?: string;
    readonly html?: string;
    readonly mail?: string;
    readonly text?: string | null;
  };
  /** The verdicts for which a format shows it; all, where nothing is said. */
  readonly only?: Partial<Readonly<Record<Sectioned, readonly VerdictClass[]>>>;
  /** Formats in which it stands before that section, wherever it stands here. */
  readonly before?: Partial<Readonly<Record<Sectioned, Id>>>;
}

/** The terminal says of a boot without a crash what it shows all the same, and no more. */
const OF_A_CRASH = ['confirmed', 'possible', 'excluded', 'insufficient'] as const;

/** The verdicts that are about the race: of any other crash, what it is stands first, and why it is not the race behind. */
const OF_THE_RACE = ['confirmed', 'possible', 'insufficient', 'no-crash'] as const;
const NOT_THE_RACE = ['excluded'] as const;
/** The same in every format. */
const everywhere = <const Of extends readonly VerdictClass[]>(of: Of) => ({
  markdown: of,
  html: of,
  mail: of,
  text: of,
});

/** Pages to be read from top to bottom have the same titles. */
const pages = <const Title extends string>(title: Title) => ({ markdown: title, html: title });

const LIST = [
  {
    id: 'what',
    titles: { ...pages('What it is'), mail: 'What it is', text: 'what it is' },
    only: everywhere(NOT_THE_RACE),
  },
  {
    id: 'who',
    titles: { ...pages('Whose it is'), mail: 'Whose it is', text: 'whose' },
    only: everywhere(NOT_THE_RACE),
  },
  { id: 'splat', titles: { mail: 'The report' }, only: { mail: NOT_THE_RACE } },
  {
    id: 'onward',
    titles: { ...pages('What to do next'), mail: 'Before you send it (take this part out)', text: 'next' },
    only: { ...everywhere(['excluded', 'no-crash']), mail: NOT_THE_RACE },
    before: { mail: 'tags' },
  },
  { id: 'read', titles: pages('The crash as it was read'), only: everywhere(NOT_THE_RACE) },
  {
    id: 'why-not',
    titles: { ...pages('Why it is not the race'), text: 'why it is not the race' },
    only: everywhere(NOT_THE_RACE),
    // A terminal shows what is to be done first.
    before: { text: 'rivals' },
  },
  {
    id: 'happened',
    titles: { ...pages('What happened'), mail: 'What happened', text: null },
    only: { text: OF_A_CRASH },
  },
  {
    id: 'evidence',
    titles: { ...pages('Evidence'), mail: 'Evidence', text: 'evidence' },
    only: { text: OF_A_CRASH },
  },
  { id: 'findings', titles: { text: 'all the same' }, only: { text: ['no-crash'] } },
  {
    id: 'rivals',
    titles: { ...pages('Rival explanations'), mail: 'Rival explanations', text: 'rivals' },
    only: { text: OF_A_CRASH },
  },
  {
    id: 'replayed',
    titles: { ...pages('What the replay showed'), mail: 'What the replay showed', text: null },
    only: { text: OF_A_CRASH },
  },
  { id: 'root-cause', titles: pages('Root cause') },
  { id: 'affected', titles: pages('Is this kernel affected?'), only: everywhere(OF_THE_RACE) },
  {
    id: 'questions',
    titles: {
      ...pages('What this kernel has, and how to watch it'),
      mail: 'What this kernel has, and how to watch it',
    },
    only: everywhere(['confirmed', 'possible', 'insufficient']),
  },
  { id: 'advice', titles: { mail: 'What to do' }, only: { mail: OF_THE_RACE } },
  {
    id: 'backport',
    titles: { ...pages('How to backport the fix'), mail: 'How to backport the fix (a suggestion)' },
  },
  { id: 'reproduce', titles: { ...pages('How to reproduce it'), mail: 'How to reproduce it' } },
  {
    id: 'settle',
    titles: { ...pages('What would settle it'), mail: 'What would settle it', text: 'next' },
    only: { ...everywhere(['confirmed', 'possible', 'insufficient']) },
    // Five seconds are for the verdict and what to do about it.
    before: { text: 'happened' },
  },
  {
    id: 'fragments',
    titles: { ...pages('Cut lines'), mail: 'Cut lines', text: 'cut lines' },
    only: { text: OF_A_CRASH },
    // Beside the evidence, which it is the weakest kind of; on a page it would be in the way there.
    before: { mail: 'rivals', text: 'rivals' },
  },
  {
    id: 'alignment',
    titles: { ...pages('Beside the good boot'), mail: 'Beside the good boot', text: 'beside the good boot' },
    before: { text: 'rivals' },
  },
  {
    // By --vmlinux alone.
    id: 'source-places',
    titles: { ...pages('Where in the source'), mail: 'Where in the source', text: 'in the source' },
    only: { text: OF_A_CRASH },
    before: { text: 'rivals' },
  },
  {
    id: 'others',
    titles: { ...pages('Other crashes in this log'), mail: 'Other crashes in this log', text: 'crashes' },
    only: { text: OF_A_CRASH },
    // A terminal shows one screen: which of the crashes it is about comes first.
    before: { text: 'what' },
  },
  { id: 'tags', titles: { mail: 'Tags' } },
  { id: 'diagnostics', titles: pages('Diagnostics') },
  { id: 'as-read', titles: pages('Appendix: the crash as it was read'), only: everywhere(OF_THE_RACE) },
] as const satisfies readonly Section<string>[];

type Listed = (typeof LIST)[number];
export type SectionId = Listed['id'];
/** The sections that a format shows. */
export type SectionOf<F extends Sectioned> = Extract<Listed, { titles: { readonly [K in F]: unknown } }>['id'];
type TitleOf<F extends Sectioned> = Exclude<Section<SectionId>['titles'][F], undefined>;

export const SECTIONS: readonly Section<SectionId>[] = LIST;

/** What every section is drawn from. */
export interface Told {
  readonly triage: Triage;
  readonly verdict: Verdict;
  /** The crash that the verdict is about; null without one. */
  readonly crash: JudgedCrash | null;
  /** What is known of a crash that is not the race; null for every other verdict. */
  readonly other: OtherCrash | null;
}

export function toldOf(triage: Triage): Told {
  const crash = decidingCrash(triage);
  return { triage, verdict: triage.verdict, crash, other: otherCrash(triage, crash) };
}

/** How a format draws its sections: a function for each of them, whose result is empty where the section has nothing to say. */
export type Drawn<F extends Sectioned, From, To> = { readonly [Id in SectionOf<F>]: (from: From) => To };

/** The sections of a format, in its order, whatever the verdict. */
export function sectionsOf<F extends Sectioned>(format: F): readonly Section<SectionOf<F>>[] {
  const shown = SECTIONS.filter(({ titles }) => titles[format] !== undefined);
  const stays = shown.filter(({ before }) => before?.[format] === undefined);
  return stays.flatMap((section) => [
    ...shown.filter(({ before }) => before?.[format] === section.id),
    section,
  ]) as unknown as readonly Section<SectionOf<F>>[];
}

/** Which sections a report in `format` on a verdict of this class may have, in order, and under which title. */
export function sectionsFor<F extends Sectioned>(
  format: F,
  verdict: VerdictClass,
): readonly { readonly id: SectionOf<F>; readonly title: TitleOf<F> }[] {
  return sectionsOf(format)
    .filter(({ only }) => only?.[format]?.includes(verdict) ?? true)
    .map(({ id, titles }) => ({ id, title: titles[format] as TitleOf<F> }));
}

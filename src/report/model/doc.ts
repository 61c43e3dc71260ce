/**
 * docs/MODEL.md and docs/DRIVERS.md: the model as a reader of the kernel's source would check it, written from the model's own data by scripts/docs.mjs. Nothing
 * stands here that another file knows: what a section lacks is added to the data.
 */

import { exists } from '../../sim/drivers/exists.ts';
import { DRIVERS } from '../../sim/drivers/models.ts';
import { ERAS, NOT_MODELLED } from '../../sim/eras/eras.ts';
import { FEATURES } from '../../sim/eras/features.ts';
import { ABSTRACTIONS, ERA_NOTES } from '../../sim/eras/notes.ts';
import { ERA_ORDER, FIX, LOCK, MAINLINE_ERAS, NEWEST_READ, STABLE_ERAS } from '../../sim/eras/releases.ts';
import { DEFAULT_BUDGET } from '../../sim/explore/graph.ts';
import { fixesIn, HYPOTHESES } from '../../sim/hypotheses/hypotheses.ts';
import { REGISTERS } from '../../sim/machine/program.ts';
import type { Driver, EraCode } from '../../sim/procedures/code.ts';
import { SCENARIOS } from '../../sim/scenarios.ts';
import type { EraId } from '../../sim/types.ts';
import { plural } from '../../words.ts';
import { cell, fence, prose } from '../safe/escape.ts';
import { accessors, type Body, coreBodies, driverBodies, variantLines } from './code.ts';
import { withContents } from './contents.ts';
import { glossaryPage } from './glossary.ts';
import { SOURCE_LINES } from './source-lines.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const WRITTEN =
  "Written by `npm run docs` from the model's own data: change that, not this page. For whoever wants to check the model against the kernel's source, function by function.";

const modelled = (): readonly EraCode[] => [...ERAS.values()];

/** "v6.2-rc1, 6.1.2 (inferred)" */
function since(era: EraId): string {
  const inferred = (basis: string) => (basis === 'inferred' ? ' (inferred)' : '');
  const main = MAINLINE_ERAS.filter((m) => m.era === era && m.from !== null).map(
    (m) => `v${m.from}${inferred(m.basis)}`,
  );
  const stable = STABLE_ERAS.filter((s) => s.era === era).map((s) => `${s.branch}.${s.from}${inferred(s.basis)}`);
  return [...main, ...stable].join(', ') || 'the beginning';
}

function commitOf(era: EraId): string {
  const main = MAINLINE_ERAS.find((m) => m.era === era);
  if (main) return `${main.commit ?? 'commit not established'}: ${main.subject}`;
  const stable = STABLE_ERAS.find((s) => s.era === era);
  return stable ? `${stable.commit}, as backported to ${stable.branch}.y` : '';
}

/** "lock: static -> global" for each feature that differs. */
function featureChanges(from: EraCode, to: EraCode): string[] {
  return Object.entries(to)
    .filter(([name, value]) => name !== 'id' && from[name as keyof EraCode] !== value)
    .map(([name, value]) => `\`${name}: ${String(from[name as keyof EraCode])} -> ${String(value)}\``);
}

const nameOf = (body: Body) => `${body.file} ${body.fn}`;

/** Functions that are another in `to`: changed, new or gone, with their steps. */
function codeChanges(bodies: readonly Body[], from: EraId, to: EraId): string[] {
  const of = (era: EraId, name: string) => bodies.filter((b) => b.eras.includes(era) && nameOf(b) === name);
  return [...new Set(bodies.map(nameOf))].flatMap((name) => {
    const [before, after] = [of(from, name), of(to, name)];
    const fn = name.split(' ').slice(1).join(' ');
    if (before.length === 0 && after.length === 0) return [];
    if (before.length === 0) return [`\`${fn}()\` (new, ${stepCount(after)})`];
    if (after.length === 0) return [`\`${fn}()\` (gone)`];
    if (before.length === after.length && before.every((b) => after.includes(b))) return [];
    return [`\`${fn}()\` (${stepCount(before)}; now ${stepCount(after)})`];
  });
}

const stepCount = (bodies: readonly Body[]) =>
  [...new Set(bodies.map((b) => b.steps))]
    .sort((a, b) => a - b)
    .join(' or ')
    .replace(/$/, ' steps');

function eraSection(era: EraId, core: readonly Body[]): string {
  const note = ERA_NOTES[era];
  const code = ERAS.get(era);
  const before = note.after === null ? undefined : ERAS.get(note.after);
  const lines = [`- From ${prose(since(era))}; opened by ${prose(commitOf(era))}.`];
  const why = NOT_MODELLED.get(era);
  if (why !== undefined) lines.push(`- Not modelled: ${prose(why)}.`);
  if (code && before) {
    lines.push(`- Features, compared with ${before.id}: ${featureChanges(before, code).join(', ') || 'the same'}.`);
    lines.push(`- Functions that differ from ${before.id}: ${codeChanges(core, before.id, era).join(', ') || 'none'}.`);
  } else if (code) {
    const all = Object.entries(code).filter(([name]) => name !== 'id');
    lines.push(`- Features: ${all.map(([name, value]) => `\`${name}: ${String(value)}\``).join(', ')}.`);
  }
  lines.push(`- Code: ${note.basis}, from ${prose(note.source)}.`);
  if (note.ifWrong !== null) lines.push(`- If that is wrong: ${prose(note.ifWrong)}.`);
  return `### Era ${era}\n\n${lines.join('\n')}`;
}

function erasText(eras: readonly EraId[], all: number): string {
  if (eras.length === all) return 'all eras';
  const order = ERA_ORDER.filter((era) => eras.includes(era));
  return `era${order.length === 1 ? '' : 's'} ${order.join(', ')}`;
}

/** A body in full, or as what differs from the one before it that it is most like, where that is shorter. */
function bodyText(body: Body, before: readonly Body[], threads: boolean, all: number): string {
  const variants = before.map((other) => ({ other, ...variantLines(other, body) }));
  const least = variants.sort((a, b) => a.changed - b.changed)[0];
  if (least === undefined || least.lines.length > body.lines.length * 0.7) return fence(body.lines, 'text');
  const { other } = least;
  const by = threads ? ` (${other.threads.join(', ')})` : '';
  const which = `as in ${erasText(other.eras, all)}${by}, but`;
  return `${which}:\n${fence(least.lines, 'diff')}`;
}

/** Where the body's steps stand in each tree that has it: "; lines: in 6.1.192 on 270, 272". Empty where no tree that was read has it. */
function whereText({ file, fn, texts }: Body): string {
  if (texts.length === 0) return '';
  const places = Object.entries(SOURCE_LINES).flatMap(([version, functions]) => {
    const has = functions[`${file} ${fn}`]?.find(
      (steps) => steps.length === texts.length && steps.every(([text], i) => text === texts[i]),
    );
    return has ? [`in ${version} on ${has.map(([, lines]) => lines || '-').join(', ')}`] : [];
  });
  if (places.length === 0) return '';
  return `; lines: ${places.join('; ')}`;
}

/** The distinct bodies of one function under one heading. */
function functionText(fn: string, bodies: readonly Body[], threads: boolean, all: number): string {
  const parts = bodies.map((b, i) => {
    const who = threads ? `; run by: ${b.threads.join(', ')}` : '';
    return `${erasText(b.eras, all)}, ${plural(b.steps, 'step')}${who}${whereText(b)}\n${bodyText(b, bodies.slice(0, i), threads, all)}`;
  });
  return `#### \`${fn}\`, ${bodies[0]!.file}\n\n${parts.join('\n\n')}`;
}

/** Functions that are nothing but one call, in all eras alike. */
const onlyCalls = (own: readonly Body[]) =>
  own.length === 1 && own[0]!.lines.length === 1 && own[0]!.lines[0]!.trim().startsWith('call ');

/** `all`: how many eras are all of them. */
function functions(bodies: readonly Body[], threads: boolean, all: number): string[] {
  const names = [...new Set(bodies.map(nameOf))];
  const groups = names.map((name) => bodies.filter((b) => nameOf(b) === name));
  const frames = groups
    .filter(onlyCalls)
    .map(([b]) => [`\`${b!.fn}\``, b!.file, `\`${b!.lines[0]!.trim().replace('call ', '')}\``, erasText(b!.eras, all)]);
  return [
    ...(frames.length > 0
      ? ['Frames that only call the next function:', table(['function', 'file', 'calls', 'eras'], frames)]
      : []),
    ...groups.filter((own) => !onlyCalls(own)).map((own) => functionText(own[0]!.fn, own, threads, all)),
  ];
}

/** What a wrong release number would do: the releases between are judged by the neighbour's code. */
function inferredReleases(): string[] {
  const lockOf = (era: EraId) => ERAS.get(era)?.lock;
  const rows = [
    ...MAINLINE_ERAS.filter((m) => m.basis === 'inferred').map((m) => ({
      release: `v${m.from}`,
      era: m.era,
      commit: m.commit,
    })),
    ...STABLE_ERAS.filter((s) => s.basis === 'inferred').map((s) => ({
      release: `${s.branch}.${s.from}`,
      era: s.era,
      commit: s.commit,
    })),
  ];
  return rows.map(({ release, era, commit }) => {
    const before = ERA_NOTES[era].after;
    const lock =
      before !== null && lockOf(before) !== lockOf(era)
        ? `; the lock differs between them (${lockOf(before)}, ${lockOf(era)}), so that what is reachable does too`
        : '';
    const by = `releases next to it would be judged by era ${before ?? 'A'} instead of ${era}, or the other way round${lock}`;
    return `| ${release} | ${era} | ${commit === null ? '-' : `\`${commit}\``} | ${cell(by)} |`;
  });
}

function fixesSection(): string {
  const rows = [LOCK, FIX].map((f) => [
    `\`${f.commit}\``,
    cell(f.subject),
    `v${f.mainline}`,
    f.stable.map((s) => `${s.branch}.${s.from}${s.basis === 'inferred' ? ' (inferred)' : ''}`).join(', '),
  ]);
  return table(['commit', 'subject', 'mainline', 'stable'], rows);
}

function featuresSection(): string {
  const rows = FEATURES.flatMap((feature) =>
    feature.values.map((value, i) => [
      i === 0 ? `\`${feature.name}\`` : '',
      i === 0 ? cell(feature.means) : '',
      `\`${value.token}\``,
      value.commit === null ? '-' : `\`${value.commit}\``,
      value.since === null ? 'no kernel of kernel.org' : cell(value.since),
    ]),
  );
  return table(['feature', 'what it is', 'value', 'commit', 'since'], rows);
}

function scenariosSection(): string {
  const rows = [...SCENARIOS.values()].map((s) => [
    s.id,
    cell(s.means),
    `${s.client ? plural(s.devices ?? 1, 'client') : 'no client'}, ${plural(s.walks, 'registration')}`,
    `${s.heap.dev_iommu} / ${s.heap.fwspec} / ${s.heap.cfg}`,
  ]);
  return table(['scenario', 'what it is', 'threads', 'dev_iommu / fwspec / private data, at most'], rows);
}

function hypothesesSection(): string {
  const rows = [...HYPOTHESES.values()].map((h) => [
    h.id,
    cell(h.means),
    h.eras.join(' '),
    fixesIn(h, null)
      .map((f) => `\`${f}\``)
      .join(', ') || 'none is known',
    h.scenario,
    cell(h.shows),
  ]);
  return table(['hypothesis', 'what it is', 'eras', 'closed by', 'scenario', 'what in a log tells it apart'], rows);
}

/** docs/MODEL.md. */
function modelPage(): string {
  const eras = modelled();
  const core = coreBodies(eras, DRIVERS.values().next().value!);
  const parts = [
    '# The model',
    `${WRITTEN} The drivers have a page of their own: [DRIVERS.md](DRIVERS.md).`,
    '## How to read it',
    [
      '- A numbered line is one **step** of an interleaving: an access to shared state, a lock operation, a free or a print. Lines without a number are silent and run with the step before them.',
      `- What a step reads goes to the register in brackets (${REGISTERS.map((r) => `\`${r}\``).join(', ')}), which later tests name; \`[fs = dev_iommu.fwspec]\` also says which field is read. \`err\` holds the error.`,
      '- Granularity compiled; at source granularity an accessor that tests and follows `dev->iommu` loads it twice, and at merged granularity loads with nothing between them that could change it are one.',
      '- The steps between the two marks "serialised" are what a2e7e59a9426 puts under one lock, whether or not the era has it.',
      '- Behind "lines" stands where each step of the body is, in order, in a tree that was held against the model by `npm run audit` and has this body; what an accessor or a function that is written in does stands on the line of its call, and `-` is a step that no text of the function shows. The file is the one in the heading.',
      '- A function that is the same in several eras stands once; a later shape of it may stand as what differs from an earlier one (`-` gone, `+` new; without step numbers). `DRIVER_...` stands for the function of whichever driver it is.',
    ].join('\n'),
    '## Eras',
    `Spans of kernel versions in which this code behaves alike. The newest source that was read is ${NEWEST_READ}; later ones are taken to be the same.`,
    ...ERA_ORDER.map((era) => eraSection(era, core)),
    '## Features',
    `What distinguishes one kernel's code from another's. An era is a name for a common record of them; any other that can be is explored by \`simulate --code FILE.json\` (\`{"era": "C", "lock": "static"}\`, or all features without an era) and \`--set FEATURE=VALUE,...\`, and judged by \`--code FILE.json\`. What cannot be in one tree is refused with the reason.`,
    featuresSection(),
    '## The two locks',
    fixesSection(),
    '## Releases whose number is inferred',
    'From the date of a review mail or of a merge, not from a changelog. What a wrong number would change:',
    ['| release | opens | commit | if the number is wrong |', '| --- | --- | --- | --- |', ...inferredReleases()].join(
      '\n',
    ),
    '## Scenarios and bounds',
    scenariosSection(),
    `An exploration ends at ${DEFAULT_BUDGET.states} states and then says that it is not exhaustive; running out of objects is a defect, never silent.`,
    '## Hypotheses',
    hypothesesSection(),
    '## What is left out, and why',
    table(
      ['what', 'why', 'what it costs'],
      ABSTRACTIONS.map((a) => [cell(a.what), cell(a.why), cell(a.costs)]),
    ),
    '## Accessors of include/linux/iommu.h',
    'Inlined by every compiler, and in the bodies written as calls: these are their steps. In v5.7 `dev_iommu_priv_get()` does not test `dev->iommu`, which then stands as two steps; since v6.8 `dev_iommu_priv_set()` is a function of `drivers/iommu/iommu.c`.',
    fence(
      accessors(ERAS.get('E')!, DRIVERS.values().next().value!).flatMap(([call, lines]) => [call, ...lines]),
      'text',
    ),
    "## The kernel's functions",
    ...functions(core, true, ERAS.size),
  ];
  return `${parts.join('\n\n')}\n`;
}

const STORES: Readonly<Record<Driver['class'], string>> = {
  priv_set: 'stores `dev_iommu.priv`',
  add_ids: 'adds ids only',
  neither: 'touches nothing',
};

const BUS_OPS: Readonly<Record<Driver['bus_ops'], string>> = {
  probe: "the instance's probe",
  initcall: 'an initcall',
  nobody: 'nobody',
};

function driverSection(driver: Driver, eras: readonly EraCode[]): string[] {
  const notes = driver.notes.map((note) => `- ${prose(note)}`).join('\n');
  const own = eras.filter((era) => exists(driver, era.id)).length;
  return [`## ${driver.name}`, ...(notes === '' ? [] : [notes]), ...functions(driverBodies(eras, driver), false, own)];
}

/** docs/DRIVERS.md. */
function driversPage(): string {
  const rows = [...DRIVERS.values()].map((d) => [
    d.name,
    `\`${d.file}\``,
    `${d.since === null ? '' : `v${d.since}`} to ${d.until === null ? 'this day' : `v${d.until}`}`.trim(),
    STORES[d.class],
    d.privIsAllocated ? 'allocated for each client' : 'the instance itself',
    BUS_OPS[d.bus_ops],
  ]);
  const parts = [
    "# The model's drivers",
    `${WRITTEN} How to read it, the eras and the rest of the kernel: [MODEL.md](MODEL.md). "All eras" are all those whose kernels have the driver.`,
    table(['driver', 'file', 'releases', 'of_xlate', 'priv', 'bus_set_iommu() is called by'], rows),
    ...[...DRIVERS.values()].flatMap((d) => driverSection(d, modelled())),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The pages by their file's name. */
export function modelDocs(): Readonly<Record<string, string>> {
  return {
    'docs/MODEL.md': withContents(modelPage()),
    'docs/DRIVERS.md': withContents(driversPage()),
    'docs/GLOSSARY.md': withContents(glossaryPage()),
  };
}

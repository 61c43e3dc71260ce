/**
 * Measures the parser on labelled real logs that are not part of the package: crash or not, title, corrupted. Prints rates and every miss. The
 * corpus lies in a folder of its own (see its README); nothing here runs in the tests.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLog } from '../parser/parse.ts';
import type { Incident } from '../parser/types.ts';
import { evaluateFormats } from './formats.ts';
import { BARE_TRACE, knownWrong } from './known-wrong.ts';

interface Tally {
  readonly name: string;
  right: number;
  total: number;
  readonly misses: string[];
}

const tally = (name: string): Tally => ({ name, right: 0, total: 0, misses: [] });

function count(into: Tally, right: boolean, miss: string): void {
  into.total++;
  if (right) into.right++;
  else into.misses.push(miss);
}

/** All crash reports of a file, in order. */
function incidentsOf(path: string): Incident[] {
  return parseLog(readFileSync(path), { name: path }).flatMap((log) => log.incidents);
}

function labelled(folder: string): { log: string; label: Record<string, unknown>; name: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((f) => f.endsWith('.log') && existsSync(join(folder, f.replace(/\.log$/, '.json'))))
    .map((f) => ({
      name: f,
      log: join(folder, f),
      label: JSON.parse(readFileSync(join(folder, f.replace(/\.log$/, '.json')), 'utf8')) as Record<string, unknown>,
    }));
}

/** Rates over the corpora in the folder, as text: a line a measure, the misses under it. */
export function evaluateParser(corpusDir: string): string {
  const results: readonly Tally[] = [
    ...syzkaller(corpusDir),
    ...boots(corpusDir),
    ...satyr(corpusDir),
    ...abrt(corpusDir),
    ...lists(corpusDir),
    { name: 'formats framed right', ...evaluateFormats(join(corpusDir, 'formats')) },
  ];
  const lines: string[] = [];
  for (const { name, right, total } of results)
    lines.push(`${name}: ${right}/${total}${total === 0 ? '' : ` (${((100 * right) / total).toFixed(1)} %)`}`);
  for (const { name, misses } of results)
    for (const miss of misses) {
      const reason = knownWrong(name, miss.split(/[:\s]/)[0]!) ?? (/^\S+ trace only /.test(miss) ? BARE_TRACE : null);
      lines.push(`  ${name} miss: ${miss}${reason === null ? '' : ` (${reason})`}`);
    }
  return lines.join('\n');
}

/** Titles on a random third of syzkaller's reports, by a seed: what is left out while a rule is made, to see how it carries. */
export function evaluateThird(corpusDir: string, seed: number): string {
  const rates = syzkaller(corpusDir, (name) => hash(`${seed} ${name}`) % 3 === 0);
  return rates
    .map(
      ({ name, right, total }) =>
        `third ${seed}: ${name}: ${right}/${total} (${((100 * right) / Math.max(1, total)).toFixed(1)} %)`,
    )
    .join('\n');
}

/** FNV-1a: the same third on every machine. */
function hash(text: string): number {
  let sum = 2166136261;
  for (const char of text) sum = Math.imul(sum ^ char.charCodeAt(0), 16777619) >>> 0;
  return sum >>> 8;
}

function syzkaller(corpusDir: string, among: (name: string) => boolean = () => true): Tally[] {
  const crash = tally('syzkaller crash or not');
  const title = tally('syzkaller title');
  const sound = tally('syzkaller title, sound reports');
  const corrupted = tally('syzkaller corrupted');
  for (const { name, log, label } of labelled(join(corpusDir, 'syzkaller/report'))) {
    if (!among(name)) continue;
    const expected = (label.title as string | null) || null;
    const first = incidentsOf(log)[0];
    count(
      crash,
      (first !== undefined) === (expected !== null),
      `${name}: ${first?.title ?? 'none'} | expected ${expected}`,
    );
    if (expected === null) continue;
    const accepted = [expected, ...((label.altTitles as string[] | undefined) ?? [])];
    const mine = first === undefined ? [] : [first.title];
    const right = mine.some((t) => accepted.includes(t));
    count(
      title,
      right,
      `${name}: ${first?.title ?? 'none'} | expected ${expected}${label.corrupted === true ? ' (corrupted)' : ''}`,
    );
    if (label.corrupted !== true) count(sound, right, '');
    if (first !== undefined)
      count(
        corrupted,
        (first.corrupted !== null) === (label.corrupted === true),
        `${name}: ${first.corrupted} | expected ${label.corrupted} | ${first.title}`,
      );
  }
  sound.misses.length = 0;
  return [crash, title, sound, corrupted];
}

function boots(corpusDir: string): Tally[] {
  const negatives = tally('boots without a crash');
  const positives = tally('boots with a crash');
  for (const { name, log, label } of labelled(join(corpusDir, 'boots'))) {
    const found = incidentsOf(log).map((i) => i.title);
    const crashes = (label.crash as unknown[] | undefined) ?? [];
    if (crashes.length === 0) count(negatives, found.length === 0, `${name}: ${found.slice(0, 3).join('; ')}`);
    else
      count(positives, found.length > 0, `${name}: nothing found | expected ${JSON.stringify(crashes).slice(0, 80)}`);
  }
  return [negatives, positives];
}

/** satyr states the first function and the number of frames of an oops's stack. */
function satyr(corpusDir: string): Tally[] {
  const found = tally('satyr oops found');
  const first = tally('satyr first frame');
  const frames = tally('satyr frame count');
  const folder = join(corpusDir, 'satyr');
  const files = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.json')) : [];
  for (const file of files) {
    const label = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { expected?: Record<string, unknown> | null };
    const log = ['', '.log', '.txt']
      .map((ext) => join(folder, file.replace(/\.json$/, ext)))
      .find((f) => existsSync(f));
    if (log === undefined || !label.expected) continue;
    const incidents = incidentsOf(log);
    count(found, incidents.length > 0, file);
    const stack = incidents[0]?.frames ?? [];
    const expected = label.expected.firstFunction as string | null;
    if (expected !== null && incidents.length > 0)
      count(
        first,
        stack[0]?.symbol === expected || incidents[0]?.pc?.symbol === expected,
        `${file}: ${stack[0]?.symbol} | expected ${expected}`,
      );
    const number = label.expected.frames as number | null;
    if (number !== null && incidents.length > 0) {
      // Where an arm32 thread came in stands behind its last "from": a frame here, none there.
      const together = joined(incidents);
      const same =
        Math.abs(stack.length - number) <= 1 || Math.abs(together.frames - number) <= Math.max(together.stacks, 1);
      count(frames, same, `${file}: ${stack.length} | expected ${number}`);
    }
  }
  return [found, first, frames];
}

/** Frames of reports that follow each other with nothing in between: satyr takes those for one oops with one stack. */
function joined(incidents: readonly Incident[]): { readonly frames: number; readonly stacks: number } {
  let frames = 0;
  let stacks = 0;
  let last: number | null = null;
  for (const incident of incidents) {
    if (last !== null && incident.span.line - last > 1) break;
    frames += incident.frames.length;
    stacks++;
    last = incident.lastLine;
  }
  return { frames, stacks };
}

function abrt(corpusDir: string): Tally[] {
  const negatives = tally('abrt negatives');
  const positives = tally('abrt oopses');
  const folder = join(corpusDir, 'abrt');
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (!/\.test(?:\.template)?$/.test(file)) continue;
    const found = incidentsOf(join(folder, file));
    if (/^not?_oops/.test(file)) count(negatives, found.length === 0, `${file}: ${found[0]?.title}`);
    else if (/oops/.test(file)) count(positives, found.length > 0, file);
  }
  return [negatives, positives];
}

function hasSysfsDuplicate(path: string): boolean {
  return parseLog(readFileSync(path), { name: path }).some((log) =>
    log.events.some((e) => e.kind === 'sysfs-duplicate'),
  );
}

/** Classes of mail excerpts that quote a crash for certain; the others hold bare traces and hangs, too. */
const MAIL_CRASHES: ReadonlySet<string> = new Set([
  'oops-other',
  'null-deref/page-fault',
  'BUG_ON',
  'bug-other',
  'kasan',
  'gpf',
  'panic',
]);

/** Reports from kernel lists: something must be found in each that quotes a crash; which one it is, the verdict's measure judges. */
function lists(corpusDir: string): Tally[] {
  const iommu = tally('iommu list reports with a crash found');
  for (const { name, log } of labelled(join(corpusDir, 'iommu'))) count(iommu, incidentsOf(log).length > 0, name);
  const crashes = tally('mail excerpts of an oops, BUG, KASAN, GPF, panic or NULL dereference');
  const others = tally('mail excerpts of other reports (hangs, warnings, bare traces)');
  for (const { name, log, label } of labelled(join(corpusDir, 'mail'))) {
    // sysfs_warn_dup() is an event of the timeline and no crash.
    const found = label.class === 'sysfs dup' ? hasSysfsDuplicate(log) : incidentsOf(log).length > 0;
    if (MAIL_CRASHES.has(String(label.class))) count(crashes, found, `${name}: ${label.class} | ${label.title}`);
    else count(others, found, `${name}: ${label.class} | ${label.title}`);
  }
  return [iommu, crashes, others];
}

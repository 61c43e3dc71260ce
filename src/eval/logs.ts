/** Console logs with their true story beside them (X.log, X.json): verdicts against labels. */
import { readdirSync, readFileSync } from 'node:fs';
import { triage } from '../reconstruct/triage.ts';
import type { Triage, TriageOptions, VerdictClass } from '../reconstruct/types.ts';

interface Expectation {
  readonly class: readonly VerdictClass[];
  readonly hypothesis?: string;
  readonly outcome?: string;
  readonly flags?: readonly string[];
}

interface Sidecar {
  readonly label: string;
  readonly kernel?: { readonly version?: string };
  readonly expect: Expectation;
}

export interface Evaluation {
  readonly text: string;
  /** Verdicts that are `confirmed` where they must not be. */
  readonly falseConfirmed: number;
}

const CLASSES: readonly VerdictClass[] = ['confirmed', 'possible', 'excluded', 'insufficient', 'no-crash'];

/** Judges every log of a folder with the options that its sidecar names, and the ones of fixed releases without. */
export function evaluateLogs(folder: string): Evaluation {
  const names = readdirSync(folder)
    .filter((f) => f.endsWith('.log'))
    .sort();
  const matrix = new Map<string, number>();
  const differences: string[] = [];
  const contradictions: string[] = [];
  let falseConfirmed = 0;
  let onlyConfirmed = 0;
  let hits = 0;
  for (const name of names) {
    const side = JSON.parse(readFileSync(`${folder}/${name.replace(/\.log$/, '.json')}`, 'utf8')) as Sidecar;
    const bytes = readFileSync(`${folder}/${name}`);
    const flags = side.expect.flags ?? [];
    const result = strongest(triage(bytes, { name }, optionsOf(flags)));
    const key = `${side.label} ${result.verdict.class}`;
    matrix.set(key, (matrix.get(key) ?? 0) + 1);
    const wrong = difference(result, side.expect);
    if (wrong) differences.push(`  ${name}: ${wrong}`);
    if (result.verdict.class === 'confirmed' && !side.expect.class.includes('confirmed')) falseConfirmed++;
    if (side.expect.class.length === 1 && side.expect.class[0] === 'confirmed') {
      onlyConfirmed++;
      if (result.verdict.class === 'confirmed') hits++;
    }
    if (flags.includes('--not-fixed')) {
      const plain = strongest(triage(bytes, { name }));
      const crashed = side.label === 'race-crash' && result.verdict.class === 'confirmed';
      if (plain.verdict.class === 'confirmed') {
        falseConfirmed++;
        contradictions.push(`  ${name}: confirmed although its release carries the fix`);
      } else if (crashed && !plain.diagnostics.some((d) => d.code === 'OR401'))
        contradictions.push(`  ${name}: ${plain.verdict.class}, contradiction not named`);
    }
  }
  const labels = [...new Set([...matrix.keys()].map((k) => k.split(' ')[0]!))].sort();
  const rows = labels.map(
    (l) => `${l.padEnd(16)}${CLASSES.map((c) => String(matrix.get(`${l} ${c}`) ?? 0).padStart(13)).join('')}`,
  );
  return {
    falseConfirmed,
    text: [
      `logs: ${names.length} judged`,
      `${'label'.padEnd(16)}${CLASSES.map((c) => c.padStart(13)).join('')}`,
      ...rows,
      `confirmed where only confirmed is right: ${hits} of ${onlyConfirmed}`,
      `false confirmed: ${falseConfirmed}`,
      `differences from what is expected: ${differences.length}`,
      ...differences,
      `judged without its option, release with the fix: ${contradictions.length} wrong`,
      ...contradictions,
    ].join('\n'),
  };
}

/** The options of a sidecar's `flags`. */
export function optionsOf(flags: readonly string[]): TriageOptions {
  const of = (name: string) => flags.flatMap((f, i) => (f === name ? [flags[i + 1]!] : []));
  const kernel = of('--kernel')[0];
  const driver = of('--driver')[0];
  return {
    notFixed: of('--not-fixed'),
    fixed: of('--fixed'),
    ...(kernel ? { kernel } : {}),
    ...(driver ? { driver } : {}),
  };
}

function strongest(boots: readonly Triage[]): Triage {
  const order: readonly VerdictClass[] = ['confirmed', 'possible', 'insufficient', 'excluded', 'no-crash'];
  return [...boots].sort((a, b) => order.indexOf(a.verdict.class) - order.indexOf(b.verdict.class))[0]!;
}

function difference(result: Triage, expect: Expectation): string | null {
  const { verdict } = result;
  const why = verdict.because
    .map((b) => b.text)
    .join(' / ')
    .slice(0, 200);
  if (!expect.class.includes(verdict.class)) return `${verdict.class}, expected ${expect.class.join('|')} (${why})`;
  if (verdict.class !== 'confirmed') return null;
  if (expect.hypothesis && verdict.hypothesis !== expect.hypothesis)
    return `hypothesis ${verdict.hypothesis}, expected ${expect.hypothesis}`;
  if (expect.outcome && verdict.outcome !== expect.outcome)
    return `outcome ${verdict.outcome}, expected ${expect.outcome}`;
  return null;
}

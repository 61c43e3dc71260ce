/** What of a triage a report shows: the same choice in every format, and how much is left. Counts of what is shown are the format's own, pages share theirs. */

import type { SourcePlace } from '../../reconstruct/image/types.ts';
import type { Claim, JudgedCrash, Rival, Triage, Verdict } from '../../reconstruct/types.ts';
import { explainedWords } from './wording.ts';

/** Lines of the log that a page names beside a claim, and fragments, crashes and diagnostics that it lists. */
export const PAGE = { lines: 6, listed: 50 } as const;

/** The first `most`, and how many there are beyond them. */
export function firstOf<T>(all: readonly T[], most: number): { readonly shown: readonly T[]; readonly more: number } {
  const shown = all.slice(0, most);
  return { shown, more: all.length - shown.length };
}

/** " (line 3, 9)", to stand behind a sentence; nothing where no line bears it. */
export function atLines(lines: readonly number[], most: number = PAGE.lines): string {
  return lines.length === 0 ? '' : ` (line ${lines.slice(0, most).join(', ')})`;
}

/** What the log itself refutes is argued (`main`); what the kernel's age or the model refutes is listed for whoever doubts (`rest`). */
export function rivalsShown(rivals: readonly Rival[]): {
  readonly main: readonly Rival[];
  readonly rest: readonly Rival[];
} {
  const argued = ({ status, lines }: Rival) => status !== 'refuted' || lines.length > 0;
  return { main: rivals.filter(argued), rest: rivals.filter((r) => !argued(r)) };
}

/** Claims with lines first: a claim that can be looked up is better evidence. The order is kept otherwise. */
export function bestClaims(claims: readonly Claim[], count: number): readonly Claim[] {
  return [...claims.filter((c) => c.lines.length > 0), ...claims.filter((c) => c.lines.length === 0)].slice(0, count);
}

/** What is known of the kernel beside its fix, which says its own reasons; then what to do about it. */
export function affectedClaims({ kernel, advice }: Triage): readonly Claim[] {
  return [...kernel.because.filter(({ text }) => !kernel.fix.because.includes(text)), ...advice];
}

const SUGGESTION = 'suggestion: ';

/** The first thing to do, without the word that says that it is a suggestion; null where there is none. */
export function suggestionOf({ advice }: Triage): string | null {
  const found = advice.find(({ text }) => text.startsWith(SUGGESTION));
  return found === undefined ? null : found.text.slice(SUGGESTION.length);
}

/** The first line of the log that no interleaving explains; null where all are, or none was to be. */
export function unexplainedLine(
  { log }: Triage,
  verdict: Verdict,
): { readonly line: number; readonly text: string } | null {
  const line = explainedWords(verdict) === null ? null : verdict.explained.firstUnexplained;
  const text = line === null ? null : log.lineText(line);
  return line === null || text === null ? null : { line, text: text.trim() };
}

/** What stands out beside a boot that went well; empty where none was given. */
export function alignmentClaims({ alignment }: Triage): readonly Claim[] {
  return alignment?.claims ?? [];
}

/** The crashes of the log that the report is not about. */
export function otherCrashes({ crashes }: Triage, shown: JudgedCrash | null): readonly JudgedCrash[] {
  return crashes.filter((crash) => crash !== shown);
}

/** From the kernel's own root on: where it was built is nobody's business, and says nothing. */
const IN_TREE =
  /(?:^|\/)((?:arch|block|crypto|drivers|fs|include|init|io_uring|ipc|kernel|lib|mm|net|rust|security|sound|virt)\/.+)$/;

function sourcePlace({ function: name, file, line }: SourcePlace): string {
  if (file === null) return `${name}()`;
  return `${name}() at ${IN_TREE.exec(file)?.[1] ?? file}${line === null ? '' : `:${line}`}`;
}

/** A claim for each frame of which the kernel's own build knows the source: the function at it, and into which others it was inlined. */
export function sourceClaims(crash: JudgedCrash | null): readonly Claim[] {
  return (crash?.places ?? []).map(({ what, symbol, line, source }) => {
    const [innermost, ...outer] = source.map(sourcePlace);
    const inlined = outer.length === 0 ? '' : `, inlined into ${outer.join(', into ')}`;
    return { text: `${what === 'frame' ? symbol : `${what} ${symbol}`}: ${innermost}${inlined}`, lines: [line] };
  });
}

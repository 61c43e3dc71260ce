/** The whole path for one input: bytes to judged boots. Pure: the same bytes and options give the same result. */

import { parse, parseBytes } from '../parser/stream.ts';
import type { Diagnostic, Fragment, ParsedLog } from '../parser/types.ts';
import { effortOf, within } from '../sim/effort.ts';
import { capital } from '../words.ts';
import { align } from './evidence/baseline.ts';
import { findings } from './evidence/findings.ts';
import { againstTheLog } from './kernel/against.ts';
import { identifyKernel } from './kernel/kernel.ts';
import type { Alignment, Claim, JudgedCrash, Triage, TriageOptions, Verdict, VerdictClass } from './types.ts';
import { adviceFor } from './verdict/next.ts';
import { CAPTURE, KEEP_LOG, TRACE, WHOLE_LOG } from './verdict/settle.ts';
import { judgeCrash } from './verdict/verdict.ts';

/** Strongest first: a log with several crashes is as bad as its worst one. */
const STRENGTH: readonly VerdictClass[] = ['confirmed', 'possible', 'insufficient', 'excluded', 'no-crash'];

/** Reports judged one by one; a log with more of them repeats itself. */
const MOST_CRASHES = 64;

/**
 * States of the model that the crashes of one boot may ask for together, whoever explored them: some ten seconds where none is known. A crash with neither
 * release nor driver asks for a third of it.
 */
const MOST_STATES = 16_000_000;

/** One result a boot in the input, in order. */
export function triage(bytes: Uint8Array, source: { readonly name: string }, options: TriageOptions = {}): Triage[] {
  return parseBytes(bytes, source).map((log) => judgeLog(log, options));
}

/** The same from pieces of the bytes, in bounded memory: each boot's result as soon as the boot has ended. */
export async function* triageChunks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  source: { readonly name: string },
  options: TriageOptions = {},
): AsyncGenerator<Triage> {
  for await (const log of parse(chunks, source)) yield judgeLog(log, options);
}

/** Judges one parsed boot. `most`: states that its crashes may ask for. */
export function judgeLog(log: ParsedLog, options: TriageOptions = {}, most = MOST_STATES): Triage {
  const effort = effortOf(most);
  const crashes = log.incidents.slice(0, MOST_CRASHES).map((incident) => {
    const kernel = identifyKernel(log, incident, options);
    return { kernel, crash: within(effort, () => judgeCrash(log, incident, kernel, options)) };
  });
  const worst = strongest(crashes.map((c) => c.crash));
  const kernel = crashes.find((c) => c.crash === worst)?.kernel ?? identifyKernel(log, null, options);
  const judged = crashes.map((c) => c.crash);
  const alignment = options.baseline === undefined || worst !== null ? null : align(log, options.baseline);
  const verdict = worst ? amongOthers(worst, judged) : withoutCrash(log, alignment, findings(log, kernel));
  const diagnostics = [
    ...log.diagnostics,
    ...more(log),
    ...noKernelLog(log),
    ...contradictions(judged),
    ...judged.flatMap((crash) => crash.diagnostics ?? []),
    ...againstTheLog(log, worst?.incident ?? log.incidents[0] ?? null, options),
  ];
  return {
    log,
    kernel,
    crashes: judged,
    fragments: log.fragments,
    verdict,
    alignment,
    advice: adviceFor(kernel, verdict),
    diagnostics,
  };
}

function strongest(crashes: readonly JudgedCrash[]): JudgedCrash | null {
  for (const wanted of STRENGTH) {
    const found = crashes.find((c) => c.verdict.class === wanted);
    if (found) return found;
  }
  return null;
}

/** The verdict of the log is its worst crash's; where there are others, the sentence says which one it is about. */
function amongOthers(worst: JudgedCrash, crashes: readonly JudgedCrash[]): Verdict {
  if (crashes.length === 1) return { ...worst.verdict, sentence: `${worst.verdict.sentence}${diedBefore(worst)}` };
  const rest = crashes.filter((c) => c !== worst);
  const same = rest.every((c) => c.verdict.class === rest[0]!.verdict.class);
  const too = rest[0]!.verdict.class === worst.verdict.class ? ' too' : '';
  const counts = STRENGTH.map((c) => ({ c, n: rest.filter((r) => r.verdict.class === c).length })).filter(
    (x) => x.n > 0,
  );
  const others = same
    ? `the ${rest.length === 1 ? 'other is' : 'others are'} ${rest[0]!.verdict.class}${too}`
    : `of the others, ${counts.map(({ c, n }) => `${n} ${n === 1 ? 'is' : 'are'} ${c}`).join(', ')}`;
  const at = `This is crash ${crashes.indexOf(worst) + 1} of ${crashes.length} in the log (line ${worst.incident.span.line})`;
  const after =
    crashes.indexOf(worst) > 0 ? ' What an earlier one left behind (freed objects, locks held) may be part of it.' : '';
  return { ...worst.verdict, sentence: `${worst.verdict.sentence} ${at}; ${others}.${after}` };
}

/** Taint flag D: the kernel had died before (kernel/panic.c: TAINT_DIE). Where no other report is in the log, what that was is not known. */
function diedBefore({ incident }: JudgedCrash): string {
  if (!/^[A-Z -]*\bD\b/.test(incident.taint ?? '')) return '';
  return ' The kernel had crashed before it (taint flag D), and that report is not in this log: this one may be a consequence.';
}

function more(log: ParsedLog): readonly Diagnostic[] {
  if (log.incidents.length <= MOST_CRASHES) return [];
  const first = log.incidents[MOST_CRASHES]!;
  return [
    {
      code: 'OR106',
      text: `${log.incidents.length} crash reports; the first ${MOST_CRASHES} were judged`,
      line: first.span.line,
    },
  ];
}

function noKernelLog({ source, crashText }: ParsedLog): readonly Diagnostic[] {
  if (source.kernelLog || crashText.length > 0) return [];
  return [{ code: 'OR111', text: 'no kernel log is in this input', line: null }];
}

function contradictions(crashes: readonly JudgedCrash[]): readonly Diagnostic[] {
  return crashes
    .filter((c) => c.verdict.contradiction)
    .map((c) => ({
      code: 'OR401',
      text: 'the kernel carries a2e7e59a9426 by its release, its tree or --fixed, but the log shows a crash that it makes unreachable',
      line: c.incident.span.line,
    }));
}

/** No report of a crash: either nothing happened, or the log was cut before it could say. */
function withoutCrash(log: ParsedLog, alignment: Alignment | null, found: readonly Claim[]): Verdict {
  const empty: Verdict = {
    class: 'no-crash',
    hypothesis: null,
    outcome: null,
    outcomes: [],
    explained: { k: 0, n: 0, firstUnexplained: null },
    interleavings: null,
    witness: null,
    preemptions: null,
    rivals: [],
    because: found,
    settle: [],
    sentence: `Nothing in this log is a crash.${found[0] ? ` But ${found[0].text}.` : ''}`,
    story: null,
    cause: null,
    search: null,
  };
  if (log.crashText.length > 0) return remains(log, empty);
  if (!log.source.kernelLog)
    return { ...empty, class: 'insufficient', settle: [CAPTURE], sentence: 'No kernel log is in this input.' };
  const telling = log.fragments.filter((f) => f.completions.length > 0);
  if (telling.length === 0) return empty;
  return {
    ...empty,
    class: 'insufficient',
    because: [...telling.slice(0, 3).map(fragmentClaim), ...found],
    settle: [WHOLE_LOG, KEEP_LOG, TRACE],
    sentence: `${capital(fragmentClaim(telling[0]!).text)}: whether a crash followed cannot be told from this log.${beside(alignment)}`,
  };
}

/** Text that only a crash prints, and no report: its framing is not known, or the rest of it is lost. */
function remains(log: ParsedLog, empty: Verdict): Verdict {
  const unknown = log.crashText.filter((t) => !t.known);
  const first = unknown[0] ?? log.crashText[0]!;
  const why = unknown.length > 0 ? 'framing not known' : 'the rest of its report is not there';
  const of = (t: ParsedLog['crashText'][number]) =>
    t.release === undefined ? 'only a crash prints' : 'a crash, a warning or a dumped stack prints';
  const said = (text: string) => `line ${first.line} holds what ${of(first)}, ${text}`;
  return {
    ...empty,
    class: 'insufficient',
    because: [
      ...log.crashText.map((t) => ({
        text: `${of(t)} this${t.known ? '' : ': framing not known'}`,
        lines: [t.line],
      })),
      ...empty.because,
    ],
    settle: [WHOLE_LOG, KEEP_LOG],
    sentence: `${capital(said(why))}: whether it is the race between of_iommu_configure() and iommu_probe_device() cannot be told from it.`,
  };
}

/** What a good boot of the machine did where this one ends. */
function beside(alignment: Alignment | null): string {
  if (alignment?.registering == null) return '';
  return ` In ${alignment.baseline} ${alignment.registering} was registering there, or was about to.`;
}

/** What the cut line could have become stands with the fragment itself. */
function fragmentClaim({ span, device, completions }: Fragment): Claim {
  const after = device ? ` after the name of a device (${device}),` : '';
  const n = completions.length;
  return {
    text: `line ${span.line} ends${after} before its message does (${n} known ${n === 1 ? 'message begins' : 'messages begin'} so)`,
    lines: [span.line],
  };
}

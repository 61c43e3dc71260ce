/** The whole path for one input: bytes to judged boots. Pure: the same bytes and options give the same result. */
import { parseLog } from '../parser/parse.ts';
import type { Diagnostic, Fragment, ParsedLog } from '../parser/types.ts';
import { identifyDriver } from './driver.ts';
import { identifyKernel } from './kernel.ts';
import { adviceFor } from './next.ts';
import { KEEP_LOG, TRACE, WHOLE_LOG } from './settle.ts';
import type { Claim, JudgedCrash, KernelIdentity, Triage, TriageOptions, Verdict, VerdictClass } from './types.ts';
import { judgeCrash } from './verdict.ts';

/** Strongest first: a log with several crashes is as bad as its worst one. */
const STRENGTH: readonly VerdictClass[] = ['confirmed', 'possible', 'insufficient', 'excluded', 'no-crash'];

/** Reports judged one by one; a log with more of them repeats itself. */
const MOST_CRASHES = 64;

/** One result a boot in the input, in order. */
export function triage(bytes: Uint8Array, source: { readonly name: string }, options: TriageOptions = {}): Triage[] {
  return parseLog(bytes, source).map((log) => judgeLog(log, options));
}

/** Judges one parsed boot. */
export function judgeLog(log: ParsedLog, options: TriageOptions = {}): Triage {
  const crashes = log.incidents.slice(0, MOST_CRASHES).map((incident) => {
    const kernel = identify(log, incident, options);
    return { kernel, crash: judgeCrash(log, incident, kernel, options) };
  });
  const worst = strongest(crashes.map((c) => c.crash));
  const kernel = crashes.find((c) => c.crash === worst)?.kernel ?? identify(log, null, options);
  const verdict = worst ? worst.verdict : withoutCrash(log);
  const diagnostics = [...log.diagnostics, ...more(log), ...contradictions(crashes.map((c) => c.crash))];
  return {
    log,
    kernel,
    crashes: crashes.map((c) => c.crash),
    fragments: log.fragments,
    verdict,
    advice: adviceFor(kernel, verdict),
    diagnostics,
  };
}

function identify(
  log: ParsedLog,
  incident: Parameters<typeof identifyKernel>[1],
  options: TriageOptions,
): KernelIdentity {
  const kernel = identifyKernel(log, incident, options);
  return kernel.driver ? kernel : { ...kernel, driver: identifyDriver(log, incident, options).driver };
}

function strongest(crashes: readonly JudgedCrash[]): JudgedCrash | null {
  for (const wanted of STRENGTH) {
    const found = crashes.find((c) => c.verdict.class === wanted);
    if (found) return found;
  }
  return null;
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

function contradictions(crashes: readonly JudgedCrash[]): readonly Diagnostic[] {
  return crashes
    .filter((c) => c.verdict.contradiction)
    .map((c) => ({
      code: 'OR401',
      text: 'the kernel release carries a2e7e59a9426, but the log shows the crash that it makes unreachable',
      line: c.incident.span.line,
    }));
}

/** No report of a crash: either nothing happened, or the log was cut before it could say. */
function withoutCrash(log: ParsedLog): Verdict {
  const empty: Verdict = {
    class: 'no-crash',
    hypothesis: null,
    outcome: null,
    explained: { k: 0, n: 0, firstUnexplained: null },
    interleavings: null,
    witness: null,
    preemptions: null,
    rivals: [],
    because: [],
    settle: [],
    sentence: 'Nothing in this log is a crash.',
    story: null,
    cause: null,
    search: null,
  };
  const telling = log.fragments.filter((f) => f.completions.length > 0);
  if (telling.length === 0) return empty;
  return {
    ...empty,
    class: 'insufficient',
    because: telling.slice(0, 3).map(fragmentClaim),
    settle: [WHOLE_LOG, KEEP_LOG, TRACE],
    sentence: `The log ends inside a line (${telling[0]!.device ? 'of a device that it names' : 'with several completions'}): whether a crash followed cannot be told from it.`,
  };
}

function fragmentClaim(fragment: Fragment): Claim {
  const n = fragment.completions.length;
  const of = fragment.device ? ` It names the device ${fragment.device}.` : '';
  return {
    text: `the line is cut; it can become ${n} known message${n === 1 ? '' : 's'}: ${fragment.completions.slice(0, 6).join(' | ')}${n > 6 ? ' | ...' : ''}.${of}`,
    lines: [fragment.span.line],
  };
}

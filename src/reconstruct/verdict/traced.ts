/** A function trace in the log fixes the order of the calls: whether they can have led to the crash is asked of the model, and the verdict says so. */
import type { Incident, ParsedLog } from '../../parser/types.ts';
import type { Claim, TriageOptions, Verdict } from '../types.ts';
import { type Conformity, judgeTrace } from './conform.ts';

/** A boot has one trace, and often several reports of a crash. */
const judged = new WeakMap<ParsedLog, Conformity>();

/**
 * The verdict with what the trace adds. A trace that is no behaviour of the model up to this crash takes a proof back: then what is assumed of kernel, driver
 * or scenario is not what ran.
 */
export function withTrace(verdict: Verdict, log: ParsedLog, incident: Incident, options: TriageOptions): Verdict {
  if (verdict.hypothesis !== 'xlate-vs-probe-free') return verdict;
  if (verdict.class !== 'confirmed' && verdict.class !== 'possible') return verdict;
  const calls = log.events.filter((e) => e.kind === 'ftrace' && e.parent !== null);
  if (calls.length === 0) return verdict;
  const trace = judged.get(log) ?? judgeTrace(log, options);
  judged.set(log, trace);
  const { answer, crash } = trace;
  if (answer === null || crash === null || crash.line < incident.span.line || crash.line > incident.lastLine)
    return verdict;
  if (answer.accepted) {
    // Behind what the crash itself shows, before all that is less than an order.
    return { ...verdict, because: verdict.because.toSpliced(1, 0, fits(trace, calls[0]!.span.line)) };
  }
  const doubt: Claim = {
    text: 'the function trace in the log is no behaviour of the model that ends in this crash: it fits up to this call',
    lines: answer.firstUnexplained === null ? [] : [answer.firstUnexplained],
  };
  return { ...verdict, class: 'possible', because: [doubt, ...verdict.because] };
}

function fits({ answer, lost }: Conformity, first: number): Claim {
  const { k, n } = answer!.explained;
  const behind = lost === null ? '' : `, of those behind the calls that were lost before line ${lost}`;
  return {
    text: `the function trace in the log is a behaviour of the model that ends in this very crash: ${k} of ${n} calls explained${behind}`,
    lines: [first],
  };
}

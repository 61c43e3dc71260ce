/**
 * Which line of the log belongs to which step of the witness. Only what follows from both: the last step is the fault that the oops reports, a frame of its
 * call trace is a call that is open from some step on, KASAN names who freed the object, and a print step prints.
 */
import type { Incident } from '../../parser/types.ts';
import { sourceName } from '../../reconstruct/fault/symbol.ts';
import type { JudgedCrash, Triage } from '../../reconstruct/types.ts';
import type { Witness, WitnessStep } from '../../sim/types.ts';
import type { Quote } from './shape.ts';

/** Step (its index) and line of the log. */
type Place = readonly [step: number, line: number | null | undefined];

/** Where the fault itself is printed: what the kernel says first, the address, the program counter and the instructions. */
function faultLines({ span, at, kasan }: Incident): readonly (number | undefined)[] {
  return [span.line, kasan?.line, at.address, at.wnr, at.pc, at.code];
}

/** For each function that is open at the crash: the step of its thread from which on it stays so. */
function openCalls(steps: readonly WitnessStep[]): readonly (readonly [fn: string, step: number])[] {
  const last = steps.at(-1);
  if (last === undefined) return [];
  return last.stack.map((fn) => {
    let from = steps.length - 1;
    for (let i = from; i >= 0; i--) {
      if (steps[i]!.thread !== last.thread) continue;
      if (!steps[i]!.stack.includes(fn)) break;
      from = i;
    }
    return [fn, from] as const;
  });
}

/** The last free of the object that the fault is on, in a function that KASAN's "Freed by" stack names. */
function freedAt(steps: readonly WitnessStep[], { kasan }: Incident): readonly Place[] {
  const freed = kasan?.freed ?? null;
  const object = /^[\w-]+ (fwspec|dev_iommu)\b/.exec(steps.at(-1)?.outcome ?? '')?.[1];
  if (freed === null || object === undefined) return [];
  const frees = ({ text }: WitnessStep) =>
    text.startsWith('kfree(') && text.includes('fwspec') === (object === 'fwspec');
  const at = steps.findLastIndex(
    (s) => frees(s) && s.outcome === null && freed.frames.some((f) => sourceName(f.symbol) === s.fn),
  );
  if (at < 0) return [];
  const frame = freed.frames.find((f) => sourceName(f.symbol) === steps[at]!.fn)!;
  return [
    [at, freed.line],
    [at, frame.line],
  ];
}

/** `printk("DART [pagesize ..., ... initialized")` and the line of the evidence that has all of these words. */
function printed(triage: Triage, steps: readonly WitnessStep[], evidence: readonly number[]): readonly Place[] {
  return steps.flatMap((step, i): Place[] => {
    const message = /^printk\("(.*)"\)$/.exec(step.text)?.[1];
    const words = message?.split('...').filter((part) => part.trim().length > 2) ?? [];
    if (words.length === 0) return [];
    const line = evidence.find((number) => words.every((word) => triage.log.lineText(number)?.includes(word.trim())));
    return line === undefined ? [] : [[i, line]];
  });
}

/** Quotes for each step of `story`, in the order of their lines. */
export function quotedLines(triage: Triage, crash: JudgedCrash, story: Witness): readonly (readonly Quote[])[] {
  const { incident, verdict } = crash;
  const { steps } = story;
  const last = steps.length - 1;
  const crashes = steps[last]?.outcome !== null;
  const evidence = verdict.because.flatMap((claim) => claim.lines);
  const frames = crashes ? openCalls(steps) : [];
  const first = steps.findIndex((s) => s.thread === steps[last]?.thread);
  const places: Place[] = [
    ...(crashes ? faultLines(incident).map((line): Place => [last, line]) : []),
    ...frames.map(([fn, step]): Place => [step, incident.frames.find((f) => sourceName(f.symbol) === fn)?.line]),
    ...freedAt(steps, incident),
    ...printed(triage, steps, evidence),
    // Only the deferred-probe worker tries again.
    ...(/deferred retry/.test(story.threads[steps[last]?.thread ?? 0] ?? '') &&
    /deferred_probe_work_func/.test(incident.workqueue ?? '')
      ? [[first, incident.at.workqueue] as Place]
      : []),
  ];
  return steps.map((_, i) => {
    const lines = [...new Set(places.filter(([step]) => step === i).map(([, line]) => line))];
    return lines
      .filter((line) => line !== null && line !== undefined)
      .sort((a, b) => a - b)
      .map((line) => ({ line, text: triage.log.lineText(line)?.trim() ?? '' }))
      .filter(({ text }) => text !== '');
  });
}

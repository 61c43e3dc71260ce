/** What to do about it: which release has the fix, which commits to pick. Suggestions are worded as such. */
import { fixAdvice } from './advice.ts';
import { identifyRelease } from './release.ts';
import type { Claim, KernelIdentity, Verdict } from './types.ts';

/** Nothing for a log without a crash of the race's kind. */
export function adviceFor(kernel: KernelIdentity, verdict: Verdict): readonly Claim[] {
  if (verdict.class !== 'confirmed' && verdict.class !== 'possible') return [];
  const version = kernel.release === null ? null : identifyRelease(kernel.release).version;
  if (!version)
    return [
      {
        text: 'suggestion: move to 6.6.5, 6.1.68 or any later release of those branches, or to 6.7 or newer',
        lines: [],
      },
    ];
  const advice = fixAdvice(version);
  return [
    { text: advice.fact, lines: [] },
    ...(advice.suggestion ? [{ text: `suggestion: ${advice.suggestion}`, lines: [] }] : []),
  ];
}

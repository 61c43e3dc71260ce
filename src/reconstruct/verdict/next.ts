/** What to do about it: which release has the fix, which commits to pick. Suggestions are worded as such. */
import { FIX } from '../../sim/eras/releases.ts';
import { fixesIn, HYPOTHESES } from '../../sim/hypotheses/hypotheses.ts';
import { fixAdvice, MOVE } from '../kernel/advice.ts';
import { versionText } from '../kernel/version.ts';
import type { Claim, KernelIdentity, Verdict } from '../types.ts';

/** Nothing for a log whose crash is not known to be of the race's kind. */
export function adviceFor(kernel: KernelIdentity, verdict: Verdict): readonly Claim[] {
  if (verdict.class === 'excluded') return elsewhere(verdict, kernel);
  if (verdict.class !== 'confirmed' && verdict.class !== 'possible') return [];
  const { version } = kernel;
  if (!version) return [suggest(MOVE)];
  const { fact, fixed, suggestion } = fixAdvice(version);
  if (fixed && kernel.fix.status === 'absent') {
    return [
      say(fact),
      suggest(
        `this tree is of ${versionText(version)} and lacks ${FIX.commit}: find out why it was taken out, and put it back`,
      ),
    ];
  }
  return suggestion === null ? [say(fact)] : [say(fact), suggest(suggestion)];
}

/** Another hypothesis explains the crash: what closes that. */
function elsewhere({ hypothesis }: Verdict, { era }: KernelIdentity): readonly Claim[] {
  if (hypothesis === null) return [];
  const fixes = fixesIn(HYPOTHESES.get(hypothesis)!, era);
  return [
    say(fixes.length === 0 ? `no one commit closes ${hypothesis}` : `${hypothesis} is closed by ${fixes.join(', ')}`),
  ];
}

const say = (text: string): Claim => ({ text, lines: [] });
const suggest = (text: string): Claim => say(`suggestion: ${text}`);

/** What to do next, the same in every format: no report ends without it. */

import type { Triage } from '../../reconstruct/types.ts';
import type { Capture } from './kinds.ts';
import { nextForOther } from './other-crash.ts';
import { decidingCrash } from './wording.ts';

/** For a boot in which nothing fell over that is printed. */
const NO_CRASH: readonly Capture[] = [
  {
    text: 'if it did fall over, the end is missing here: read it back after the reboot',
    command: 'cat /sys/fs/pstore/console-ramoops-0 /sys/fs/pstore/dmesg-ramoops-* | oopsreplay',
  },
];

/** For a log of which nothing else is known to help. */
const WHOLE: Capture = {
  text: 'judge the whole log of that boot',
  command: 'journalctl -k -b -1 --no-pager | oopsreplay',
};

const advised = (triage: Triage): readonly Capture[] => triage.advice.map(({ text }) => ({ text, command: null }));

/** What would settle the verdict, and for another crash what would find its cause. */
export function captures(triage: Triage): readonly Capture[] {
  const { verdict } = triage;
  const other = nextForOther(triage, decidingCrash(triage));
  const all = [...verdict.settle, ...other];
  if (all.length > 0) return all;
  if (verdict.class === 'no-crash') return NO_CRASH;
  return triage.advice.length > 0 ? [] : [WHOLE];
}

/** Advice first, then what to capture. Never empty. */
export function nextSteps(triage: Triage): readonly Capture[] {
  return [...advised(triage), ...captures(triage)];
}

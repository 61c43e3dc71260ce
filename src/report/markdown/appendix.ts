/** The oops as it was read, as the list and the frames that end a markdown report. */

import type { JudgedCrash } from '../../reconstruct/types.ts';
import { asRead, framesRead } from '../story/as-read.ts';
import { type Block, code, type Inline, lines, list, words } from './tree.ts';

/** What was read of a crash: a list, then the frames. */
export function appendix(crash: JudgedCrash): Block[] {
  const items = asRead(crash).map(({ label, text, line, more }): Inline[] => {
    const behind = more === null ? (line === null ? '' : ` (line ${line})`) : more > 0 ? ` and ${more} more` : '';
    return [...words(`${label}: `, true), ...code(text), ...words(behind, true)];
  });
  const frames = framesRead(crash.incident);
  return [
    ...list([...items, crash.incident.complete ? [] : words('the end mark of the report is not in the log')]),
    ...(frames.length > 0 ? [lines(frames)] : []),
  ];
}

/** ^C while a batch runs. */
import { complain, EXIT } from '../exit.ts';
import type { Progress } from './progress.ts';

/** What a ^C does: the first time what was begun is finished, the second time it ends at once. */
export interface Interruption {
  readonly stopped: () => boolean;
  /** From now on it is said on these lines. */
  readonly saidOn: (progress: Progress) => void;
  readonly forget: () => void;
}

/** To be asked for before anything is written: who interrupts a run that has begun a store is to find it whole. */
export function interruptible(): Interruption {
  let times = 0;
  let on: Progress | null = null;
  const speak = () => complain('interrupted: what was begun is finished; once more ends it now');
  const onSignal = () => {
    if (++times > 1) process.exit(EXIT.interrupted);
    if (on === null) speak();
    else on.say(speak, true);
  };
  process.on('SIGINT', onSignal);
  return {
    stopped: () => times > 0,
    saidOn: (progress) => {
      on = progress;
    },
    forget: () => process.off('SIGINT', onSignal),
  };
}

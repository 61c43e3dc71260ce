/** `oopsreplay --follow [PATH]`: judges each report of a log that goes on, as soon as it is over. */

import { complain, complainOfFailure, EXIT, type ExitStatus } from '../exit.ts';
import { follow } from '../io/follow.ts';
import { whyUnread } from '../io/input.ts';
import { type FailOn, isAtLeast, type LogOptions } from '../options.ts';
import { LiveLog } from '../parser/live.ts';
import type { Triage, TriageOptions } from '../reconstruct/types.ts';

/** Milliseconds without a line like a report's after which it is over. */
const SILENCE = 2000;

export interface FollowOptions extends LogOptions {
  readonly failOn?: FailOn;
  /** Seconds after which it ends, whatever came. */
  readonly timeout?: number;
}

/** Each report that begins at `from` or later, as a boot's result of its own. */
function reportsFrom(triages: readonly Triage[], from: number): readonly Triage[] {
  return triages.flatMap((one) =>
    one.crashes
      .filter(({ incident }) => incident.span.from >= from)
      .map((crash) => ({ ...one, crashes: [crash], verdict: crash.verdict })),
  );
}

/** Says why nothing more comes of an input: it cannot be read, or we failed at it. */
function unfollowed(name: string, error: unknown): ExitStatus {
  const why = whyUnread(error);
  if (why === null) return complainOfFailure(error, name);
  complain(`${name}: ${why}`);
  return EXIT.usage;
}

/** Follows until the input ends, `--timeout` is over, or a verdict is at or above `--fail-on`; `emit` prints. */
export async function followLog(
  name: string,
  options: FollowOptions,
  asked: TriageOptions,
  emit: (triage: Triage) => Promise<void>,
): Promise<ExitStatus> {
  const { triage } = await import('../reconstruct/triage.ts');
  const live = new LiveLog();
  let resolve: (status: ExitStatus) => void = () => {};
  const promise = new Promise<ExitStatus>((done) => {
    resolve = done;
  });
  let printing = Promise.resolve();
  let quiet: NodeJS.Timeout | null = null;
  const judge = (log: Uint8Array, from: number): number => {
    let told = from;
    for (const one of reportsFrom(triage(log, { name }, asked), from)) {
      told = Math.max(told, one.crashes[0]!.incident.span.from + 1);
      printing = printing.then(() => emit(one));
      if (options.failOn !== undefined && isAtLeast(one, options.failOn)) {
        resolve(EXIT.found);
        break;
      }
    }
    return told;
  };
  const settle = () => live.finish(judge);
  let stop = () => {};
  const timer =
    options.timeout === undefined
      ? null
      : setTimeout(() => {
          settle();
          resolve(EXIT.ok);
        }, options.timeout * 1000);
  try {
    stop = follow(name, {
      onData: (piece) => {
        if (!live.take(piece, judge)) return;
        if (quiet !== null) clearTimeout(quiet);
        quiet = setTimeout(settle, SILENCE);
      },
      onEnd: (error) => {
        settle();
        resolve(error === null ? EXIT.ok : unfollowed(name, error));
      },
    });
  } catch (error) {
    resolve(unfollowed(name, error));
  }
  const status = await promise;
  stop();
  if (quiet !== null) clearTimeout(quiet);
  if (timer !== null) clearTimeout(timer);
  await printing;
  return status;
}

/** How far a batch is: a bar with rate and time left on a terminal, a line now and then where nobody watches. On standard error. */
import type { Params, SingleBar } from 'cli-progress';
import { plural } from '../words.ts';

/** Between lines that nobody watches, in milliseconds. */
const NOW_AND_THEN = 10_000;
/** Before that an estimate is a guess: threads start, and the first logs are judged slowest. */
const ESTIMATED_AFTER = 3000;

export interface Progress {
  /** Inputs that are known to be there; may grow. */
  readonly found: (inputs: number) => void;
  /** One more is done. */
  readonly done: () => void;
  /** Has something else said on the same stream, on lines of its own. `onward`: below what stands there, a ^C of the terminal too. */
  readonly say: (speak: () => void, onward?: boolean) => void;
  readonly stop: () => void;
}

/** "1 h 12 min", "3 min 20 s", "8 s". */
export function timeLeft(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The line of the bar, in as many columns as there are: what there is no room for is left out, nothing is cut. `elapsed` in milliseconds. */
export function barLine(count: number, total: number, elapsed: number, columns: number): string {
  const rate = elapsed > 0 ? (count * 1000) / elapsed : 0;
  const left =
    elapsed >= ESTIMATED_AFTER && rate > 0 && total > count ? timeLeft(((total - count) * 1000) / rate) : null;
  const parts = [
    total > count ? `${count} of ${plural(total, 'input')}` : plural(count, 'input'),
    ...(rate > 0 ? [`${rate.toFixed(0)}/s`] : []),
    ...(left === null ? [] : [`${left} left`]),
  ];
  while (parts.length > 1 && parts.join(', ').length >= columns) parts.splice(1, 1);
  const text = parts.join(', ');
  const room = Math.min(24, columns - text.length - 2);
  if (room < 6) return text.length < columns ? text : String(count).slice(0, Math.max(0, columns - 1));
  const full = total === 0 ? 0 : Math.round((Math.min(count, total) / total) * room);
  return `${'='.repeat(full)}${'-'.repeat(room - full)} ${text}`;
}

async function bar(stream: NodeJS.WriteStream): Promise<Progress> {
  const { SingleBar: Bar } = await import('cli-progress');
  const started = performance.now();
  let count = 0;
  let total = 0;
  const one: SingleBar = new Bar({
    format: (_: unknown, { value, total: all }: Params) =>
      barLine(value, all, performance.now() - started, stream.columns ?? 80),
    stream,
    hideCursor: null,
    clearOnComplete: true,
    // Without it the terminal cuts whatever else is written meanwhile.
    linewrap: true,
    gracefulExit: false,
  });
  one.start(0, 0);
  return {
    found: (inputs) => {
      total = Math.max(inputs, count);
      one.setTotal(total);
    },
    done: () => {
      count++;
      if (count > total) {
        total = count;
        one.setTotal(total);
      }
      one.update(count);
    },
    say: (speak, onward = false) => {
      stream.write(onward ? '\n' : '\r\x1b[K');
      speak();
      one.render();
    },
    stop: () => one.stop(),
  };
}

function lines(stream: NodeJS.WriteStream): Progress {
  const started = performance.now();
  let said = started;
  let count = 0;
  let total = 0;
  return {
    found: (inputs) => {
      total = inputs;
    },
    done: () => {
      count++;
      const now = performance.now();
      if (now - said < NOW_AND_THEN) return;
      said = now;
      const rate = (count * 1000) / (now - started);
      const left = total > count ? `, ${timeLeft(((total - count) * 1000) / rate)} left` : '';
      stream.write(
        `oopsreplay: ${total > count ? `${count} of ${plural(total, 'input')}` : plural(count, 'input')}, ${rate.toFixed(0)}/s${left}\n`,
      );
    },
    say: (speak) => speak(),
    stop: () => {},
  };
}

export async function progressOn(stream: NodeJS.WriteStream): Promise<Progress> {
  return stream.isTTY ? bar(stream) : lines(stream);
}

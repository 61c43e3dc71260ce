/** How far a batch is: a bar with rate and time left on a terminal, a line now and then where nobody watches. On standard error. */
import type { SingleBar } from 'cli-progress';

/** Between lines that nobody watches, in milliseconds. */
const NOW_AND_THEN = 10_000;

export interface Progress {
  /** Inputs that are known to be there; may grow. */
  readonly found: (inputs: number) => void;
  /** One more is done. */
  readonly done: () => void;
  readonly stop: () => void;
}

async function bar(stream: NodeJS.WriteStream): Promise<Progress> {
  const { SingleBar: Bar } = await import('cli-progress');
  const format = '{bar} {value} of {total} inputs, {speed}/s, {eta_formatted} left';
  const options = {
    format,
    stream,
    barsize: 24,
    hideCursor: null,
    clearOnComplete: true,
    etaBuffer: 200,
    gracefulExit: false,
  };
  const one: SingleBar = new Bar(options);
  const started = performance.now();
  let count = 0;
  let total = 0;
  one.start(0, 0, { speed: '0' });
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
      one.update(count, { speed: ((count * 1000) / (performance.now() - started)).toFixed(0) });
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
      const left = total > count ? `, ${Math.ceil((total - count) / rate)} s left` : '';
      stream.write(`oopsreplay: ${count} ${total > count ? `of ${total} ` : ''}inputs, ${rate.toFixed(0)}/s${left}\n`);
    },
    stop: () => {},
  };
}

export async function progressOn(stream: NodeJS.WriteStream): Promise<Progress> {
  return stream.isTTY ? bar(stream) : lines(stream);
}

/** The page's side of the worker: it is begun when it is first asked, and ended when its user will not wait. */
import { found } from './element.ts';
import type { Answer, Ask } from './messages.ts';
import { trust } from './trust.ts';

/** The worker's script is in the page, as text. */
const script = new Blob([found('worker').textContent ?? ''], { type: 'text/javascript' });
let worker: Worker | null = null;
/** Ends what the worker is at; what was asked is rejected with "stopped". */
let stop: (() => void) | null = null;

export function stopWorker(): void {
  stop?.();
}

function started(): Worker {
  const url = URL.createObjectURL(script);
  const made = new Worker(trust.createScriptURL(url));
  URL.revokeObjectURL(url);
  return made;
}

/** Asks the worker and hands on each of its answers until the end. Rejects with what is to be said to the user. */
export function ask(question: Ask, take: (answer: Answer) => void = () => {}): Promise<void> {
  worker ??= started();
  const asked = worker;
  return new Promise((resolve, reject) => {
    stop = () => {
      asked.terminate();
      worker = null;
      reject(new Error('stopped'));
    };
    asked.onerror = (event) => {
      event.preventDefault();
      worker = null;
      stop = null;
      reject(new Error(`the page failed: ${event.message}`));
    };
    asked.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.is !== 'end') {
        take(data);
        return;
      }
      stop = null;
      if (data.said === null) resolve();
      else reject(new Error(data.defect ? `a defect of this page, not of your log: ${data.said}` : data.said));
    };
    asked.postMessage(question);
  });
}

/** The text that a question is answered with. */
export async function answered(question: Ask): Promise<string> {
  let text = '';
  await ask(question, (answer) => {
    if (answer.is === 'text') ({ text } = answer);
  });
  return text;
}

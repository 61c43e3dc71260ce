/** A thread of the pool: judges tasks, and asks through the task's port which contents are new. What it learns of the model it keeps. */
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { useAnswers } from '../io/answers.ts';
import { refuseOldNode } from '../needed.ts';
import { type Outcome, run, type Task } from './task.ts';

refuseOldNode();
useAnswers();

export default async function thread({ port, ...task }: Task & { readonly port: MessagePort }): Promise<Outcome[]> {
  try {
    return await run(task, async (contents) => {
      const answer = once(port, 'message');
      port.postMessage(contents);
      return (await answer)[0] as readonly boolean[];
    });
  } finally {
    port.close();
  }
}

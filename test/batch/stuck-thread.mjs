// A thread for watch.test.ts: an input called "hangs" never ends, all others are defects that say who judged them.
const [ITEM, BEATS, THREAD, TURN] = [0, 1, 2, 3];

import { threadId } from 'node:worker_threads';

let turn = 0;

export default async function thread({ items, pulse, port }) {
  const outcomes = items.map(({ path }, i) => {
    Atomics.store(pulse, THREAD, threadId);
    Atomics.store(pulse, TURN, ++turn);
    Atomics.store(pulse, ITEM, i);
    Atomics.add(pulse, BEATS, 1);
    while (path === 'hangs');
    return { is: 'unreadable', said: [{ code: 'OR201', text: `${path} was looked at` }] };
  });
  port.close();
  return outcomes;
}

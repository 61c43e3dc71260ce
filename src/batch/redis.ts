/** BullMQ on Redis, for those whom one machine does not serve: no dependency of ours, loaded when a queue is asked for. */
import { UsageError } from '../exit.ts';
import { reasonOf } from '../io/input.ts';
import { MODEL } from './version.ts';

/** Versions that this one was tested with. */
export const NEEDED = 'bullmq@6.7.0 ioredis@5.11.1';

/** Workers take jobs of their own version only: another one would come to other verdicts. */
export const QUEUE = `oopsreplay-${MODEL.replace(/[^\w.-]/g, '-')}`;

/** Before that a Redis that does not answer may be starting. */
const PATIENCE = 5_000;

export async function engine() {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { ...bullmq, Redis: ioredis.Redis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(`--queue: needs BullMQ, which is not installed beside oopsreplay: npm install ${NEEDED}`);
  }
}

/** The address without a password in it. */
export function nameOf(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

/** A connection that waits for Redis to come back once it was there. Throws UsageError where it is not there. */
export async function connect(url: string) {
  const { Redis } = await engine();
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(times * 100, 2000) });
  let last = 'no answer';
  // Without a listener a lost connection would end the process; it comes back by itself.
  redis.on('error', (error: NodeJS.ErrnoException) => {
    last = reasonOf(error);
  });
  const ready = await Promise.race([
    redis.ping().then(
      () => true,
      () => false,
    ),
    new Promise<false>((done) => setTimeout(done, PATIENCE, false).unref()),
  ]);
  if (ready) return redis;
  redis.disconnect();
  throw new UsageError(`--queue ${nameOf(url)}: ${last}`);
}

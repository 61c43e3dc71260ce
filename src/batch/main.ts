/** `oopsreplay batch`: from the command's options to what it prints and the status it ends with. */
import { availableParallelism } from 'node:os';
import type { BatchOptions } from '../commands/batch.ts';
import { checkOptions } from '../commands/judge.ts';
import { triageOptions } from '../commands/log-options.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import { Ledger } from './ledger.ts';
import { namesOn } from './list.ts';
import { poolOf } from './pool.ts';
import { Batch, complainOf } from './run.ts';
import { statisticsOf } from './statistics.ts';
import { headsOf, inputsOf, Store } from './store.ts';
import { modelWith } from './version.ts';
import { type Step, walk } from './walk.ts';

/** What a store holds, counted by what this model judged. */
export function load(folder: string, ledger: Ledger): void {
  for (const head of headsOf(folder)) ledger.record(head);
  for (const line of inputsOf(folder)) ledger.input(line, `${JSON.stringify(line)}\n`);
}

async function* steps(paths: readonly string[], skip: string | null): AsyncGenerator<Step> {
  for (const path of paths) {
    if (path !== '-') yield* walk(path, { skip });
    else for await (const name of namesOn(process.stdin)) yield* walk(name, { skip });
  }
}

export async function batch(paths: readonly string[], options: BatchOptions): Promise<ExitStatus> {
  await checkOptions(options);
  const judging = triageOptions({ ...options, format: 'text' });
  const ledger = new Ledger(modelWith(judging));
  const store = options.store === undefined ? null : new Store(options.store);
  let status: ExitStatus = EXIT.ok;
  try {
    if (store !== null) load(store.folder, ledger);
    const pool = await poolOf(options.workers ?? availableParallelism());
    try {
      const run = new Batch({
        ledger,
        pool,
        store,
        options: judging,
        stopped: () => false,
        result: (result) => {
          if (result.line.status === 'unreadable' || (result.given && result.line.status === 'refused'))
            status = EXIT.usage;
          complainOf(result);
        },
      });
      await run.all(steps(paths, options.store ?? null));
    } finally {
      await pool.close();
    }
  } finally {
    store?.close();
  }
  process.stdout.write(JSON.stringify(statisticsOf(ledger), null, 1));
  return status;
}

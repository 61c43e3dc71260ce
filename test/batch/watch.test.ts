/** No run waits for ever, and none ends with inputs that have no result. */
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Commits } from '../../src/batch/commit.ts';
import { Ledger } from '../../src/batch/ledger.ts';
import type { Found } from '../../src/batch/open.ts';
import { poolOf } from '../../src/batch/pool.ts';
import { Batch } from '../../src/batch/run.ts';
import { type Result, told } from '../../src/batch/slot.ts';

const THREAD = pathToFileURL('test/batch/stuck-thread.mjs').href;

afterEach(() => {
  vi.restoreAllMocks();
});

const found = (path: string): Found => ({ path, bytes: 1 << 18, modified: 0, identity: [0, 0], at: path, given: true });

describe('an input at which a thread makes no progress', () => {
  it('is named, then given up as a defect, and all others are judged by the thread that takes its place', async () => {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
    const pool = poolOf(1, { thread: THREAD, patience: { named: 200, given: 800 } });
    const results: Result[] = [];
    const batch = new Batch({
      ledger: new Ledger('this'),
      pool,
      store: null,
      options: {},
      result: (result) => results.push(result),
      judged: () => {},
      window: 16,
      stopped: () => false,
    });
    const names = ['a', 'b', 'hangs', 'c', 'd'];
    await batch.all(names.map((path) => ({ is: 'file', found: found(path) })));
    await pool.close();
    expect(results.map(({ line }) => [line.path, line.status])).toEqual(
      names.map((path) => [path, path === 'hangs' ? 'defect' : 'unreadable']),
    );
    expect(results[2]!.line.diagnostics).toMatchObject([
      { code: 'OR302', text: expect.stringMatching(/nothing went on in it/) },
    ]);
    expect(
      said.join('').match(/^oopsreplay: hangs: nothing has gone on in it for \d+ s; it is given up after 1 s$/gm),
    ).toHaveLength(1);
    expect(batch.missing).toBe(0);
  });
});

describe('results', () => {
  it('are counted against the inputs that were met', () => {
    const commits = new Commits({ ledger: new Ledger('this'), store: null, result: () => {}, judged: () => {} });
    commits.owe();
    commits.owe();
    const entry = { path: 'a', bytes: null, modified: null, given: true };
    commits.commit([{ entry, item: null, told: told('refused', []) }], []);
    expect(commits.missing).toBe(1);
  });
});

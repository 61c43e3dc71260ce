/** The store: killed at any moment it resumes, a second run does what is new, and another model judges again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { lock } from '../../src/batch/lock.ts';
import { headOf } from '../../src/batch/store.ts';
import { freshFolder } from '../cli/folder.ts';
import { size } from '../size.ts';
import { SAMPLES, variant, write } from './make.ts';

const at = freshFolder();
/** KILLS=50 LOGS=1000 SEED=... for the full measure (npm run kills). */
const KILLS = Number(process.env.KILLS ?? size(1, 6));
const LOGS = Number(process.env.LOGS ?? size(40, 120));
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const FILES = ['journal.ndjson', 'inputs.ndjson'];

function batch(...args: string[]) {
  return spawnSync(process.execPath, ['dist/cli.js', 'batch', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

const sorted = (store: string) => FILES.map((f) => readFileSync(join(store, f), 'utf8').split('\n').sort().join('\n'));

const logs = at('logs');
for (let i = 0; i < LOGS; i++) {
  // Every fifth content is there twice.
  const of = i % 5 === 4 ? i - 1 : i;
  write(join(logs, `${i % 7}`, `${i}.log`), variant(SAMPLES[of % SAMPLES.length]!, of));
}
/** What is said now and then of how far it is. */
const complaints = (stderr: string) => stderr.replace(/^oopsreplay: \d+ .*inputs, .*\n/gm, '');

describe('a store', () => {
  it(`is the same whether its run was killed ${KILLS} times or never (seed ${SEED})`, async () => {
    const begun = performance.now();
    const whole = batch(logs, '--store', at('whole'), '--workers', '2', '--format', 'json');
    expect([whole.status, complaints(whole.stderr)]).toEqual([0, '']);
    const took = performance.now() - begun;
    let state = SEED;
    const random = () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state / 2147483648;
    };
    let killed = 0;
    while (killed < KILLS) {
      const child: ChildProcess = spawn(
        process.execPath,
        ['dist/cli.js', 'batch', logs, '--store', at('killed'), '--workers', '2'],
        { stdio: 'ignore' },
      );
      const ended = once(child, 'exit');
      // From the start of the process to beyond its end.
      const timer = setTimeout(() => child.kill('SIGKILL'), 50 + random() * Math.min(took, 8000));
      const [, signal] = await ended;
      clearTimeout(timer);
      // It came to its end before it was killed: from the start again.
      if (signal === null) rmSync(at('killed'), { recursive: true });
      else killed++;
      if (signal !== null && random() < 0.5 && existsSync(join(at('killed'), FILES[0]!)))
        // A write that got half way.
        appendFileSync(join(at('killed'), FILES[0]!), '{"schema":"oopsreplay/batch/1","conte');
    }
    const rest = batch(logs, '--store', at('killed'), '--workers', '1', '--format', 'json');
    expect([rest.status, complaints(rest.stderr)]).toEqual([0, '']);
    expect(sorted(at('killed'))).toEqual(sorted(at('whole')));
    // And what is told of it is the same, with as many workers as you like.
    expect(rest.stdout).toBe(whole.stdout);
    expect(batch(at('whole'), '--format', 'json').stdout).toBe(whole.stdout);
  });

  it('has in a second run only what is new, and judges a content once', () => {
    const before = sorted(at('whole'));
    const contents = before[0]!
      .split('\n')
      .filter((l) => l !== '')
      .map((l) => headOf(l).content);
    expect(new Set(contents).size).toBe(contents.length);
    expect(contents.length).toBeLessThan(LOGS);
    write(join(logs, 'new.log'), variant(SAMPLES[0]!, 99_999));
    const { stdout } = batch(logs, '--store', at('whole'), '--workers', '0', '--format', 'ndjson');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines.filter((l) => l.kind === 'input' && !l.known).map((l) => l.path)).toEqual([join(logs, 'new.log')]);
    expect(lines.filter((l) => l.kind === 'input')).toHaveLength(LOGS + 1);
    const after = sorted(at('whole'));
    for (const [i, text] of after.entries()) expect(text.split('\n').length).toBe(before[i]!.split('\n').length + 1);
    // Touched, not changed: known by its content.
    utimesSync(join(logs, 'new.log'), new Date(), new Date());
    batch(logs, '--store', at('whole'), '--workers', '0');
    expect(sorted(at('whole'))[0]).toBe(after[0]);
    rmSync(join(logs, 'new.log'));
  });

  it('judges again what another model or other options judged, and counts each log once', () => {
    const few = join(logs, '0');
    const options = ['--store', at('again'), '--workers', '0', '--format', 'json'];
    const first = JSON.parse(batch(few, ...options).stdout);
    const second = JSON.parse(batch(few, ...options, '--not-fixed', 'a2e7e59a9426').stdout);
    expect(second.logs).toBe(first.logs);
    expect(second.model).toBe(`${first.model} --not-fixed a2e7e59a9426`);
    expect(second.classes.confirmed).toBeGreaterThanOrEqual(first.classes.confirmed);
    const lines = readFileSync(join(at('again'), 'journal.ndjson'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(first.logs * 2);
    expect(JSON.parse(batch(at('again'), '--format', 'json').stdout)).toEqual(second);
  });

  it('has one writer; what a dead one left is taken over', () => {
    const folder = at('whole');
    const unlock = lock(folder);
    expect(batch(logs, '--store', folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('writes to it'),
    });
    unlock();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(folder, 'lock'), JSON.stringify({ ...JSON.parse(readOwner(folder)), pid: dead }));
    lock(folder)();
    // The number is another process's now.
    writeFileSync(join(folder, 'lock'), JSON.stringify({ ...JSON.parse(readOwner(folder)), started: '1' }));
    lock(folder)();
    writeFileSync(join(folder, 'lock'), '');
    lock(folder)();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('is there at once after a kill: a process that is still ending, or ended and never reaped, holds it no longer', async () => {
    const folder = at('whole');
    const lockedBy = (pid: number) => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      writeFileSync(join(folder, 'lock'), JSON.stringify({ ...JSON.parse(readOwner(folder)), pid, started }));
    };
    const ending = spawn('sleep', ['0.4']);
    lockedBy(ending.pid!);
    lock(folder)();
    // sh becomes a sleep that knows of no child, so that nobody reaps it.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
    try {
      const [said] = (await once(parent.stdout, 'data')) as [Buffer];
      const zombie = Number(said.toString());
      while (!/\) Z /.test(readFileSync(`/proc/${zombie}/stat`, 'latin1')))
        await new Promise((done) => setTimeout(done, 5));
      lockedBy(zombie);
      lock(folder)();
    } finally {
      parent.kill();
    }
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('refuses a file that is none of its own, and says so', () => {
    write(join(at('foreign'), 'journal.ndjson'), '{"schema":"other"}\n');
    expect(batch(logs, '--store', at('foreign'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('journal.ndjson:1: is not of oopsreplay/batch/1'),
    });
    expect(batch(at('nowhere'), '--baseline', at('foreign'), '--workers', '0').stderr).toContain('is no store');
  });

  it('names file and line where a store is damaged, as wrong usage and never as a defect', () => {
    const damaged = at('damaged');
    expect(batch(logs, '--store', damaged, '--workers', '1')).toMatchObject({ status: 0 });
    for (const file of ['journal.ndjson', 'inputs.ndjson']) {
      const path = join(damaged, file);
      const whole = readFileSync(path);
      const [first, second] = whole.toString().split('\n') as [string, string];
      const spoilt: readonly [string | Buffer, RegExp][] = [
        [second.slice(0, 40), /ndjson:2: is no JSON/],
        ['{"schema":"other"}', /ndjson:2: is not of oopsreplay/],
        [second.replace(/"content":"[0-9a-f]{64}"/, '"content":5'), /ndjson:2: its "content" is not what/],
        [second.replace(/"(?:class|status)":"[a-z-]+"/, '"$&":{}').replace('""', '"'), /ndjson:2: /],
        [Buffer.concat([Buffer.from(second.slice(0, -5)), Buffer.alloc(3)]), /ndjson:2: holds a NUL/],
        ['null', /ndjson:2: is not of/],
      ];
      for (const [line, said] of spoilt) {
        writeFileSync(path, Buffer.concat([Buffer.from(`${first}\n`), Buffer.from(line), Buffer.from('\n')]));
        const { status, stderr } = batch(damaged);
        expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(said) });
      }
      writeFileSync(path, whole);
    }
    expect(batch(damaged)).toMatchObject({ status: 0 });
  });

  it('SIGINT ends with what is done and 130', async () => {
    const child = spawn(process.execPath, [
      'dist/cli.js',
      'batch',
      logs,
      '--store',
      at('interrupted'),
      '--workers',
      '1',
      '--format',
      'json',
    ]);
    let out = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    while (!existsSync(join(at('interrupted'), 'journal.ndjson'))) await new Promise((done) => setTimeout(done, 10));
    child.kill('SIGINT');
    const [status] = await once(child, 'close');
    expect(status).toBe(130);
    const { stopped, logs: done } = JSON.parse(out);
    expect(stopped).toBe(true);
    expect(
      readFileSync(join(at('interrupted'), 'journal.ndjson'), 'utf8')
        .trimEnd()
        .split('\n')
        .filter((l) => l !== ''),
    ).toHaveLength(done);
    expect(existsSync(join(at('interrupted'), 'lock'))).toBe(false);
  });
});

/** A lock as this process would write it. */
function readOwner(folder: string): string {
  const unlock = lock(folder);
  const text = readFileSync(join(folder, 'lock'), 'utf8');
  unlock();
  return text;
}

describe('schema/batch.schema.json', () => {
  it('holds for every line of a store and all that is printed for programs', () => {
    const read = (name: string) => JSON.parse(readFileSync(`schema/${name}.schema.json`, 'utf8'));
    const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true })
      .addSchema(read('triage'))
      .compile(read('batch'));
    const hold = (value: unknown) => {
      validate(value);
      expect(validate.errors ?? []).toEqual([]);
    };
    const store = at('again');
    for (const file of FILES)
      for (const line of readFileSync(join(store, file), 'utf8').trimEnd().split('\n')) hold(JSON.parse(line));
    const summary = JSON.parse(batch(store, '--format', 'json', '--baseline', at('whole')).stdout);
    hold(summary);
    for (const line of batch(join(logs, '0'), '--workers', '0', '--format', 'ndjson').stdout.trimEnd().split('\n'))
      hold(JSON.parse(line));
    hold(JSON.parse(batch(store, '--bucket', summary.buckets[0].id, '--format', 'json').stdout));
    expect(validate({ ...summary, logs: -1 })).toBe(false);
    expect(validate({ ...summary, schema: 'oopsreplay/batch/1' })).toBe(false);
  });
});

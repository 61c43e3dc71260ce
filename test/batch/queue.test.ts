/** The same batch by workers over a queue: one of them is killed in the middle, Redis is restarted, and the journal is the one that a single process writes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { engine } from '../../src/batch/redis.ts';
import type { Outcome } from '../../src/batch/task.ts';
import { freshFolder } from '../cli/folder.ts';
import { REQUIRED } from '../size.ts';
import { SAMPLES, variant, write } from './make.ts';

const at = freshFolder();
const there = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const REDIS = there('redis-server');
if (!REDIS) console.warn('redis-server is not installed: the fleet is not tested (apt-get install redis-server)');
/** With CI set what is missing is a failure. */
const absent = !REDIS && !REQUIRED;

const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function redis(port: number, ...more: readonly string[]): Promise<ChildProcess> {
  mkdirSync(at('redis'), { recursive: true });
  const options = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    at('redis'),
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    ...more,
  ];
  const child = spawn('redis-server', options.map(String), { stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  for await (const text of child.stdout!) if (String(text).includes('Ready to accept')) break;
  child.stdout!.resume();
  return child;
}

function oopsreplay(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess & { readonly said: () => string } {
  const child = spawn(process.execPath, ['dist/cli.js', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  started.push(child);
  let said = '';
  child.stderr!.on('data', (text) => {
    said += text;
  });
  child.stdout!.resume();
  return Object.assign(child, { said: () => said });
}

const sorted = (store: string, file: string) => readFileSync(join(store, file), 'utf8').split('\n').sort().join('\n');
const size = (store: string) => {
  try {
    return readFileSync(join(store, 'journal.ndjson')).length;
  } catch {
    return 0;
  }
};
const until = async (holds: () => boolean, what: string) => {
  for (let i = 0; !holds(); i++) {
    if (i > 6000) throw new Error(`it never came to be that ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
};

describe.skipIf(absent)('a fleet', () => {
  it('loses nothing and doubles nothing when a worker is killed and Redis is restarted', async () => {
    const logs = at('logs');
    for (let i = 0; i < 160; i++) write(join(logs, `${i}.log`), variant(SAMPLES[i % SAMPLES.length]!, i >> 1));
    const alone = spawnSync(process.execPath, ['dist/cli.js', 'batch', logs, '--store', at('alone'), '--workers', '1']);
    expect(alone.status).toBe(0);

    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    let server = await redis(port);
    const batch = oopsreplay(['batch', logs, '--store', at('fleet'), '--queue', url]);
    const ended = once(batch, 'exit');
    const worker = () => oopsreplay(['worker', '--queue', url, '--workers', '1', '--lease', '2', '--root', logs]);
    const [first, second] = [worker(), worker()];
    await until(() => size(at('fleet')) > 0, 'a result came');
    first.kill('SIGKILL');
    await until(() => size(at('fleet')) > size(at('alone')) / 3, 'a third was done');
    server.kill('SIGTERM');
    await once(server, 'exit');
    server = await redis(port);
    const [status] = await ended;
    expect([status, batch.said()]).toEqual([0, expect.not.stringContaining('defect')]);
    second.kill('SIGTERM');
    expect((await once(second, 'exit'))[0]).toBe(0);
    server.kill('SIGTERM');
    for (const file of ['journal.ndjson', 'inputs.ndjson'])
      expect(sorted(at('fleet'), file)).toBe(sorted(at('alone'), file));
  });

  it('can carry the logs themselves, for workers that see no file of ours', async () => {
    const logs = at('few');
    for (let i = 0; i < 20; i++) write(join(logs, `${i}.log`), variant(SAMPLES[i % SAMPLES.length]!, i));
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    await redis(port);
    const worker = oopsreplay(['worker', '--queue', url, '--workers', '0']);
    const batch = oopsreplay(['batch', logs, '--store', at('sent'), '--queue', url, '--contents']);
    expect((await once(batch, 'exit'))[0]).toBe(0);
    worker.kill('SIGINT');
    expect((await once(worker, 'exit'))[0]).toBe(130);
    spawnSync(process.execPath, ['dist/cli.js', 'batch', logs, '--store', at('own'), '--workers', '0']);
    for (const file of ['journal.ndjson', 'inputs.ndjson'])
      expect(sorted(at('sent'), file)).toBe(sorted(at('own'), file));
  });
});

/** Redis is stopped when the folder goes; each test has its own. */
describe.skipIf(absent)('a queue that others write to', () => {
  const queued = async (url: string, model: string) => {
    const name = `oopsreplay-${model.replace(/[^\w.-]/g, '-')}`;
    const { Queue, Redis } = await engine();
    const connection = new Redis(url, { maxRetriesPerRequest: null });
    const events = new (await import('bullmq')).QueueEvents(name, { connection: connection.duplicate() });
    const queue = new Queue(name, { connection });
    return {
      ask: async (data: unknown) => {
        const job = await queue.add('judge', data);
        return job.waitUntilFinished(events, 60_000);
      },
      close: async () => {
        await events.close();
        await queue.close();
        connection.disconnect();
      },
    };
  };
  const reference = (path: string) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return { path, at: path, bytes: stat?.size ?? 7, modified: Math.floor(stat?.mtimeMs ?? 7), given: true };
  };

  it('learns nothing of files outside the root of a worker, not even whether they are there', async () => {
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    await redis(port);
    const root = at('root');
    write(join(root, 'in.log'), readFileSync(SAMPLES[0]!, 'utf8'));
    write(at('secret.log'), readFileSync(SAMPLES[1]!, 'utf8'));
    symlinkSync(at('secret.log'), join(root, 'link.log'));
    const worker = oopsreplay(['worker', '--queue', url, '--workers', '0', '--root', root]);
    const paths = [
      '/etc/shadow',
      '/etc/passwd',
      '/no/such/file',
      at('secret.log'),
      join(root, 'link.log'),
      root,
      join(root, '../secret.log'),
    ];
    const built = /worker (\S+) listens/;
    await until(() => built.test(worker.said()), 'the worker listens');
    const model = built.exec(worker.said())![1]!;
    const jobs = await queued(url, model);
    const came = (await jobs.ask({ items: paths.map(reference), model, options: {} })) as Outcome[];
    expect(new Set(came.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(came[0]).toMatchObject({ is: 'unreadable' });
    const [own] = (await jobs.ask({ items: [reference(join(root, 'in.log'))], model, options: {} })) as Outcome[];
    expect(own).toMatchObject({ is: 'judged' });
    // A bomb in a job, and what is no job at all.
    const bomb = gzipSync(Buffer.alloc(64 << 20)).toString('base64');
    const [grew] = (await jobs.ask({ items: [{ path: 'bomb', gzip: bomb }], model, options: {} })) as Outcome[];
    expect(grew).toMatchObject({ is: 'unreadable', said: [{ code: 'OR110' }] });
    for (const poison of [
      {},
      { items: 5, model },
      { items: [{ path: 5 }], model },
      { items: Array(5000).fill(reference('/x')), model },
    ])
      await expect(jobs.ask(poison)).rejects.toThrow('is no job');
    await jobs.close();
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  });

  it('with a password and a user of few rights serves, and says what is refused', async () => {
    const port = await freePort();
    await redis(
      port,
      '--user',
      'lab',
      'on',
      '>secret',
      '~*',
      '&*',
      '+@all',
      '-@dangerous',
      '+info',
      '--user',
      'default',
      'off',
    );
    const logs = at('acl');
    for (let i = 0; i < 4; i++) write(join(logs, `${i}.log`), variant(SAMPLES[i]!, i));
    const url = `redis://lab:secret@127.0.0.1:${port}`;
    const worker = oopsreplay(['worker', '--queue', url, '--workers', '0', '--root', logs]);
    const batch = oopsreplay(['batch', logs, '--store', at('acl-store'), '--queue', url]);
    expect([(await once(batch, 'exit'))[0], batch.said()]).toEqual([0, expect.not.stringContaining('secret')]);
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    const wrong = oopsreplay(['batch', logs, '--queue', `redis://lab:wrong@127.0.0.1:${port}`]);
    expect((await once(wrong, 'exit'))[0]).toBe(2);
    expect(wrong.said()).toMatch(/WRONGPASS|NOAUTH/);
    expect(wrong.said()).not.toContain('lab:wrong');
  });

  it('over TLS serves whoever trusts its certificate', async () => {
    const [key, cert] = [at('tls.key'), at('tls.crt')];
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ]);
    expect(made.status).toBe(0);
    const [port, tls] = [await freePort(), await freePort()];
    await redis(
      port,
      '--tls-port',
      String(tls),
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
      '--tls-ca-cert-file',
      cert,
      '--tls-auth-clients',
      'no',
    );
    const logs = at('tls');
    for (let i = 0; i < 3; i++) write(join(logs, `${i}.log`), variant(SAMPLES[i]!, i));
    const url = `rediss://127.0.0.1:${tls}`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: cert };
    const worker = oopsreplay(['worker', '--queue', url, '--workers', '0', '--root', logs], env);
    const batch = oopsreplay(['batch', logs, '--store', at('tls-store'), '--queue', url], env);
    expect([(await once(batch, 'exit'))[0], batch.said()]).toEqual([0, expect.not.stringContaining('defect')]);
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    const stranger = oopsreplay(['batch', logs, '--queue', url]);
    expect((await once(stranger, 'exit'))[0]).toBe(2);
    expect(stranger.said()).toMatch(/SELF_SIGNED|self.signed/i);
  });
});

describe('the queue', () => {
  it('says what to install where BullMQ is not, and what is wrong where Redis is not', async () => {
    const folder = at('bare');
    mkdirSync(folder);
    cpSync('dist', join(folder, 'dist'), { recursive: true });
    write(join(folder, 'package.json'), '{"type":"module"}');
    const bare = (cli: string, url: string) =>
      spawnSync(process.execPath, [cli, 'batch', resolve(SAMPLES[0]!), '--queue', url], { encoding: 'utf8' });
    expect(bare(join(folder, 'dist/cli.js'), 'redis://127.0.0.1:1')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('npm install bullmq@'),
    });
    const away = bare('dist/cli.js', 'redis://user:secret@127.0.0.1:1');
    expect(away).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('redis://127.0.0.1:1: connection refused'),
    });
    expect(away.stderr).not.toContain('secret');
  });
});

const PARALLEL = there('parallel');
if (!PARALLEL)
  console.warn('GNU parallel is not installed: the plain filter is not tested under it (apt-get install parallel)');

describe.skipIf(!PARALLEL && !REQUIRED)('the plain filter under GNU parallel', () => {
  it('gives the lines that one process gives', () => {
    const logs = SAMPLES.slice(0, 8);
    const one = spawnSync(process.execPath, ['dist/cli.js', 'triage', '--format', 'ndjson', ...logs], {
      encoding: 'utf8',
    });
    const many = spawnSync(
      'parallel',
      ['--will-cite', '-k', '-j2', `${process.execPath} dist/cli.js triage --format ndjson - < {}`],
      { input: logs.join('\n'), encoding: 'utf8' },
    );
    // The name is in the source, and in the commands that are there to be copied.
    const unnamed = (text: string) =>
      logs.reduce((named, log) => named.replaceAll(`"name":"${log}"`, '"name":"-"').replaceAll(log, 'LOG'), text);
    expect(many.status).toBe(0);
    expect(many.stdout).toBe(unnamed(one.stdout));
  });
});

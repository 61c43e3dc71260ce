// Many logs: stores that are killed over, two at once on one, odd folders, known buckets, a queue.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { mutated, realLog } from './logs.mjs';
import { BATCH, storeLine } from './readers.mjs';

const ROOT = process.getuid?.() === 0;
/** Who may not read everything. */
const NOBODY = ROOT ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : [];

const linesOf = (text) => text.split('\n').filter(Boolean);
const inputLines = (stdout) =>
  linesOf(stdout)
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind === 'input');

export function batches({ run, hold, input, failed, work, count, totals }, d) {
  const { draw, pick, one, maybe } = d;
  let made = 0;
  const folderOf = (many) => {
    const name = `logs-${made++}`;
    for (let i = 0; i < many; i++) input(join(name, `${i % 3 === 0 ? 'deep/' : ''}${i}.log`), mutated(d));
    return join(work, name);
  };
  const workers = () => ['--workers', String(draw(3))];

  /** A batch as ndjson, with a line for each of `many` inputs. */
  async function whole(what, args, many, how = {}) {
    const { status, stdout, stderr } = await run(what, ['batch', '--format', 'ndjson', ...args], how);
    hold(what, args, stdout, BATCH.ndjson);
    const lines = inputLines(stdout);
    // Members of archives have lines of their own.
    const inputs = lines.filter(({ path }) => !path.includes('!'));
    if (many !== null && inputs.length !== many)
      failed(what, args, `${inputs.length} results of ${many} inputs: ${stderr.slice(0, 300)}`);
    return { status, stdout, stderr, lines };
  }

  /** The lines of a store, each by its schema, in an order that does not depend on who was first. */
  function store(folder, what = 'store') {
    const text = ['journal.ndjson', 'inputs.ndjson'].map((name) => readFileSync(join(folder, name), 'utf8'));
    for (const line of text.flatMap(linesOf)) hold(what, [folder], `${line}\n`, storeLine);
    return text.map((one) => linesOf(one).sort().join('\n'));
  }

  const actions = {
    async batch() {
      const many = 1 + draw(8);
      const format = pick(Object.keys(BATCH));
      const args = [
        'batch',
        ...workers(),
        '--format',
        format,
        ...maybe('--all'),
        ...maybe('--top', '3'),
        folderOf(many),
      ];
      const { status, stdout } = await run(`batch ${format}`, args);
      if (status !== 2 || stdout !== '') hold('batch', args, stdout, BATCH[format]);
    },
    async 'same with any workers'() {
      const many = 3 + draw(10);
      const folder = folderOf(many);
      const runs = [];
      for (const n of ['0', '1', '2']) runs.push(await whole('batch', ['--workers', n, folder], many));
      if (new Set(runs.map(({ stdout }) => stdout)).size > 1)
        failed('workers', [folder], 'the bytes differ by the number of workers');
    },
    async 'killed batch'() {
      const many = 8 + draw(12);
      const folder = folderOf(many);
      const [calm, wild] = [join(work, `calm-${made}`), join(work, `wild-${made}`)];
      const of = (at) => ['--store', at, ...workers(), folder];
      const first = await whole('batch', of(calm), many);
      let ended = false;
      for (let kills = 1 + draw(3); kills > 0; kills--) {
        const { status } = await run('killed batch', ['batch', '--format', 'ndjson', ...of(wild)], {
          kill: 100 + draw(1500),
          signal: pick(['SIGKILL', 'SIGKILL', 'SIGINT', 'SIGTERM']),
          allowed: [0, 2, 130, 143, null],
        });
        if (status === 0 || status === 2) ended = true;
      }
      const again = await whole('resumed batch', of(wild), many);
      if (store(calm).join() !== store(wild).join()) failed('resumed batch', [folder, calm, wild], 'the stores differ');
      // What was judged before the kill is known by now.
      const anew = (text) => text.replaceAll('"known":true', '"known":false');
      // One that came to its end before it was killed had the news.
      if (!ended && anew(first.stdout) !== anew(again.stdout))
        failed('resumed batch', [folder, calm, wild], 'what is printed differs');
    },
    async 'two on one store'() {
      const many = 2 + draw(6);
      const folder = folderOf(many);
      const at = join(work, `shared-${made++}`);
      const args = ['batch', '--store', at, ...workers(), '--format', 'ndjson', folder];
      const two = await Promise.all([0, 1].map(() => run('two on one store', args, { allowed: [0, 2] })));
      if (two.every(({ stdout }) => stdout === '')) failed('two on one store', args, 'neither of them ran');
      await whole('the store after two', ['--store', at, folder], many);
      const lines = store(at)[0]
        .split('\n')
        .map((line) => line.slice(0, line.indexOf(',"boots"')));
      if (new Set(lines).size !== lines.length) failed('two on one store', args, 'a content was judged twice');
      hold('view', [at], (await run('view', ['batch', at])).stdout);
    },
    async 'hurt store'() {
      const folder = folderOf(4);
      const at = join(work, `hurt-${made++}`);
      await whole('batch', ['--store', at, folder], 4);
      const file = join(at, pick(['journal.ndjson', 'inputs.ndjson', 'ended', 'lock']));
      const bytes = file.endsWith('lock') ? Buffer.from('{"pid":1') : Buffer.from(readFileSync(file));
      if (one(2)) bytes[draw(bytes.length)] = pick([0, 10, 65]);
      writeFileSync(file, one(2) ? bytes.subarray(0, draw(bytes.length + 1)) : bytes);
      const { status, stdout } = await run('hurt store', ['batch', '--store', at, '--format', 'ndjson', folder]);
      if (status === 0) hold('hurt store', [at], stdout, BATCH.ndjson);
    },
    async 'baseline and known'() {
      const [a, b] = [join(work, `a-${made}`), join(work, `b-${made}`)];
      await run('batch', ['batch', '--store', a, folderOf(3)]);
      await run('batch', ['batch', '--store', b, folderOf(3)]);
      const format = pick(['table', 'json', 'markdown', 'html', 'github', 'csv', 'ndjson']);
      const args = ['batch', '--baseline', a, '--format', format, ...maybe('--new'), b];
      hold('compare', args, (await run('compare', args)).stdout, BATCH[format]);
      const { stdout } = await run('view json', ['batch', '--format', 'json', b]);
      const [bucket] = stdout === '' ? [] : (JSON.parse(stdout).buckets ?? []);
      if (bucket === undefined) return;
      const known = join(work, 'known.json');
      await run('--note', ['batch', '--known', known, '--note', bucket.id, `soak \u001b[1m${draw(9)}`, b]);
      if (one(3)) writeFileSync(known, readFileSync(known).subarray(0, draw(60)));
      hold('--known', [b], (await run('--known', ['batch', '--known', known, b])).stdout);
      hold(
        '--bucket',
        [b],
        (await run('--bucket', ['batch', '--bucket', bucket.id, ...maybe('--format', 'json'), b])).stdout,
      );
    },
    async archives() {
      const folder = folderOf(3);
      const path = join(work, `all-${made++}.${pick(['tar', 'tar.gz', 'tar.xz'])}`);
      spawnSync('tar', ['caf', path, '-C', folder, '.']);
      const bytes = readFileSync(path);
      if (one(3)) writeFileSync(path, bytes.subarray(0, draw(bytes.length)));
      await whole('archive', [...workers(), path], 1);
    },
    /** Links in circles, FIFOs without a writer, sockets, devices, names that are no UTF-8, unreadable files and folders. */
    async 'odd folder'() {
      const folder = folderOf(2);
      symlinkSync('.', join(folder, 'circle'));
      symlinkSync('b', join(folder, 'a'));
      symlinkSync('a', join(folder, 'b'));
      symlinkSync('/etc', join(folder, 'out'));
      spawnSync('mkfifo', [join(folder, 'fifo')]);
      writeFileSync(
        Buffer.concat([Buffer.from(`${folder}/n-`), Buffer.from([0xff, 0xe9]), Buffer.from('.log')]),
        readFileSync(realLog(d)),
      );
      writeFileSync(join(folder, `${'x'.repeat(250)}.log`), '');
      mkdirSync(join(folder, 'closed'));
      writeFileSync(join(folder, 'closed/a.log'), '');
      writeFileSync(join(folder, 'shut.log'), readFileSync(realLog(d)));
      chmodSync(join(folder, 'closed'), 0);
      chmodSync(join(folder, 'shut.log'), 0);
      spawnSync('chmod', ['755', work]);
      const server = createServer().listen(join(folder, 's'));
      const as = one(2) ? NOBODY : [];
      const { lines, stderr } = await whole('odd folder', [...workers(), folder], null, { as });
      const paths = new Set(lines.map(({ path }) => path.slice(folder.length + 1)));
      for (const name of ['a', 'b', 'circle', 'out', 'fifo', 's', 'shut.log', `${'x'.repeat(250)}.log`])
        if (!paths.has(name)) failed('odd folder', [], `${name} has no line: ${stderr.slice(0, 300)}`);
      await run('a FIFO', ['triage', join(folder, 'fifo'), realLog(d)], { as, allowed: [2] });
      await run('a folder', ['triage', folder], { as, allowed: [2] });
      server.close();
      chmodSync(join(folder, 'closed'), 0o755);
    },
    /** Folders in folders until the path is longer than the system takes. */
    async 'deep folders'() {
      const folder = join(work, `deep-${made++}`);
      const levels = pick([100, 700, 1500]);
      const script = `mkdir -p "$1" && cd "$1" && for i in $(seq ${levels}); do mkdir ${'d'.repeat(1 + draw(9))}$((i % 2)) && cd -P d*$((i % 2)) 2>/dev/null && : > $i.log || break; done`;
      spawnSync('bash', ['-c', script, 'bash', folder], { timeout: 20_000 });
      input(join(folder.slice(work.length + 1), 'z.log'), mutated(d));
      const { lines } = await whole('deep folders', ['--workers', '0', folder], null);
      if (!lines.some(({ path }) => path === join(folder, 'z.log')))
        failed('deep folders', [], 'the log beside them has no line');
      spawnSync('rm', ['-rf', folder]);
    },
    /** Files that grow, shrink, go and come while they are read. */
    async 'moving files'() {
      const many = 6;
      const folder = folderOf(many);
      const names = Array.from({ length: many }, (_, i) => join(folder, `${i % 3 === 0 ? 'deep/' : ''}${i}.log`));
      const script = `end=$((SECONDS+20)); while [ $SECONDS -lt $end ]; do for f in "$@"; do cat '${realLog(d)}' >> "$f"; truncate -s -${1 + draw(5000)} "$f"; mv "$f" "$f.x"; mv "$f.x" "$f"; done; done`;
      const mover = spawn('bash', ['-c', script, 'bash', ...names], { stdio: 'ignore' });
      const moved = new Promise((done) => mover.on('close', done));
      await whole('moving files', [...workers(), folder], null);
      await run('moving file', ['triage', '--brief', ...names.slice(0, 3)]);
      await run('moving file', ['parse', names[0]]);
      mover.kill('SIGKILL');
      await moved;
    },
    async 'future and past'() {
      const folder = folderOf(2);
      utimesSync(join(folder, '1.log'), draw(2) * 9e9, draw(2) * 9e9);
      await whole('dates', [folder, '--since', pick(['7d', '1970-01-01', '9999-12-31'])], 2);
    },
    async names() {
      const folder = folderOf(3);
      const list = pick(['\n', '\0', '\r\n']);
      const listed = [...readdirSync(folder).map((name) => join(folder, name)), '', 'nowhere', '-'].join(list);
      const { stdout } = await run('names on standard input', ['batch', '--format', 'ndjson', '-'], { input: listed });
      hold('names', [folder], stdout, BATCH.ndjson);
    },
  };

  const large = {
    async '2 GB sparse file'() {
      const path = join(work, `sparse-${made++}.log`);
      const fd = openSync(path, 'w');
      ftruncateSync(fd, 2 * 2 ** 30);
      closeSync(fd);
      writeFileSync(path, readFileSync(realLog(d)), { flag: one(2) ? 'a' : 'r+' });
      totals.inputs++;
      await run('2 GB sparse file', ['triage', '--brief', path], { patience: 300_000 });
      await whole('2 GB sparse file', ['--workers', '1', path], 1, { patience: 300_000 });
      rmSync(path);
    },
    async queue() {
      if (spawnSync('redis-server', ['--version']).status !== 0) return;
      const port = 20_000 + draw(20_000);
      const redis = spawn(
        'redis-server',
        ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', work],
        { stdio: 'ignore' },
      );
      const url = `redis://127.0.0.1:${port}`;
      for (let tries = 0; tries < 100; tries++) {
        await new Promise((done) => setTimeout(done, 300));
        if (spawnSync('redis-cli', ['-p', String(port), 'ping']).status === 0) break;
      }
      const many = 12;
      const folder = folderOf(many);
      const alone = await whole('batch', ['--workers', '0', folder], many);
      const serve = (how) =>
        run('worker', ['worker', '--queue', url, '--workers', '1', '--lease', '5', '--root', work], {
          patience: 180_000,
          ...how,
        });
      const first = serve({ kill: 1500 + draw(2000) });
      const second = serve({ kill: 60_000, signal: 'SIGTERM', allowed: [0, 130, 143] });
      const queued = await whole('batch over a queue', ['--queue', url, ...maybe('--contents'), folder], many, {
        patience: 120_000,
      });
      if (queued.stdout !== alone.stdout) failed('batch over a queue', [folder], 'it is not what one process prints');
      await first;
      await second;
      redis.kill('SIGKILL');
      count('queue');
    },
    async '100,000 tiny files'() {
      const folder = join(work, `tiny-${made++}`);
      for (let i = 0; i < 100_000; i++) {
        if (i % 1000 === 0) mkdirSync(join(folder, `${i / 1000}`), { recursive: true });
        writeFileSync(join(folder, `${Math.floor(i / 1000)}/${i}.log`), `[    ${i}.000000] usb ${i}: x\n`);
      }
      totals.inputs += 100_000;
      const at = join(work, `tiny-store-${made}`);
      const args = ['batch', '--store', at, '--workers', '1', '--format', 'ndjson', folder];
      await run('killed batch', args, { kill: 5000 + draw(10_000), patience: 600_000 });
      await whole('100,000 tiny files', args.slice(1), 100_000, { patience: 600_000 });
      rmSync(folder, { recursive: true });
    },
  };
  return { actions, large };
}

// Random commands over random mutations of real logs, in every format, on a machine that misbehaves: npm run soak [-- MINUTES [SEED]] (5; the seed is printed).
// What must hold of each: it ends by itself, its status is no defect's (3), what it prints is whole by its format's own schema or reader, and a store that
// was killed over is finished to the bytes of one that was not. Each failure is printed with what makes it again; status 1 where there is one.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { Parser } from 'tap-parser';

const [minutes = '5', given] = process.argv.slice(2);
const seed = given === undefined ? Date.now() % 1_000_000_007 : Number(given);
const CLI = 'dist/cli.js';
const end = Date.now() + Number(minutes) * 60_000;

let state = seed >>> 0;
/** mulberry32: below `n`. */
function draw(n) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[draw(list.length)];

const logs = ['samples/dmesg', 'test/fixtures/logs', 'test/fixtures/cases'].flatMap((folder) =>
  readdirSync(folder)
    .filter((f) => f.endsWith('.log'))
    .map((f) => join(folder, f)),
);

const NOISE = [
  '\u001b[31m',
  '\0',
  '\r',
  '>',
  '<script>',
  ']]>',
  '# ok 1',
  '::error::x',
  '\u202e',
  '\xff\xfe',
  '9'.repeat(400),
  '\n\n',
  '"',
  '`',
  '--- a/b',
];

/** A log with a few things done to it that happen to logs, or that somebody does to them. */
function mutated() {
  let bytes = readFileSync(pick(logs));
  for (let times = draw(5); times > 0; times--) {
    const at = draw(bytes.length + 1);
    const until = Math.min(bytes.length, at + draw(400));
    switch (draw(7)) {
      case 0:
        bytes = bytes.subarray(0, at);
        break;
      case 1:
        bytes = bytes.subarray(at);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(NOISE), 'latin1'), bytes.subarray(at)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(until)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, until), bytes.subarray(at)]);
        break;
      case 5:
        bytes = Buffer.concat([bytes, readFileSync(pick(logs))]);
        break;
      default:
        bytes = Buffer.from(bytes);
        for (let i = 0; i < 20 && bytes.length > 0; i++) bytes[draw(bytes.length)] = draw(256);
    }
  }
  return draw(12) === 0 ? gzipSync(bytes).subarray(0, draw(3) === 0 ? 200 : undefined) : bytes;
}

const work = mkdtempSync(join(tmpdir(), 'oopsreplay-soak-'));
let made = 0;
function input() {
  const path = join(work, `in-${made++}.log`);
  writeFileSync(path, mutated());
  return path;
}

const failures = [];
const counts = {};
function failed(what, args, why) {
  const kept = join(work, `kept-${failures.length}`);
  mkdirSync(kept);
  for (const path of args.filter((a) => a.startsWith(work) && existsSync(a)))
    cpSync(path, join(kept, path.split('/').at(-1)), { recursive: true });
  failures.push(`${what}: ${why}\n  oopsreplay ${args.join(' ')}\n  inputs in ${kept}`);
  console.log(failures.at(-1));
}

/** Runs the program, and holds its end. `shell`: words before it, such as limits. */
function run(what, args, { shell = '', after = '', allowed = [0, 1, 2] } = {}) {
  counts[what] = (counts[what] ?? 0) + 1;
  const quoted = ['node', CLI, ...args].map((a) => `'${a}'`).join(' ');
  const done = spawnSync('bash', ['-c', `${shell} ${quoted} ${after}`], {
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
  if (done.error || done.signal !== null) failed(what, args, `${done.error?.message ?? done.signal}`);
  else if (!allowed.includes(done.status)) failed(what, args, `status ${done.status}: ${done.stderr.slice(0, 400)}`);
  return done;
}

const ajv = new Ajv({ strict: false });
const schema = (path) => ajv.compile(JSON.parse(readFileSync(path, 'utf8')));
const triaged = schema('schema/triage.schema.json');
const batched = schema('schema/batch.schema.json');
const xmllint = spawnSync('xmllint', ['--version']).status === 0;

const READERS = {
  json: (text) => (triaged(JSON.parse(text)) ? null : ajv.errorsText(triaged.errors)),
  ndjson: (text) => {
    for (const line of text.trimEnd().split('\n'))
      if (!triaged(JSON.parse(line))) return ajv.errorsText(triaged.errors);
    return null;
  },
  sarif: (text) => (JSON.parse(text).version === '2.1.0' ? null : 'no SARIF'),
  kcidb: (text) => (JSON.parse(text).version.major === 5 ? null : 'no KCIDB'),
  codequality: (text) => (Array.isArray(JSON.parse(text)) ? null : 'no list'),
  junit: (text) => {
    if (!xmllint) return null;
    const { status, stderr } = spawnSync('xmllint', ['--noout', '-'], { input: text, encoding: 'utf8' });
    return status === 0 ? null : stderr;
  },
  ktap: (text) => {
    const parsed = Parser.parse(text).filter(([kind]) => kind === 'extra' || kind === 'bailout');
    return parsed.length === 0 ? null : `not KTAP: ${JSON.stringify(parsed[0])}`;
  },
};
const FORMATS = ['text', 'markdown', 'mail', 'html', 'github', ...Object.keys(READERS)];

/** Does `read` object to what was printed? */
function hold(what, args, text, read) {
  try {
    const wrong = read(text);
    if (wrong) failed(what, args, wrong.slice(0, 300));
  } catch (error) {
    failed(what, args, `${error.message}: ${text.slice(0, 120)}`);
  }
}

const sorted = (store) =>
  readdirSync(store, { recursive: true })
    .filter((f) => /journal/.test(f))
    .flatMap((f) => readFileSync(join(store, f), 'utf8').split('\n'))
    .sort()
    .join('\n');

const ACTIONS = {
  triage() {
    const files = Array.from({ length: 1 + draw(3) }, input);
    const format = pick(FORMATS.filter((f) => f !== 'json' || files.length === 1));
    const args = [
      'triage',
      '--format',
      format,
      ...(draw(3) === 0 ? ['--redact'] : []),
      ...(draw(4) === 0 ? ['--ascii'] : []),
      ...files,
    ];
    const { status, stdout } = run('triage', args);
    // An input that cannot be read has nothing to print.
    if (READERS[format] && stdout !== '' && status !== 2) hold(`triage ${format}`, args, stdout, READERS[format]);
  },
  options() {
    const args = [
      'triage',
      '--brief',
      input(),
      '--kernel',
      pick(['6.1.50', '5.10', '99.1', '6.6.5-rc1', '']),
      '--driver',
      pick(['rockchip', 'arm-smmu', 'none']),
    ];
    run('options', args);
  },
  report: () => run('report', ['report', '--format', pick(['markdown', 'html', 'mail', 'text']), input()]),
  parse() {
    const args = ['parse', input()];
    hold('parse', args, run('parse', args).stdout, (text) => {
      for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
      return null;
    });
  },
  'closed pipe': () =>
    run('closed pipe', ['triage', input(), input()], {
      shell: 'set -o pipefail;',
      after: `| head -c ${draw(200)} >/dev/null`,
      allowed: [0, 1, 2, 141],
    }),
  'full disk': () =>
    run('full disk', ['triage', '--format', pick(FORMATS), input()], { after: '>/dev/full', allowed: [0, 2] }),
  'few descriptors': () =>
    run('few descriptors', ['batch', '--workers', '0', input(), input()], { shell: `ulimit -n ${24 + draw(20)};` }),
  'little memory': () =>
    run('little memory', ['triage', '--brief', input()], { shell: 'NODE_OPTIONS=--max-old-space-size=64' }),
  'growing file'() {
    const path = input();
    const more = spawn('bash', [
      '-c',
      `for i in $(seq 40); do cat ${pick(logs)} >> ${path}; truncate -s -${draw(3000)} ${path}; done`,
    ]);
    run('growing file', ['triage', '--brief', path]);
    more.kill();
  },
  'sparse file'() {
    const path = join(work, `sparse-${made++}.log`);
    const fd = openSync(path, 'w');
    ftruncateSync(fd, 1 << 30);
    run('sparse file', ['triage', '--brief', path]);
    rmSync(path);
  },
  async 'killed batch'() {
    counts['killed batch'] = (counts['killed batch'] ?? 0) + 1;
    const folder = join(work, `logs-${made++}`);
    mkdirSync(folder);
    for (let i = 0; i < 12; i++) writeFileSync(join(folder, `${i}.log`), mutated());
    const [calm, wild] = [join(work, `calm-${made}`), join(work, `wild-${made}`)];
    const of = (store) => ['batch', '--store', store, '--workers', String(draw(3)), '--format', 'ndjson', folder];
    run('batch', of(calm));
    for (let kills = 1 + draw(3); kills > 0; kills--) {
      const child = spawn('node', [CLI, ...of(wild)], { stdio: 'ignore' });
      const killed = new Promise((resolve) => child.on('exit', resolve));
      setTimeout(() => child.kill('SIGKILL'), 100 + draw(1500));
      await killed;
      counts.kills = (counts.kills ?? 0) + 1;
    }
    const args = of(wild);
    const { stdout } = run('resumed batch', args);
    hold('resumed batch', args, stdout, (text) => {
      for (const line of text.trimEnd().split('\n'))
        if (!batched(JSON.parse(line))) return ajv.errorsText(batched.errors);
      return sorted(calm) === sorted(wild) ? null : `journals differ: ${calm} ${wild}`;
    });
  },
  async 'two on one store'() {
    counts['two on one store'] = (counts['two on one store'] ?? 0) + 1;
    const store = join(work, `shared-${made++}`);
    const args = ['batch', '--store', store, '--workers', '0', input(), input(), input()];
    const two = await Promise.all(
      [0, 1].map(
        () => new Promise((resolve) => spawn('node', [CLI, ...args], { stdio: 'ignore' }).on('exit', resolve)),
      ),
    );
    if (two.some((status) => ![0, 2].includes(status))) failed('two on one store', args, `statuses ${two}`);
    run('the store after two', ['batch', store]);
  },
};

console.log(`seed ${seed}, ${minutes} minutes, in ${work}`);
const names = Object.keys(ACTIONS);
while (Date.now() < end) {
  const name = pick(names);
  await ACTIONS[name]();
  for (const file of readdirSync(work)) if (!/^kept-/.test(file)) rmSync(join(work, file), { recursive: true });
}
console.log(
  Object.entries(counts)
    .map(([what, n]) => `${n} ${what}`)
    .join(', '),
);
console.log(`${made} inputs; failures: ${failures.length} (seed ${seed})`);
if (failures.length === 0) rmSync(work, { recursive: true });
process.exitCode = failures.length > 0 ? 1 : 0;

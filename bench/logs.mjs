// Whole processes on large logs: crash-free boots beside `wc -l` and `rg -c` with the same markers, and crash reports; each figure with the peak of memory.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARKERS, parseLog } from '../dist/index.js';

const SHARED = '../shared';
/** Where `PEAK` says its peak of memory in KiB, behind everything else on standard error. */
const PEAK = 'data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+process.resourceUsage().maxRSS))';

const logsIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((f) => f.endsWith('.log'))
        .sort()
        .map((f) => join(folder, f))
    : [];

/** Boots without a crash: labelled so in the corpus beside a checkout, or the fixtures that the parser finds none in. */
export function cleanBoots() {
  const labelled = logsIn(`${SHARED}/corpus/boots`).filter(
    (f) => JSON.parse(readFileSync(f.replace(/log$/, 'json'), 'utf8')).crash.length === 0,
  );
  const own = logsIn(`${SHARED}/logs`).filter((f) => f.includes('norace'));
  if (labelled.length + own.length > 0) return [...labelled, ...own];
  return logsIn('test/fixtures/logs').filter((f) =>
    parseLog(readFileSync(f), { name: f }).every((log) => log.incidents.length === 0),
  );
}

/** Crash reports by kind of collection: boots that crash, and reports of every kind and architecture. */
export function crashLogs() {
  const reports = ['report', 'guilty'].flatMap((f) => logsIn(`${SHARED}/corpus/syzkaller/${f}`));
  const small = reports.filter((f) => statSync(f).size < 60_000);
  const boots = logsIn(existsSync(`${SHARED}/logs`) ? `${SHARED}/logs` : 'test/fixtures/logs').filter(
    (f) => !f.includes('norace'),
  );
  return { boots, ...(small.length > 0 ? { reports: small } : {}) };
}

/** Writes the files one after the other, again and again, until `bytes` are there. */
export function concatenate(files, bytes, to) {
  const parts = files
    .map((f) => readFileSync(f))
    .map((b) => (b.at(-1) === 10 ? b : Buffer.concat([b, Buffer.from('\n')])));
  const fd = openSync(to, 'w');
  let written = 0;
  for (let i = 0; written < bytes; i++) written += writeSync(fd, parts[i % parts.length]);
  closeSync(fd);
  return written;
}

export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'oopsreplay-bench-'));
  return { at: (name) => join(path, name), remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Seconds of the best of `runs`, on the wall and of processors, of a command line. */
function timed(args, runs) {
  let best = null;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync('sh', ['-c', '"$@" >/dev/null; s=$?; times; exit $s', 'sh', ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0) throw new Error(`${args.slice(0, 4).join(' ')}: exit status ${status}: ${stderr.slice(0, 400)}`);
    const cpu = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout).slice(1).map(Number);
    const one = { seconds, cpu: cpu[0] * 60 + cpu[1] + cpu[2] * 60 + cpu[3], stderr };
    if (best === null || one.seconds < best.seconds) best = one;
  }
  return best;
}

/** Our own process on a file, by command: also its peak of memory in bytes. */
export function ours(file, command = ['--format', 'ndjson'], runs = 3) {
  const it = timed([process.execPath, '--import', PEAK, 'dist/cli.js', ...command, file], runs);
  return { ...it, peak: Number(/(\d+)\s*$/.exec(it.stderr)[1]) * 1024 };
}

export const wc = (file) => timed(['wc', '-l', file], 3);

/** ripgrep with what the scanner looks for; null where there is none. */
export function rg(file) {
  if (spawnSync('rg', ['--version']).status !== 0) return null;
  const markers = [...new Set(MARKERS.filter((m) => m.role !== 'part').map((m) => m.text))];
  return timed(['rg', '-c', '-F', ...markers.flatMap((text) => ['-e', text]), file], 3);
}

// Runs the program, and holds each end: by itself, in time, with a status that is documented, no stack of ours, and what it printed whole.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { wrongWith } from './readers.mjs';

const CLI = 'dist/cli.js';
/** Milliseconds without an end: a hang. Where others have the machine too, as much longer. */
const PATIENCE = 60_000;
const crowded = () => Math.max(1, loadavg()[0] / availableParallelism());
/** What V8 says where it ends the process itself, which no program can keep it from. */
const BY_V8 = /out of memory|process OOM|Committing semi space failed/i;
const STACK = /^\s+at .+:\d+:\d+\)?$|^node:internal|Uncaught|UnhandledPromise|\bdefect in oopsreplay/m;

export function session({ work, seed }) {
  const counts = {};
  const totals = { commands: 0, inputs: 0, kills: 0 };
  const failures = [];
  let turn = 0;

  const count = (what, n = 1) => {
    counts[what] = (counts[what] ?? 0) + n;
  };

  /** `why` did not hold: what it was called with is kept. */
  function failed(what, args, why) {
    const kept = join(work, `kept-${failures.length}`);
    mkdirSync(kept);
    for (const path of args.filter((a) => a.startsWith(`${work}/`) && existsSync(a)))
      if (!lstatSync(path).isFIFO()) cpSync(path, join(kept, basename(path)), { recursive: true });
    const text = `${what}: ${why}\n  oopsreplay ${args.join(' ')}\n  turn ${turn}: npm run soak -- 0 ${seed} ${turn}; inputs in ${kept}`;
    writeFileSync(join(kept, 'failure.txt'), `${text}\n`);
    failures.push(text);
    console.log(text);
  }

  /** Does the format's `reader` object to what was printed? */
  function hold(what, args, text, reader) {
    try {
      const wrong = wrongWith(text, reader);
      if (wrong) failed(what, args, String(wrong).slice(0, 400));
    } catch (error) {
      failed(what, args, `${error.message}: ${text.slice(0, 200)}`);
    }
  }

  /**
   * `limits`: words of bash before it, such as `ulimit -n 30;`. `as`: what runs it, such as setpriv. `input`: its standard input; null: none. `kill`: milliseconds
   * until it is killed. `close`: bytes of standard output until nobody reads on. `to`: a file in place of standard output. `allowed`: statuses.
   */
  async function run(what, args, how = {}) {
    const {
      limits = '',
      as = [],
      input = null,
      kill = null,
      close = null,
      to = null,
      patience = PATIENCE,
      memory = false,
    } = how;
    const { allowed = [0, 1, 2], env = {}, signal = 'SIGKILL' } = how;
    count(what);
    totals.commands++;
    const command = [
      'bash',
      '-c',
      `${limits} exec "$0" "$@"${to === null ? '' : ` > '${to}'`}`,
      ...as,
      process.execPath,
      CLI,
      ...args,
    ];
    const child = spawn(command[0], command.slice(1), { env: { ...process.env, ...env } });
    const out = [];
    const err = [];
    let read = 0;
    let closed = false;
    child.stdout.on('data', (piece) => {
      out.push(piece);
      read += piece.length;
      if (close !== null && read >= close && !closed) {
        closed = true;
        child.stdout.destroy();
      }
    });
    child.stderr.on('data', (piece) => err.push(piece));
    child.stdin.on('error', () => {});
    if (typeof input === 'function') input(child);
    else if (input === null) child.stdin.end();
    else child.stdin.end(input);
    let hung = false;
    let killed = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, patience * crowded());
    const killer =
      kill === null
        ? null
        : setTimeout(() => {
            killed = child.kill(signal);
          }, kill);
    const [status, by] = await new Promise((done) => child.on('close', (...end) => done(end)));
    clearTimeout(timer);
    if (killer !== null) clearTimeout(killer);
    if (killed) {
      totals.kills++;
      count('kills');
    }
    const result = { status, signal: by, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
    const ended = `status ${status ?? by}: ${result.stderr.slice(0, 600)}`;
    if (hung) failed(what, args, `no end within ${patience / 1000} s: ${result.stderr.slice(0, 300)}`);
    else if (killed && by === signal) return result;
    else if (memory && !allowed.includes(status) && BY_V8.test(result.stderr)) count('ended by V8');
    else if (by !== null || !allowed.includes(status)) failed(what, args, ended);
    else if (STACK.test(result.stderr)) failed(what, args, ended);
    else if (wrongWith(result.stderr) !== null)
      failed(what, args, `standard error: ${wrongWith(result.stderr)}: ${ended}`);
    return result;
  }

  return {
    ...{ work, counts, totals, failures, count, failed, hold, run },
    begin: (n) => {
      turn = n;
    },
    /** Writes an input, and counts it. */
    input: (name, bytes) => {
      const path = join(work, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, bytes);
      totals.inputs++;
      return path;
    },
  };
}

// A machine that misbehaves: full disks, closed pipes, limits of descriptors, memory, processes and file sizes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutated, realLog } from './logs.mjs';
import { BATCH, TRIAGE } from './readers.mjs';

const ROOT = process.getuid?.() === 0;

export function machine({ run, hold, input, failed, work }, d) {
  const { draw, pick, one, maybe } = d;
  let made = 0;
  const log = () => input(`in-${made++}.log`, mutated(d));
  const real = () => input(`in-${made++}.log`, readFileSync(realLog(d)));

  /** Any command that reads a log. */
  const anything = () =>
    pick([
      () => ['triage', '--format', pick(Object.keys(TRIAGE)), log(), log()],
      () => ['report', log()],
      () => ['parse', log()],
      () => ['conform', log()],
      () => ['batch', '--workers', String(draw(3)), '--format', pick(Object.keys(BATCH)), log(), log(), log()],
      () => ['reproduce', log()],
      () => ['simulate', '--era', pick(['B', 'E', 'G']), '--driver', 'apple-dart', '--budget', '20000'],
      () => ['affected', '6.1.50', 'apple-dart'],
      () => ['explain'],
      () => ['kernels', '--format', 'json'],
      () => ['completion', 'bash'],
    ])();

  /** Runs `use` with a small disk that is full but for some bytes; without root with a limit of a file's size. */
  async function fullDisk(bytes, use) {
    const disk = join(work, `disk-${made++}`);
    mkdirSync(disk);
    const mounted = ROOT && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=777', 'none', disk]).status === 0;
    try {
      if (mounted) writeFileSync(join(disk, 'filler'), Buffer.alloc((1 << 20) - bytes));
      await use(disk, mounted ? '' : `ulimit -f ${Math.max(1, bytes >> 10)};`, () =>
        rmSync(join(disk, 'filler'), { force: true }),
      );
    } finally {
      if (mounted) spawnSync('umount', ['-l', disk]);
    }
  }

  return {
    async 'closed pipe'() {
      const args = anything();
      await run('closed pipe', args, { close: pick([0, 1, 100, 5000]) });
      // Closed before it began.
      await run('closed output', args, { limits: 'exec 1>&-;', allowed: [0, 1, 2] });
      await run('closed errors', args, { limits: 'exec 2>&-;' });
      await run('no input', args, { limits: 'exec 0<&-;' });
    },
    async 'full device'() {
      await run('full device', anything(), { to: '/dev/full', allowed: [0, 2] });
    },
    async 'full disk'() {
      await fullDisk(pick([0, 4096, 20_000, 100_000]), async (disk, limits) => {
        const out = join(disk, 'out');
        const { status } = await run('full disk -o', ['report', '-o', out, real()], { limits });
        if (status === 2 && existsSync(out)) failed('full disk -o', [out], 'half of a report is there');
        if (readdirSync(disk).some((name) => name.startsWith('.')))
          failed('full disk -o', [out], 'a file is left over');
        const module = join(disk, 'module');
        await run('full disk reproduce', ['reproduce', '-o', module, real()], { limits });
        if (existsSync(module)) rmSync(module, { recursive: true });
      });
    },
    /** A store on a disk that gets full, then has room again: nothing is lost but time. */
    async 'store on a full disk'() {
      const files = Array.from({ length: 6 }, real);
      await fullDisk(draw(120_000), async (disk, limits, free) => {
        const at = join(disk, 'store');
        const args = ['batch', '--store', at, '--workers', String(draw(2)), '--format', 'ndjson', ...files];
        const first = await run('store on a full disk', args, { limits, allowed: [0, 2] });
        if (first.status === 2 && !/no space|file too large|ulimit -f/i.test(first.stderr))
          failed('store on a full disk', args, first.stderr);
        free();
        const { stdout, status } = await run('store with room again', args, { allowed: [0] });
        hold('store with room again', args, stdout, BATCH.ndjson);
        const lines = stdout.split('\n').filter((line) => line.includes('"kind":"input"')).length;
        if (status === 0 && lines !== files.length)
          failed('store with room again', args, `${lines} of ${files.length} results`);
      });
    },
    async 'few descriptors'() {
      // Below 19 Node itself cannot start.
      await run('few descriptors', anything(), { limits: `ulimit -n ${19 + draw(45)};` });
    },
    async 'little memory'() {
      await run('little memory', anything(), {
        ...(one(2)
          ? { limits: `ulimit -v ${900_000 + draw(2_000_000)};` }
          : { env: { NODE_OPTIONS: `--max-old-space-size=${12 + draw(80)}` } }),
        memory: true,
      });
    },
    async 'little memory, large log'() {
      const path = input(`large-${made++}.log`, Buffer.concat(Array.from({ length: 60 }, () => mutated(d))));
      await run('little memory, large log', [pick(['triage', 'parse', 'batch']), path], {
        env: { NODE_OPTIONS: `--max-old-space-size=${40 + draw(60)}` },
        memory: true,
      });
    },
    async 'few processes'() {
      if (!ROOT) return;
      spawnSync('chmod', ['-R', 'a+rX', work]);
      const args = ['batch', '--workers', '2', '--format', 'ndjson', log(), log(), log()];
      spawnSync('chmod', ['-R', 'a+rX', work]);
      // Node's own threads are ten; a user of this soak alone has no other.
      const { stdout, stderr } = await run('few processes', args, {
        as: [
          'setpriv',
          '--reuid',
          String(60_000 + draw(5000)),
          '--clear-groups',
          'bash',
          '-c',
          `ulimit -u ${11 + draw(8)}; exec "$0" "$@"`,
        ],
      });
      if (stdout.split('\n').filter((line) => line.includes('"kind":"input"')).length !== 3)
        failed('few processes', args, `results lost: ${stderr}`);
    },
    async killed() {
      await run('killed', anything(), {
        kill: draw(600),
        signal: pick(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL']),
        allowed: [0, 1, 2, 130, null],
      });
    },
    async 'no place for temporary files'() {
      await run('no TMPDIR', anything(), {
        env: {
          TMPDIR: '/nowhere',
          HOME: '/nowhere',
          ...(one(2) ? { NO_COLOR: '1', TERM: 'dumb', COLUMNS: pick(['0', '1', 'x']) } : {}),
        },
      });
    },
    async environment() {
      await run('environment', anything(), {
        env: {
          OOPSREPLAY_OPTIONS: pick(['--ascii', '--format json', '"', '--no-such', '--redact']),
          ...(maybe('x').length > 0 ? { LC_ALL: 'C' } : {}),
        },
      });
    },
  };
}

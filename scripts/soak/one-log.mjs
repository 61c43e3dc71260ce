// One log or a few: every command that reads them, in every format.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutated, realLog } from './logs.mjs';
import { OF, TRIAGE } from './readers.mjs';

const FORMATS = Object.keys(TRIAGE);
const DRIVERS = ['rockchip', 'arm-smmu', 'apple-dart', 'qcom_iommu', 'none'];
const RELEASES = ['6.1.50', '5.10', '5.10.200', '99.1', '6.6.5-rc1', '4.19', '', '6', '\u202e6.1'];

/** Options that say what a log does not. */
const said = ({ pick, one, maybe }) => [
  ...(one(5) ? ['--kernel', pick(RELEASES)] : []),
  ...(one(5) ? ['--driver', pick(DRIVERS)] : []),
  ...(one(6) ? ['--arch', pick(['arm64', 'x86_64', 'vax'])] : []),
  ...(one(8) ? [pick(['--fixed', '--not-fixed']), pick(['a2e7e59a9426', 'zzz', 'deadbeef'])] : []),
  ...(one(4) ? maybe('--ascii') : []),
];

export function oneLog({ run, hold, input, failed, work }, d) {
  const { draw, pick, one, maybe } = d;
  let made = 0;
  const log = () =>
    input(`in-${made++}${pick(['.log', '.txt', '.gz', ' b.log', '\u202e.log', '-x\n.log'])}`, mutated(d));
  const several = (most) => Array.from({ length: 1 + draw(most) }, log);

  return {
    /** Every format of CI, and every other one, of one and the same log. */
    async formats() {
      const files = several(3);
      const options = [...said(d), ...maybe('--redact'), ...(one(4) ? ['--fail-on', pick(['crash', 'possible'])] : [])];
      const statuses = new Set();
      for (const format of FORMATS) {
        const args = ['triage', '--format', format, ...options, '--', ...files];
        const { status, stdout } = await run(`triage ${format}`, args);
        statuses.add(status);
        if (status !== 2) hold(`triage ${format}`, args, stdout, TRIAGE[format]);
      }
      if (statuses.size > 1) failed('formats', files, `one log, several statuses: ${[...statuses]}`);
    },
    async triage() {
      const format = pick(FORMATS);
      const args = ['triage', '--format', format, ...said(d), ...maybe('--brief'), ...several(3)];
      const { status, stdout } = await run(`triage ${format}`, args);
      if (status !== 2 && !args.includes('--brief')) hold('triage', args, stdout, TRIAGE[format]);
      else hold('triage', args, stdout);
    },
    /** As many results as inputs, and those of the readable ones where another cannot be read. */
    async results() {
      const files = Array.from({ length: 2 + draw(4) }, () => input(`in-${made++}.log`, readFileSync(realLog(d))));
      const lost = one(2) ? [join(work, 'nowhere.log')] : [];
      const args = ['triage', '--format', 'ndjson', ...lost, ...files];
      const { status, stdout } = await run('triage ndjson', args);
      hold('results', args, stdout, TRIAGE.ndjson);
      const names = new Set(
        stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line).source.name),
      );
      if (names.size !== files.length || status !== (lost.length > 0 ? 2 : 0))
        failed('results', args, `${names.size} of ${files.length} inputs have a result, status ${status}`);
    },
    async piped() {
      const { stdout } = await run('standard input', [...maybe('triage'), '--format', 'json'], { input: mutated(d) });
      hold('standard input', ['--format', 'json'], stdout, TRIAGE.json);
    },
    async report() {
      const format = pick(FORMATS);
      const args = ['report', '--format', format, ...said(d), log()];
      const { status, stdout } = await run('report', args);
      if (status !== 2) hold('report', args, stdout, TRIAGE[format]);
    },
    async 'report to a file'() {
      const out = join(work, `out-${made++}`);
      const args = ['report', '-o', out, ...maybe('--force'), log()];
      const { status } = await run('report -o', args);
      if (status === 0) hold('report -o', args, readFileSync(out, 'utf8'));
    },
    async parse() {
      const args = ['parse', log()];
      hold('parse', args, (await run('parse', args)).stdout, OF.lines);
    },
    async conform() {
      const args = ['conform', ...maybe('--format', 'json'), ...several(2)];
      const { stdout } = await run('conform', args);
      hold('conform', args, stdout, args.includes('json') ? OF.conform : undefined);
    },
    async reproduce() {
      const json = one(2);
      const folder = join(work, `module-${made++}`);
      const args = ['reproduce', ...(json ? ['--format', 'json'] : one(2) ? ['-o', folder] : []), ...said(d), log()];
      const { status, stdout } = await run('reproduce', args);
      if (status === 0) hold('reproduce', args, stdout, json ? OF.reproduce : undefined);
    },
    async baseline() {
      const args = ['triage', '--baseline', log(), '--format', 'ndjson', log()];
      const { status, stdout } = await run('--baseline', args);
      if (status !== 2) hold('--baseline', args, stdout, TRIAGE.ndjson);
    },
    async place() {
      const args = [
        'triage',
        '--pc',
        pick(['apple_dart_of_xlate+0x38/0x1c0', 'x', 'a+0x', '\0']).replace('\0', ''),
        ...maybe('--address', '0x40'),
        ...said(d),
      ];
      await run('--pc', args);
    },
    async 'image, code, tree'() {
      const [option] = [pick(['--vmlinux', '--btf', '--code', '--source', '--git'])];
      const tree = join(work, 'tree');
      mkdirSync(tree, { recursive: true });
      await run(option, ['triage', '--brief', option, one(3) ? tree : log(), log()]);
    },
    async follow() {
      const path = log();
      const more = mutated(d);
      const rotate = one(2);
      const timer = setInterval(() => {
        try {
          input(
            path.slice(work.length + 1),
            rotate ? more : Buffer.concat([readFileSync(path), more.subarray(0, 2000)]),
          );
        } catch {
          // Gone with the turn.
        }
      }, 300);
      const args = ['triage', '--follow', '--format', pick(['text', 'ndjson']), '--timeout', '2', path];
      const { stdout } = await run('--follow', args);
      clearInterval(timer);
      hold('--follow', args, stdout, args.includes('ndjson') ? TRIAGE.ndjson : undefined);
    },
    async mcp() {
      const ask = (id, method, params) => `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
      const text = mutated(d).toString('latin1');
      const calls = [
        ['triage', { text }],
        ['triage', { path: pick(['in-0.log', '../../etc/passwd', '\0']) }],
        ['affected', { release: pick(RELEASES) }],
        ['explain', { term: text.slice(0, 30) }],
        ['replay', { witness: text.slice(0, 60) }],
        ['nothing', {}],
      ];
      const hello = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'soak', version: '1' } };
      const asked = [
        ask(0, 'initialize', hello),
        `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`,
        ask(1, 'tools/list', {}),
        ...calls.map(([name, given], i) => ask(2 + i, 'tools/call', { name, arguments: given })),
        ...(one(3) ? ['no JSON\n', '{"jsonrpc":"2.0"}\n'] : []),
      ];
      const cut = one(3);
      const close = one(5) ? draw(500) : null;
      const { stdout } = await run('mcp', ['mcp', '--root', work], {
        input: ({ stdin, stdout: answers }) => {
          stdin.write(cut ? asked.join('').slice(0, draw(4000)) : asked.join(''));
          if (cut || close !== null) {
            setTimeout(() => stdin.end(), 3000);
            return;
          }
          // It ends when every question has its answer; one without is a hang.
          let left = 2 + calls.length;
          answers.on('data', (piece) => {
            left -= String(piece).split('"jsonrpc"').length - 1;
            if (left <= 0) stdin.end();
          });
        },
        close,
      });
      if (close !== null) return;
      for (const line of stdout.split('\n').slice(0, -1)) hold('mcp', ['mcp'], `${line}\n`, OF.lines);
    },
  };
}

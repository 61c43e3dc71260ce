// What is asked without a log, with what fits and what does not.
import { join } from 'node:path';
import { OF } from './readers.mjs';

const ERAS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'Z'];
const DRIVERS = [
  'apple-dart',
  'arm-smmu',
  'arm-smmu-v3',
  'rockchip',
  'qcom_iommu',
  'mtk_iommu',
  'exynos',
  'sun50i',
  'sprd',
  'none',
];
const RELEASES = ['6.1.50', '5.10.200', '6.6.30', '6.6.5-rc1', '99.1', '5.4', 'x', '6.1.55-gdeadbeef123', ''];

export function model({ run, hold, work }, d) {
  const { draw, pick, one, maybe } = d;
  const choose = () => [
    ...(one(2) ? ['--era', pick(ERAS)] : ['--kernel', pick(RELEASES)]),
    '--driver',
    pick(DRIVERS),
    ...maybe('--scenario', pick(['deferred-retry', 'first-probe', 'two-walks', 'walks-only', 'x'])),
    ...maybe('--iommus', pick(['1', '2'])),
    ...maybe('--earlier', pick(['none', 'one', 'any'])),
    ...maybe('--memory', pick(['kasan', 'plain'])),
    ...maybe('--budget', pick(['100', '20000', '0', '-1'])),
  ];
  const simulated = async () => {
    const args = ['simulate', ...choose(), '--budget', '200000', '--format', 'json'];
    const { status, stdout } = await run('simulate json', args);
    if (status === 0) hold('simulate', args, stdout, OF.simulate);
    return status === 0 ? JSON.parse(stdout).outcomes.map(({ witness }) => witness) : [];
  };
  return {
    simulated,
    async simulate() {
      const format = pick(['text', 'json', 'dot', 'promela', 'table']);
      const args = ['simulate', ...choose(), '--format', format];
      const { status, stdout } = await run(`simulate ${format}`, args);
      if (status === 0) hold('simulate', args, stdout, format === 'json' ? OF.simulate : undefined);
    },
    async affected() {
      const json = maybe('--format', 'json');
      const args = ['affected', pick(RELEASES), ...maybe(pick(DRIVERS)), ...json];
      const { status, stdout } = await run('affected', args);
      if (status === 0) hold('affected', args, stdout, json.length > 0 ? OF.affected : undefined);
    },
    async replay() {
      const [witness = 'C.x'] = await simulated();
      const cut = one(3) ? witness.slice(0, draw(witness.length)) : witness;
      const json = maybe('--format', 'json');
      const args = ['replay', ...json, ...maybe('--diff'), ...maybe('--expect', 'x'), one(5) ? `${cut}\u001b[2J` : cut];
      const { status, stdout } = await run('replay', args);
      if (status !== 2) hold('replay', args, stdout, json.length > 0 ? OF.replay : undefined);
      if (one(3)) await run('reproduce a witness', ['reproduce', '-o', join(work, 'module'), witness]);
    },
    async words() {
      const args = pick([
        ['explain', ...maybe('OR104')],
        ['explain', pick(['era', 'nothing', '\u001b[1m', 'OR999'])],
        [pick(['kernels', 'drivers', 'hypotheses', 'explain']), '--format', 'json'],
        [pick(['kernels', 'drivers', 'hypotheses'])],
      ]);
      const { status, stdout } = await run(args[0], args);
      if (status === 0) hold('words', args, stdout, args.includes('json') ? OF.json : undefined);
    },
    async help() {
      const command = pick([
        'triage',
        'report',
        'batch',
        'worker',
        'affected',
        'simulate',
        'replay',
        'reproduce',
        'conform',
        'parse',
        'mcp',
        'page',
      ]);
      await run('--help', [...maybe(command), '--help'], { allowed: [0] });
      await run('--version', ['--version'], { allowed: [0] });
      await run('completion', ['completion', pick(['bash', 'zsh', 'fish'])], { allowed: [0] });
      if (one(3)) await run('page', ['page', ...maybe('-o', join(work, 'page.html'))]);
    },
    async misuse() {
      const word = () =>
        pick([
          'triage',
          'batch',
          '--format',
          'x',
          '-o',
          '',
          '--workers',
          '-1',
          '--',
          '-',
          '--kernel',
          '\u202e',
          '--top',
          '0',
          '--store',
          '--queue',
          'redis://',
          '--timeout',
          'NaN',
          '--seed',
          '--color',
        ]);
      const args = Array.from({ length: 1 + draw(5) }, word).filter((w) => w !== '-o' && w !== '--store');
      await run('misuse', args, { env: one(4) ? { OOPSREPLAY_OPTIONS: word() } : {} });
    },
  };
}

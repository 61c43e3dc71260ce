/** OOPSREPLAY_OPTIONS: what a lab says once counts for every command that has the option, and less than the command line. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../src/commands/environment.ts';
import { commandLine } from '../../src/program.ts';
import { commandsOf, optionsOf } from '../../src/reference/commands.ts';

const LOG = 'samples/dmesg/dart-ftrace-6.1.log';

function run(options: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', ...args], {
    encoding: 'utf8',
    env: { ...process.env, OOPSREPLAY_OPTIONS: options, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

describe('OOPSREPLAY_OPTIONS', () => {
  it('says for every command what its command line would', () => {
    const options = '--not-fixed a2e7e59a9426';
    for (const args of [
      [LOG],
      ['triage', LOG],
      ['report', LOG],
      ['conform', LOG],
      ['affected', '6.1.70', 'apple-dart'],
    ]) {
      const asked = args[0] === LOG ? ['triage', LOG] : args;
      expect(run(options, ...args)).toEqual(run('', asked[0]!, ...options.split(' '), ...asked.slice(1)));
    }
    expect(run('', '--brief', LOG).stdout).toMatch(/POSSIBLE/);
    expect(run(options, '--brief', LOG).stdout).toMatch(/CONFIRMED/);
  });

  it('is passed over by commands that have no such option, or no such value', () => {
    expect(run('--not-fixed a2e7e59a9426', 'kernels')).toEqual(run('', 'kernels'));
    expect(run('--format html', 'kernels')).toEqual(run('', 'kernels'));
    expect(run('--redact', 'explain', 'era-c')).toEqual(run('', 'explain', 'era-c'));
  });

  it('gives way to the command line, also where that answers the same question otherwise', () => {
    expect(run('--format json', '--format', 'mail', LOG)).toEqual(run('', '--format', 'mail', LOG));
    expect(run('--not-fixed a2e7e59a9426', '--fixed', 'a2e7e59a9426', LOG)).toEqual(
      run('', '--fixed', 'a2e7e59a9426', LOG),
    );
    expect(run('--kernel 6.1.50', 'simulate', '--era', 'F', '--driver', 'apple-dart').status).toBe(0);
  });

  it('takes what a mandatory option needs', () => {
    expect(run('--queue nonsense', 'worker').stderr).toMatch(/OOPSREPLAY_OPTIONS: --queue nonsense: An address/);
  });

  it.each([
    ['--not-fixed', '--not-fixed needs a value'],
    ['--not-fixed xyz', '--not-fixed xyz: A commit is 8 to 40 hexadecimal digits'],
    ['--nonsense', '--nonsense is an option of no command'],
    ['boot.log', 'boot.log is no option'],
    ['--ascii=yes', '--ascii takes no value'],
    ['--format nonsense', '--format nonsense: Allowed choices are'],
    ['--kernel "6.1', 'the quote " is not closed'],
    ['--help', '--help is an option of no command'],
  ])('%s is named with what is wrong with it', (options, why) => {
    const { status, stdout, stderr } = run(options, LOG);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`oopsreplay: OOPSREPLAY_OPTIONS: ${why}`);
  });

  it('asks for nothing where only help or the version is asked for', () => {
    expect(run('--nonsense', '--help').status).toBe(0);
    expect(run('--nonsense', '--version').status).toBe(0);
  });

  it('is cut into words as a shell would', () => {
    for (const line of [`a  b\tc`, `'a b' "c d"`, `--x='a "b"'`, `a\\ b "c\\"d" 'e\\f'`, `""`, ` a `, `"a\\b"`]) {
      const { stdout } = spawnSync('sh', ['-c', `for w in ${line}; do printf '[%s]' "$w"; done`], { encoding: 'utf8' });
      expect(
        wordsOf(line)
          .map((w) => `[${w}]`)
          .join(''),
      ).toBe(stdout);
    }
    expect(wordsOf('$HOME `x` *')).toEqual(['$HOME', '`x`', '*']);
    expect(() => wordsOf('a\\')).toThrow('nothing stands behind');
  });

  it('can be read in one way only: an option takes a value in all commands that have it, or in none', () => {
    const takes = new Map<string, boolean>();
    for (const option of commandsOf(commandLine()).flatMap(optionsOf)) {
      const own = option.required || option.optional;
      expect([option.long, takes.get(option.long!) ?? own]).toEqual([option.long, own]);
      takes.set(option.long!, own);
    }
  });
});

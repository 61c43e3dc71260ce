/** The completions, tried in the shells themselves; and no option, command or choice is left out of a script. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandLine } from '../../src/program.ts';
import { commandsOf, optionsOf } from '../../src/reference/commands.ts';
import { SHELLS } from '../../src/reference/completion.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';

const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const oopsreplay = (...args: string[]) => spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' });
const scriptOf = (shell: string) => oopsreplay('completion', shell).stdout;
for (const shell of SHELLS) writeFileSync(join(folder, `completion.${shell}`), scriptOf(shell));
writeFileSync(join(folder, 'boot.log'), '');

/** A shell that is no package: what it has to offer is tried where it is. */
function suite(shell: string, title: string, tests: () => void): void {
  const there = spawnSync(shell, ['--version']).error === undefined;
  if (there) describe(title, tests);
  else describe.skip(`${title}: skipped, as ${shell} cannot be run here`, tests);
}

describe.each(SHELLS)('the script for %s', (shell) => {
  const script = scriptOf(shell);

  it('has every command, option and driver, and is the same wherever it is made', () => {
    for (const command of commandsOf(commandLine())) {
      expect(script).toMatch(new RegExp(`\\b${command.name()}\\b`));
      for (const option of optionsOf(command)) expect(script).toContain(option.long!.slice(2));
      for (const choice of optionsOf(command).flatMap((o) => o.argChoices ?? [])) expect(script).toContain(choice);
    }
    for (const driver of DRIVERS.keys()) expect(script).toContain(driver);
    expect(scriptOf(shell)).toBe(script);
  });

  it('is refused for a shell that it is not for', () => {
    const { status, stderr } = oopsreplay('completion', 'tcsh');
    expect([status, stderr]).toEqual([2, expect.stringContaining('Allowed choices are bash, zsh, fish')]);
  });
});

/** What is typed, and some of what is offered for its last word; and what is not. */
const OFFERED: readonly {
  readonly typed: string;
  readonly has: readonly string[];
  readonly lacks?: readonly string[];
}[] = [
  { typed: 'sim', has: ['simulate'], lacks: ['triage'] },
  { typed: '--fol', has: ['--follow'] },
  { typed: 'triage --format k', has: ['ktap', 'kcidb'], lacks: ['text'] },
  { typed: 'boot.log --format k', has: ['ktap', 'kcidb'] },
  { typed: 'simulate --driver apple', has: ['apple-dart'] },
  { typed: 'affected 6.1.50 mt', has: ['mtk_iommu'] },
  { typed: 'simulate --scenario two', has: ['two-walks', 'two-clients'], lacks: ['first-probe'] },
  { typed: 'simulate --memory ', has: ['kasan', 'plain'] },
  { typed: 'replay --ex', has: ['--expect'], lacks: ['--kernel'] },
  { typed: 'explain deferred', has: ['deferred-retry'] },
  { typed: 'completion z', has: ['zsh'] },
  { typed: 'report bo', has: ['boot.log'] },
  { typed: 'triage --fail-on con', has: ['confirmed'] },
];

suite('bash', 'in bash', () => {
  it.each(OFFERED)('completes: oopsreplay $typed', ({ typed, has, lacks = [] }) => {
    const words = ['oopsreplay', ...typed.split(' ')];
    const array = words.map((word) => `'${word}'`).join(' ');
    const ask = `source completion.bash; COMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; _oopsreplay; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8', cwd: folder });
    expect(stderr).toBe('');
    const offered = stdout.trim().split('\n');
    expect(offered).toEqual(expect.arrayContaining([...has]));
    for (const word of lacks) expect(offered).not.toContain(word);
  });

  it('completes --format=k, which comes as three words', () => {
    const ask = `source completion.bash; COMP_WORDS=(oopsreplay --format = k); COMP_CWORD=3; _oopsreplay; echo "\${COMPREPLY[@]}"`;
    expect(spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8', cwd: folder }).stdout.trim()).toBe(
      'ktap kcidb',
    );
  });
});

suite('fish', 'in fish', () => {
  it.each(OFFERED)('completes: oopsreplay $typed', ({ typed, has, lacks = [] }) => {
    const ask = `source completion.fish; complete -C 'oopsreplay ${typed}'`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', ask], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, HOME: folder },
    });
    expect(stderr).toBe('');
    const offered = stdout.split('\n').map((line) => line.split('\t')[0]!);
    expect(offered).toEqual(expect.arrayContaining([...has]));
    for (const word of lacks) expect(offered).not.toContain(word);
  });
});

/** A zsh at a terminal of its own, in which a line is typed and completed; what its completion system was handed is printed. */
function zshOffers(typed: string): readonly string[] {
  const driver = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PROMPT= ; cd ${folder}; autoload -Uz compinit; compinit -u -D; source completion.zsh; bindkey "^I" complete-word
compadd() { local -a all; builtin compadd -A all "$@" 2>/dev/null; (($#all)) && print -rl -- $all >>offered; builtin compadd "$@"; }
finish() { print done >finished; exit }; zle -N finish; bindkey "^X" finish'
zpty -w -n z $'oopsreplay ${typed}\\t\\x18'
repeat 100; do [[ -e ${folder}/finished ]] && break; sleep 0.1; zpty -r -t z >/dev/null; done
zpty -d z`;
  for (const name of ['offered', 'finished']) rmSync(join(folder, name), { force: true });
  spawnSync('zsh', ['-f', '-c', driver], { encoding: 'utf8', cwd: folder, timeout: 60_000 });
  const { stdout } = spawnSync('cat', [join(folder, 'offered')], { encoding: 'utf8' });
  return stdout.split('\n');
}

suite('zsh', 'in zsh', () => {
  it.each(OFFERED)('completes: oopsreplay $typed', ({ typed, has, lacks = [] }) => {
    const offered = zshOffers(typed);
    expect(offered).toEqual(expect.arrayContaining([...has]));
    for (const word of lacks) expect(offered).not.toContain(word);
  });
});

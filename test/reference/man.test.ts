/** The man page: every command and option, and sound for those who read roff. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../src/program.ts';
import { commandsOf, optionsOf } from '../../src/reference/commands.ts';
import { RELEASED } from '../../src/reference/man.ts';

const FILE = 'man/oopsreplay.1';
const PAGE = readFileSync(FILE, 'utf8');

function suite(program: string, title: string, tests: () => void): void {
  const there = spawnSync(program, ['--version']).error === undefined;
  if (there) describe(title, tests);
  else describe.skip(`${title}: skipped, as ${program} cannot be run here`, tests);
}

/** As a terminal shows it, with overstrikes and line breaks gone. */
const shown = (text: string) =>
  text
    .replace(/.\x08/g, '')
    .replace(/\x1b\[[\d;]*m/g, '')
    .replace(/\s+/g, ' ');

/** What every reader must find. */
function expectAll(text: string): void {
  for (const command of commandsOf(commandLine())) {
    expect(text).toContain(`oopsreplay ${command.name()}`);
    for (const option of optionsOf(command)) expect(text).toContain(option.long);
  }
  expect(text).toContain('OOPSREPLAY_OPTIONS');
}

describe('man/oopsreplay.1', () => {
  it('is shipped, where npm looks for it', () => {
    const { man, files } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(man).toBe('./man/oopsreplay.1');
    expect(files).toContain('man');
  });

  it('is of the day of the release', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(readFileSync('CHANGELOG.md', 'utf8')).toContain(`## ${version} (${RELEASED})`);
    expect(PAGE).toContain(`.TH OOPSREPLAY 1 ${RELEASED} "oopsreplay ${version}"`);
  });

  it('is ASCII, and no line of text is taken for an order', () => {
    expect(PAGE).toMatch(/^[\x20-\x7e\n]*$/);
    for (const line of PAGE.split('\n').filter((l) => /^[.']/.test(l)))
      expect(line).toMatch(/^\.(?:\\"|TH|SH|SS|PP|TP|B|BR|RS|RE|nf|fi|nh|ad)(?: |$)/);
  });
});

suite('mandoc', 'for mandoc', () => {
  it('has nothing to warn of', () => {
    const { status, stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', FILE], { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['', 0]);
  });

  it('shows every command and option', () => {
    expectAll(shown(spawnSync('mandoc', ['-T', 'ascii', '-O', 'width=200', FILE], { encoding: 'utf8' }).stdout));
  });
});

suite('groff', 'for groff', () => {
  it('has nothing to warn of, and shows every command and option', () => {
    const args = ['-man', '-Tascii', '-ww', '-rLL=200n', FILE];
    const { stdout, stderr } = spawnSync('groff', args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    expectAll(shown(stdout));
  });
});

/** The README and the pages of docs/ are run: each command of them prints what stands there, and what is not run says why. Options that they name are there. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { documents, withContents } from '../../src/documents.ts';
import * as library from '../../src/index.ts';
import { commandLine } from '../../src/program.ts';
import { commandsOf, optionsOf } from '../../src/reference/commands.ts';
import { ABOUT, MORE } from '../../src/reference/notes.ts';
import { blocksOf, patternOf, sessionsOf, unmarked } from './blocks.ts';
import { type Folder, folderOf } from './folder.ts';

const GENERATED = documents();
const PAGES = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const BY_HAND = PAGES.filter((page) => !(page in GENERATED));
const textOf = (page: string) => readFileSync(page, 'utf8');

const folders: Folder[] = [];
afterAll(() => {
  for (const { remove } of folders) remove();
});

/** case-study.test.ts runs that page, part by part. */
describe.each(BY_HAND.filter((page) => page !== 'docs/CASE-STUDY.md' && blocksOf(textOf(page)).length > 0))(
  '%s',
  (page) => {
    const blocks = blocksOf(textOf(page));
    const sessions = blocks.filter((b) => b.language === 'console').flatMap((b) => sessionsOf(b.text));
    let folder: Folder | null = null;
    const shell = (command: string) => {
      if (folder === null) {
        folder = folderOf(page.replace(/\W/g, '-'));
        folders.push(folder);
      }
      return folder.shell(command);
    };

    it.each(sessions)('shows what is printed: $command', ({ command, output }) => {
      const { stdout, stderr } = shell(command);
      expect(stdout, String(stderr)).toMatch(patternOf(output));
    });

    const programs = blocks.flatMap((b, i) => (b.language === 'js' ? [{ code: b.text, next: blocks[i + 1] }] : []));
    it.each(programs)('has examples that run as they stand: $code', ({ code, next }) => {
      expect(next?.mark).toBe('prints');
      const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(stdout).toMatch(patternOf(next!.text));
    });
  },
);

describe('every page', () => {
  it.each(BY_HAND)('%s: what somebody could copy is run, or says who runs it or why nobody does', (page) => {
    const text = textOf(page);
    const bare = unmarked(text).filter(
      (first) => page !== 'README.md' || !/^npm ci && npm (?:start --|test)/.test(first),
    );
    expect(bare).toEqual([]);
    for (const [, file] of text.matchAll(/<!-- run by (\S+) -->/g)) expect(existsSync(file!), file).toBe(true);
  });

  it.each(PAGES.filter((page) => page !== 'README.md'))('%s has its contents (npm run docs)', (page) => {
    expect(withContents(textOf(page))).toBe(textOf(page));
  });

  const program = commandLine();
  const commands = commandsOf(program);
  const options = [program, ...commands].flatMap((command) => optionsOf(command).map((option) => option.long!));

  it.each(PAGES)('%s names commands and options that are there', (page) => {
    const text = textOf(page).replace(/^<!-- not run: .*-->\n```[\s\S]*?^```$/gm, '');
    for (const [, name] of text.matchAll(/oopsreplay (--[a-z]+(?:-[a-z]+)*)/g))
      expect([...options, '--help']).toContain(name);
    for (const [, name] of text.matchAll(/`oopsreplay ([a-z]+)(?=[ `])/g))
      expect([...commands.map((c) => c.name()), 'help']).toContain(name);
  });

  it.each(Object.keys(GENERATED))('%s is up to date (npm run docs)', (file) => {
    expect(existsSync(file)).toBe(true);
    expect(textOf(file)).toBe(GENERATED[file]);
  });

  it('is written with notes on commands and options that are there', () => {
    for (const name of Object.keys(ABOUT)) expect(commands.map((c) => c.name())).toContain(name);
    for (const name of Object.keys(MORE)) {
      const [command, option] = name.startsWith('--') ? [null, name] : name.split(' ');
      const of = command === null ? commands : commands.filter((c) => c.name() === command);
      expect(
        of.flatMap(optionsOf).map((o) => o.long),
        name,
      ).toContain(option);
    }
  });

  it('has every function of the library in an example that is run', () => {
    const examples = blocksOf(textOf('docs/LIBRARY.md')).filter((b) => b.language === 'js');
    const imported = examples.flatMap(({ text }) => /import \{ (.*) \} from 'oopsreplay'/.exec(text)![1]!.split(', '));
    expect([...new Set(imported)].sort()).toEqual(Object.keys(library).sort());
    for (const name of Object.keys(library))
      expect(textOf('docs/LIBRARY.md').replace(/^```[\s\S]*?^```$/gm, '')).toContain(`\`${name}`);
  });

  it('has every command and each of its options on docs/CLI.md', () => {
    const page = textOf('docs/CLI.md');
    for (const command of commands) {
      const section = page.split(`\n## oopsreplay ${command.name()}\n`)[1]?.split('\n## ')[0];
      expect(section, command.name()).toBeDefined();
      for (const option of optionsOf(command)) expect(section).toContain(option.long);
    }
  });
});

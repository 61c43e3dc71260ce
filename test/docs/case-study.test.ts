/** The case study is run: each command of it prints what stands there. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { blocksOf, patternOf, sessionsOf } from './blocks.ts';
import { folderOf } from './folder.ts';

const PAGE = readFileSync('docs/CASE-STUDY.md', 'utf8');
const { shell, remove } = folderOf('case-study');
afterAll(remove);

describe('the case study', () => {
  const sessions = blocksOf(PAGE).flatMap((block) => sessionsOf(block.text));

  it('has a command for each part of the story', () => {
    expect(PAGE.match(/^## \d\. /gm)).toHaveLength(8);
    for (const part of PAGE.split(/^## \d\. /m).slice(1)) expect(sessionsOf(part).length).toBeGreaterThan(0);
  });

  it.each(sessions)('shows what is printed: $command', ({ command, output }) => {
    expect(shell(command).stdout).toMatch(patternOf(output));
  });
});

/**
 * The parts of a markdown page that are to be run: a fenced block below "<!-- run -->", and what it prints below "<!-- prints -->". A block that somebody could copy
 * and that is not run has "<!-- run by FILE -->", the test that does it, or "<!-- not run: WHY -->".
 */

export interface Block {
  readonly mark: 'run' | 'prints';
  readonly language: string;
  readonly text: string;
}

export function blocksOf(markdown: string): readonly Block[] {
  const found = markdown.matchAll(/^<!-- (run|prints) -->\n```(\w+)\n([\s\S]*?)^```$/gm);
  return [...found].map((m) => ({ mark: m[1] as Block['mark'], language: m[2]!, text: m[3]! }));
}

export interface Session {
  readonly command: string;
  /** What it prints; a line "[...]" stands for any lines. */
  readonly output: string;
}

/** A console block: each "$ command" with what stands under it. */
export function sessionsOf(block: string): readonly Session[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { command: part.slice(0, end), output: part.slice(end + 1) };
    });
}

/** The fenced blocks of a page that have none of the four marks; their first lines. */
export function unmarked(markdown: string): readonly string[] {
  const found = markdown.matchAll(/(?:^(.*)\n)?^```(\w+)\n(.*)[\s\S]*?^```$/gm);
  return [...found]
    .filter(([, before]) => !/^<!-- (?:run|prints|run by \S+|not run: .+) -->$/.test(before ?? ''))
    .map((m) => m[3]!);
}

/** The output as a pattern: everything literal but the lines "[...]", which stand for any lines, and "[...]" in a line, for what is left of it. */
export function patternOf(output: string): RegExp {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const literal = (text: string) => text.split('[...]').map(escaped).join('.*');
  return new RegExp(
    `^${output
      .split(/^\[\.\.\.\]\n/m)
      .map(literal)
      .join('(?:.*\\n)*?')}$`,
  );
}

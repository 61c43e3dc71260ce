/** The parts of a markdown page that are to be run: a fenced block below "<!-- run -->", and what it prints below "<!-- prints -->". */

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

/** The output as a pattern: everything literal but the lines "[...]". */
export function patternOf(output: string): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^${output
      .split(/^\[\.\.\.\]\n/m)
      .map(literal)
      .join('(?:.*\\n)*?')}$`,
  );
}

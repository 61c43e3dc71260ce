/** What the library reaches, and the page, which runs in a browser: nothing of Node's but what src/bytes.ts takes where it is there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importsIn } from './rooms.ts';

const IMPORTS = importsIn('src');

/** Every source that these import, however far. */
function reached(...from: readonly string[]): readonly string[] {
  const seen = new Set(from);
  for (const file of seen) for (const one of IMPORTS) if (one.from === file) seen.add(one.to);
  return [...seen].filter((file) => file.endsWith('.ts')).sort();
}

/** Of a source, what no browser has; comments and texts left out. */
function ofNode(source: string): readonly string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return code.match(/'node:\w+'|\bBuffer\b(?!\.)|\bBuffer\.\w+|\bprocess\.\w+|\b__dirname\b|\bimport\.meta\b/g) ?? [];
}

describe('what runs in a browser too', () => {
  const files = reached('src/browser.ts');

  it('is all of the parser, the model, the reconstruction and the reports', () => {
    expect(files.length).toBeGreaterThan(200);
    for (const room of ['parser/parse.ts', 'reconstruct/triage.ts', 'report/render.ts', 'report/html/page.ts'])
      expect(files).toContain(`src/${room}`);
  });

  it.each(files.filter((file) => file !== 'src/bytes.ts'))('%s asks nothing of Node', (file) => {
    expect(ofNode(readFileSync(file, 'utf8'))).toEqual([]);
  });

  it('would be seen if it did', () => {
    expect(ofNode("import { x } from 'node:fs';\nBuffer.from(process.argv[0])")).toHaveLength(3);
  });
});

/**
 * Every sample log against its golden outputs: text (80 columns, no colour), markdown, mail and JSON; the other formats for a log of each kind. UPDATE_GOLDEN=1 writes them anew (npm run test:update);
 * read the difference before you commit it. A golden that is missing, or that no sample stands behind, is a failure.
 */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { withLogOptions } from '../../src/commands/log-options.ts';
import { type LogOptions, triageOptions } from '../../src/options.ts';
import { triage } from '../../src/reconstruct/triage.ts';
import { type Format, rendererFor } from '../../src/report/render.ts';

const SAMPLES = 'samples/dmesg';
const GOLDEN = 'test/golden';
const UPDATE = process.env.UPDATE_GOLDEN === '1';
const FORMATS: Readonly<Record<string, Format>> = { txt: 'text', md: 'markdown', json: 'json', mail: 'mail' };
/** Formats that are longer than they are various: one log of each kind shows them. */
const MORE: Readonly<Record<string, Format>> = {
  html: 'html',
  xml: 'junit',
  sarif: 'sarif',
  ktap: 'ktap',
  kcidb: 'kcidb',
  github: 'github',
};
/** Confirmed of four drivers, a sibling, excluded, a contradiction, possible, a fragment, no crash. */
const OF_EACH_KIND = [
  'dart-null-priv-6.1.log',
  'qcom-null-priv-5.10.log',
  'smmuv3-kasan-uaf-6.6.log',
  'sprd-walk-is-victim-6.1.log',
  'double-error-exit-5.10.log',
  'priv-without-fwspec-6.1.log',
  'dart-release-says-fixed-6.6.log',
  'cut-in-trace-6.1.log',
  'fragment.log',
  'no-crash-6.12.log',
];

interface Sample {
  readonly file: string;
  /** Options of the command line that a user would give with this log. */
  readonly flags?: readonly string[];
}

const index: readonly Sample[] = existsSync(join(SAMPLES, 'index.json'))
  ? JSON.parse(readFileSync(join(SAMPLES, 'index.json'), 'utf8'))
  : [];
const logs = existsSync(SAMPLES)
  ? readdirSync(SAMPLES)
      .filter((name) => name.endsWith('.log'))
      .sort()
  : [];

async function rendered(file: string, flags: readonly string[], format: Format): Promise<string> {
  const command = withLogOptions(new Command().exitOverride(), 'text').parse([...flags], { from: 'user' });
  // The name as a user in the repository's folder would give it, wherever the tests run.
  const name = `${SAMPLES}/${file}`;
  const triages = triage(readFileSync(join(SAMPLES, file)), { name }, triageOptions(command.opts<LogOptions>()));
  const renderer = await rendererFor(format, { columns: 80, colour: false, ascii: false, several: false });
  const parts: string[] = [];
  for (const one of triages) parts.push(await renderer.add(one));
  const text = parts.join('') + renderer.end();
  // The page's own script and style, and with them their hashes, are the same in every page and change on their own.
  return format === 'html'
    ? text.replace(/(<(script|style)>).*?(?=<\/\2>)/gs, '$1').replaceAll(/'sha256-[^']+'/g, "'sha256'")
    : text;
}

describe('golden outputs', () => {
  it('every sample is in the index, and the index names no other', () => {
    expect(index.map(({ file }) => file).sort()).toEqual(logs);
  });

  it('no golden is left of a sample that is gone', () => {
    const stems = logs.map((name) => name.replace(/\.log$/, ''));
    const stale = readdirSync(GOLDEN).filter((name) => {
      const [, stem, extension] = /^(.+)\.([a-z]+)$/.exec(name) ?? [];
      // model.json is the model's own table (model.test.ts).
      if (
        stem === 'model' ||
        stem === 'evidence' ||
        extension === undefined ||
        extension === 'ts' ||
        stem!.endsWith('.test')
      )
        return false;
      const expected = extension in FORMATS ? stems.includes(stem!) : OF_EACH_KIND.includes(`${stem}.log`);
      return !expected || !(extension in FORMATS || extension in MORE);
    });
    if (UPDATE) for (const name of stale) rmSync(join(GOLDEN, name));
    else expect(stale).toEqual([]);
  });

  for (const file of logs)
    for (const [extension, format] of Object.entries(OF_EACH_KIND.includes(file) ? { ...FORMATS, ...MORE } : FORMATS))
      it(`${file} as ${format}`, async () => {
        const flags = index.find((sample) => sample.file === file)?.flags ?? [];
        const got = await rendered(file, flags, format);
        const path = join(GOLDEN, file.replace(/log$/, extension));
        if (UPDATE) writeFileSync(path, got);
        expect(existsSync(path), `${path} is missing: UPDATE_GOLDEN=1 writes it`).toBe(true);
        expect(got).toBe(readFileSync(path, 'utf8'));
        expect(await rendered(file, flags, format)).toBe(got);
      });
});

/** What is published: which files, that nothing is installed beside it and no script runs, that its types compile, and that its examples run from there. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from '../docs/blocks.ts';
import { compiled, type Installed, install, NOTHING_SAID, packagesIn } from './install.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const SAMPLE = 'node_modules/oopsreplay/samples/dmesg/qcom-null-priv-5.10.log';

let installed: Installed;
beforeAll(() => {
  installed = install();
});
afterAll(() => installed?.remove());

describe('the package', () => {
  it('holds what its manifest points to, the documents and the samples, and nothing of the workshop', () => {
    const { files } = installed;
    const pointed = JSON.stringify([manifest.bin, manifest.main, manifest.types, manifest.exports]).match(
      /dist\/[\w./-]+/g,
    )!;
    expect(pointed.length).toBeGreaterThan(5);
    for (const file of [...pointed, 'README.md', 'LICENSE', 'dist/LICENSES.txt', 'schema/triage.schema.json'])
      expect(files).toContain(file);
    expect(files.filter((file) => /^(?:src|test|scripts|bench)\/|\.(?:ts|map|v8)$|\beval\b/.test(file))).toEqual([
      'dist/index.d.ts',
    ]);
  });

  it('is as publint would have it', async () => {
    const { messages } = await publint({ pkgDir: '.', pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it('asks npm for no package beside it but piscina, and for no script', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.optionalDependencies)).toEqual(['piscina']);
    expect(Object.keys(manifest.scripts).filter((name) => /^(?:pre|post)?(?:install|prepare)$/.test(name))).toEqual([]);
    expect(packagesIn(installed.folder)).toEqual(['oopsreplay']);
  });

  it('runs as a command, without a warning', () => {
    const { status, stdout, stderr } = installed.run('node_modules/.bin/oopsreplay', ['--brief', SAMPLE]);
    expect(stderr).toBe('');
    expect(stdout).toContain('CONFIRMED BUG: unable to handle kernel NULL pointer dereference');
    expect(status).toBe(0);
  });

  it('writes the page to paste a log into, whole and with its policy', () => {
    const { status, stdout, stderr } = installed.run('node_modules/.bin/oopsreplay', ['page']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(readFileSync(join(installed.folder, 'node_modules/oopsreplay/dist/oopsreplay.html'), 'utf8'));
    expect(stdout).toMatch(/^<!DOCTYPE html>[\s\S]*default-src 'none'; script-src 'sha256-[\s\S]*<\/html>\n$/);
    const drawn = stdout.replace(/<script[^>]*>[\s\S]*?<\/script>/g, '');
    expect(drawn).not.toMatch(/\b(?:src|href)=/);
  });

  it('has the library for browsers, which asks nothing of Node', () => {
    const code =
      "import { triage } from 'oopsreplay/browser'; console.log(triage(new TextEncoder().encode('x'), { name: 'x' })[0].verdict.class)";
    const { stdout, stderr } = installed.run(process.execPath, ['--input-type=module', '-e', code]);
    expect([stdout, stderr]).toEqual(['insufficient\n', '']);
    const text = readFileSync(join(installed.folder, 'node_modules/oopsreplay/dist/browser.js'), 'utf8');
    expect(text.match(/from ?"(?:node:)?\w+"|getBuiltinModule|\brequire\("/g)).toBeNull();
  });

  it('judges a batch in its own thread where piscina is not installed, and says so once', () => {
    const batch = ['batch', 'node_modules/oopsreplay/samples/dmesg/*.log', '--workers', '2'];
    const { status, stdout, stderr } = installed.run('node_modules/.bin/oopsreplay', batch);
    // How far it is comes between, on a slow machine.
    expect(stderr.split('\n').filter((line) => line !== '' && !/ inputs?, /.test(line))).toEqual([
      'oopsreplay: piscina is not installed: logs are judged one after another, without threads',
    ]);
    expect(stdout).toContain('confirmed');
    expect(status).toBe(0);
  });

  it('is imported and required alike', () => {
    const use = "console.log(triage(readFileSync(process.argv[1]), { name: 'x' })[0].verdict.class)";
    for (const [type, code] of [
      ['module', `import { triage } from 'oopsreplay'; import { readFileSync } from 'node:fs'; ${use}`],
      ['commonjs', `const { triage } = require('oopsreplay'); const { readFileSync } = require('node:fs'); ${use}`],
    ] as const) {
      const { stdout, stderr } = installed.run(process.execPath, [`--input-type=${type}`, '-e', code, SAMPLE]);
      expect([stdout, stderr], type).toEqual(['confirmed\n', '']);
    }
  });

  it('runs the example of its documents', () => {
    const pages = ['README.md', 'docs/LIBRARY.md'].filter((file) => installed.files.includes(file));
    const blocks = pages.flatMap((file) => blocksOf(readFileSync(file, 'utf8')));
    const at = blocks.findIndex(({ language }) => language === 'js');
    // The samples stand in the package here.
    const code = blocks[at]!.text.replaceAll("'samples/", "'node_modules/oopsreplay/samples/");
    const { stdout, stderr } = installed.run(process.execPath, ['--input-type=module', '-e', code]);
    expect(stderr).toBe('');
    expect(stdout).toBe(blocks[at + 1]!.text);
  });
});

describe('the declarations', () => {
  it('are one file that imports nothing', () => {
    const types = readFileSync(join(installed.folder, 'node_modules/oopsreplay/dist/index.d.ts'), 'utf8');
    expect(
      types.match(/^import\b.*|\bfrom ['"].*|\b(?:import|require)\(.*|\bBuffer\b|\bNodeJS\b|\/\/\/ <.*/gm),
    ).toBeNull();
  });

  it('compile in a strict consumer, with skipLibCheck off, in every module system', () => {
    expect(compiled(installed, 'node_modules/typescript/bin/tsc')).toEqual(NOTHING_SAID);
  });
});

describe('package-lock.json', () => {
  it('has the hash of every package', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { integrity?: string }>;
    };
    const without = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && integrity === undefined);
    expect(without.map(([path]) => path)).toEqual([]);
  });
});

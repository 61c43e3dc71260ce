/** The package as its users get it: packed, and installed into an empty folder. */
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Installed {
  readonly folder: string;
  readonly tarball: string;
  /** What was packed, by name within the package. */
  readonly files: readonly string[];
  /** Runs a program in the folder with nothing of this checkout's environment but PATH. */
  readonly run: (program: string, args: readonly string[], input?: string) => SpawnSyncReturns<string>;
  readonly remove: () => void;
}

/** Packs dist/ as it is built and installs that, without the network: `npm` gets `how` besides. */
export function install(how: readonly string[] = ['--offline', '--omit=optional']): Installed {
  // dist/ is built without these for the tests.
  for (const script of ['scripts/types.mjs', 'scripts/paste.mjs'])
    execFileSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] });
  const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-package-'));
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    encoding: 'utf8',
  });
  const answer: unknown = JSON.parse(packed);
  // npm 12 answers by name.
  const [one] = (Array.isArray(answer) ? answer : Object.values(answer as object)) as [
    { filename: string; files: { path: string }[] },
  ];
  const tarball = join(folder, one.filename);
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true }\n');
  const run: Installed['run'] = (program, args, input) =>
    spawnSync(program, [...args], {
      cwd: folder,
      encoding: 'utf8',
      input: input ?? '',
      env: { PATH: process.env.PATH, HOME: folder },
    });
  const { status, stderr } = run('npm', ['install', '--no-audit', '--no-fund', ...how, tarball]);
  if (status !== 0) throw new Error(stderr);
  return {
    folder,
    tarball,
    files: one.files.map(({ path }) => path),
    run,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The packages that an installation brought. */
export function packagesIn(folder: string): readonly string[] {
  const modules = join(folder, 'node_modules');
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => (name.startsWith('@') ? readdirSync(join(modules, name)).map((n) => `${name}/${n}`) : [name]))
    .sort();
}

/** Module systems in which the declarations must compile, each with what it is by. */
const MODULES = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
] as const;

/** What `compiled` answers where all is well. */
export const NOTHING_SAID: Record<string, string> = Object.fromEntries(MODULES.map(({ module }) => [module, '']));

const CONSUMER = `import { DRIVERS, ERAS, judgeLog, parse, rendererFor, simulate, triage, triageChunks } from 'oopsreplay';
import type { ParsedLog, Triage, Verdict } from 'oopsreplay';

const text: Uint8Array = new Uint8Array(0);
const judged: readonly Triage[] = triage(text, { name: 'boot.log' });
for (const { crashes, kernel, verdict } of judged) {
  const whole: Verdict = verdict;
  const release: string | null = kernel.release;
  const lines: number[] = crashes.map(({ incident }) => incident.span.line);
  // @ts-expect-error what is judged may not be changed
  verdict.class = 'confirmed';
  void [whole.class, release, lines];
}
export async function all(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0;
  for await (const log of parse(chunks, { name: '-' })) count += (log satisfies ParsedLog).source.lines;
  for await (const one of triageChunks(chunks, { name: '-' })) count += one.crashes.length;
  return count;
}
// @ts-expect-error no such format
rendererFor('nonsense');
void [DRIVERS.size, ERAS.size, judgeLog, simulate];
`;

/** Has this compiler judge a strict consumer in every module system, without skipLibCheck; what it says of each, '' for nothing. */
export function compiled({ folder, run }: Installed, tsc: string): Record<string, string> {
  writeFileSync(join(folder, 'esm.mts'), CONSUMER);
  writeFileSync(join(folder, 'cjs.cts'), CONSUMER);
  const said: Record<string, string> = {};
  for (const by of MODULES) {
    const config = join(folder, `tsconfig.${by.module}.json`);
    const compilerOptions = {
      ...by,
      target: 'es2022',
      lib: ['es2022'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: false,
      skipLibCheck: false,
      noEmit: true,
    };
    // require() is of Node's module systems.
    const files = by.moduleResolution === 'bundler' ? ['esm.mts'] : ['esm.mts', 'cjs.cts'];
    writeFileSync(config, JSON.stringify({ compilerOptions, files }));
    const { stdout, stderr } = run(process.execPath, [resolve(tsc), '-p', config]);
    said[by.module] = stdout + stderr;
  }
  return said;
}

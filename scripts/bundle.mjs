// Habits of the bundle that make it start sooner; what the program prints is the same without them.
import { isBuiltin } from 'node:module';
import { resolve } from 'node:path';
import { modelVersion } from './model-version.mjs';

const builtin = (path) => `process.getBuiltinModule(${JSON.stringify(path)})`;

const CHILD_PROCESS = ['spawn', 'execFileSync'];

/** commander asks for child_process at once, for subcommands that are programs of their own, and there is none of them here. */
function later(path) {
  return /^(?:node:)?child_process$/.test(path)
    ? `{ ${CHILD_PROCESS.map((name) => `get ${name}() { return ${builtin(path)}.${name}; }`).join(', ')} }`
    : builtin(path);
}

/**
 * Node's own modules by process.getBuiltinModule(), for sources and dependencies alike. An `import` of one would first read every export of it, and
 * those of node:fs and node:crypto load streams and web cryptography when they are read.
 */
export const builtins = {
  name: 'builtins',
  setup({ initialOptions, onResolve, onLoad }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      // One that is waited for is a part of its own in a bundle of several, and such a part has no names but `default`.
      if (kind === 'dynamic-import' && initialOptions.splitting) return { path, external: true };
      return { path, namespace: 'builtin' };
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: `module.exports = ${later(path)};` }));
  },
};

/**
 * Grammars are compiled to recipes when the program is built (scripts/grammars.mjs), and those need Ohm's matcher only: the parser of .ohm
 * files, itself a grammar that is set up at every start, stays out.
 */
export const ohmKernel = {
  name: 'ohm-kernel',
  setup({ onResolve }) {
    const kernel = resolve('node_modules/ohm-js/src/main-kernel.js');
    onResolve({ filter: /^ohm-js$/ }, () => ({ path: kernel }));
  },
};

/** Cells of tables are ASCII (src/report/text/table.ts), where a character is a column: no need of the table of emoji. */
export const asciiWidth = {
  name: 'ascii-width',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, ({ path }) => ({ path, namespace: 'ascii-width' }));
    onLoad({ filter: /.*/, namespace: 'ascii-width' }, () => ({ contents: 'module.exports = (text) => text.length;' }));
  },
};

/** cli-table3 takes the optional colours of its tables from a package that asks the machine for its terminal; no table here has any. */
export const plainTables = {
  name: 'plain-tables',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@colors\/colors/ }, ({ path }) => ({ path, namespace: 'plain-tables' }));
    onLoad({ filter: /.*/, namespace: 'plain-tables' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** What `batch`, `worker`, `mcp` and `page` run is built apart, and imported from beside the program when it is asked for (src/start.ts). */
export const fleet = {
  name: 'fleet',
  setup({ onResolve, onLoad }) {
    const files = { 'main.ts': 'batch', 'worker.ts': 'worker', 'server.ts': 'mcp', 'whole-page.ts': 'page' };
    onResolve({ filter: /\/(?:batch\/(?:main|worker)|mcp\/server|whole-page)\.ts$/ }, ({ path }) => ({
      path: files[path.split('/').at(-1)],
      namespace: 'fleet',
    }));
    onLoad({ filter: /.*/, namespace: 'fleet' }, ({ path }) => ({
      contents: `export async function ${path}(...args) {
        return (await globalThis[Symbol.for('oopsreplay.import')]('./${path}.js')).${path}(...args);
      }`,
    }));
  },
};

/** Not in any bundle: optional packages, loaded when they are asked for. */
export const OPTIONAL = ['piscina', 'bullmq', 'ioredis', '@modelcontextprotocol/sdk'];

/** What all bundles for Node have in common. */
export const bundle = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  plugins: [asciiWidth, builtins, ohmKernel],
  // Names stay, for the stack trace of a defect.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  sourcemap: false,
  define: { OOPSREPLAY_MODEL: JSON.stringify(modelVersion()) },
  logLevel: 'warning',
};

/** What every bundle for a browser has in common; `worker` is the condition of packages that have a way without a document. */
export const browser = {
  bundle: true,
  platform: 'browser',
  conditions: ['worker'],
  target: 'es2022',
  charset: 'ascii',
  legalComments: 'none',
  metafile: true,
  plugins: [asciiWidth, ohmKernel, plainTables],
  define: { OOPSREPLAY_MODEL: JSON.stringify(modelVersion()) },
  logLevel: 'warning',
};

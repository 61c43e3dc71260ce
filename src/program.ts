/** The commands, with all their options: what the command line, its documentation and its completions are made of. */

import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { register as registerAffected } from './commands/affected.ts';
import { register as registerBatch } from './commands/batch.ts';
import { register as registerCompletion } from './commands/completion.ts';
import { register as registerConform } from './commands/conform.ts';
import { register as registerExplain } from './commands/explain.ts';
import { register as registerKnows } from './commands/knows.ts';
import { register as registerMcp } from './commands/mcp.ts';
import { register as registerPage } from './commands/page.ts';
import { register as registerParse } from './commands/parse.ts';
import { register as registerReplay } from './commands/replay.ts';
import { register as registerReport } from './commands/report.ts';
import { register as registerReproduce } from './commands/reproduce.ts';
import { register as registerSimulate } from './commands/simulate.ts';
import { register as registerTriage } from './commands/triage.ts';
import { register as registerWorker } from './commands/worker.ts';
import { EXIT } from './exit.ts';
import { sanitizeBlock } from './report/safe/sanitize.ts';
import { MODEL_VERSION, NEWEST_READ } from './sim/eras/known.ts';

/** For --help and the man page. */
export const EXAMPLES: readonly (readonly [what: string, command: string])[] = [
  ['The machine that it runs on', 'dmesg | oopsreplay'],
  ['A log', 'oopsreplay boot.log'],
  ['A report to send', 'oopsreplay report boot.log -o report.md'],
  ['Many logs for a program', 'oopsreplay triage --format ndjson logs/*.log'],
];

const AFTER = `
Options of the default command: oopsreplay triage --help

Examples:
${EXAMPLES.map(([, command]) => `  ${command}`).join('\n')}

Exit status: 0 analysed; 1 a verdict is at or above --fail-on; 2 wrong usage or an
unreadable input; 3 a defect in oopsreplay; 130 interrupted.`;

/** What OOPSREPLAY_OPTIONS says, put in before a command runs; what is mandatory already before its options are looked for. */
function withEnvironment(program: Command): void {
  const apply = async (command: Command, which: 'mandatory' | 'all') => {
    const line = process.env.OOPSREPLAY_OPTIONS ?? '';
    if (line.trim() === '') return;
    const { applyOptions } = await import('./commands/environment.ts');
    applyOptions(line, command, program.commands, which);
  };
  program.hook('preSubcommand', (_, command) => apply(command, 'mandatory'));
  program.hook('preAction', (_, command) => apply(command, 'all'));
}

/** Nothing is run: whoever has it parses a command line with it, or reads it. */
export function commandLine(): Command {
  const program = new Command('oopsreplay')
    .description('Is this kernel crash the race between of_iommu_configure() and iommu_probe_device()?')
    .usage('[command] [options] [path...]')
    .option('-V, --version', 'print the version, and the newest kernel that the model knows')
    .on('option:version', () => {
      process.stdout.write(`${manifest.version} (model ${MODEL_VERSION}, kernels 4.20 to ${NEWEST_READ})\n`);
      throw new CommanderError(EXIT.ok, 'commander.version', '');
    })
    .addHelpText('after', AFTER)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`oopsreplay: ${sanitizeBlock(text)}`) });
  // Settings are inherited by commands registered after them.
  registerTriage(program);
  registerReport(program);
  registerBatch(program);
  registerWorker(program);
  registerAffected(program);
  registerSimulate(program);
  registerReplay(program);
  registerReproduce(program);
  registerConform(program);
  registerKnows(program);
  registerExplain(program);
  registerPage(program);
  registerParse(program);
  registerMcp(program);
  registerCompletion(program);
  withEnvironment(program);
  return program;
}

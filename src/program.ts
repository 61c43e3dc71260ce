/** The commands, with all their options: what the command line, its documentation and its completions are made of. */

import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { register as registerAffected } from './commands/affected.ts';
import { register as registerBatch } from './commands/batch.ts';
import { register as registerConform } from './commands/conform.ts';
import { register as registerExplain } from './commands/explain.ts';
import { register as registerKnows } from './commands/knows.ts';
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

const EXAMPLES = `
Options of the default command: oopsreplay triage --help

Examples:
  dmesg | oopsreplay
  oopsreplay boot.log
  oopsreplay report boot.log -o report.md
  oopsreplay triage --format ndjson logs/*.log

Exit status: 0 analysed; 1 a verdict is at or above --fail-on; 2 wrong usage or an
unreadable input; 3 a defect in oopsreplay; 130 interrupted.`;

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
    .addHelpText('after', EXAMPLES)
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
  registerParse(program);
  return program;
}

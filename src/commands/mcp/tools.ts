/** What an assistant can ask, and the shape of each answer: the schemas that the commands' JSON has (schema/). */
import affectedSchema from '../../../schema/affected.schema.json' with { type: 'json' };
import replaySchema from '../../../schema/replay.schema.json' with { type: 'json' };
import simulateSchema from '../../../schema/simulate.schema.json' with { type: 'json' };
import triageSchema from '../../../schema/triage.schema.json' with { type: 'json' };
import { ARCHES } from '../../options.ts';
import { DRIVERS } from '../../sim/drivers/models.ts';
import { ERAS } from '../../sim/eras/eras.ts';
import { HYPOTHESES } from '../../sim/hypotheses/hypotheses.ts';
import { SCENARIOS } from '../../sim/scenarios.ts';

type Schema = Readonly<Record<string, unknown>>;

export interface Tool {
  readonly name: 'triage' | 'affected' | 'simulate' | 'replay' | 'explain';
  readonly title: string;
  readonly description: string;
  readonly inputSchema: { readonly type: 'object' } & Schema;
  readonly outputSchema: { readonly type: 'object' } & Schema;
}

/** A log longer than this is named by its path. */
export const LONGEST_TEXT = 4_000_000;

const text = (description: string, more: Schema = {}) => ({ type: 'string', description, maxLength: 200, ...more });
const oneOf = (values: Iterable<string>, description: string) => ({ type: 'string', enum: [...values], description });
const commits = (what: string) => ({
  type: 'array',
  maxItems: 8,
  items: { type: 'string', pattern: '^[0-9a-fA-F]{8,40}$' },
  description: `commits (a2e7e59a9426, 01657bc14a39) that the kernel ${what}, whatever its release says`,
});

function input(properties: Schema, required: readonly string[] = []): Tool['inputSchema'] {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** A schema of ours as one of an answer; without its name, under which a client would find it twice. */
function output({ $id: _, ...schema }: Schema): Tool['outputSchema'] {
  return { ...schema, type: 'object' };
}

const kernel = text('kernel release, as uname -r prints it, such as 6.1.50');
const driver = text(`IOMMU driver, such as ${[...DRIVERS.keys()].slice(0, 3).join(', ')}`);

const { $schema, definitions, ...boot } = output(triageSchema);

export const TOOLS: readonly Tool[] = [
  {
    name: 'triage',
    title: 'Judge a kernel log',
    description:
      'Reads a Linux kernel log and says whether its crash is the race between of_iommu_configure() and iommu_probe_device(): a verdict for each boot (confirmed, possible, excluded, insufficient, no-crash) with the lines that show it, what else could be the cause, and what would settle what is open. A verdict claims no more than the log supports. Give text or path.',
    inputSchema: input({
      text: {
        type: 'string',
        maxLength: LONGEST_TEXT,
        description: 'the log itself: dmesg, serial capture, journal, a paste',
      },
      path: text('a log below a folder that the server may read; compressed ones too', { maxLength: 4096 }),
      kernel: text('kernel release, where the log does not say'),
      driver,
      arch: oneOf(ARCHES, 'architecture, where the log does not say'),
      fixed: commits('has'),
      notFixed: commits('lacks'),
    }),
    outputSchema: {
      $schema,
      type: 'object',
      required: ['boots'],
      properties: {
        boots: {
          type: 'array',
          items: { $ref: '#/definitions/boot' },
          description: 'a verdict for each boot of the log',
        },
        more: { type: 'boolean', description: 'true: the log has further boots, which are not in this answer' },
      },
      definitions: { ...(definitions as Schema), boot },
    },
  },
  {
    name: 'affected',
    title: 'Can a kernel release crash so?',
    description:
      'Whether a kernel release can have the race at all, with which drivers, whether the fixes a2e7e59a9426 and 01657bc14a39 are in, and where to go. No log is needed.',
    inputSchema: input({ release: kernel, driver, fixed: commits('has'), notFixed: commits('lacks') }, ['release']),
    outputSchema: output(affectedSchema),
  },
  {
    name: 'simulate',
    title: 'Explore the model',
    description:
      "Explores every interleaving of a kernel's code with an IOMMU driver and lists what they can end in, how easily, and a replay string (witness) for each. Give kernel or era.",
    inputSchema: input(
      {
        kernel,
        era: oneOf(ERAS.keys(), 'era of the code, instead of kernel'),
        driver: oneOf(DRIVERS.keys(), 'the IOMMU driver'),
        scenario: oneOf(SCENARIOS.keys(), 'which threads meet; deferred-retry unless you say otherwise'),
        hypothesis: oneOf(HYPOTHESES.keys(), 'only the crashes that belong to it'),
        memory: oneOf(['kasan', 'plain'], 'kasan: a path ends at its first memory error (the default)'),
        set: text('the code with these features too, such as lock=global: what would a change do?'),
        fixed: commits('has'),
        notFixed: commits('lacks'),
      },
      ['driver'],
    ),
    outputSchema: output(simulateSchema),
  },
  {
    name: 'replay',
    title: 'Run one interleaving again',
    description:
      'Runs the interleaving of a replay string (a witness of triage or simulate) step by step: what each step reads and leaves, what the run ends in, and why. With diff also the nearest run that passes.',
    inputSchema: input(
      {
        witness: { type: 'string', maxLength: 4096, description: 'the replay string' },
        diff: { type: 'boolean', description: 'also the nearest run that passes' },
      },
      ['witness'],
    ),
    outputSchema: output(replaySchema),
  },
  {
    name: 'explain',
    title: 'What a word means',
    description:
      'What a word of a report means: an era, a class, a scenario, a hypothesis, a code such as OR401. Without a term: all that there are.',
    inputSchema: input({ term: text('such as era-c, OR401, deferred-retry, witness') }),
    outputSchema: {
      type: 'object',
      required: ['terms'],
      properties: {
        terms: {
          type: 'array',
          items: {
            type: 'object',
            required: ['id', 'name', 'group'],
            properties: {
              id: { type: 'string' },
              name: { type: 'string' },
              group: { type: 'string' },
              text: { type: 'string', description: 'left out where no term was asked for' },
            },
          },
        },
      },
    },
  },
];

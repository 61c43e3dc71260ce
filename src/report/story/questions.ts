/** What is asked of a crash of the race next: which of the three commits this kernel has and what each leaves open, which IOMMU instances had registered, and how to watch it. */

import { hasCommit } from '../../sim/eras/record.ts';
import { ERA_ORDER } from '../../sim/eras/releases.ts';
import type { EraId } from '../../sim/types.ts';
import type { Capture } from './kinds.ts';
import type { Told } from './sections.ts';

const INSTANCES = 6;

/** Functions of the race whose first argument is the client's struct device, and that are no inline ones. */
const OF_THE_DEVICE = [
  'of_iommu_configure',
  'iommu_fwspec_init',
  'iommu_fwspec_free',
  'iommu_fwspec_add_ids',
  '__iommu_probe_device',
  'dev_iommu_free',
] as const;

/** From which era on a kernel has the NULL store before the free. */
const NULL_FIRST: EraId = 'C';

const COMMITS = [
  {
    commit: 'b54240ad4943',
    does: 'takes `dev->iommu` away before it frees the object',
    leaves: 'who loaded the pointer before still uses what is freed, and who loads it after meets NULL',
  },
  {
    commit: '01657bc14a39',
    does: 'lets only one thread at a time into `__iommu_probe_device()`',
    leaves: 'the translation in `of_iommu_configure()` does not take its lock',
  },
  {
    commit: 'a2e7e59a9426',
    does: 'has the translation take that lock, too',
    leaves:
      "the translation is still made by the client's driver probe, not by the IOMMU's own probe of the device (bcb81ac6ae3c, v6.15, moved it there)",
  },
] as const;

function commits({ triage: { kernel }, verdict }: Told): readonly Capture[] {
  const era = kernel.era;
  if (era === null || verdict.class === 'no-crash') return [];
  return COMMITS.map(({ commit, does, leaves }) => {
    const has =
      commit === 'b54240ad4943'
        ? ERA_ORDER.indexOf(era) >= ERA_ORDER.indexOf(NULL_FIRST)
        : hasCommit(commit, era, kernel.code);
    // The fix's own status is what the head of the report says, whatever the era.
    const known =
      commit === 'a2e7e59a9426' && kernel.fix.status === 'unknown' ? 'may have' : has ? 'has' : 'does not have';
    return {
      text: `this kernel ${known} ${commit}, which ${does}${known === 'does not have' ? '' : `; it leaves open: ${leaves}`}`,
      command: null,
    };
  });
}

/** What the log says of the instances; one that prints nothing when it registers cannot be told. */
function instances({ triage: { log }, crash }: Told): readonly Capture[] {
  if (crash === null) return [];
  const { line } = crash.incident.span;
  const named = log.events.filter((e) => e.kind === 'iommu-instance');
  const before = new Set(named.filter((e) => e.span.line < line && e.says === 'initialized').map((e) => e.device));
  const begun = new Set(named.filter((e) => e.span.line < line && e.says === 'probing').map((e) => e.device));
  const after = new Set(named.filter((e) => e.span.line > line).map((e) => e.device));
  const list = (devices: Iterable<string>) => [...devices].slice(0, INSTANCES).join(', ');
  const parts = [
    before.size === 0 ? null : `had registered: ${list(before)}`,
    begun.size === 0 ? null : `had begun to probe: ${list([...begun].filter((d) => !before.has(d)))}`,
    after.size === 0 ? null : `said so only after it: ${list([...after].filter((d) => !before.has(d)))}`,
  ].filter((part) => part !== null && !part.endsWith(': '));
  return [
    {
      text:
        parts.length === 0
          ? 'the log names no IOMMU instance: its driver says nothing when it registers, or not at this console level'
          : `IOMMU instances at the crash: ${parts.join('; ')}`,
      command: null,
    },
  ];
}

/** A line for bpftrace: what the client's dev->iommu is at each function of the witness. */
function watch({ verdict: { story } }: Told): readonly Capture[] {
  if (story === null) return [];
  const entered = [...new Set(story.steps.map(({ fn }) => fn))];
  const probes = entered.filter(
    (fn) => /^\w+$/.test(fn) && ((OF_THE_DEVICE as readonly string[]).includes(fn) || fn.endsWith('_of_xlate')),
  );
  if (probes.length === 0) return [];
  // What bpftrace reads through NULL is 0; both sides of a `?:` would have to be of one type.
  const print =
    '$d = (struct device *)arg0; $i = $d->iommu; printf("%d %s %s iommu=%p fwspec=%p priv=%p\\n", cpu, func, str($d->kobj.name), $i, $i->fwspec, $i->priv);';
  return [
    {
      text: 'to watch it on a kernel with BTF, while the IOMMU driver is loaded (a function that was inlined is left out): what `dev->iommu`, its fwspec and priv are at each function of the witness',
      command: `bpftrace -e '${probes.map((fn) => `kprobe:${fn}`).join(', ')} { ${print} }'`,
    },
  ];
}

/** Empty for a crash that is not the race, and without one. */
export function questionsOf(told: Told): readonly Capture[] {
  if (told.other !== null || told.crash === null) return [];
  return [...commits(told), ...instances(told), ...watch(told)];
}

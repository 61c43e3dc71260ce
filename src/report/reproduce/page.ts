/** The page of a reproduction: what to build, load and start when, what will be seen, what else can come, and how to take it away. */
import type { ForcingPlan } from '../../sim/force/plan.ts';
import { placeText } from '../../sim/force/words.ts';
import { capital, plural } from '../../words.ts';
import { MODULE_NAME } from './module.ts';

export interface PageFacts {
  readonly plan: ForcingPlan;
  /** As uname -r prints it; null where it is not known. */
  readonly release: string | null;
  readonly arch: 'arm64' | 'arm' | null;
  readonly device: string | null;
  readonly nolock: boolean;
  /** The commit that closes it; null: none that is known does. */
  readonly fix: { readonly commit: string; readonly subject: string } | null;
  /** Other crashes of the same code, driver and scenario. */
  readonly others: readonly string[];
  /** The patch beside the module, and the sleeps that it could not place; null: none was asked for. */
  readonly patch: { readonly missing: readonly string[] } | null;
}

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

const CROSS = {
  arm64: 'ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- ',
  arm: 'ARCH=arm CROSS_COMPILE=arm-linux-gnueabihf- ',
} as const;

function turnLines({ turns, gates, threads, outcome }: ForcingPlan): readonly string[] {
  return turns.map((thread, i) => {
    const gate = gates[i];
    const moved = gate?.moved ? ` (${plural(gate.moved, 'step')} from where the witness has it)` : '';
    const until =
      gate === undefined
        ? `runs into ${code(outcome)}`
        : gate.places[0]?.event === 'return'
          ? 'runs until it is through'
          : `runs to gate ${i}, right before ${code(gate.before)}: ${code(placeText(gate))}${moved}`;
    return `${i + 1}. ${threads[thread]!.name} ${until}`;
  });
}

/** What a compiler has to do with it, as a paragraph; none where it has nothing. */
function reloadLines({ reloads }: ForcingPlan): readonly string[] {
  if (!reloads) return [];
  return [
    `**This needs ${code('dev->iommu')} to be loaded twice where the model has nothing in between that keeps a compiler from loading it once**, and is not forceable where the compiler merged the loads: the gate there is not reached, and nothing crashes (so it was with`,
    `gcc and ${code('rk_iommu_probe_device()')} of Debian's 5.10). Count the loads in the disassembly of the function that crashes. \`oopsreplay simulate --granularity merged\` lists what is left without them.`,
    '',
  ];
}

/** When a thread begins, and what to do for it. */
function startLines({ plan, device }: PageFacts): readonly string[] {
  const { setUp, turns, threads } = plan;
  const name = device ?? '<client device>';
  const client = turns.findIndex((t) => threads[t]!.role === 'client');
  const walk = turns.findIndex((t) => threads[t]!.role === 'walk');
  const load =
    'load the driver of the IOMMU in the background (`modprobe ... &`), or bind the instance that the client names';
  const retry = `have the client probed again: ${code(`echo ${name} > /sys/bus/platform/drivers_probe`)} in the background, or bind any other device, which retries what was deferred`;
  const probe = 'load the driver of the client, in the background';
  const deferred = setUp.scenario.deferredBefore;
  return [
    ...(setUp.earlier
      ? [
          `let another instance of ${setUp.driver.name} register first; the one that is meant is the second since the module was loaded (${code('instance=2')})`,
        ]
      : []),
    ...(deferred ? ['load the driver of the client: its probe is deferred, since the IOMMU has not registered'] : []),
    ...(walk < client
      ? [load, `when ${code(`gate ${client - 1}`)} was printed, ${deferred ? retry : probe}`]
      : [`${deferred ? retry : probe}; it waits at gate 0`, load]),
  ];
}

export function pageOf(facts: PageFacts): string {
  const { plan, release, arch, device, nolock, fix, others, patch } = facts;
  const { setUp, outcome, wanted, gates } = plan;
  const cross = arch === null ? '' : CROSS[arch];
  const noDeferral = setUp.era.walk === 'bus_set_iommu' && setUp.scenario.deferredBefore;
  const parameters = [...(device === null ? ['client=<client device>'] : []), ...(nolock ? ['nolock=1'] : [])].join(
    ' ',
  );
  const lines = [
    `# ${capital(outcome)}, forced`,
    '',
    `This folder makes one crash of a kernel happen every time: ${code(outcome)}, with ${setUp.driver.name}${release === null ? '' : ` on ${release}`} (code of era ${setUp.era.id}). The kernel module`,
    `${code(`${MODULE_NAME}.c`)} holds two threads up so that they take turns as in this interleaving of the model:`,
    '',
    `    oopsreplay replay ${plan.replay}`,
    '',
    ...(outcome === wanted
      ? []
      : [
          `The witness itself ends in ${code(wanted)}; that one cannot be forced, and this is the nearest one that can.`,
          '',
        ]),
    ...turnLines(plan),
    '',
    `The model, run with these turns, ends in ${code(outcome)}.`,
    '',
    ...reloadLines(plan),
    ...(nolock
      ? [
          '**FOR A LAB ONLY. THIS KERNEL HAS THE FIX, AND WITH `nolock=1` THE MODULE TAKES IT OUT OF THE RUNNING KERNEL: `of_iommu_configure()` NO LONGER TAKES ITS LOCK UNTIL THE NEXT BOOT. NEVER LOAD IT ON A MACHINE THAT MATTERS.**',
          '',
        ]
      : []),
    '## Build',
    '',
    'The kernel needs `CONFIG_MODULES`, `CONFIG_KPROBES`, `CONFIG_KRETPROBES` and `CONFIG_KALLSYMS_ALL`, and is arm64, or arm without `CONFIG_THUMB2_KERNEL`. With its headers installed:',
    '',
    `    make ${cross}-C ${release === null ? '/lib/modules/$(uname -r)/build' : `/lib/modules/${release}/build`} M=$PWD modules`,
    '',
    `The module is GPL-2.0, as what uses the kernel's GPL symbols must be; it is no part of oopsreplay.`,
    '',
    '## Run',
    '',
    `- load it before the IOMMU registers: ${code(`insmod ${MODULE_NAME}.ko ${parameters}`.trim())}. From the initramfs, before the modules of IOMMU and client; or, where the IOMMU is built in and waits for no module (a clock, a power domain), built in too: put the files into ${code('drivers/iommu/')} of your tree, ${code(`obj-y += ${MODULE_NAME}.o`)} into its Makefile, and ${code(`${MODULE_NAME}.client=...`)} on the command line`,
    `- ${device === null ? 'the client device is' : `${code(device)} is`} named as in ${code('/sys/bus/platform/devices')} (of a PCI device: ${code('/sys/bus/pci/devices')})${device === null ? `: the device whose probe crashes, with an ${code('iommus')} property of its own` : ''}`,
    ...(noDeferral
      ? ['- boot with `deferred_probe_timeout=60`, or the client will not wait for an IOMMU that is a module']
      : []),
    ...startLines(facts).map((line) => `- ${line}`),
    '',
    '## What will be seen',
    '',
    `The lines ${code(`${MODULE_NAME}: gate N: ...`)}, from 0 to ${gates.length - 1}, then the crash: ${code(outcome)}${setUp.memory === 'kasan' && /^(?:uaf|double-free)/.test(outcome) ? ', which only a kernel with KASAN reports at this place' : ''}. It worked if all of them are there, in that order,`,
    `and \`dmesg | oopsreplay\` names this outcome. A gate without its line was never reached: the line ${code('... waited for its turn in vain')} follows, and what comes then is not forced.`,
    'A gate that the module did not find in this kernel has no line `gate N: before ...` when it is loaded.',
    '',
    '## What else can come',
    '',
    ...(others.length === 0
      ? ['The model reaches no other crash with this code, driver and scenario.']
      : [
          'Where a gate is missed the threads meet as they like. Then the model also reaches, with this code, driver and scenario:',
          '',
          ...others.map((other) => `- ${code(other)}`),
        ]),
    '',
    '## The fix',
    '',
    ...(fix === null
      ? ['No commit that is known closes this crash: it comes with the race fixed, too.']
      : [
          `With ${fix.commit} ("${fix.subject}") in the kernel${nolock ? ' and without `nolock=1`' : ''} the same module and the same steps end without the crash: one thread waits for the lock that the other holds, so`,
          'that gates are not reached in their order, and the line `waited for its turn in vain` is all that comes of it.',
        ]),
    '',
    '## Take it away',
    '',
    'The module cannot be unloaded, as its probes are in use: reboot without it. It writes nothing to disk.',
    ...(patch === null
      ? []
      : [
          '',
          '## The patch',
          '',
          '`delays.patch` puts the same waits into the source, as sleeps between its statements; no module is needed then. From the root of the tree: `git apply delays.patch`, and `git apply -R delays.patch` to take it out.',
          ...(patch.missing.length === 0
            ? []
            : [
                'Its tree has no such statement, or not where it could be told, for:',
                '',
                ...patch.missing.map((m) => `- ${m}`),
              ]),
        ]),
    '',
  ];
  return lines.join('\n');
}

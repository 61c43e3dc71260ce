/** How to make the witness happen on a machine: what to start in which order, and where to sleep. Derived from the witness and run on the model first. */
import type { Verdict } from '../../reconstruct/types.ts';
import { ERAS_WITH_LOCK, FIX, LOCK } from '../../sim/eras/releases.ts';
import { type DelayPoint, type Delays, delaysFor } from '../../sim/explain/delays.ts';
import { forcingPlan } from '../../sim/force/plan.ts';
import type { EraId } from '../../sim/types.ts';

/** A unit of delay: what the threads do without sleeping takes a thousandth of it. */
const MS = 1000;
const HELPER = 'replay_sleep';

export interface Reproduction {
  /** What the delays are, in one sentence. */
  readonly claim: string;
  readonly steps: readonly string[];
  /** A sketch in the form of a patch; empty where no delay is needed. */
  readonly patch: readonly string[];
}

/** Null where there is no witness, or no delays lead to it. */
export function reproductionOf(verdict: Verdict): Reproduction | null {
  const { witness, search, outcome } = verdict;
  const delays = witness === null || search === null ? null : delaysFor(witness);
  if (delays === null || search === null) return null;
  const { points, starts } = delays;
  const sleeps = points.length === 1 ? 'one sleep' : points.length === 2 ? 'two sleeps' : `${points.length} sleeps`;
  return {
    claim: `With ${sleeps} the threads take turns as in the drawing: the model, run with ${points.length === 1 ? 'it' : 'them'}, ends in ${delays.outcome}, whichever thread goes first where two are free to run.${withoutPatch(witness!, delays.outcome)}`,
    steps: [
      ...points.map((point, i) => sleepStep(point, i, delays)),
      ...preparations(search.era, search.scenario),
      ...starts.map(({ name, thread }, i) => startStep(name, thread, i, points)),
      `expect ${outcome ?? delays.outcome}${search.memory === 'kasan' ? ', reported by KASAN' : ''}${controlWords(verdict)}`,
    ],
    patch: patchOf(points),
  };
}

/** The module forces the same, where its own plan comes to the same crash. */
function withoutPatch(witness: string, outcome: string): string {
  const planned = forcingPlan(witness);
  if (!planned.ok || planned.plan.outcome !== outcome) return '';
  return ' Without a patch, on arm64 and arm: `oopsreplay reproduce LOG -o DIR` writes a kernel module that makes the threads take these turns, and a page that says what to load when.';
}

/** What the same sleeps come to with the commit that the crash is attributed to. */
function controlWords({ class: is, hypothesis }: Verdict): string {
  const fix = is === 'confirmed' || is === 'possible' ? FIX : hypothesis === 'probe-vs-probe' ? LOCK : null;
  return fix === null ? '' : `; on a kernel with ${fix.commit} the same sleeps end without it`;
}

function preparations(era: EraId, scenario: string): string[] {
  const out = [
    'build the drivers of the IOMMU and of the client as modules, so that each is loaded when it is told to, and boot without `fw_devlink.strict=1`',
  ];
  // Before the probe lock a modular IOMMU is not waited for after the initcalls (driver_deferred_probe_check_state of 5.10).
  if (!ERAS_WITH_LOCK.has(era) && era !== 'D')
    out.push('boot with `deferred_probe_timeout=60`, or the client will not wait for an IOMMU that is a module');
  if (scenario === 'deferred-retry' || scenario === 'two-walks' || scenario === 'two-clients')
    out.push('load the driver of the client: its probe is deferred, since the IOMMU has not registered');
  return out;
}

function sleepStep(point: DelayPoint, i: number, { starts }: Delays): string {
  const nameOf = (thread: number) => `the ${starts.find((s) => s.thread === thread)!.name.replace(/^the /, '')}`;
  const through = point.accessor === null ? '' : `, in its ${point.accessor}`;
  return `put sleep ${i + 1}, of ${point.units} s, into ${point.fn}() (\`${point.file}\`), right before \`${point.before}\`${through}; meanwhile ${point.lets.map(nameOf).join(' and ')} ${point.lets.length === 1 ? 'runs' : 'run'}`;
}

/** How each thread of the model is set going. */
const STARTS: readonly (readonly [RegExp, string])[] = [
  [
    /\(deferred retry\)$/,
    'have the client probed again: `echo <client device> > /sys/bus/platform/drivers_probe`, or bind any other device, which retries what was deferred',
  ],
  [/^client probe \(first attempt\)$/, 'load the driver of the client'],
  [
    /^IOMMU registration$/,
    'load the driver of the IOMMU in the background, or bind the instance that the client names',
  ],
  [/^second IOMMU registration$/, 'bind another instance of the IOMMU in the background'],
  [/^IOMMU unregistration$/, 'unbind the IOMMU in the background'],
  [/device_add/, 'create the client device, by a device-tree overlay for example'],
];

function startStep(name: string, thread: number, i: number, points: readonly DelayPoint[]): string {
  const how = STARTS.find(([pattern]) => pattern.test(name))?.[1] ?? `start the ${name}`;
  const asleep = i === 0 ? undefined : points.find((p) => p.lets.includes(thread));
  const when = asleep === undefined ? '' : `while sleep ${points.indexOf(asleep) + 1} lasts, `;
  return `${when}${how} (thread ${thread}: ${name})`;
}

/** Steps under a spinlock, where nobody may sleep: the sleep goes before the lock is taken. */
const UNDER_SPINLOCK = /^list_add_tail\(&iommu->list/;

function patchOf(points: readonly DelayPoint[]): string[] {
  if (points.length === 0) return [];
  const files = [...new Set(points.map((p) => p.file))];
  const helper = points.some((p) => p.ofClient)
    ? [
        '--- a/include/linux/iommu.h',
        '+++ b/include/linux/iommu.h',
        '@@ at the end @@',
        '+#include <linux/delay.h>',
        `+static inline void ${HELPER}(struct device *dev, unsigned int ms)`,
        '+{',
        '+        if (!strcmp(dev_name(dev), "<client device>"))',
        '+                msleep(ms);',
        '+}',
      ]
    : [];
  return [...helper, ...files.flatMap((file) => fileOf(file, points))];
}

/** A step of the model as a line of C: what is only looked at, or said about it in words, is a comment. */
function statement(before: string): string {
  const text = before.replace(/ \([a-z ]+\)$/, '');
  return text.endsWith('?') ? `/* ${text} */` : `${text};`;
}

function fileOf(file: string, points: readonly DelayPoint[]): string[] {
  const here = points.filter((p) => p.file === file);
  return [
    `--- a/${file}`,
    `+++ b/${file}`,
    ...here.flatMap((p) => [
      `@@ ${p.fn}() @@`,
      `+        ${p.ofClient ? `${HELPER}(dev, ${p.units * MS})` : `msleep(${p.units * MS})`}; /* sleep ${points.indexOf(p) + 1} */`,
      ...(UNDER_SPINLOCK.test(p.before) ? ['         spin_lock(&iommu_device_lock);'] : []),
      `         ${statement(p.before)}${p.accessor === null ? '' : ` /* in ${p.accessor} */`}`,
    ]),
  ];
}

/** Readings to timeline events: one line each. Task stacks, which take many lines, come from the assembly of reports. */

import type { TaskStack } from './crash/stacks.ts';
import type { GatheredLine } from './gathered.ts';
import type { Reading } from './grammars/read.ts';
import type { DeferralKind, Event } from './types.ts';

type At = Pick<Event, 'span' | 'time' | 'caller'>;

/** Drivers whose messages bear another name than drivers.json's: the platform driver's name, or the module's. */
const DRIVER_NAMES: Readonly<Record<string, string>> = {
  'qcom-iommu': 'qcom_iommu',
  'exynos-sysmmu': 'exynos-iommu',
  'sprd-iommu': 'sprd-iommu',
  rk_iommu: 'rockchip-iommu',
  virtio_iommu: 'virtio-iommu',
};

function at(line: GatheredLine): At {
  return { span: line.span, time: line.time, caller: line.caller };
}

/** Parts without which an event is another one, or none. */
const SAID: readonly string[] = [
  ...['group', 'error', 'errno', 'old', 'release', 'device', 'failing', 'path', 'type', 'model', 'text', 'says'],
  ...['probingText', 'msmText', 'parent', 'ftraceText', 'call', 'prBy', 'by'],
];

/** True if the line was torn off inside what the event would say: it is one of several messages then. */
export function isTorn(reading: Reading): boolean {
  return reading.open.size > 0 && SAID.some((part) => reading.open.has(part));
}

/** The event that a reading is, or null if it is none (a part of a crash report, say). */
export function eventOf(reading: Reading, line: GatheredLine): Event | null {
  if (isTorn(reading)) return null;
  const { span, time, caller } = line;
  switch (reading.rule) {
    case 'banner': {
      const build = reading.get('build');
      const release = reading.numeral('release')!;
      return {
        span,
        time,
        caller,
        kind: 'banner',
        release: release.text,
        build: build === null ? '' : build.trim(),
        compiler: reading.get('compiler'),
        ...(release.whole ? {} : { cut: true as const }),
      };
    }
    case 'cmdline':
      return { span, time, caller, kind: 'cmdline', text: reading.get('text')! };
    case 'machine':
      return { span, time, caller, kind: 'machine', model: reading.get('model')!.trim() };
    case 'groupAdd':
    case 'groupRemove': {
      const kind = reading.rule === 'groupAdd' ? 'group-add' : 'group-remove';
      const old = reading.get('old');
      const group = Number(reading.last('group'));
      return {
        span,
        time,
        caller,
        kind,
        by: old === null ? byOf(reading) : reading.get('prBy')!,
        device: old ?? deviceOf(reading),
        group,
      };
    }
    case 'groupAddFailed':
      return {
        span,
        time,
        caller,
        kind: 'group-add-failed',
        by: byOf(reading),
        device: deviceOf(reading),
        group: Number(reading.get('group')),
        error: Number(reading.get('error')),
      };
    case 'defaultDomain':
      return { span, time, caller, kind: 'default-domain', type: reading.get('type')!.trim() };
    case 'iommuAddFailed':
      return {
        span,
        time,
        caller,
        kind: 'iommu-add-failed',
        by: byOf(reading),
        device: deviceOf(reading),
        error: reading.get('errno')!,
      };
    case 'lateProbe':
      return { span, time, caller, kind: 'late-probe', by: byOf(reading), device: deviceOf(reading) };
    case 'smmuNotBound':
      return { span, time, caller, kind: 'smmu-not-bound', by: byOf(reading), device: deviceOf(reading) };
    case 'deferredPending':
      return deferral(reading, line, 'pending', reading.get('reason'));
    case 'deferredTimeout':
      return deferral(reading, line, 'timeout', null);
    case 'noDriver':
      return deferral(reading, line, 'no-driver', null);
    case 'deferralRequested':
      return deferral(reading, line, 'requested', reading.get('reason'));
    case 'deferralRetrying':
      return deferral(reading, line, 'retrying', null);
    case 'probeFailed':
      return {
        span,
        time,
        caller,
        kind: 'probe-failed',
        driver: reading.get('driver')!,
        device: reading.get('failing') ?? deviceOf(reading),
        error: Number(reading.get('error')),
      };
    case 'sysfsDuplicate':
      return { span, time, caller, kind: 'sysfs-duplicate', path: reading.get('path')! };
    case 'dartInitialized':
      return {
        span,
        time,
        caller,
        kind: 'iommu-instance',
        driver: byOf(reading),
        device: deviceOf(reading),
        says: 'initialized',
        text: reading.get('says')!,
      };
    case 'probing': {
      const by = byOf(reading);
      const driver = DRIVER_NAMES[by] ?? by;
      return {
        span,
        time,
        caller,
        kind: 'iommu-instance',
        driver,
        device: deviceOf(reading),
        says: 'probing',
        text: reading.get('probingText')!,
      };
    }
    case 'iommuMessage': {
      // The last line may be cut: a message that nobody printed.
      if (!line.ended) return null;
      const name = reading.get('iommuDriver')!;
      const text = reading.get('says_')!;
      return {
        span,
        time,
        caller,
        kind: 'iommu-message',
        driver: DRIVER_NAMES[name] ?? name,
        device: reading.get('iommuDevice')!,
        text,
      };
    }
    case 'msmProbing':
      return {
        span,
        time,
        caller,
        kind: 'iommu-instance',
        driver: reading.get('driver')!,
        device: '',
        says: 'probing',
        text: `device mapped at ${reading.get('msmText')}`,
      };
    case 'ftrace':
    case 'ftraceRead':
      return ftrace(reading, line);
    case 'ftraceLost': {
      const count = reading.get('ftraceCount');
      const cpu = Number(reading.get('number'));
      return { span, time, caller, kind: 'ftrace-lost', cpu, count: count === null ? null : Number(count) };
    }
    case 'ftraceHead': {
      const count = Number(reading.get('written') ?? 0) - Number(reading.get('kept') ?? 0);
      return count > 0 ? { span, time, caller, kind: 'ftrace-lost', cpu: null, count } : null;
    }
    default:
      return null;
  }
}

function byOf(reading: Reading): string {
  return reading.get('by') ?? '';
}

function deviceOf(reading: Reading): string {
  return reading.get('device') ?? '';
}

function deferral(reading: Reading, line: GatheredLine, what: DeferralKind, reason: string | null): Event {
  const { span, time, caller } = line;
  return {
    span,
    time,
    caller,
    kind: 'deferral',
    by: reading.get('by') || null,
    device: reading.get('device')!,
    what,
    reason,
  };
}

function ftrace(reading: Reading, { span, time, caller }: GatheredLine): Event {
  const seconds = reading.get('seconds');
  const pid = Number(reading.get('ftracePid'));
  const text = reading.get('ftraceText')!.trimEnd();
  const call = reading.get('symbol');
  return {
    span,
    time,
    caller,
    kind: 'ftrace',
    cpu: Number(reading.get('cpu')),
    task: reading.get('ftraceTask')!.trim(),
    // "<...>-56", and "-1" where the pid was not recorded.
    pid: pid < 0 ? null : pid,
    traceTime: seconds === null ? Number(reading.get('micros')) : Math.round(Number(seconds) * 1e6),
    function: call ?? text.split(':')[0]!,
    parent: reading.get('parent'),
    text,
  };
}

/** The event of a gathered stack. */
export function stackEvent(stack: TaskStack): Event {
  return {
    ...at(stack.line),
    kind: 'task-stack',
    task: stack.task.trim(),
    pid: stack.pid,
    state: stack.state,
    frames: stack.frames,
  };
}

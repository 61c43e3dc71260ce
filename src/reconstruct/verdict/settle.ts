/** What would settle an open question: the cheapest next capture, with the exact command line or setting. */
import type { Incident } from '../../parser/types.ts';
import type { HypothesisId } from '../../sim/types.ts';
import type { Case } from '../evidence/case.ts';
import type { TracePlace } from '../evidence/place.ts';

export interface Settle {
  readonly text: string;
  readonly command: string | null;
}

/** Functions whose order tells the whole story; all of them can be traced (none is inlined everywhere). */
const TRACED =
  'of_iommu_configure,of_iommu_xlate,iommu_fwspec_init,iommu_fwspec_free,iommu_fwspec_add_ids,__iommu_probe_device,dev_iommu_free,iommu_probe_device,iommu_device_register,bus_iommu_probe,really_probe';

export const WHOLE_LOG: Settle = {
  text: 'capture the whole boot, at every level, until after the crash: add to the kernel command line',
  command: 'ignore_loglevel printk.time=1 initcall_debug log_buf_len=4M oops=panic panic=30',
};

export const KEEP_LOG: Settle = {
  text: 'if the console is cut, keep the end of the log in RAM over the reboot (CONFIG_PSTORE_RAM, CONFIG_PSTORE_CONSOLE) and read it back afterwards',
  command: 'cat /sys/fs/pstore/console-ramoops-0 /sys/fs/pstore/dmesg-ramoops-*',
};

export const TRACE: Settle = {
  text: 'record the order of both threads and print it with the crash: add to the kernel command line',
  command: `ftrace=function ftrace_filter=${TRACED} ftrace_dump_on_oops trace_buf_size=64K`,
};

export const KASAN: Settle = {
  text: 'let the kernel name who freed the object: build with CONFIG_KASAN=y; or, where CONFIG_SLUB_DEBUG is set, have freed objects poisoned, so that a use after free shows 6b6b6b6b6b6b6b6b: add to the kernel command line',
  command: 'slub_debug=FZPU',
};

export const RELEASE: Settle = {
  text: 'say which kernel this was, here the one that runs now',
  command: 'oopsreplay --kernel "$(uname -r)" LOG',
};

export const SOURCE: Settle = {
  text: "let the tree that was built say which code it has, and whether the fix is really in (DIR: that tree; --git DIR for a clone); by hand: where `grep -c 'mutex_lock(&iommu_probe_device_lock)' drivers/iommu/of_iommu.c` counts 0 there, say --not-fixed a2e7e59a9426, else --fixed a2e7e59a9426",
  command: 'oopsreplay --source DIR LOG',
};

export const VMLINUX: Settle = {
  text: 'the vmlinux that was built (not the boot image; with CONFIG_DEBUG_INFO_BTF=y or DWARF) has the instructions before pc and the exact place of each field; without it, capture the oops to its end mark: the Code: line names the field',
  command: 'oopsreplay --vmlinux vmlinux LOG',
};

export const DRIVER: Settle = {
  text: 'say which IOMMU driver it is (oopsreplay drivers lists them)',
  command: 'oopsreplay --driver NAME LOG',
};

export const NOT_FIXED: Settle = {
  text: 'if the tree that was built does not have the fix (reverted, lost in a merge, or the release string is of another tree), judge the log as such',
  command: 'oopsreplay --not-fixed a2e7e59a9426 LOG',
};

export const CAPTURE: Settle = {
  text: 'give the log of the kernel: of this boot, or of the one before',
  command: 'journalctl -k -b -1 --no-pager > boot.log',
};

export const UNCUT: Settle = {
  text: 'read the log where nothing cuts its lines, no pager and no screen',
  command: 'journalctl -k -b -1 --no-pager > boot.log',
};

const KEEP_TRACE = 'the call trace has to be whole: its outer frames say who called';

/** For a crash of which too little is left. */
export function settleCut(incident: Incident, place: TracePlace): readonly Settle[] {
  const missing = place.functions.length === 0 || incident.code === null;
  const uncut = incident.cuts.some((c) => c.what !== 'comm') ? [UNCUT] : [];
  return missing ? [...uncut, WHOLE_LOG, KEEP_LOG] : [...uncut, KEEP_LOG];
}

/** For a crash that leaves more open than is explored: what leaves less. */
export function narrowing({ kernel, driver }: Case): readonly Settle[] {
  return [
    ...(kernel.era === null ? [RELEASE] : []),
    ...(driver.name === null ? [DRIVER] : []),
    ...(kernel.era !== null && driver.name !== null ? [SOURCE, VMLINUX] : []),
  ];
}

const PLAIN_PATH = /^[\w./+:@%,=][\w./+:@%,=-]*$/;

/** The step with the log's own name, where a command can be given it again: standard input and members of archives cannot. */
export function withName(step: Settle, name: string): Settle {
  if (step.command === null || !/ LOG$/.test(step.command) || name === '' || name === '-' || name.includes('!'))
    return step;
  const quoted = PLAIN_PATH.test(name) ? name : `'${name.startsWith('-') ? './' : ''}${name.replaceAll("'", "'\\''")}'`;
  return { ...step, command: `${step.command.slice(0, -'LOG'.length)}${quoted}` };
}

export interface Open {
  readonly kernel: boolean;
  /** Which of several codes it is; whether the fix is in. */
  readonly code?: boolean;
  readonly driver?: boolean;
  readonly fix: boolean;
  readonly field: boolean;
  /** Rivals that are not refuted. */
  readonly rivals: readonly HypothesisId[];
  /** Nothing but a freed object that was not seen being freed. */
  readonly freed: boolean;
}

/**
 * For a crash that fits and is not proved: one step for each reason that is left, and for each rival the cheapest that it and the race would show differently.
 */
export function settleOpen({ fault, incident, place, log, given }: Case, reasons: Open): readonly Settle[] {
  const steps: Settle[] = [];
  if (incident.cuts.some((c) => c.what === 'release' || c.what === 'address')) steps.push(UNCUT);
  if (reasons.kernel) steps.push(RELEASE);
  if ((reasons.fix || reasons.code) && given?.source !== true) steps.push(SOURCE);
  if (reasons.driver) steps.push(DRIVER);
  if (reasons.field && !fault.decoded) {
    if (given?.vmlinux !== true) steps.push(VMLINUX);
    else
      steps.push({
        text: 'the Code: line names the field whatever the configuration: capture the oops to its end mark',
        command: WHOLE_LOG.command,
      });
  }
  // Who called the store tells this one from the race; whose locks were held tells a release: both stand in a trace that is whole.
  const cut = !place.complete && (place.role === 'client' || place.functions.length < 3);
  const called = reasons.rivals.includes('priv-without-fwspec');
  if (called || (cut && reasons.rivals.includes('release-vs-xlate')))
    steps.push({ ...KEEP_LOG, text: `${KEEP_TRACE}: ${KEEP_LOG.text}` });
  // Who freed the object: the failing probe, a release, or another probe.
  const who =
    reasons.freed || reasons.rivals.some((id) => id === 'probe-vs-probe' || (id === 'release-vs-xlate' && !cut));
  if (who && incident.kasan === null) steps.push(KASAN);
  if (who && !log.events.some((e) => e.kind === 'ftrace')) steps.push(TRACE);
  return steps;
}

/**
 * What a boot without a crash shows all the same: a device that silently has no IOMMU, or got one only after its driver was bound. Each mark stands for a
 * quiet end of the model (`sim/machine/quiet.ts`), which says whether the era and driver come to it one after the other too, or only while a translation and a
 * registration overlap.
 *
 * Messages: drivers/iommu/of_iommu.c ("Adding to IOMMU failed"), drivers/iommu/iommu.c ("Adding to iommu group"), drivers/base/dd.c ("ignoring dependency").
 */

import type { Event, ParsedLog } from '../../parser/types.ts';
import { DRIVERS } from '../../sim/drivers/models.ts';
import { nameOfCode } from '../../sim/eras/record.ts';
import type { EraCode } from '../../sim/procedures/code.ts';
import { SCENARIOS } from '../../sim/scenarios.ts';
import { simulate } from '../../sim/simulate.ts';
import { plural } from '../../words.ts';
import { codeOf } from '../kernel/code.ts';
import type { Claim, KernelIdentity } from '../types.ts';

/** Names that dev_driver_string() prints for a device without a driver: its bus. */
const BUSES: ReadonlySet<string> = new Set(['platform', 'pci', 'amba', 'fsl-mc', 'host1x', 'cdx', 'usb', 'acpi']);
/** A log is read up to here for what a device's driver said of it. */
const MOST_LINES = 50_000;
const MOST_DEVICES = 4;

type QuietEnd = 'bound-without-iommu' | 'bound-without-iommu-then-grouped';

interface Mark {
  readonly claim: Claim;
  readonly end: QuietEnd | null;
}

/** Marks of the quiet outcomes, each with what the model says of it; nothing where the kernel has the fix. */
export function findings(log: ParsedLog, kernel: KernelIdentity): readonly Claim[] {
  if (kernel.fix.status === 'present' || kernel.eras.every((e) => e === 'A')) return [];
  const timeouts = log.events.filter((e) => e.kind === 'deferral').filter((e) => e.what === 'timeout');
  const marks = [
    ...timeouts.slice(0, MOST_DEVICES).map(gaveUp),
    ...refused(log.events),
    ...lateGroups(log),
    ...noGroups(log),
  ];
  const ends = [...new Set(marks.map((m) => m.end).filter((e) => e !== null))];
  return [...marks.map((m) => m.claim), ...ends.flatMap((end) => modelOf(end, kernel))];
}

/** Not the race: the client was let go before any IOMMU came (driver_deferred_probe_check_state(), which others call too). */
function gaveUp({ device, span }: Extract<Event, { kind: 'deferral' }>): Mark {
  return {
    claim: {
      text: `waiting for what ${device} depends on was given up (its IOMMU, or a power domain or pin controller: the message does not say); if it was its IOMMU, the device has none, by no race`,
      lines: [span.line],
    },
    end: null,
  };
}

/** dev_dbg() of of_iommu_configure(), whose error goes no further: the driver is bound all the same. */
function refused(events: readonly Event[]): readonly Mark[] {
  return events
    .filter((e) => e.kind === 'iommu-add-failed')
    .slice(0, MOST_DEVICES)
    .map(({ device, error, span }) => ({
      claim: {
        text: `of_iommu_configure() failed for ${device} with ${error}, which nothing else reports: the device goes on without an IOMMU (a wrong "iommus" property ends so, too)`,
        lines: [span.line],
      },
      end: 'bound-without-iommu' as const,
    }));
}

/** What the driver core and IOMMU drivers print under a device's name before its own driver runs. */
const BEFORE_PROBE =
  /: (?:deferred probe|Adding to IOMMU|DMA mask not set|Reusing IPMMU context|ignoring dependency|Linked as|device is .{0,8}dma coherent|Driver \S+ requests|Added to|Retrying)/;
/** A driver that runs says more than one thing; a single line may be another's, under the device's name. */
const SPOKEN_LINES = 2;

/** The driver had spoken for the device before it was put into a group, so the group is not from its own dma_configure(). */
function lateGroups(log: ParsedLog): readonly Mark[] {
  const removed = new Set(log.events.filter((e) => e.kind === 'group-remove').map((e) => e.device));
  const own = log.events
    .filter((e) => e.kind === 'group-add')
    .filter((e) => !BUSES.has(e.by) && !removed.has(e.device));
  if (own.length === 0) return [];
  const wanted = new Map(own.map((e) => [`${e.by} ${e.device}: `, { ...e, spoke: [] as number[] }]));
  const last = Math.min(own.at(-1)!.span.line, MOST_LINES);
  for (let line = 1; line < last; line++) {
    const text = log.lineText(line)?.trimStart();
    if (text === undefined) break;
    const added = wanted.get(text.slice(0, text.indexOf(': ') + 2));
    if (added && line < added.span.line && !BEFORE_PROBE.test(text)) added.spoke.push(line);
  }
  return [...wanted.values()]
    .filter(({ spoke }) => spoke.length >= SPOKEN_LINES)
    .slice(0, MOST_DEVICES)
    .map(({ by, device, spoke, span }) => ({
      claim: {
        text: `${by} ran ${device} before the device was put into an IOMMU group: it was bound without its IOMMU, and what DMA was set up until then bypasses it`,
        lines: [...spoke.slice(0, SPOKEN_LINES), span.line],
      },
      end: 'bound-without-iommu-then-grouped' as const,
    }));
}

/** An instance registered, and nobody is behind it: no device that the walk, or its own probe, put into a group. */
function noGroups(log: ParsedLog): readonly Mark[] {
  const up = log.events.find((e) => e.kind === 'iommu-instance' || e.kind === 'iommu-message');
  const grouped = log.events.some((e) => e.kind === 'group-add' || e.kind === 'iommu-add-failed');
  const waited = log.events.some((e) => e.kind === 'deferral');
  if (!up || grouped || waited || log.losses.length > 0 || log.fragments.length > 0) return [];
  return [
    {
      claim: {
        text: `${up.device} (${up.driver}) came up, and no device was put into an IOMMU group after it: either none uses it, or one silently has no IOMMU`,
        lines: [up.span.line],
      },
      end: 'bound-without-iommu',
    },
  ];
}

const told = new Map<string, readonly Claim[]>();

/** Does the kernel's own code come to this end one thread after the other, or by overlap alone? Kept: a collection asks it of few kernels. */
function modelOf(end: QuietEnd, kernel: KernelIdentity): readonly Claim[] {
  const { era, driver } = kernel;
  const code = era === null ? undefined : codeOf(kernel, era);
  if (code === undefined || driver === null) return [];
  const key = `${end} ${JSON.stringify(code)} ${driver}`;
  let claims = told.get(key);
  if (!claims) {
    claims = explored(end, code, driver);
    told.set(key, claims);
  }
  return claims;
}

function explored(end: QuietEnd, code: EraCode, driverName: string): readonly Claim[] {
  const driver = DRIVERS.get(driverName);
  if (!driver) return [];
  const rows = ['deferred-retry', 'first-probe'].flatMap((id) => {
    const scenario = SCENARIOS.get(id)!;
    const { outcomes } = simulate({ era: code, driver, scenario, memory: 'plain', granularity: 'compiled' });
    return outcomes.filter((o) => o.outcome === end).map((o) => ({ id, ...o }));
  });
  const where = `the model (${nameOfCode(code)}, ${driverName})`;
  if (rows.length === 0) return [{ text: `${where} does not come to ${end}: the cause lies outside of it`, lines: [] }];
  const fewest = rows.reduce((a, b) => (a.preemptions <= b.preemptions ? a : b));
  const how = rows.some((r) => r.serial)
    ? 'also with the client and the registration one after the other'
    : `only where the client's translation and a registration overlap: ${plural(fewest.preemptions, 'preemption')} at least (${fewest.id})`;
  return [{ text: `${where} comes to ${end} ${how}`, lines: [] }];
}

/**
 * Ends without a crash that the log shows all the same: a client that runs without its IOMMU, or ran so before it was put into its group. What made it so is
 * not in the log; what can have is said, the race's quiet end included where the kernel can have it.
 */
import type { Event, ParsedLog } from '../parser/types.ts';
import { ERAS_WITH_FIX } from '../sim/eras/releases.ts';
import type { Claim, KernelIdentity } from './types.ts';

type Failed = Extract<Event, { kind: 'iommu-add-failed' }>;
type Added = Extract<Event, { kind: 'group-add' }>;

/** Where a device has no driver yet its bus stands in front of its messages (dev_driver_string()). */
const BUSES: ReadonlySet<string> = new Set(['platform', 'pci', 'amba', 'host1x', 'fsl-mc', 'usb']);
/** What the driver core, of_dma_configure() and IOMMU drivers' callbacks print under the client's name, before its probe runs. */
const OF_THE_CORE =
  /: (?:deferred probe|Driver .* requests probe deferral|ignoring dependency|DMA mask not set|device is .*dma coherent)|\b(?:iommu|IOMMU|IPMMU|SMMU|group)\b/;
/** -EINVAL: iommu_fwspec_add_ids() found no fwspec. */
const EINVAL = /^-?(?:22|EINVAL)$/;

/** One claim for each client that shows it. */
export function quietEndsOf(log: ParsedLog, kernel: KernelIdentity): readonly Claim[] {
  return [...failed(log, kernel), ...late(log)];
}

function failed(log: ParsedLog, { era, eras }: KernelIdentity): readonly Claim[] {
  const possible = era ? [era] : eras;
  const open = possible.length === 0 || possible.some((e) => !ERAS_WITH_FIX.has(e));
  return log.events
    .filter((e): e is Failed => e.kind === 'iommu-add-failed')
    .map(({ device, error, span }) => ({
      text: `${device} goes on without its IOMMU: of_iommu_configure() got ${error} and lets the driver bind all the same${
        open && EINVAL.test(error)
          ? '; so the race ends where of_xlate only adds ids: a failing probe freed dev->iommu before iommu_fwspec_add_ids()'
          : ''
      }`,
      lines: [span.line],
    }));
}

/** A client whose driver printed something of its own before the client was put into its group: its probe ran without the IOMMU. */
function late(log: ParsedLog): readonly Claim[] {
  const added = new Map<string, Added>();
  const removed = new Set<string>();
  for (const e of log.events) {
    if (e.kind === 'group-remove') removed.add(e.device);
    if (e.kind === 'group-add' && !BUSES.has(e.by) && !removed.has(e.device) && !added.has(e.device))
      added.set(e.device, e);
  }
  if (added.size === 0) return [];
  const claims: Claim[] = [];
  const last = Math.max(...[...added.values()].map((e) => e.span.line));
  for (let line = 1; line < last && added.size > 0; line++) {
    const text = log.lineText(line);
    const front = text === null ? null : FRONT.exec(text);
    const event = front ? added.get(front[2]!) : undefined;
    if (!event || event.by !== front![1] || event.span.line <= line || OF_THE_CORE.test(text!)) continue;
    added.delete(event.device);
    claims.push({
      text: `${event.device} was put into iommu group ${event.group} after its driver ${event.by} had printed: its probe ran without the IOMMU, and DMA that was set up there bypasses it`,
      lines: [line, event.span.line],
    });
  }
  return claims;
}

/** "labdma 5f100000.dma-controller: " at the start of a message, behind any framing. */
const FRONT = /(?:^|[\s\]>;])([\w,-]{2,40}) ([\w.,:@-]{3,60}): /;

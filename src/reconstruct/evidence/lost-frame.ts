/**
 * A trace in which one function is called from another that does not call it: a line between the two is missing (a console that dropped it says nothing of that),
 * or the compiler put the function between into its caller. What such a trace seems to say of who called whom is not known, and excludes nothing.
 *
 * Calls by drivers/of/device.c, drivers/base/platform.c (and the other buses' dma_configure), drivers/base/bus.c, drivers/iommu/of_iommu.c and drivers/iommu/iommu.c,
 * v5.7 to v7.3: of these functions each is called from nowhere else, or calls nothing else of the model's.
 */
import type { Incident, ParsedLog } from '../../parser/types.ts';
import { DRIVER_NAMES } from '../../sim/drivers/names.ts';
import type { Claim } from '../types.ts';
import type { Case } from './case.ts';
import { KNOWN } from './damaged.ts';
import { some } from './phrases.ts';
import { baseName } from './place.ts';

const DMA_CONFIGURE = /^(?:platform|amba|pci|host1x|fsl_mc|cdx|mc|fsl)\w*_dma_configure$/;

/** What each calls of the functions below; anything else of them cannot stand right inside it. */
const CALLS: readonly (readonly [caller: RegExp, calls: RegExp])[] = [
  [/^of_dma_configure(?:_id)?$/, /^of_iommu_configure$/],
  [DMA_CONFIGURE, /^(?:of|acpi)_dma_configure(?:_id)?$|^iommu_device_use_default_domain$/],
  [/^bus_for_each_dev$/, /^(?:probe|remove)_iommu_group$/],
  [/^(?:really_probe|__?driver_probe_device|__device_attach_driver|driver_probe_device)$/, /^(?!)$/],
  [/^of_iommu_configure$/, /^(?!iommu_fwspec_init$|iommu_fwspec_add_ids$|of_iommu_configure$)/],
];

/** Who begins a walk over a bus. */
const REGISTERS = /^iommu_device_register(?:_bus)?$|^bus_set_iommu$|^iommu_bus_init$/;

/** Where each is called from, whatever the compiler merges. */
const CALLED: readonly (readonly [callee: RegExp, callers: RegExp])[] = [
  [/^of_iommu_configure_dev(?:_id|ice)?$/, /^of_iommu_configure$|^of_iommu_configure_device$/],
  [/^of_iommu_xlate$/, /^of_iommu_configure\w*$|^of_pci_iommu_init$|^pci_for_each_dma_alias$/],
  [/^probe_iommu_group$/, /^bus_for_each_dev$/],
  [/^__iommu_probe_device$/, /^iommu_probe_device$|^probe_iommu_group$|^iommu_bus_notifier$/],
  [/^bus_iommu_probe$/, REGISTERS],
];

const OF_XLATE: ReadonlySet<string> = new Set(DRIVER_NAMES.flatMap((d) => d.ofXlate ?? []));
const isOurs = (fn: string) => KNOWN.has(fn) || OF_XLATE.has(fn) || fn === 'probe_iommu_group';
/** Does it go through a bus for the walk? bus_for_each_dev() itself is called by anybody. */
const walks = (fn: string) => fn === 'bus_iommu_probe' || REGISTERS.test(fn);

/** The two lines between which one is missing, or null where each function of the trace may be called from the next. */
export function lostFrame({
  place: { functions, lines },
  incident,
  log,
}: Pick<Case, 'place' | 'incident' | 'log'>): Claim | null {
  const named = reportedIn(log, incident);
  if (named !== null && isOurs(named) && !functions.includes(named))
    return {
      text: `KASAN's report is of an access in ${named}(), which its trace does not have: lines of the trace are missing`,
      lines: some([incident.kasan?.line, lines[0]]),
    };
  for (let i = 0; i + 1 < functions.length; i++) {
    const [callee, caller] = [functions[i]!, functions[i + 1]!];
    const forWalk = callee === 'bus_for_each_dev' && functions[i - 1] === 'probe_iommu_group';
    if (forWalk ? walks(caller) : !isOurs(callee) || mayCall(caller, callee)) continue;
    return {
      text: `the trace has ${callee}() called from ${caller}(), which does not call it: a line between the two is missing, or the compiler put what stood there into its caller`,
      lines: some([lines[i], lines[i + 1]]),
    };
  }
  return null;
}

function mayCall(caller: string, callee: string): boolean {
  const calls = CALLS.find(([pattern]) => pattern.test(caller));
  const called = CALLED.find(([pattern]) => pattern.test(callee));
  return (calls === undefined || calls[1].test(callee)) && (called === undefined || called[1].test(caller));
}

/** The function in KASAN's headline: "BUG: KASAN: slab-use-after-free in iommu_fwspec_free+0x5c/0xc8". */
function reportedIn(log: ParsedLog, { kasan }: Incident): string | null {
  const line = kasan === null ? null : log.lineText(kasan.line);
  const symbol = line === null ? undefined : / in ([A-Za-z_][\w.$]{0,200})\+0x/.exec(line)?.[1];
  return symbol === undefined ? null : baseName(symbol);
}

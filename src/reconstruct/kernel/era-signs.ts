/** What stacks and messages show of the code's age: each sign leaves some eras. Facts: commits of `sim/eras/releases.ts` and the kernel sources. */

import type { Frame, Incident, ParsedLog } from '../../parser/types.ts';
import type { EraId } from '../../sim/types.ts';
import type { Claim } from '../types.ts';

export interface EraSign {
  readonly eras: ReadonlySet<EraId>;
  readonly claim: Claim;
}

const UP_TO_C: readonly EraId[] = ['A', 'B', 'B1', 'C'];
const FROM_B1: readonly EraId[] = ['B1', 'C', 'D', 'E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H'];
const FROM_D: readonly EraId[] = ['D', 'E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H'];
const FROM_66: readonly EraId[] = ['E2', 'F', 'F2', 'F3', 'G', 'H'];
const FROM_64: readonly EraId[] = ['E', ...FROM_66];
const BEFORE_64: readonly EraId[] = ['A', 'B', 'B1', 'C', 'D', 'E', 'F61'];
const FROM_68: readonly EraId[] = ['F2', 'F3', 'G', 'H'];
const FROM_614: readonly EraId[] = ['F3', 'G', 'H'];
const FROM_615: readonly EraId[] = ['G', 'H'];

/** A function whose mere presence in a stack bounds the version. */
const BY_FRAME: Readonly<Record<string, { readonly eras: readonly EraId[]; readonly text: string }>> = {
  bus_set_iommu: { eras: UP_TO_C, text: 'bus_set_iommu() was there up to v6.0' },
  kmem_cache_alloc_trace: { eras: UP_TO_C, text: 'kmem_cache_alloc_trace() was there up to v6.0' },
  platform_drv_probe: { eras: UP_TO_C, text: 'platform_drv_probe() was there up to v5.10 or v5.11' },
  of_dma_configure: {
    eras: ['A', 'B', 'B1'],
    text: 'of_dma_configure() became of_dma_configure_id() in v5.10 or just before',
  },
  probe_iommu_group: { eras: FROM_B1, text: 'probe_iommu_group() came with v5.8' },
  __iommu_probe_device: { eras: FROM_B1, text: '__iommu_probe_device() came with v5.8' },
  of_dma_configure_id: { eras: FROM_B1, text: 'of_dma_configure_id() came after v5.7' },
  iommu_init_device: { eras: FROM_66, text: 'iommu_init_device() came with v6.6 (aa0958570f24)' },
  iommu_deinit_device: { eras: FROM_66, text: 'iommu_deinit_device() came with v6.6 (aa0958570f24)' },
  dev_iommu_priv_set: { eras: FROM_68, text: 'dev_iommu_priv_set() is a function of its own since v6.8' },
};

/** Signs in the order in which they are printed; `incident` null: every crash of the log. */
export function eraSigns(log: ParsedLog, incident: Incident | null, release: string | null = null): EraSign[] {
  const signs: EraSign[] = [];
  const seen = new Set<string>();
  const add = (eras: readonly EraId[], text: string, lines: readonly number[]): void => {
    if (seen.has(text)) return;
    seen.add(text);
    signs.push({ eras: new Set(eras), claim: { text, lines } });
  };
  for (const one of incident === null ? log.incidents : [incident]) {
    for (const frames of stacksOf(one)) stackSigns(frames, release, add);
    if (one.kind === 'kasan' && one.kasan?.bug.includes('use-after-free')) {
      const slab = one.kasan.bug.startsWith('slab-');
      const text = slab
        ? '"slab-use-after-free" is said since v6.4'
        : '"use-after-free" of a slab object is said up to v6.3';
      add(slab ? FROM_64 : BEFORE_64, text, [one.kasan.line]);
    }
    // "(P)" after the first frame, which a Frame does not keep.
    const first = one.frames[0];
    if (first !== undefined && one.release === null && / \(P\)\s*$/.test(log.lineText(first.line) ?? '')) {
      add(FROM_614, '"(P)" after the first frame is printed since v6.14', [first.line]);
    }
  }
  for (const event of log.events) {
    if (event.kind === 'task-stack') stackSigns(event.frames, release, add);
    if (event.kind === 'late-probe')
      add(FROM_615, '"late IOMMU probe at driver bind" is printed since v6.15', [event.span.line]);
  }
  return signs;
}

/** All stacks of a report: its own, who allocated and freed the object, the two sides of a data race. */
function stacksOf({ pc, frames, kasan, racing = [] }: Incident): readonly (readonly Frame[])[] {
  const others = [kasan?.allocated, kasan?.freed, ...racing].flatMap((s) => (s ? [s.frames] : []));
  return [pc === null ? frames : [pc, ...frames], ...others];
}

/** Some Android trees of 6.1 have a static bus_set_iommu() of their own, which iommu_device_register() calls. */
function isOfLaterAndroid(caller: string | undefined, release: string | null): boolean {
  return caller === 'iommu_device_register' || (release?.includes('android') ?? false);
}

function stackSigns(
  frames: readonly Frame[],
  release: string | null,
  add: (eras: readonly EraId[], text: string, lines: readonly number[]) => void,
): void {
  const names = frames.map((f) => f.symbol.split('.', 1)[0] ?? '');
  for (const [i, name] of names.entries()) {
    const sign = Object.hasOwn(BY_FRAME, name) ? BY_FRAME[name] : undefined;
    // The out-of-line copy of an inline function that KASAN builds keep is no sign; without a size it may be a guess.
    if (name === 'bus_set_iommu' && isOfLaterAndroid(names[i + 1], release)) continue;
    if (sign !== undefined && frames[i]!.reliable) add(sign.eras, sign.text, [frames[i]!.line]);
  }
  const walk = names.indexOf('probe_iommu_group');
  const configure = names.indexOf('of_iommu_configure');
  if (configure >= 0 && walk > configure) {
    const text =
      'of_iommu_configure() below probe_iommu_group(): the walk itself configures the device since v6.15 (bcb81ac6ae3c)';
    add(FROM_615, text, [frames[configure]!.line, frames[walk]!.line]);
  }
  const register = names.indexOf('iommu_device_register');
  if (register > 0 && ['bus_iommu_probe', 'bus_for_each_dev', 'probe_iommu_group'].includes(names[register - 1]!)) {
    const text = 'iommu_device_register() walks the bus itself since v6.1 (57365a04c921)';
    add(FROM_D, text, [frames[register - 1]!.line, frames[register]!.line]);
  }
}

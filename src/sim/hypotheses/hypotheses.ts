/** The rival scenarios by name: what each one is, which eras can have it, and which commits end it. Sources: the patches themselves. */
import type { EraId, HypothesisId, ScenarioId } from '../types.ts';

export interface Hypothesis {
  readonly id: HypothesisId;
  readonly means: string;
  /** Eras whose code can do this. */
  readonly eras: readonly EraId[];
  /** Commits that close it, in order; empty where none does. */
  readonly fixes: readonly string[];
  /** Eras that have the fixes and can do it all the same (the quiet hole of v6.16, amba and cdx up to 7.3.4). */
  readonly openIn?: readonly EraId[];
  /** A later change opened it anew, in an era of its own, and another commit closed it again. */
  readonly again?: { readonly era: EraId; readonly fix: string };
  /** The scenario in which the model has it. */
  readonly scenario: ScenarioId;
  /** What in a log tells it from the others. */
  readonly shows: string;
}

const UNLOCKED: readonly EraId[] = ['B', 'B1', 'C', 'D'];
const LOCKED: readonly EraId[] = ['E', 'E2'];
const BEFORE_FIX: readonly EraId[] = [...UNLOCKED, ...LOCKED];

const LIST: readonly Hypothesis[] = [
  {
    id: 'xlate-vs-probe-free',
    means: 'of_iommu_configure() translates for a client while a failing __iommu_probe_device() frees its dev->iommu',
    eras: BEFORE_FIX,
    fixes: ['a2e7e59a9426'],
    scenario: 'deferred-retry',
    shows:
      "a fault on dev->iommu or its fwspec in of_iommu_configure() or below it (or in the walk's probe of a half-translated device), while another thread registers an IOMMU: its (+) module, its stack, or a line that its probe printed before or after",
  },
  {
    id: 'probe-vs-probe',
    means: "two __iommu_probe_device() run on one device: two walks, or a walk and the client's own replay",
    eras: [...UNLOCKED, 'G'],
    fixes: ['01657bc14a39'],
    again: { era: 'G', fix: '0c8e9c148e29' },
    scenario: 'walks-only',
    shows:
      'the fault is inside __iommu_probe_device() or its dev_iommu_free(), under a walk or a replay; two of them at once, in a tree without 01657bc14a39',
  },
  {
    id: 'replay-vs-registration',
    means: 'iommu_probe_device() replays a probe while iommu_device_register() is still walking',
    eras: ['G', 'H'],
    openIn: ['H'],
    fixes: ['da33e87bd2bf'],
    scenario: 'first-probe',
    shows:
      'no oops: the WARNING "late IOMMU probe at driver bind" in __iommu_probe_device() under really_probe() or under a registration, the client bound before its IOMMU\'s registration was over',
  },
  {
    id: 'default-domain',
    means: 'a client does DMA before bus_iommu_probe() has given its group a default domain',
    eras: ['B1', 'C', 'D', ...LOCKED, 'F', 'F61', 'F2', 'F3'],
    fixes: ['b46064a18810'],
    scenario: 'deferred-retry',
    shows:
      "no oops here: the client is bound with DMA operations of no IOMMU and grouped later; faults of the IOMMU, or of the client's DMA, follow",
  },
  {
    id: 'dma-configure-toctou',
    means: '*_dma_configure() reads dev->driver twice while another thread binds or unbinds it',
    eras: ['G', 'H'],
    openIn: ['H'],
    fixes: ['95deee37a123'],
    scenario: 'dma-configure-toctou',
    shows:
      'a fault at a small negative address (a member of NULL) in *_dma_configure() under iommu_device_register() or device_add(), with no frame of_iommu_configure() above it',
  },
  {
    id: 'release-vs-xlate',
    means: 'iommu_release_device() frees dev->iommu while a translation uses it',
    eras: ['D', ...LOCKED, 'F', 'F61', 'F2', 'F3', 'G', 'H'],
    fixes: [],
    scenario: 'release-vs-xlate',
    shows:
      'iommu_release_device(), iommu_deinit_device() or iommu_device_unregister() on a stack: an IOMMU driver unbinds, or its registration fails, while the client is probed',
  },
  {
    id: 'driver-data-after-registration',
    means:
      'an IOMMU driver sets up what of_xlate or probe_device needs only after iommu_device_register() let clients in',
    eras: [...BEFORE_FIX, 'F', 'F61', 'F2', 'F3'],
    fixes: [],
    scenario: 'first-probe',
    shows:
      "the fault goes through the driver's own data (rockchip's dma_dev, arm-smmu's device), not through dev->iommu, below of_xlate or probe_device",
  },
  {
    id: 'probed-twice',
    means:
      'a walk asks for the group of a client before it has the lock, and then probes a client that another walk has probed meanwhile: the driver refuses it, and the error exit frees dev->iommu from under it',
    eras: ['B1', 'C', 'D', 'E', 'F61'],
    fixes: ['6eb4da8cf545'],
    scenario: 'two-walks',
    shows:
      'a fault on dev->iommu or what hangs off it in a client that is in its group already ("Adding to iommu group" was printed), while two IOMMUs register; arm-smmu-v3 prints a WARNING at dev_iommu_priv_get() in arm_smmu_probe_device() before it',
  },
  {
    id: 'second-provider',
    means:
      'msm_iommu follows the master that it looks for in dev_iommu.priv, where an earlier attempt of a client of two providers left its master on the list and its dev->iommu was freed: sequential, no race',
    eras: ['B1', 'C', 'D', 'E', 'E2', 'F', 'F61', 'F2', 'F3', 'G', 'H'],
    fixes: [],
    scenario: 'second-provider',
    shows:
      'a read of NULL plus a small offset (0x88: num_mids) in qcom_iommu_of_xlate() or insert_iommu_master() of msm_iommu.c, 32-bit ARM, in a client whose "iommus" names two providers; every boot, with nothing else running',
  },
  {
    id: 'priv-without-fwspec',
    means:
      'code outside of_iommu_xlate() stores dev->iommu->priv of a device that never had a dev->iommu: sequential, no race',
    eras: [...BEFORE_FIX, 'F', 'F61', 'F2', 'F3', 'G', 'H'],
    fixes: [],
    scenario: 'priv-without-fwspec',
    shows:
      'no of_iommu_xlate() on the stack of a store to dev_iommu.priv: nobody translated the device, and nothing else ran',
  },
];

export const HYPOTHESES: ReadonlyMap<HypothesisId, Hypothesis> = new Map(LIST.map((h) => [h.id, h]));

/** What closes it in code of `era`; in all eras where none is said. */
export function fixesIn({ fixes, again, openIn = [] }: Hypothesis, era: EraId | null): readonly string[] {
  if (era !== null && openIn.includes(era)) return [];
  if (again === undefined) return fixes;
  if (era === null) return [...fixes, again.fix];
  return era === again.era ? [again.fix] : fixes;
}

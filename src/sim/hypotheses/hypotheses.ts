/** The rival scenarios by name: what each one is, which eras can have it, and which commits end it. Sources: the patches themselves. */
import type { EraId, HypothesisId } from '../types.ts';

export interface Hypothesis {
  readonly id: HypothesisId;
  readonly means: string;
  /** Eras whose code can do this. */
  readonly eras: readonly EraId[];
  /** Commits that close it, in order; empty where none does. */
  readonly fixes: readonly string[];
  /** Whether this version explores it in the model, or judges it by era and place alone. */
  readonly modelled: boolean;
}

const UNLOCKED: readonly EraId[] = ['B', 'B1', 'C', 'D'];
const BEFORE_FIX: readonly EraId[] = [...UNLOCKED, 'E', 'E2'];

const LIST: readonly Hypothesis[] = [
  {
    id: 'xlate-vs-probe-free',
    means: 'of_iommu_configure() translates for a client while a failing __iommu_probe_device() frees its dev->iommu',
    eras: BEFORE_FIX,
    fixes: ['a2e7e59a9426'],
    modelled: true,
  },
  {
    id: 'probe-vs-probe',
    means: "two __iommu_probe_device() run on one device: two walks, or a walk and the client's own replay",
    eras: UNLOCKED,
    fixes: ['01657bc14a39'],
    modelled: true,
  },
  {
    id: 'replay-vs-registration',
    means: 'iommu_probe_device() replays a probe while iommu_device_register() is still walking',
    eras: ['G'],
    fixes: ['da33e87bd2bf'],
    modelled: false,
  },
  {
    id: 'default-domain',
    means: 'a client does DMA before bus_iommu_probe() has given its group a default domain',
    eras: ['E2', 'F', 'F2', 'F3'],
    fixes: ['b46064a18810'],
    modelled: false,
  },
  {
    id: 'dma-configure-toctou',
    means: '*_dma_configure() reads dev->driver twice while another thread binds or unbinds it',
    eras: ['G', 'H'],
    fixes: ['95deee37a123'],
    modelled: false,
  },
  {
    id: 'release-vs-xlate',
    means: 'iommu_release_device() frees dev->iommu while a translation uses it',
    eras: [...BEFORE_FIX, 'F', 'F61', 'F2', 'F3', 'G', 'H'],
    fixes: [],
    modelled: false,
  },
  {
    id: 'driver-data-after-registration',
    means:
      'an IOMMU driver sets up what of_xlate or probe_device needs only after iommu_device_register() let clients in',
    eras: [...BEFORE_FIX, 'F', 'F61', 'F2', 'F3', 'G', 'H'],
    fixes: [],
    modelled: true,
  },
  {
    id: 'priv-without-fwspec',
    means:
      'code outside of_iommu_xlate() stores dev->iommu->priv of a device that never had a dev->iommu: sequential, no race',
    eras: [...BEFORE_FIX, 'F', 'F61', 'F2', 'F3', 'G', 'H'],
    fixes: [],
    modelled: true,
  },
];

export const HYPOTHESES: ReadonlyMap<HypothesisId, Hypothesis> = new Map(LIST.map((h) => [h.id, h]));

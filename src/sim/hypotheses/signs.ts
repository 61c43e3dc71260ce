/** What in a log tells the hypotheses apart, in words: what reconstruct/rivals.ts looks for. Prose only, for docs/MODEL.md. */
import type { HypothesisId } from '../types.ts';

export const SIGNS: Readonly<Record<HypothesisId, string>> = {
  'xlate-vs-probe-free':
    'the fault is on dev_iommu or fwspec, in a translation below of_iommu_configure() or in the error exit of a walk below probe_iommu_group(); the model reaches it in this era, and not with a2e7e59a9426',
  'probe-vs-probe':
    'a fault inside __iommu_probe_device() in an era without any lock, at a place that the model does not reach once 01657bc14a39 serialises it; or "cannot create duplicate filename" without an oops',
  'replay-vs-registration':
    'a WARNING ("late IOMMU probe at driver bind") and a client that runs without its IOMMU; no memory fault',
  'default-domain': 'DMA faults or a failed attach of a client that was just bound; no memory fault',
  'dma-configure-toctou':
    'a small negative address (a driver pointer computed from NULL) in a *_dma_configure() function itself',
  'release-vs-xlate':
    'KASAN names iommu_release_device() or iommu_deinit_device() as what freed the object; without KASAN it is refuted by really_probe() in the trace, whose device lock device_del() waits for',
  'driver-data-after-registration':
    "the field is the IOMMU driver's own, not one of dev_iommu or fwspec; the model reaches it with every lock",
  'priv-without-fwspec':
    'a store to dev_iommu.priv through NULL whose trace has no of_iommu_xlate() above of_iommu_configure()',
};

/** device_add() of the client: the bus notifier probes it for its IOMMU, without device_lock(), while it can be found on the bus already. */

import { call, end, type Procedure, procedure } from '../machine/program.ts';
import type { Code } from './code.ts';
import { iommu_probe_device } from './probe.ts';

/** Errors are not looked at: device_add() goes on. Source: drivers/iommu/iommu.c, iommu_bus_notifier(), BUS_NOTIFY_ADD_DEVICE. */
export function device_add(code: Code): Procedure {
  const notifier = procedure('iommu_bus_notifier', 'drivers/iommu/iommu.c', 'never', [call(iommu_probe_device(code))]);
  return procedure('device_add', 'drivers/base/core.c', 'never', [
    call(procedure('blocking_notifier_call_chain', 'kernel/notifier.c', 'never', [call(notifier)])),
    end('added'),
  ]);
}

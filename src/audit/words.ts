/** What the model has for one driver and one tree: its procedures, and the words by which the kernel's text is read against them. */
import type { Node, Procedure } from '../sim/machine/program.ts';
import { IN_ACPI } from '../sim/procedures/acpi.ts';
import type { Bus, Code, Driver, EraCode, Granularity } from '../sim/procedures/code.ts';
import { device_add } from '../sim/procedures/notifier.ts';
import { really_probe, withBuses } from '../sim/procedures/of_iommu.ts';
import { iommu_driver_probe } from '../sim/procedures/register.ts';
import { iommu_driver_remove } from '../sim/procedures/release.ts';
import { type Event, eventOf } from './events.ts';
import { NEVER, NOT_FOLLOWED } from './exceptions.ts';
import type { Words } from './flow.ts';
import { isWrittenIn } from './model.ts';

/** Where VIOT is read, since v5.14: without it no client of virtio-iommu is translated by ACPI. */
export const VIOT = 'drivers/acpi/viot.c';

/** What msm_iommu keeps of its clients it keeps in a list of its own. */
const LATE_CALLS: ReadonlyMap<string, ReadonlyMap<string, Event>> = new Map([
  [
    'msm_iommu',
    new Map([
      ['list_empty', 'r late'],
      ['find_iommu_for_dev', 'r late'],
      ['list_add', 'w late'],
    ]),
  ],
]);

/** Static objects that a driver publishes late. */
const LATE_NAMES: ReadonlyMap<string, RegExp> = new Map([['rockchip', /^dma_dev$/]]);

/** Every procedure that a thread of the model runs with the driver, each once. `viot`: the tree has drivers/acpi/viot.c. */
export function proceduresOf(
  era: EraCode,
  driver: Driver,
  granularity: Granularity,
  viot: boolean,
): ReadonlySet<Procedure> {
  const byAcpi = IN_ACPI.has(driver.name) && (driver.name !== 'virtio-iommu' || viot);
  const buses: readonly Bus[] = byAcpi ? ['platform', 'amba', 'acpi'] : ['platform', 'amba'];
  const all = new Set<Procedure>();
  const seen = new Set<Procedure>();
  const add = (procedure: Procedure): void => {
    if (seen.has(procedure)) return;
    seen.add(procedure);
    if (!isWrittenIn(procedure)) all.add(procedure);
    eachNode(procedure.body, (node) => {
      if (node.op === 'call') add(node.procedure);
    });
  };
  for (const bus of buses) {
    const code = withBuses({ ...era, granularity, driver, bus, devices: 1 });
    add(really_probe(code));
    add(iommu_driver_probe(code, 1));
    add(iommu_driver_probe(code, 2));
    add(device_add(code));
    add(iommu_driver_remove(code));
  }
  return all;
}

export function wordsFor(era: EraCode, driver: Driver, procedures: ReadonlySet<Procedure>): Words {
  const used = new Set<Event>();
  const structs = new Set<string>();
  for (const p of procedures)
    eachNode(p.body, (node) => {
      if (node.op === 'call' && isWrittenIn(node.procedure))
        eachNode(node.procedure.body, (inner) => used.add(eventOf(inner) ?? ''));
      used.add(eventOf(node) ?? '');
      if (p.file !== driver.file || (node.op !== 'get' && node.op !== 'put') || !node.field.startsWith('cfg:')) return;
      const [struct = '', field] = node.field.slice('cfg:'.length).split('.');
      if (field !== undefined) structs.add(struct);
    });
  used.delete('');
  return {
    procedures: new Set([...procedures].map((p) => p.fn)),
    ops: opsOf(withBuses({ ...era, granularity: 'source', driver, bus: 'platform', devices: 1 })),
    opaque: new Set(NOT_FOLLOWED.keys()),
    never: new Set(NEVER.keys()),
    used,
    calls: LATE_CALLS.get(driver.name) ?? new Map(),
    late: LATE_NAMES.get(driver.name) ?? null,
    isCfg: (struct) => structs.has(struct),
  };
}

/** The driver's functions behind the core's pointers, by the pointer's name. */
function opsOf(code: Code): ReadonlyMap<string, string> {
  const { driver } = code;
  const all: readonly (readonly [Procedure | null | undefined, string])[] = [
    [driver.of_xlate(code), 'of_xlate'],
    [driver.probe_device(code), 'probe_device'],
    [driver.device_group?.(code), 'device_group'],
    [driver.attach_dev?.(code), 'attach_dev'],
    [driver.release_device?.(code), 'release_device'],
    [driver.get_resv_regions?.(code), 'get_resv_regions'],
  ];
  return new Map([
    ...all.flatMap(([p, op]) => (p ? [[p.fn, op] as const] : [])),
    [driver.probe, 'probe'],
    ['platform_probe', 'probe'],
    ['platform_dma_configure', 'dma_configure'],
    ['amba_dma_configure', 'dma_configure'],
  ]);
}

/** Every node, branches included; what is called is not entered. */
export function eachNode(nodes: readonly Node[], visit: (node: Node) => void): void {
  for (const node of nodes) {
    visit(node);
    if (node.op !== 'if') continue;
    eachNode(node.then, visit);
    eachNode(node.else, visit);
  }
}

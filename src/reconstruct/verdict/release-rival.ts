/**
 * The rival that no commit closes: iommu_release_device(), called from an unregistration of the IOMMU without iommu_probe_device_lock, frees dev->iommu of a
 * client that is probed again (drivers/iommu/iommu.c: iommu_device_unregister(), v6.1 and later). It needs a client that an earlier attempt had probed in full,
 * and an IOMMU that goes while no one registers: that is what a log can refute.
 */
import type { Incident, ParsedLog } from '../../parser/types.ts';
import { DRIVERS } from '../../sim/drivers/models.ts';
import { SCENARIOS, type Scenario } from '../../sim/scenarios.ts';
import { plural } from '../../words.ts';
import type { Observation } from '../evidence/observe.ts';
import { some } from '../evidence/phrases.ts';
import type { TracePlace } from '../evidence/place.ts';
import type { Fault } from '../types.ts';
import { explains, open, type Row, refuted } from './rival-rows.ts';

export interface ReleaseCase {
  readonly log: ParsedLog;
  readonly incident: Incident;
  readonly place: TracePlace;
  readonly observations: readonly Observation[];
  readonly fault: Fault;
  readonly driver: { readonly name: string | null };
  /** Some step of the model stands where the trace does. */
  readonly placed: boolean;
  /** Does the model reach the crash in this scenario, in an era and with a driver that the log leaves open? */
  readonly reaches: (scenario: Scenario) => boolean;
}

const UNREGISTERS = SCENARIOS.get('release-vs-xlate')!;

const RELEASING =
  /^(?:iommu_release_device|iommu_deinit_device|remove_iommu_group|iommu_device_unregister|bus_iommu_release)/;

/** What the log and the model say of this rival. */
export function releaseRival(crash: ReleaseCase): Row {
  const { incident, place, fault, observations } = crash;
  const freed = incident.kasan?.freed;
  if (freed?.frames.some((f) => RELEASING.test(f.symbol)))
    return explains('the object was freed by iommu_release_device()', [freed.line]);
  if (freed) return refuted('the object was not freed by iommu_release_device()', [freed.line]);
  const releasing = place.functions.findIndex((f) => RELEASING.test(f));
  if (place.role === 'walk') {
    if (fault.shape === 'null' && fault.fields.length === 0)
      return refuted(
        'the access is to no field of dev->iommu or its fwspec that this function is known to access',
        some([incident.at.address]),
      );
    if (!crash.placed && fault.fields.length === 0)
      return refuted(
        `nothing of dev->iommu is accessed where the crash stands, in ${place.functions[0]}(): a release that frees it cannot show there`,
        place.lines.slice(0, 1),
      );
    return fault.fields[0]?.startsWith('iommu_device.')
      ? refuted('it needs an fwspec with its ops and no priv yet, which only a translation in progress leaves')
      : grouped(crash, 'the walk of one instance does not hold what would keep off an unregistration of another');
  }
  if (place.role !== 'client' && releasing < 0)
    return refuted('the crashing thread is not at a place where dev->iommu is used');
  if (!crash.reaches(UNREGISTERS))
    return refuted(
      "the model explores an unregistration of the IOMMU beside the client's second attempt, and does not reach this access",
      place.lines.slice(0, 1),
    );
  if (releasing >= 0)
    return explains(
      'the crashing thread releases the device, and a translation beside it takes dev->iommu from under it',
      [place.lines[releasing]!],
    );
  const registers = observations.find((o) => !o.allows(UNREGISTERS));
  if (registers) return refuted(`it does not explain this: ${registers.text}`, some([registers.line]));
  return grouped(crash, 'an unregistration of the IOMMU reaches this access too');
}

/** An IOMMU that can go; and a client that was probed in full was put into a group, and dev_info() said so. */
function grouped({ log, incident, driver }: ReleaseCase, otherwise: string): Row {
  const model = DRIVERS.get(driver.name ?? '');
  if (model?.staysRegistered)
    return refuted(
      `${model.name} stays once it is registered: sysfs cannot unbind it (suppress_bind_attrs), its module is held while a device is probed, and no exit of its probe unregisters it`,
    );
  const before = log.events.filter((e) => e.span.line < incident.span.line);
  const added = before.filter((e) => e.kind === 'group-add');
  if (added.length > 0)
    return open(
      `${otherwise}, for a client that was in a group before: ${plural(added.length, 'device')} had been put into one, and the log does not say which the crash is about`,
      some([added.at(-1)!.span.line]),
    );
  const banner = before.find((e) => e.kind === 'banner');
  // Lines of the level that "Adding to iommu group" has were in what was kept.
  const informed = before.some((e) => e.kind === 'machine' || e.kind === 'iommu-instance');
  const lost = log.losses.some((l) => l.line <= incident.span.line);
  if (banner && informed && !lost)
    return refuted(
      'it needs a client that was probed in full before, and no "Adding to iommu group" stands between the start of the log and the crash',
      [banner.span.line, incident.span.line],
    );
  return open(`${otherwise}, and what is left of the log does not say whether the client was in a group before`);
}

/** The WARNING that v6.15's __iommu_probe_device() prints for a device whose driver is bound already (73d2f10957f5, 7.3.4's iommu.c). */
import type { Case } from './case.ts';

const MESSAGE = 'late IOMMU probe at driver bind';
/** dev_WARN() prints its words right before the WARNING's own line. */
const BEFORE = 3;

/** Line of the message, or null where the report is another. */
export function lateProbe({ log, incident }: Case): number | null {
  if (incident.type !== 'WARNING' || !incident.title.endsWith(' in __iommu_probe_device')) return null;
  for (let line = Math.max(1, incident.span.line - BEFORE); line <= incident.lastLine; line++)
    if (log.lineText(line)?.includes(MESSAGE)) return line;
  return null;
}

/** Release strings whose trees were read, or looked for in vain, in an audit of November 2026: era, fix, lock and what single releases have beyond their era. */
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../../src/parser/parse.ts';
import { codeOf } from '../../../src/reconstruct/kernel/code.ts';
import { identifyKernel } from '../../../src/reconstruct/kernel/kernel.ts';
import { identifyRelease } from '../../../src/reconstruct/kernel/release.ts';
import type { EraCode } from '../../../src/sim/procedures/code.ts';

const NO_LOG = parseLog(new Uint8Array(0), { name: '--kernel' })[0]!;

type Row = readonly [kernel: string, eras: string, fix: string, lock: string, code?: Partial<EraCode>];

const ROWS: readonly Row[] = [
  ['5.15.148', 'C', 'absent', 'absent', { smmuBound: 'null' }],
  ['6.1.67', 'E', 'absent', 'present'],
  ['6.1.68', 'F61', 'present', 'present'],
  ['6.5.6', 'E', 'absent', 'present'],
  ['6.6.4', 'E2', 'absent', 'present'],
  ['6.6.5', 'F', 'present', 'present', { shape: '6.6' }],
  ['6.8.0', 'F2', 'present', 'present'],
  ['6.11.0', 'F3', 'present', 'present', { undo: 'fwspec', defaultDomain: 'unchecked', smmuBound: 'null' }],
  ['6.15.0', 'G', 'present', 'present'],
  ['6.16.0', 'H', 'present', 'present', { readyToProbe: false, shape: '6.15' }],
  ['6.18.0', 'H', 'present', 'present', { shape: '6.17' }],
  ['7.0.0', 'H', 'present', 'present', { readyToProbe: false }],
  ['7.3.0', 'H', 'present', 'present', { readyToProbe: true }],
  ['6.12.30', 'F3', 'present', 'present', { defaultDomain: 'checked', undo: 'fwspec', smmuBound: 'defer' }],
  ['6.14.0', 'F3', 'present', 'present', { smmuBound: 'found', defaultDomain: 'unchecked', shape: '6.13' }],
  ['6.1.0-13-arm64 #1 SMP Debian 6.1.55-1', 'E', 'absent', 'present'],
  ['6.5.0-1009-raspi #12-Ubuntu', 'E|F61', 'unknown', 'present'],
  ['5.15.0-1048-raspi', 'B1|C', 'unknown', 'unknown'],
  ['6.1.0-1025-oem', 'D|E|F61', 'unknown', 'unknown'],
  ['6.1.75-android14-11', 'F61', 'present', 'present'],
  ['6.6.30-android15-8', 'F', 'present', 'present'],
  ['6.1.57-android14-11', 'E', 'unknown', 'present'],
  ['5.10.198-android12-9', 'C', 'absent', 'present', { lock: 'static', walk: 'bus_set_iommu' }],
  ['5.10.160-android12-9', 'C', 'absent', 'unknown'],
  ['5.10.240-android12-9', 'C', 'unknown', 'present'],
  ['5.15.123-android13-8', 'C', 'absent', 'present', { lock: 'static' }],
  ['5.15.104-qki-android13', 'C', 'absent', 'present', { lock: 'static' }],
  ['5.15.130-android13-8', 'C', 'unknown', 'present'],
  ['5.15.148-android13', 'C', 'present', 'present', { lock: 'global', replay: 'always', walk: 'bus_set_iommu' }],
  // No tree of these was stored to be read: what was picked is not known (the audit lets "absent, with a caveat" pass).
  ['5.10.160-rockchip', 'C', 'unknown', 'unknown'],
  ['6.1.43-15-rk2312', 'E', 'unknown', 'present'],
  ['5.15.78-perf', 'C', 'unknown', 'unknown'],
  ['5.10.198-perf-gki', 'C', 'unknown', 'unknown'],
  ['6.1.54-cip6', 'E', 'unknown', 'present'],
  ['6.1.31-sun50iw9', 'E', 'unknown', 'present'],
  ['5.15.108-deepin', 'C', 'unknown', 'unknown'],
  // Subsystems rebased on a base version: any era from it on.
  ['6.6.0-rvck', 'E2|F61|F|F2|F3|G|H', 'unknown', 'present'],
  ['5.14.0-427.el9.x86_64', 'B1|C|D|E|E2|F61|F|F2|F3|G|H', 'unknown', 'unknown'],
  ['4.18.0-513.el8.x86_64', 'A|B|B1|C|D|E|E2|F61|F|F2|F3|G|H', 'unknown', 'unknown'],
  ['5.14.21-150500.53-default', 'B1|C|D|E|E2|F61|F|F2|F3|G|H', 'unknown', 'unknown'],
  ['6.1.115-vendor-rk35xx', 'F61', 'present', 'present'],
  ['6.1.119-qcom', 'F61', 'present', 'present', { smmuBound: 'null' }],
  ['6.6.36-lts-next', 'F', 'present', 'present'],
  ['6.6.52-lts-next', 'F', 'present', 'present'],
  ['4.19.157-perf+', 'A', 'absent', 'absent'],
  ['5.4.0-gke', 'A', 'absent', 'absent'],
  ['5.10.120-tegra', 'C', 'absent', 'absent'],
  ['5.15.148-tegra', 'C', 'absent', 'absent'],
  ['6.6.0-asahi', 'E2', 'absent', 'present'],
  ['6.5.6-403.asahi', 'E', 'absent', 'present'],
  ['6.1.57-v8+', 'E', 'absent', 'present'],
  ['5.15.78-g1a2b3c4d5e6f', 'C', 'unknown', 'unknown'],
  ['5.15.131-12345-g1a2b3c4d5e6f', 'C', 'unknown', 'unknown'],
  // The boundaries that were corrected, and what came with single releases.
  ['6.0.16', 'C', 'absent', 'absent'],
  ['6.0.19', 'C', 'absent', 'absent'],
  ['5.17-rc2', 'B1', 'absent', 'absent'],
  ['5.17-rc3', 'C', 'absent', 'absent'],
  ['6.7-rc1', 'E2', 'absent', 'present', { shape: '6.7' }],
  ['6.7.0', 'F', 'present', 'present', { shape: '6.7' }],
  ['6.6.17', 'F', 'present', 'present', { shape: '6.6', smmuBound: 'null', defaultDomain: 'unchecked' }],
  ['6.6.89', 'F', 'present', 'present', { defaultDomain: 'unchecked', smmuBound: 'defer' }],
  ['6.6.90', 'F', 'present', 'present', { defaultDomain: 'checked' }],
  ['6.12.25', 'F3', 'present', 'present', { defaultDomain: 'unchecked' }],
  ['6.12.117', 'F3', 'present', 'present', { defaultDomain: 'checked', undo: 'all-it-made', readyToProbe: true }],
  ['5.10.150', 'C', 'absent', 'absent', { smmuBound: 'null', shape: '5.10', readyToProbe: false }],
  ['5.10.262', 'C', 'absent', 'absent', { smmuBound: 'defer', shape: '5.10', readyToProbe: true }],
  ['5.15.173', 'C', 'absent', 'absent', { smmuBound: 'null', shape: '5.11' }],
  ['5.15.174', 'C', 'absent', 'absent', { smmuBound: 'defer' }],
  ['6.1.115', 'F61', 'present', 'present', { smmuBound: 'null' }],
  ['6.1.140', 'F61', 'present', 'present', { smmuBound: 'defer', readyToProbe: false }],
  ['6.1.175', 'F61', 'present', 'present', { readyToProbe: true }],
  ['6.6.65', 'F', 'present', 'present', { smmuBound: 'null' }],
  ['6.6.66', 'F', 'present', 'present', { smmuBound: 'defer' }],
  ['6.12.3', 'F3', 'present', 'present', { smmuBound: 'null' }],
  ['6.12.4', 'F3', 'present', 'present', { smmuBound: 'defer' }],
  ['6.14.8', 'F3', 'present', 'present', { undo: 'fwspec' }],
  ['6.14.9', 'F3', 'present', 'present', { undo: 'all-it-made', defaultDomain: 'checked' }],
  ['6.13.2', 'F3', 'present', 'present', { smmuBound: 'defer', shape: '6.13' }],
];

describe('a release whose tree was read is of the code that stands there', () => {
  it.each(ROWS.map((row) => [row[0], row] as const))('%s', (_, [kernel, eras, fix, lock, code]) => {
    const said = identifyKernel(NO_LOG, null, { kernel });
    expect({ eras: said.eras.join('|'), fix: said.fix.status }).toEqual({ eras, fix });
    const [release, build] = kernel.split(' #');
    expect(identifyRelease(release!, build === undefined ? null : `#${build}`).lock).toBe(lock);
    if (code !== undefined) expect(codeOf(said, said.eras[0]!)).toMatchObject(code);
  });
});

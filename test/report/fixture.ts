/** Hand-made judgements for the renderers: one of each class, as the pipeline would hand them on. The seed's splat is the confirmed one. */

import type { Frame, Incident, ParsedLog } from '../../src/parser/types.ts';
import type { JudgedCrash, KernelIdentity, Triage, Verdict } from '../../src/reconstruct/types.ts';
import type { Witness, WitnessStep } from '../../src/sim/types.ts';

const SEED: Record<number, string> = {
  1: 'apple-dart 228304000.iommu: DART [pagesize 4000, 16 streams, bypass support: 0, bypass forced: 0, locked: 0, AS 32 -> 36] initialized',
  7: 'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000040',
  10: 'apple-dart 22c0e8000.iommu: DART [pagesize 4000, 16 streams, bypass support: 1, bypass forced: 0, locked: 0, AS 32 -> 36] initialized',
  13: '  ESR = 0x0000000096000044',
  20: '  CM = 0, WnR = 1, TnD = 0, TagAccess = 0',
  24: 'Internal error: Oops: 0000000096000044 [#1] SMP',
  25: 'Modules linked in: i2c_apple apple_dart(+) adpdrm drm_dma_helper sunrpc vfat fat nvme_apple apple_sart nvme_core nvme_common scsi_dh_rdac scsi_dh_emc scsi_dh_alua fuse dm_multipath',
  28: 'CPU: 2 PID: 12 Comm: kworker/u16:1 Tainted: G S                 6.5.6-403.asahi.fc39.aarch64+16k #1',
  31: 'Workqueue: events_unbound deferred_probe_work_func',
  35: 'pc : apple_dart_of_xlate+0x54/0x1f8 [apple_dart]',
  38: 'x29: ffff8000800e3a10 x28: 0000000000000000 x27: 0000000000000000',
  47: 'x2 : 0000000000000000 x1 : ffff1aea0a30ee00 x0 : 0000000000000000',
  49: ' apple_dart_of_xlate+0x54/0x1f8 [apple_dart]',
  50: ' of_iommu_xlate+0xa4/0xe8',
  51: ' of_iommu_configure+0x190/0x1f8',
  62: ' deferred_probe_work_func+0xbc/0x118',
  67: 'Code: 540003a1 b9400e94 b40007b3 f94172c0 (f9002013)',
};

/** A log whose lines are given by number. */
export function logOf(lines: Record<number, string>, over: Partial<ParsedLog> = {}): ParsedLog {
  return {
    source: {
      name: 'm1.log',
      bytes: 4321,
      lines: Math.max(0, ...Object.keys(lines).map(Number)),
      framings: ['plain', 'mail'],
      boot: 0,
      boots: 1,
      kernelLog: true,
    },
    arch: 'arm64',
    incidents: [],
    events: [],
    fragments: [],
    losses: [],
    crashText: [],
    diagnostics: [],
    lineText: (line) => lines[line] ?? null,
    ...over,
  };
}

const frame = (symbol: string, offset: number, size: number, line: number, module: string | null = null): Frame => ({
  symbol,
  offset,
  size,
  module,
  reliable: true,
  line,
});

export const incident: Incident = {
  kind: 'oops',
  title: 'BUG: unable to handle kernel NULL pointer dereference in apple_dart_of_xlate',
  altTitles: [],
  type: 'NULL-DEREF',
  corrupted: null,
  span: { line: 7, from: 412, to: 3890 },
  lastLine: 68,
  lines: [7, 13, 20, 24, 25, 28, 31, 35, 47, 49, 50, 51, 62, 67, 68],
  time: null,
  arch: 'arm64',
  number: 1,
  cpu: 2,
  pid: 12,
  comm: 'kworker/u16:1',
  taint: 'G S',
  cuts: [],
  release: '6.5.6-403.asahi.fc39.aarch64+16k',
  build: '#1',
  hardware: 'Apple MacBook Pro (13-inch, M1, 2020) (DT)',
  workqueue: 'events_unbound deferred_probe_work_func',
  fault: { wording: 'NULL pointer dereference', address: 0x40n, access: 'write', esr: 0x96000044n, lines: [7, 13, 20] },
  pc: frame('apple_dart_of_xlate', 0x54, 0x1f8, 35, 'apple_dart'),
  lr: frame('apple_dart_of_xlate', 0x154, 0x1f8, 36, 'apple_dart'),
  registers: new Map([
    ['x0', 0n],
    ['x1', 0xffff1aea0a30ee00n],
    ['x19', 0xffff1aea0af34000n],
    ['x22', 0xffff1aea0a88dc10n],
  ]),
  registerLines: new Map([
    ['x0', 47],
    ['x1', 47],
    ['x19', 41],
    ['x22', 40],
  ]),
  frames: [
    frame('apple_dart_of_xlate', 0x54, 0x1f8, 49, 'apple_dart'),
    frame('of_iommu_xlate', 0xa4, 0xe8, 50),
    frame('of_iommu_configure', 0x190, 0x1f8, 51),
    frame('of_dma_configure_id', 0x13c, 0x348, 52),
    frame('platform_dma_configure', 0x38, 0xd0, 53),
    frame('really_probe', 0x7c, 0x3d8, 54),
    frame('deferred_probe_work_func', 0xbc, 0x118, 62),
  ],
  code: { words: [0x540003a1, 0xb9400e94, 0xb40007b3, 0xf94172c0, 0xf9002013], trap: 4, unit: 4, line: 67 },
  modules: [
    { name: 'i2c_apple', state: '' },
    { name: 'apple_dart', state: '+' },
    { name: 'adpdrm', state: '' },
  ],
  modulesLine: 25,
  kasan: null,
  complete: true,
  at: { address: 7, esr: 13, wnr: 20, oops: 24, modules: 25, cpu: 28, workqueue: 31, pc: 35, trace: 48, code: 67 },
};

const OUTCOME = 'null-write dev_iommu.priv in apple_dart_of_xlate';
const CLIENT = 0;
const WALK = 1;
const OF_IOMMU = 'drivers/iommu/of_iommu.c';
const IOMMU = 'drivers/iommu/iommu.c';

function step(thread: number, fn: string, file: string, text: string, after: Record<string, string> = {}): WitnessStep {
  return { thread, fn, file, stack: [fn], text, after, preempts: false, outcome: null };
}

const nothing = { 'dev->iommu': 'NULL', fwspec: 'none', priv: 'none' };
const allocated = { 'dev->iommu': 'dev_iommu 1', fwspec: 'NULL', priv: 'NULL' };
const translated = { 'dev->iommu': 'dev_iommu 1', fwspec: 'F1', priv: 'NULL' };

/** The seed's interleaving: the walk is past its probe_device() when the client translates, and frees what the client has just filled. */
export const witness: Witness = {
  threads: ['client probe (deferred worker)', 'IOMMU registration'],
  steps: [
    step(WALK, '__iommu_probe_device', IOMMU, 'mutex_lock(&iommu_probe_device_lock)', nothing),
    step(WALK, 'dev_iommu_get', IOMMU, 'param = dev->iommu', nothing),
    step(WALK, 'dev_iommu_get', IOMMU, 'dev->iommu = param', allocated),
    step(WALK, '__iommu_probe_device', IOMMU, 'try_module_get(ops->owner)', allocated),
    step(WALK, 'apple_dart_probe_device', 'drivers/iommu/apple-dart.c', 'cfg = dev_iommu_priv_get(dev)', allocated),
    step(WALK, 'apple_dart_probe_device', 'drivers/iommu/apple-dart.c', 'return -ENODEV', allocated),
    {
      ...step(CLIENT, 'of_iommu_configure', OF_IOMMU, 'fwspec = dev_iommu_fwspec_get(dev)', allocated),
      preempts: true,
    },
    step(CLIENT, 'of_iommu_xlate', OF_IOMMU, 'ops = iommu_ops_from_fwnode(fwnode)', allocated),
    step(CLIENT, 'iommu_fwspec_init', IOMMU, 'param = dev->iommu', allocated),
    step(CLIENT, 'iommu_fwspec_init', IOMMU, 'dev->iommu->fwspec = fwspec', translated),
    { ...step(WALK, '__iommu_probe_device', IOMMU, 'module_put(ops->owner)', translated), preempts: true },
    step(WALK, 'dev_iommu_free', IOMMU, 'param = dev->iommu', translated),
    step(WALK, 'dev_iommu_free', IOMMU, 'dev->iommu = NULL', { 'dev->iommu': 'NULL', fwspec: 'F1', priv: 'NULL' }),
    step(WALK, 'dev_iommu_free', IOMMU, 'kfree(param->fwspec)', { 'dev->iommu': 'NULL', fwspec: 'F1 (freed)' }),
    step(WALK, '__iommu_probe_device', IOMMU, 'mutex_unlock(&iommu_probe_device_lock)', { 'dev->iommu': 'NULL' }),
    {
      ...step(CLIENT, 'apple_dart_of_xlate', 'drivers/iommu/apple-dart.c', 'dev->iommu->priv = cfg', {
        'dev->iommu': 'NULL',
      }),
      outcome: OUTCOME,
    },
  ],
  preemptions: 2,
  replay: 'or1:E:apple-dart:first-probe:BBBBBBAAAABBBBBA',
};

export const kernel: KernelIdentity = {
  release: '6.5.6-403.asahi.fc39.aarch64+16k',
  era: 'E',
  eras: ['E'],
  arch: 'arm64',
  driver: 'apple-dart',
  fix: {
    commit: 'a2e7e59a9426',
    status: 'absent',
    because: 'no 6.5.y release carries it; it is in v6.7, 6.6.5 and 6.1.68',
  },
  because: [{ text: 'release in the CPU line of the oops', lines: [28] }],
};

export const confirmed: Verdict = {
  class: 'confirmed',
  hypothesis: 'xlate-vs-probe-free',
  outcome: OUTCOME,
  outcomes: [
    { outcome: 'null-write dev_iommu.priv in apple_dart_of_xlate', hypothesis: 'xlate-vs-probe-free', crashing: '45' },
  ],
  explained: { k: 5, n: 5, firstUnexplained: null },
  interleavings: { all: '18446744073709551616', consistent: '45', crashing: '45', throughRace: '45' },
  witness: witness.replay,
  preemptions: 2,
  rivals: [
    {
      hypothesis: 'probe-vs-probe',
      status: 'refuted',
      because: 'iommu_probe_device_lock is held over both probes in era E',
      lines: [28],
    },
    {
      hypothesis: 'driver-data-after-registration',
      status: 'refuted',
      because:
        'the store goes through dev->iommu, not through driver data: the trapping word follows a load of [dev, #736]',
      lines: [67],
    },
    {
      hypothesis: 'release-vs-xlate',
      status: 'refuted',
      because: 'nothing in the log removes the device, and the client is still being probed',
      lines: [62],
    },
  ],
  because: [
    { text: 'a store to offset 0x40 of NULL: WnR = 1', lines: [7, 20] },
    { text: 'the Code: line loads dev->iommu at +0x2e0 and stores through it at +0x40', lines: [67] },
    { text: 'the store is in apple_dart_of_xlate, below of_iommu_configure', lines: [49, 51] },
    { text: 'the client is probed by the deferred-probe worker, so another probe had failed before', lines: [31, 62] },
    { text: 'IOMMU instances were registering at the same time', lines: [1, 10] },
  ],
  settle: [],
  sentence:
    'This is the race between of_iommu_configure() and iommu_probe_device(): every interleaving of 6.5 that fits the log passes through it.',
  story: witness,
  cause: {
    before: '`iommu->fwspec = fwspec` in iommu_fwspec_init (client probe)',
    after: '`dev->iommu = NULL` in dev_iommu_free (IOMMU registration)',
    text: 'with dev_iommu_free() before iommu_fwspec_init(), no interleaving that the log allows crashes',
  },
  search: {
    era: 'E',
    driver: 'apple-dart',
    scenario: 'first-probe',
    threads: 2,
    devices: 1,
    instances: 1,
    states: 1234,
    exhaustive: true,
    memory: 'plain',
    granularity: 'compiled',
  },
};

function judged(verdict: Verdict, over: Partial<JudgedCrash> = {}): JudgedCrash {
  return {
    incident,
    function: 'apple_dart_of_xlate',
    fault: {
      address: 0x40n,
      access: 'write',
      fields: ['dev_iommu.priv'],
      decoded: true,
      located: true,
      objects: null,
      shape: 'null',
      because: [{ text: 'address 0x40 is priv of struct dev_iommu in 6.1 to 6.6', lines: [7] }],
    },
    verdict,
    ...over,
  };
}

function triageOf(verdict: Verdict, over: Partial<Triage> = {}): Triage {
  return {
    log: logOf(SEED, { incidents: [incident] }),
    kernel,
    crashes: [judged(verdict)],
    fragments: [],
    alignment: null,
    verdict,
    advice: [],
    diagnostics: [],
    ...over,
  };
}

export const confirmedTriage = triageOf(confirmed, {
  advice: [
    { text: 'update to 6.6.5 or later, or to 6.1.68 or later: 6.5.y ended without the fix', lines: [] },
    { text: 'or backport a2e7e59a9426 ("iommu: Avoid more races around device probe")', lines: [] },
  ],
});

const UNEXPLORED = { interleavings: null, witness: null, preemptions: null, story: null, cause: null, search: null };

export const excludedTriage = triageOf({
  ...confirmed,
  ...UNEXPLORED,
  class: 'excluded',
  hypothesis: 'priv-without-fwspec',
  outcome: null,
  explained: { k: 2, n: 4, firstUnexplained: 51 },
  rivals: [
    {
      hypothesis: 'priv-without-fwspec',
      status: 'explains',
      because: 'the driver stores priv before any fwspec exists',
      lines: [49],
    },
  ],
  because: [{ text: 'this kernel holds iommu_probe_device_lock over the translation', lines: [28] }],
  sentence: 'Not this race: the kernel carries the fix, and priv-without-fwspec explains the fault.',
});

export const possibleTriage = triageOf(
  {
    ...confirmed,
    class: 'possible',
    rivals: [
      {
        hypothesis: 'probe-vs-probe',
        status: 'open',
        because: 'the release does not say whether 01657bc14a39 is in',
        lines: [],
      },
      ...confirmed.rivals.slice(1),
    ],
    settle: [
      { text: 'tell whether the tree carries the fix', command: "git log --oneline --grep 'Avoid more races around'" },
      { text: 'boot once with the lock debugging that names the other thread', command: null },
    ],
    sentence: 'Possibly this race: the log fits it, and does not separate it from probe-vs-probe.',
  },
  {
    kernel: {
      ...kernel,
      era: null,
      eras: ['D', 'E'],
      fix: { ...kernel.fix, status: 'unknown', because: 'a vendor tree' },
    },
  },
);

const FRAGMENT = '15000000.iommu';

export const insufficientTriage = triageOf(
  {
    ...confirmed,
    ...UNEXPLORED,
    class: 'insufficient',
    hypothesis: null,
    outcome: null,
    explained: { k: 0, n: 1, firstUnexplained: null },
    rivals: [],
    because: [{ text: 'a fragment names the device 15000000.iommu; 3 known messages begin like it', lines: [412] }],
    settle: [
      {
        text: 'keep the rest of the line: let the console print everything',
        command: 'ignore_loglevel printk.time=1 no_console_suspend',
      },
    ],
    sentence: 'Too little is left to judge: one line, cut before its message ends.',
  },
  {
    log: logOf({ 412: FRAGMENT }),
    kernel: {
      release: null,
      era: null,
      eras: [],
      arch: null,
      driver: null,
      fix: { commit: 'a2e7e59a9426', status: 'unknown', because: 'the log has no kernel release' },
      because: [],
    },
    crashes: [],
    fragments: [
      {
        span: { line: 412, from: 20000, to: 20014 },
        time: 1_204_000,
        text: FRAGMENT,
        device: FRAGMENT,
        completions: [
          'apple-dart %s: DART [pagesize %x, %d streams',
          '%s: Adding to iommu group %d',
          '%s: deferred probe pending',
        ],
      },
    ],
    diagnostics: [{ code: 'OR104', text: 'line cut before its message ends; kept as a fragment', line: 412 }],
  },
);

export const noCrashTriage = triageOf(
  {
    ...confirmed,
    ...UNEXPLORED,
    class: 'no-crash',
    hypothesis: null,
    outcome: null,
    explained: { k: 0, n: 0, firstUnexplained: null },
    rivals: [],
    because: [],
    settle: [],
    sentence: 'Nothing in the log is a crash.',
  },
  { crashes: [] },
);

/** A warning first, the race after it: two crashes of one boot. */
export const twoCrashesTriage: Triage = {
  ...confirmedTriage,
  crashes: [
    judged(excludedTriage.verdict, {
      incident: {
        ...incident,
        kind: 'warning',
        title: 'WARNING in really_probe',
        type: 'WARNING',
        span: { line: 3, from: 1, to: 2 },
      },
      function: 'really_probe',
      fault: null,
    }),
    judged(confirmed),
  ],
};

/** Every kind of attack in every place of a log that a report prints. */
export function hostileTriage(text: string): Triage {
  const claim = { text: `a claim about ${text}`, lines: [7] };
  const verdict: Verdict = {
    ...confirmed,
    because: [claim],
    rivals: [{ hypothesis: 'probe-vs-probe', status: 'open', because: text, lines: [7] }],
    settle: [{ text, command: text }],
    sentence: `a sentence about ${text}`,
    cause: { before: text, after: text, text },
    story: {
      ...witness,
      threads: [text, 'IOMMU registration'],
      steps: witness.steps.map((s) => ({ ...s, text: `${s.text} ${text}` })),
    },
  };
  const nasty: Incident = {
    ...incident,
    title: `BUG: in ${text}`,
    comm: text,
    workqueue: text,
    hardware: text,
    release: text,
    build: text,
    taint: text,
    modules: [{ name: text, state: '' }],
    frames: [frame(text, 1, 2, 7, text)],
  };
  const base = logOf({ 7: text, 28: text, 67: text });
  return {
    log: { ...base, source: { ...base.source, name: text } },
    kernel: { ...kernel, release: text, driver: text, because: [claim], fix: { ...kernel.fix, because: text } },
    crashes: [judged(verdict, { incident: nasty, function: text }), judged(verdict, { incident: nasty })],
    fragments: [{ span: { line: 7, from: 0, to: 1 }, time: null, text, device: text, completions: [text] }],
    alignment: { baseline: text, claims: [claim], registering: text },
    verdict,
    advice: [claim],
    diagnostics: [{ code: 'OR104', text, line: 7 }],
  };
}

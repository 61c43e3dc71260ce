/**
 * The replay string: everything that is needed to run one interleaving again, short enough for a mail. "1" is the version of the model's
 * language; the schedule is run-length coded: "0x3,1x12,0x5" is three steps of thread 0, twelve of thread 1, five of thread 0.
 *
 *     1.E.apple-dart.deferred-retry.kasan.compiled.static.1x2,0x9,1x14,0
 *
 * Behind the scenario "~iommus=2" says that the client has two entries, "~earlier" that an instance had registered before. A hybrid's code is its nearest era with what differs: "C~replay=always" (the lock has a place of its own; a dot in a value is written "_").
 */

import { absence } from '../drivers/exists.ts';
import { DRIVERS } from '../drivers/models.ts';
import { ERAS } from '../eras/eras.ts';
import { applied, changesOf } from '../eras/record.ts';
import type { Memory } from '../machine/machine.ts';
import type { EraCode, Granularity, LockScope } from '../procedures/code.ts';
import { misfit, SCENARIOS, type SetUp } from '../scenarios.ts';

const VERSION = '1';
const MEMORIES: readonly Memory[] = ['kasan', 'plain'];
const GRANULARITIES: readonly Granularity[] = ['compiled', 'source', 'merged'];
const LOCKS: readonly LockScope[] = ['none', 'static', 'global'];

export function encodeReplay(setUp: SetUp, threads: readonly number[]): string {
  const runs: string[] = [];
  for (let i = 0; i < threads.length; ) {
    let n = 1;
    while (i + n < threads.length && threads[i + n] === threads[i]) n++;
    runs.push(n === 1 ? `${threads[i]}` : `${threads[i]}x${n}`);
    i += n;
  }
  const lock = setUp.lock ?? setUp.era.lock;
  return [
    VERSION,
    codePart(setUp.era),
    setUp.driver.name,
    scenarioPart(setUp),
    setUp.memory,
    setUp.granularity,
    lock,
    runs.join(','),
  ].join('.');
}

/** The scenario with what else the start and the client have: "two-walks~iommus=2~earlier". */
function scenarioPart({ scenario, iommus, earlier }: SetUp): string {
  return [scenario.id, ...(iommus === 2 ? ['iommus=2'] : []), ...(earlier ? ['earlier'] : [])].join('~');
}

/** The code but for its lock. */
function codePart(code: EraCode): string {
  const changes = changesOf(code).filter((c) => !c.startsWith('lock='));
  return [code.id, ...changes.map((c) => c.replaceAll('.', '_'))].join('~');
}

/** Null where there is no such code; a string: why there cannot be. */
function codeOf(part: string, lock: LockScope | undefined): EraCode | string | null {
  const [id, ...changes] = part.split('~');
  const era = ERAS.get(id!);
  if (!era) return null;
  if (changes.length === 0) return era;
  const made = applied(era, [...changes.map((c) => c.replaceAll('_', '.')), `lock=${lock}`].join(','));
  return made.ok ? made.code : made.why;
}

export type Decoded =
  | { readonly ok: true; readonly setUp: SetUp; readonly threads: readonly number[] }
  | { readonly ok: false; readonly why: string };

const LONGEST = 4096;

/** Reads a replay string; `why` says what is wrong with one that cannot be read. */
export function decodeReplay(text: string): Decoded {
  const no = (why: string): Decoded => ({ ok: false, why });
  if (text.length > LONGEST) return no(`a replay string has at most ${LONGEST} characters`);
  const parts = text.trim().split('.');
  if (parts.length !== 8)
    return no(
      'a replay string has eight parts separated by dots: version.era.driver.scenario.memory.granularity.lock.schedule',
    );
  const [version, era, driver, scenario, memory, granularity, lock, schedule] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (version !== VERSION) return no(`this version reads replay strings of version ${VERSION} only`);
  const d = DRIVERS.get(driver);
  const [scenarioId, ...more] = scenario.split('~');
  const s = SCENARIOS.get(scenarioId!);
  const odd = more.find((x) => x !== 'iommus=2' && x !== 'earlier');
  if (odd !== undefined) return no(`iommus=2 and earlier may stand behind a scenario, not ${odd}`);
  const m = MEMORIES.find((x) => x === memory);
  const g = GRANULARITIES.find((x) => x === granularity);
  const l = LOCKS.find((x) => x === lock);
  if (!l) return no(`the lock reaches none, static or global, not ${lock}`);
  const e = codeOf(era, l);
  if (e === null) return no(`the model has no era ${era}`);
  if (typeof e === 'string') return no(e);
  if (!d) return no(`the model has no driver ${driver}`);
  if (!s) return no(`the model has no scenario ${scenarioId}`);
  if (!m) return no(`memory is kasan or plain, not ${memory}`);
  if (!g) return no(`granularity is compiled, source or merged, not ${granularity}`);
  const never = absence(d, e.id) ?? misfit(s, d);
  if (never) return no(never);
  const threads: number[] = [];
  for (const run of schedule === '' ? [] : schedule.split(',')) {
    const match = /^(\d)(?:x(\d{1,4}))?$/.exec(run);
    if (!match) return no(`"${run}" is not a run of steps such as 1x12`);
    for (let i = Number(match[2] ?? 1); i > 0; i--) threads.push(Number(match[1]));
  }
  const setUp: SetUp = {
    ...{ era: e, driver: d, scenario: s, memory: m, granularity: g, lock: l },
    ...(more.includes('iommus=2') ? { iommus: 2 } : {}),
    ...(more.includes('earlier') ? { earlier: true } : {}),
  };
  return { ok: true, setUp, threads };
}

/**
 * Function traces of real kernels against the model: as they are, and changed. What a changed trace should come to is said here by reasons of its own
 * (what the kernel's functions must call, what another device's probe may look like), never by the search that is tested.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../src/parser/parse.ts';
import type { Event, ParsedLog } from '../../src/parser/types.ts';
import { judgeTrace } from '../../src/reconstruct/verdict/conform.ts';
import { conform } from '../../src/sim/conform/conform.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { processorTime } from '../processor-time.ts';
import { size, thinned } from '../size.ts';

type TraceEvent = Extract<Event, { kind: 'ftrace' }>;

/** What truly happened, from the test bench's own account: pids, and the line of the walk's visit to the client. */
interface Story {
  readonly file: string;
  readonly era: string;
  readonly fixed: string;
  readonly scenario: string;
  readonly outcome: string;
  /** Tasks of the client's attempts in order, and of the registration. */
  readonly client: readonly number[];
  readonly walk: number;
  /** First line of the visit, and of the walk's dev_iommu_free() there (null: it never came to it). */
  readonly visit: number;
  readonly free: number | null;
}

const STORIES: readonly Story[] = [
  {
    file: '6.1-trace-appledart-race-null-priv-01',
    era: 'E',
    fixed: 'F61',
    scenario: 'deferred-retry',
    outcome: 'null-write dev_iommu.priv in apple_dart_of_xlate',
    client: [50, 36],
    walk: 51,
    visit: 155,
    free: 173,
  },
  {
    file: '6.1-trace-appledart-double-alloc-01',
    era: 'E',
    fixed: 'F61',
    scenario: 'first-probe',
    outcome: 'null-write dev_iommu.priv in apple_dart_of_xlate',
    client: [52],
    walk: 50,
    visit: 147,
    free: 160,
  },
  {
    file: '6.1-trace-smmuv3-race-fwspec-null-ops-01',
    era: 'E',
    fixed: 'F61',
    scenario: 'deferred-retry',
    outcome: 'null-read fwspec.ops in of_iommu_configure',
    client: [50, 34],
    walk: 51,
    visit: 157,
    free: 178,
  },
  {
    file: '6.6-trace-sprd-race-half-xlated-01',
    era: 'E2',
    fixed: 'F',
    scenario: 'first-probe',
    outcome: 'null-read iommu_device.dev in iommu_device_link',
    client: [56],
    walk: 54,
    visit: 164,
    free: null,
  },
];

const REVERTED = { notFixed: ['a2e7e59a9426'] };

const read = (file: string) => readFileSync(`test/fixtures/logs/${file}.log`);

function parse(text: Uint8Array): ParsedLog {
  return parseLog(text, { name: 'trace' })[0]!;
}

const isTrace = (e: Event): e is TraceEvent => e.kind === 'ftrace';

function callsOf(log: ParsedLog): readonly TraceEvent[] {
  return log.events.filter(isTrace).filter((e) => e.parent !== null);
}

/** The log with these calls for its own. */
function withCalls(log: ParsedLog, calls: readonly TraceEvent[]): ParsedLog {
  return { ...log, events: [...log.events.filter((e) => !isTrace(e)), ...calls] };
}

function conforms(log: ParsedLog, calls: readonly TraceEvent[]): boolean {
  return judgeTrace(withCalls(log, calls), REVERTED).answer!.accepted;
}

/**
 * May a task that probes devices without "iommus" make these calls? A probe is really_probe, of_iommu_configure if the device has a node, probes of what
 * its driver adds, and driver_bound unless it failed.
 */
function isProbes(names: readonly string[]): boolean {
  const probes = (from: number): ReadonlySet<number> => {
    const ends = new Set([from]);
    for (const at of ends) {
      if (names[at] !== 'really_probe') continue;
      const configured = names[at + 1] === 'of_iommu_configure' ? [at + 1, at + 2] : [at + 1];
      for (const body of configured)
        for (const end of probes(body))
          for (const to of names[end] === 'driver_bound' ? [end, end + 1] : [end]) ends.add(to);
    }
    return ends;
  };
  return probes(0).has(names.length);
}

/** Why a trace without this call is still one that a kernel can make, or null: then the model must refuse it. */
function mayBeMissing(story: Story, calls: readonly TraceEvent[], at: number): string | null {
  const call = calls[at]!;
  if (call.pid === story.walk) {
    if (call.function === 'driver_bound') return 'the last call of its task: it had not come to it yet';
    if (call.function !== 'bus_iommu_probe') return null;
    const buses = calls.filter((c) => c.function === 'bus_iommu_probe');
    if (buses.length === 1) return 'static: a compiler that merges it into its caller leaves no call at all';
    return call === buses[0] ? null : 'the visits behind it are of the same bus then';
  }
  if (story.client.includes(call.pid!)) return null;
  const rest = calls.filter((c, i) => i !== at && c.pid === call.pid).map((c) => c.function);
  return isProbes(rest) ? 'a probe of another device that failed, or has no node' : null;
}

function namesOf(calls: readonly TraceEvent[], pid: number | null): readonly string[] {
  return calls.filter((c) => c.pid === pid).map((c) => c.function);
}

function swapped(calls: readonly TraceEvent[], i: number, j: number): readonly TraceEvent[] {
  const copy = calls.slice();
  copy[i] = calls[j]!;
  copy[j] = calls[i]!;
  return copy;
}

/** The log as tracefs shows it in the file "trace", and as trace-cmd prints it. */
function asTraceFile(calls: readonly TraceEvent[]): string {
  const rows = calls.map(
    ({ task, pid, cpu, traceTime, text }) =>
      `${`${task}-${pid}`.padStart(16)}      [00${cpu}] .....  ${(traceTime / 1e6).toFixed(6)}: ${text}`,
  );
  return ['# tracer: function', '#', '#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION', ...rows, ''].join(
    '\n',
  );
}

function asTraceCmd(calls: readonly TraceEvent[]): string {
  const rows = calls.map(
    (c) =>
      `${`${c.task}-${c.pid}`.padStart(20)} [00${c.cpu}] ${(c.traceTime / 1e6).toFixed(6)}: function:             ${c.function} <-- ${c.parent}`,
  );
  return ['cpus=4', ...rows, ''].join('\n');
}

describe.each(STORIES)('the trace $file', (story) => {
  const log = parse(read(story.file));
  const calls = callsOf(log);
  const { answer, because, other } = judgeTrace(log, REVERTED);

  it('is a behaviour of the model, in the story that the test bench tells', () => {
    expect(because).toEqual([]);
    expect(answer).toMatchObject({
      accepted: true,
      era: story.era,
      scenario: story.scenario,
      outcome: story.outcome,
      explained: { k: calls.length + 1, n: calls.length + 1 },
      firstUnexplained: null,
    });
    expect(other).toBeGreaterThan(5);
    const tasks = (role: string) => [
      ...new Set(answer!.roles.filter((r) => r.role === role).map((r) => Number(r.task))),
    ];
    expect(tasks('client')).toEqual(story.client);
    expect(tasks('walk')).toEqual([story.walk]);
    const visit = answer!.assigned.find((a) => a.by.is === 'thread' && a.call.fn === '__iommu_probe_device');
    expect(visit?.call.line).toBe(story.visit);
    expect(answer!.assigned.some((a) => a.by.is === 'other client')).toBe(false);
  });

  it('takes for the client what the bench printed about the client, which the search does not read', () => {
    const printed = log.events.filter(isTrace).filter((e) => e.text.includes('5f100000.dma-controller'));
    expect(printed.length).toBeGreaterThan(5);
    const bys = new Map(answer!.assigned.map((a) => [a.call.line, a.by.is]));
    for (const { span, pid } of printed) {
      const before = calls.findLast((c) => c.pid === pid && c.span.line < span.line)!;
      expect([before.span.line, bys.get(before.span.line)]).toEqual([before.span.line, 'thread']);
    }
  });

  it('is none of code that has the fix', () => {
    const fixed = judgeTrace(log);
    expect(fixed.answer).toMatchObject({ accepted: false, era: story.fixed, outcome: null });
    expect(fixed.because.join()).toContain('--not-fixed a2e7e59a9426');
  });

  it('needs each of its calls, but for those that a kernel need not make', () => {
    const legitimate: string[] = [];
    const dropped = thinned(calls.entries(), 6);
    for (const [i, call] of dropped) {
      const why = mayBeMissing(story, calls, i);
      const found = conforms(
        log,
        calls.filter((_, j) => j !== i),
      );
      expect([call.span.line, call.function, found]).toEqual([call.span.line, call.function, why !== null]);
      if (why !== null) legitimate.push(why);
    }
    console.log(
      `${story.file}: dropped ${dropped.length}, rejected ${dropped.length - legitimate.length}, still behaviours ${legitimate.length}`,
    );
    expect(legitimate.length).toBeLessThan(dropped.length / size(2, 3));
  });

  it('needs every task to make its calls in their order', () => {
    let tried = 0;
    let rejected = 0;
    for (const [i, call] of thinned(calls.entries(), 6, 1)) {
      const j = calls.findIndex((c, k) => k > i && c.pid === call.pid);
      if (j < 0 || calls[j]!.text === call.text) continue;
      const changed = swapped(calls, i, j);
      const model = [story.walk, ...story.client].includes(call.pid!);
      const right = !model && isProbes(namesOf(changed, call.pid));
      tried++;
      if (!right) rejected++;
      expect([call.span.line, calls[j]!.span.line, conforms(log, changed)]).toEqual([
        call.span.line,
        calls[j]!.span.line,
        right,
      ]);
    }
    console.log(
      `${story.file}: swapped within a task ${tried}, rejected ${rejected}, still behaviours ${tried - rejected}`,
    );
    expect(rejected).toBeGreaterThan(tried / 2);
  });

  it('lets neighbours of different tasks change places: entering a function touches nothing yet', () => {
    let tried = 0;
    for (let i = 0; i + 1 < calls.length; i++) {
      if (calls[i]!.pid === calls[i + 1]!.pid) continue;
      tried++;
      expect([calls[i]!.span.line, conforms(log, swapped(calls, i, i + 1))]).toEqual([calls[i]!.span.line, true]);
    }
    console.log(`${story.file}: swapped between tasks ${tried}, still behaviours ${tried}`);
    expect(tried).toBeGreaterThan(2);
  });

  it('is none without the client, or without the registration', () => {
    expect(
      conforms(
        log,
        calls.filter((c) => !story.client.includes(c.pid!)),
      ),
    ).toBe(false);
    expect(
      conforms(
        log,
        calls.filter((c) => c.pid !== story.walk),
      ),
    ).toBe(false);
  });

  // The call that follows dev_iommu_free() in its task shows that it was over: dev->iommu was NULL by then. Before the client's last call here it
  // had not stored its fwspec yet (or still had calls to make that a NULL dev->iommu forbids), and nothing else would free what it stores after.
  it.runIf(story.free !== null)('needs the walk to free what the client has just made: never earlier', () => {
    const attempt = story.client.at(-1)!;
    const block = calls.filter((c) => c.pid === story.walk && c.span.line >= story.free!);
    const rest = calls.filter((c) => !block.includes(c));
    const places = rest.flatMap((c, i) => (c.pid === attempt ? [i] : []));
    for (const at of places) expect([at, conforms(log, rest.toSpliced(at, 0, ...block))]).toEqual([at, false]);
    expect(conforms(log, rest.toSpliced(places.at(-1)! + 1, 0, ...block))).toBe(true);
    console.log(`${story.file}: free moved between the client's calls ${places.length + 1}, rejected ${places.length}`);
  });

  it('is read from the file "trace" and from trace-cmd as well, and refused there if changed', () => {
    const driver = answer!.driver;
    const traced = /ftrace_filter=(\S+)/.exec(log.events.find((e) => e.kind === 'cmdline')!.text)![1]!;
    const options = { ...REVERTED, kernel: story.era === 'E' ? '6.1.192' : '6.6.17', driver, traced };
    for (const form of [asTraceFile, asTraceCmd]) {
      const judged = judgeTrace(parse(Buffer.from(form(calls))), options);
      expect(judged.answer).toMatchObject({ accepted: true, explained: { k: calls.length, n: calls.length } });
      const visit = calls.findIndex((c) => c.function === 'of_iommu_xlate');
      const without = judgeTrace(parse(Buffer.from(form(calls.toSpliced(visit, 1)))), options);
      expect(without.answer).toMatchObject({ accepted: false });
    }
  });
});

describe('a trace of which calls are lost', () => {
  const [story] = STORIES;
  const text = read(story!.file).toString().split('\n');
  const cut = text.findIndex((line) => line.includes('bus_iommu_probe <-')) + 1;
  const lossy = (lines: readonly string[]) => parse(Buffer.from(lines.join('\n')));
  const lost = text.toSpliced(cut, 0, '[    4.006600] CPU:3 [LOST 7 EVENTS]');

  it('is judged behind the loss, and said so', () => {
    const judged = judgeTrace(lossy(lost), REVERTED);
    expect(judged.lost).toBe(cut + 1);
    expect(judged.because.join()).toContain(`calls before line ${cut + 1} are lost`);
    const behind = callsOf(lossy(lost)).filter((c) => c.span.line > cut).length;
    expect(judged.answer).toMatchObject({ accepted: true, explained: { k: behind + 1, n: behind + 1 } });
  });

  it('is refused if it is changed there', () => {
    const at = lost.findLastIndex((line) => line.includes('of_iommu_xlate <-'));
    const judged = judgeTrace(lossy(lost.toSpliced(at, 1)), REVERTED);
    expect(judged.answer).toMatchObject({ accepted: false });
    expect(judged.answer!.firstUnexplained).toBe(at + 1);
  });
});

describe('the search', () => {
  it('names what the task could have called instead', () => {
    const log = parse(read(STORIES[0]!.file));
    const calls = callsOf(log);
    const init = calls.findIndex((c) => c.function === 'iommu_fwspec_init' && c.pid === 36);
    const { answer } = judgeTrace(withCalls(log, calls.toSpliced(init - 1, 1)), REVERTED);
    expect(answer).toMatchObject({ firstUnexplained: calls[init]!.span.line, explained: { k: init - 1 } });
    expect(answer!.expected).toEqual(['of_iommu_xlate <-of_iommu_configure']);
  });

  it('does not explain the removal of a device, which the model does not have', () => {
    const log = parse(read(STORIES[0]!.file));
    const calls = callsOf(log);
    const removal = { ...calls[5]!, function: 'iommu_release_device', parent: 'iommu_bus_notifier' };
    expect(conforms(log, calls.toSpliced(6, 0, removal))).toBe(false);
  });

  it('takes time in proportion to the trace, whatever other devices do', () => {
    const log = parse(read(STORIES[0]!.file));
    const calls = callsOf(log);
    const others = Array.from({ length: 600 }, (_, i) =>
      calls.slice(0, i % 3 === 0 ? 2 : 3).map((c) => ({ ...c, pid: 1000 + (i % 200) })),
    ).flat();
    expect(processorTime(() => expect(conforms(log, [...others, ...calls])).toBe(true))).toBeLessThan(10_000);
  });

  it('ends, and explains no more than there is, whatever calls it is given', () => {
    const fns = [
      'really_probe',
      'driver_bound',
      'of_iommu_configure',
      'of_iommu_xlate',
      'iommu_fwspec_init',
      'iommu_fwspec_free',
      '__iommu_probe_device',
      'dev_iommu_free',
      'iommu_device_register',
      'bus_iommu_probe',
    ];
    const call = fc.record({
      task: fc.constantFrom('1', '2', '3'),
      fn: fc.constantFrom(...fns),
      parent: fc.constant(null),
    });
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    console.log(`random calls: SEED=${seed}`);
    fc.assert(
      fc.property(
        fc.array(call, { maxLength: 12 }),
        fc.boolean(),
        fc.constantFrom(...ERAS.keys()),
        fc.constantFrom(...DRIVERS.keys()),
        (list, fromBoot, era, driver) => {
          const calls = list.map((c, i) => ({ ...c, line: i + 1 }));
          const trace = {
            calls,
            filter: new Set<string>(),
            lost: false,
            fromBoot,
            crash: null,
            memory: 'plain' as const,
          };
          const { accepted, explained, firstUnexplained, assigned } = conform(
            trace,
            ERAS.get(era)!,
            DRIVERS.get(driver)!,
          );
          expect(explained.n).toBe(list.length);
          expect(accepted).toBe(explained.k === explained.n);
          expect(firstUnexplained).toBe(accepted ? null : explained.k + 1);
          expect(assigned.map((a) => a.call)).toEqual(calls.slice(0, assigned.length));
        },
      ),
      { seed, numRuns: size(30, 600) },
    );
  });
});

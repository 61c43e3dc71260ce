/** A triage as the contract's object (schema/triage.schema.json). What a report needs beside it stays out; numbers that can be large are strings. */

import type { Frame, Incident } from '../parser/types.ts';
import type { Fault, JudgedCrash, SearchBounds, Triage, Verdict } from '../reconstruct/types.ts';
import { nameOfCode } from '../sim/eras/record.ts';
import { jsonText } from './safe/sanitize.ts';
import { nextSteps } from './story/next.ts';

export const TRIAGE_SCHEMA = 'oopsreplay/triage/1';

const hex = (value: bigint | null) => (value === null ? null : `0x${BigInt.asUintN(64, value).toString(16)}`);

function frameJson(frame: Frame) {
  const { symbol, offset, size, module, reliable, line } = frame;
  return { symbol, offset, size, module, reliable, line };
}

function faultJson(fault: Fault) {
  return {
    address: hex(fault.address),
    access: fault.access,
    fields: fault.fields,
    decoded: fault.decoded,
    shape: fault.shape,
    because: fault.because.map(({ text, lines }) => ({ text, lines })),
  };
}

function verdictJson(verdict: Verdict) {
  const { explained, interleavings, cause, search } = verdict;
  return {
    class: verdict.class,
    hypothesis: verdict.hypothesis,
    outcome: verdict.outcome,
    outcomes: verdict.outcomes.map(({ outcome, hypothesis, crashing }) => ({ outcome, hypothesis, crashing })),
    explained: { k: explained.k, n: explained.n, firstUnexplained: explained.firstUnexplained },
    interleavings: interleavings && {
      all: interleavings.all,
      consistent: interleavings.consistent,
      crashing: interleavings.crashing,
      throughRace: interleavings.throughRace,
    },
    witness: verdict.witness,
    preemptions: verdict.preemptions,
    rivals: verdict.rivals.map(({ hypothesis, status, because, lines, own }) => ({
      hypothesis,
      status,
      because,
      lines,
      ...(own === undefined ? {} : { explained: own?.explained ?? null, crashing: own?.crashing ?? null }),
      ...(own === undefined ? {} : { search: own === null ? null : searchJson(own.search) }),
    })),
    because: verdict.because.map(({ text, lines }) => ({ text, lines })),
    settle: verdict.settle.map(({ text, command }) => ({ text, command })),
    sentence: verdict.sentence,
    cause: cause && { before: cause.before, after: cause.after, text: cause.text },
    search: search && searchJson(search),
  };
}

function searchJson(search: SearchBounds) {
  return {
    era: search.era,
    driver: search.driver,
    scenario: search.scenario,
    threads: search.threads,
    devices: search.devices,
    instances: search.instances,
    states: search.states,
    exhaustive: search.exhaustive,
    memory: search.memory,
    granularity: search.granularity,
  };
}

/** From the first byte of the report's first line; the end is that of its span. */
function crashJson(crash: JudgedCrash) {
  const incident: Incident = crash.incident;
  return {
    title: incident.title,
    altTitles: incident.altTitles,
    type: incident.type,
    corrupted: incident.corrupted,
    line: incident.span.line,
    lastLine: incident.lastLine,
    bytes: [incident.span.from, incident.span.to],
    cpu: incident.cpu,
    pid: incident.pid,
    comm: incident.comm,
    workqueue: incident.workqueue,
    function: crash.function,
    frames: incident.frames.map(frameJson),
    fault: crash.fault && faultJson(crash.fault),
    verdict: verdictJson(crash.verdict),
    ...(crash.places === undefined ? {} : { places: crash.places }),
  };
}

/**
 * One boot, judged, as plain JSON data: shape "oopsreplay/triage/1", key order fixed. Addresses are hexadecimal strings ("0x40"), counts of
 * interleavings decimal strings. Text of the log is in it as it was; `triageJsonText` makes it safe to print.
 */
export function toTriageJson(triage: Triage) {
  const { source } = triage.log;
  const { kernel, alignment } = triage;
  return {
    schema: TRIAGE_SCHEMA,
    source: {
      name: source.name,
      bytes: source.bytes,
      lines: source.lines,
      framings: source.framings,
      boot: source.boot,
      boots: source.boots,
      kernelLog: source.kernelLog,
      ...(source.goesOn === true ? { goesOn: true } : {}),
    },
    kernel: {
      release: kernel.release,
      era: kernel.era,
      eras: kernel.eras,
      ...(kernel.code === undefined ? {} : { code: { name: nameOfCode(kernel.code), features: kernel.code } }),
      arch: kernel.arch,
      driver: kernel.driver,
      fix: { commit: kernel.fix.commit, status: kernel.fix.status, because: kernel.fix.because },
    },
    crashes: triage.crashes.map(crashJson),
    fragments: triage.fragments.map(({ span, text, completions }) => ({ line: span.line, text, completions })),
    verdict: verdictJson(triage.verdict),
    ...(alignment === null
      ? {}
      : {
          alignment: {
            baseline: alignment.baseline,
            registering: alignment.registering,
            because: alignment.claims.map(({ text, lines }) => ({ text, lines })),
          },
        }),
    next: nextSteps(triage).map(({ text, command }) => ({ text, command })),
    advice: triage.advice.map(({ text, lines }) => ({ text, lines })),
    diagnostics: triage.diagnostics.map(({ code, text, line }) => ({ code, text, line })),
  };
}

/** `ndjson`: one line for one log. */
export function triageNdjsonLine(triage: Triage): string {
  return `${jsonText(toTriageJson(triage))}\n`;
}

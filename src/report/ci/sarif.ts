/**
 * `--format sarif`: SARIF 2.1.0 (OASIS), a result for each judged crash, the hypotheses as rules, the log as the place, the lines of the evidence as
 * related places, and the witness as a code flow with a thread flow for each thread. A log without a crash is a result that passed.
 */
import { ofUtf8, utf8 } from '../../bytes.ts';
import type { JudgedCrash, Triage, Verdict } from '../../reconstruct/types.ts';
import type { HypothesisId, Witness } from '../../sim/types.ts';
import { jsonText, sanitize } from '../safe/sanitize.ts';
import { HYPOTHESES, withoutMarks } from '../story/wording.ts';

const RACE: HypothesisId = 'xlate-vs-probe-free';
const RULES = Object.keys(HYPOTHESES) as HypothesisId[];
const LINES_PER_CLAIM = 6;

/** "[words](where)" would be a link (3.11.6): the parenthesis is shown, as an escape, where one follows a bracket. */
const message = (text: string) => ({ text: sanitize(withoutMarks(text)).replaceAll('](', ']\\x28') });

/** A path as a URI reference: relative ones stay so, to be resolved by who reads the file. */
function uriOf(name: string): string {
  if (name === '-') return 'stdin';
  // A lone surrogate, which no URI can have, becomes U+FFFD in UTF-8.
  const path = utf8(ofUtf8(name)).split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}

function place(triage: Triage, first: number | null, last = first) {
  const artifactLocation = { uri: uriOf(triage.log.source.name) };
  const region = first === null ? {} : { region: { startLine: first, endLine: last ?? first } };
  return { physicalLocation: { artifactLocation, ...region } };
}

/**
 * The rule, and how it came out. Another bug that explains the crash is a finding as well, though not the one that is looked for; only what fails may
 * have a level (3.27.10).
 */
function judgement({ class: is, hypothesis, contradiction }: Verdict) {
  switch (is) {
    case 'confirmed':
      return { ruleId: RACE, kind: 'fail', level: 'error' };
    case 'possible':
      if (contradiction) return { ruleId: RACE, kind: 'review', level: 'none' };
      return { ruleId: RACE, kind: 'fail', level: 'warning' };
    case 'insufficient':
      return { ruleId: RACE, kind: 'open', level: 'none' };
    case 'excluded':
      return hypothesis === null || hypothesis === RACE
        ? { ruleId: RACE, kind: 'pass', level: 'none' }
        : { ruleId: hypothesis, kind: 'fail', level: 'note' };
    case 'no-crash':
      return { ruleId: RACE, kind: 'pass', level: 'none' };
  }
}

function codeFlow(story: Witness) {
  const threadFlows = story.threads.map((name, thread) => ({
    message: message(name),
    locations: story.steps.flatMap((step, i) => {
      if (step.thread !== thread) return [];
      const where = { fullyQualifiedName: sanitize(step.fn), kind: 'function' };
      const fault = step.outcome === null ? '' : ` *** ${step.outcome}`;
      return [
        {
          executionOrder: i + 1,
          location: { message: message(step.text + fault), logicalLocations: [where] },
          state: Object.fromEntries(Object.entries(step.after).map(([key, value]) => [key, message(value)])),
        },
      ];
    }),
  }));
  return { message: message(story.replay), threadFlows: threadFlows.filter((flow) => flow.locations.length > 0) };
}

/** The result of one crash, or of a log without any. */
function resultOf(triage: Triage, verdict: Verdict, crash: JudgedCrash | null) {
  const rule = judgement(verdict);
  const line = crash?.incident.span.line ?? triage.fragments[0]?.span.line ?? null;
  const related = verdict.because.flatMap(({ text, lines }) =>
    lines.slice(0, LINES_PER_CLAIM).map((at) => ({
      message: message(`${text}: ${(triage.log.lineText(at) ?? '').trim()}`),
      ...place(triage, at),
    })),
  );
  return {
    ...rule,
    ruleIndex: RULES.indexOf(rule.ruleId as HypothesisId),
    message: message(verdict.sentence),
    locations: [place(triage, line, crash?.incident.lastLine ?? line)],
    ...(related.length === 0 ? {} : { relatedLocations: related }),
    ...(verdict.story === null ? {} : { codeFlows: [codeFlow(verdict.story)] }),
    ...(crash === null ? {} : { partialFingerprints: { 'crashTitle/v1': sanitize(crash.incident.title) } }),
    properties: { class: verdict.class, outcome: verdict.outcome, boot: triage.log.source.boot },
  };
}

/** Each crash's result as text, to be put between `sarifFrame`'s halves with commas: thousands of logs may be more than one string can hold. */
export function sarifResults(triage: Triage): readonly string[] {
  const of = triage.crashes.map((crash) => resultOf(triage, crash.verdict, crash));
  const results = of.length === 0 ? [resultOf(triage, triage.verdict, null)] : of;
  return results.map((result) => jsonText(result, 2).replaceAll('\n', '\n        '));
}

/** What stands before the first result, and behind the last. */
export function sarifFrame(): readonly [before: string, behind: string] {
  const rules = RULES.map((id) => ({
    id,
    shortDescription: { text: `${HYPOTHESES[id]}.` },
    defaultConfiguration: { level: id === RACE ? 'error' : 'note' },
  }));
  const run = { tool: { driver: { name: 'oopsreplay', rules } }, columnKind: 'utf16CodeUnits', results: [] };
  const $schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
  const [before, behind] = jsonText({ $schema, version: '2.1.0', runs: [run] }, 2).split('[]');
  return [`${before}[`, `]${behind}\n`];
}

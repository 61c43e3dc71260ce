/**
 * `--format kcidb`: issues and incidents as KCIDB takes them (kcidb-io, schema version 5.3). An issue for each hypothesis that a log bears on, an
 * incident for each boot and issue. Who submits them adds the build_id or test_id that the log is of, and may put the name of the own system for
 * the origin; nothing of the kind is made up here.
 */
import { hexOf, ofUtf8 } from '../../bytes.ts';
import type { Triage, VerdictClass } from '../../reconstruct/types.ts';
import type { HypothesisId } from '../../sim/types.ts';
import { jsonText, sanitize } from '../safe/sanitize.ts';
import { HYPOTHESES, sourceWords } from '../story/wording.ts';
import { crashLines, headlineText, sentenceText } from './shared.ts';

const ORIGIN = 'oopsreplay';

/** What only who submits knows: its own name, and the build or the test that the log is of (KCIDB wants one of the two in an incident). */
export interface Submission {
  readonly origin?: string;
  readonly buildId?: string;
  readonly testId?: string;
}
const RACE: HypothesisId = 'xlate-vs-probe-free';
/** Raised whenever an issue's object changes: the database keeps the highest only. */
const ISSUE_VERSION = 1;

/** Is the race in the log? Left out where that is not known: the schema has no other word for it. */
const PRESENT: Readonly<Record<VerdictClass, { readonly present?: boolean }>> = {
  confirmed: { present: true },
  possible: {},
  insufficient: {},
  excluded: { present: false },
  'no-crash': { present: false },
};

export interface KcidbIncident {
  readonly issue: HypothesisId;
  readonly incident: object;
}

/** The same log, boot and issue have the same id, whenever and wherever they are judged. */
async function idOf(triage: Triage, issue: HypothesisId, origin: string): Promise<string> {
  const { name, boot } = triage.log.source;
  const text = JSON.stringify([name, boot, crashLines(triage), issue]);
  const hash = await crypto.subtle.digest('SHA-256', ofUtf8(text));
  return `${origin}:${hexOf(new Uint8Array(hash)).slice(0, 32)}`;
}

async function incident(
  triage: Triage,
  issue: HypothesisId,
  present: { readonly present?: boolean },
  { origin = ORIGIN, buildId, testId }: Submission,
): Promise<KcidbIncident> {
  const { verdict, kernel } = triage;
  return {
    issue,
    incident: {
      id: await idOf(triage, issue, origin),
      origin,
      ...(buildId === undefined ? {} : { build_id: buildId }),
      ...(testId === undefined ? {} : { test_id: testId }),
      issue_id: `${origin}:${issue}`,
      issue_version: ISSUE_VERSION,
      ...present,
      comment: verdict.class === 'no-crash' ? headlineText(triage) : `${headlineText(triage)}. ${sentenceText(triage)}`,
      misc: {
        log: sanitize(sourceWords(triage)),
        line: crashLines(triage)?.[0] ?? null,
        class: verdict.class,
        outcome: verdict.outcome,
        witness: verdict.witness,
        kernel: kernel.release === null ? null : sanitize(kernel.release),
        fix: kernel.fix.status,
      },
    },
  };
}

/** Of the race always; of another hypothesis where that explains the crash. */
export async function kcidbIncidents(triage: Triage, by: Submission = {}): Promise<readonly KcidbIncident[]> {
  const { class: is, hypothesis, rivals } = triage.verdict;
  const explains = rivals.some((r) => r.hypothesis === hypothesis && r.status === 'explains');
  const other =
    hypothesis === null || hypothesis === RACE || !explains
      ? []
      : [await incident(triage, hypothesis, { present: true }, by)];
  return [await incident(triage, RACE, PRESENT[is], by), ...other];
}

export function kcidbFile(all: readonly KcidbIncident[], { origin = ORIGIN }: Submission = {}): string {
  const named = [...new Set(all.map(({ issue }) => issue))];
  const issues = named.map((id) => ({
    id: `${origin}:${id}`,
    version: ISSUE_VERSION,
    origin,
    report_subject: `${id}: ${HYPOTHESES[id]}`,
    culprit: { code: true, tool: false, harness: false },
    comment: id === RACE ? 'closed by a2e7e59a9426 ("iommu: Avoid more races around device probe")' : HYPOTHESES[id],
  }));
  const file = { version: { major: 5, minor: 3 }, issues, incidents: all.map(({ incident: one }) => one) };
  return `${jsonText(file, 2)}\n`;
}

/**
 * What a change did, for whoever reviews it: three lines of a comment (`--comment`), or annotations of a step of GitHub Actions. Against the base branch's store
 * what is new is what matters; without one, the news are said.
 */

import { codeSpan, prose, workflowCommand } from '../../report/safe/escape.ts';
import { sanitize } from '../../report/safe/sanitize.ts';
import type { Change, Difference } from '../compare.ts';
import type { Bucket } from '../statistics.ts';
import { number, plural, rowWords } from '../words.ts';
import { exampleOf, newsIn, type Page } from './page.ts';

/** Buckets named in a line. */
const MOST = 4;

const FIX = 'https://git.kernel.org/linus/a2e7e59a9426';

const isCrash = (b: Bucket) => b.title !== null || b.outcome !== null;
const isRace = (b: Bucket) => b.class === 'confirmed' || b.class === 'possible';

/** Where this ran, by the variables that GitHub and GitLab set for each job. */
export function runAddress(env: Readonly<Record<string, string | undefined>>): string | null {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, CI_JOB_URL: job } = env;
  const address = server && repository && run ? `${server}/${repository}/actions/runs/${run}` : job;
  return address !== undefined && /^https?:\/\/[\w.:/~%-]+$/.test(address) ? address : null;
}

export interface Links {
  /** The address of this batch's HTML page, where it is published. */
  readonly page: string | null;
  /** The address of the job. */
  readonly run: string | null;
}

function bucketLink({ id }: Bucket, { page }: Links): string {
  return page === null ? codeSpan(id) : `[${codeSpan(id)}](<${page}#${id}>)`;
}

function counted(differences: readonly Difference[], change: Change, words: (n: number) => string): readonly string[] {
  const n = differences.filter((d) => d.change === change && isCrash(d.bucket)).length;
  return n === 0 ? [] : [words(n)];
}

/** "2 buckets of crashes are new against the base branch (1 confirmed), 1 more often, 3 gone". */
function changeWords(differences: readonly Difference[]): string {
  const fresh = differences.filter((d) => d.change === 'new' && isCrash(d.bucket));
  const race = fresh.filter((d) => isRace(d.bucket)).length;
  const head =
    fresh.length === 0
      ? 'No crash is new against the base branch'
      : `${plural(fresh.length, 'bucket')} of crashes ${fresh.length === 1 ? 'is' : 'are'} new against the base branch${race > 0 ? ` (${number(race)} confirmed or possible)` : ''}`;
  return [
    head,
    ...counted(differences, 'more', (n) => `${number(n)} more often`),
    ...counted(differences, 'less', (n) => `${number(n)} less often`),
    ...counted(differences, 'gone', (n) => `${number(n)} gone`),
  ].join(', ');
}

/** Three lines of markdown. */
export function renderComment(page: Page, links: Links): string {
  const { differences, statistics } = page;
  const news = newsIn(page);
  const fresh = (differences ?? []).filter((d) => d.change === 'new' && isCrash(d.bucket));
  const named = (differences === null ? statistics.buckets.filter(isRace) : fresh.map((d) => d.bucket)).slice(0, MOST);
  const all = differences === null ? statistics.buckets.filter(isRace).length : fresh.length;
  const items = named.map(
    (b) => `${bucketLink(b, links)} ${b.class} in ${plural(b.logs, 'boot')}: ${prose(rowWords(b))}`,
  );
  const more = all > named.length ? [`${number(all - named.length)} more`] : [];
  const back = news.filter(({ kind }) => kind === 'reopened').map(({ text }) => prose(text));
  const rest = [
    ...(links.page === null ? [] : [`[all buckets](<${links.page}>)`]),
    ...(links.run === null ? [] : [`[logs of the job](<${links.run}>)`]),
    `[the fix](<${FIX}>)`,
  ];
  const said =
    news.find(({ kind }) => kind === 'race' || kind === 'quiet')?.text ?? `${plural(statistics.logs, 'boot')}`;
  return [
    `**oopsreplay**: ${prose(differences === null ? said : `${changeWords(differences)}; ${said}`)}.`,
    [...back, ...items, ...more].join('; ') || 'Nothing to look at.',
    rest.join(' | '),
  ]
    .map((line, i) => `${line}${i < 2 ? '  ' : ''}\n`)
    .join('');
}

/** Annotations: an error for each bucket of the race that is new or came back, a warning where something is open, a notice for another new crash. */
export function renderGithub(page: Page): string {
  const { differences, statistics } = page;
  const fresh =
    differences === null
      ? statistics.buckets.filter(isRace)
      : differences.flatMap((d) => (d.change === 'new' && isCrash(d.bucket) ? [d.bucket] : []));
  const back = newsIn(page).filter(({ kind }) => kind === 'reopened');
  const lines = [
    ...back.map(({ text }) => workflowCommand('error', { title: 'a known bucket is back' }, sanitize(text))),
    ...fresh.map((b) => {
      const command = b.class === 'confirmed' ? 'error' : b.class === 'possible' ? 'warning' : 'notice';
      const file = exampleOf(page, b);
      const title = `${differences === null ? '' : 'new: '}${b.class} ${b.id}`;
      return workflowCommand(
        command,
        { ...(file === null ? {} : { file }), title },
        sanitize(`${plural(b.logs, 'boot')}: ${rowWords(b)}`),
      );
    }),
  ];
  const said = differences === null ? '' : `${changeWords(differences)}; `;
  const summary = `${said}${newsIn(page)[0]?.text ?? plural(statistics.logs, 'boot')}`;
  return [...lines, workflowCommand('notice', { title: 'oopsreplay batch' }, sanitize(summary))].join('');
}

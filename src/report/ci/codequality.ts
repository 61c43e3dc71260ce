/**
 * `--format codequality`: the list that GitLab reads as a Code Quality report ("Code Quality report format"): an entry for each boot that crashed, or of which nobody
 * can tell, so that a merge request shows what is new. What it reads as words is words: descriptions are plain text there.
 */
import type { Triage } from '../../reconstruct/types.ts';
import { jsonText, sanitize } from '../safe/sanitize.ts';
import { decidingCrash } from '../story/wording.ts';
import { crashLines, headlineText, sentenceText } from './shared.ts';

type Severity = 'info' | 'minor' | 'major' | 'critical';

/** null: nothing to show. */
function severityOf({ verdict }: Triage): Severity | null {
  switch (verdict.class) {
    case 'confirmed':
      return 'critical';
    case 'possible':
      return 'major';
    case 'excluded':
      return 'minor';
    case 'insufficient':
      return 'info';
    case 'no-crash':
      return null;
  }
}

/** GitLab takes a path relative to the repository's root, without "./". */
function pathOf(name: string): string {
  return sanitize(name).replace(/^(?:\.\/+)+/, '') || 'log';
}

/** The entry of a boot; none where nothing crashed. */
export function codeQualityEntries(triage: Triage): readonly object[] {
  const severity = severityOf(triage);
  if (severity === null) return [];
  const { name, boot } = triage.log.source;
  const path = name === '-' ? 'stdin' : pathOf(name);
  const title = decidingCrash(triage)?.incident.title ?? '';
  return [
    {
      description: `${headlineText(triage)}. ${sentenceText(triage)}`,
      check_name: `oopsreplay/${triage.verdict.class}`,
      // The same crash of the same log is the same finding from run to run, wherever its lines stand.
      fingerprint: `oopsreplay:${path}:${boot}:${sanitize(title)}`,
      severity,
      location: { path, lines: { begin: crashLines(triage)?.[0] ?? 1 } },
    },
  ];
}

export function codeQualityFile(entries: readonly (readonly object[])[]): string {
  return `${jsonText(entries.flat(), 2)}\n`;
}

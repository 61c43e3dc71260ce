/**
 * `--format github`: annotations as GitHub's runner reads them from a step's output ("Workflow commands for GitHub Actions"), one for each boot: an
 * error where the race is confirmed, a warning where it is possible or the log contradicts its kernel, a notice otherwise; of a log without a
 * crash only a debug message.
 */
import type { Triage } from '../../reconstruct/types.ts';
import { workflowCommand } from '../safe/escape.ts';
import { sanitize } from '../safe/sanitize.ts';
import { crashLines, headlineText, nextSteps, sentenceText } from './shared.ts';

type Command = 'error' | 'warning' | 'notice' | 'debug';

function commandOf({ verdict }: Triage): Command {
  switch (verdict.class) {
    case 'confirmed':
      return 'error';
    case 'possible':
      return 'warning';
    case 'excluded':
    case 'insufficient':
      return 'notice';
    case 'no-crash':
      return 'debug';
  }
}

/** One line, with its line feed. */
export function githubLine(triage: Triage): string {
  const command = commandOf(triage);
  const { name } = triage.log.source;
  const headline = headlineText(triage);
  if (command === 'debug') return workflowCommand('debug', {}, `${sanitize(name)}: ${headline}`);
  const lines = crashLines(triage);
  const properties = {
    ...(name === '-' ? {} : { file: name }),
    ...(name === '-' || lines === null ? {} : { line: String(lines[0]), endLine: String(lines[1]) }),
    title: headline,
  };
  const next = nextSteps(triage).map(({ text, command }) => `- ${text}${command === null ? '' : `\n  ${command}`}`);
  const text = [sentenceText(triage), ...(next.length === 0 ? [] : ['next:', ...next])].join('\n');
  return workflowCommand(command, properties, text);
}

/**
 * `--format github`: annotations as GitHub's runner reads them from a step's output ("Workflow commands for GitHub Actions"), one for each boot: an
 * error where the race is confirmed, a warning where it is possible or the log contradicts its kernel, a notice otherwise; of a log without a
 * crash only a debug message.
 */
import type { Triage } from '../../reconstruct/types.ts';
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

/** The text behind the last "::". A line feed would end the command, and let the rest be read as another. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property's value, which a colon or a comma would end. */
function property(text: string): string {
  return data(sanitize(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** One line, with its line feed. */
export function githubLine(triage: Triage): string {
  const command = commandOf(triage);
  const { name } = triage.log.source;
  const headline = headlineText(triage);
  if (command === 'debug') return `::debug::${data(`${sanitize(name)}: ${headline}`)}\n`;
  const lines = crashLines(triage);
  const properties = [
    ...(name === '-' ? [] : [`file=${property(name)}`]),
    ...(name === '-' || lines === null ? [] : [`line=${lines[0]}`, `endLine=${lines[1]}`]),
    `title=${property(headline)}`,
  ];
  const next = nextSteps(triage).map(({ text, command }) => `- ${text}${command === null ? '' : `\n  ${command}`}`);
  const text = [sentenceText(triage), ...(next.length === 0 ? [] : ['next:', ...next])].join('\n');
  return `::${command} ${properties.join(',')}::${data(text)}\n`;
}

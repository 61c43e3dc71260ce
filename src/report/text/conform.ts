/** What `oopsreplay conform` prints: the answer first, then which task was which thread, or what the model expected instead. */

import type { Conformity } from '../../reconstruct/verdict/conform.ts';
import { plural, titleWords } from '../../words.ts';
import { sanitize } from '../safe/sanitize.ts';
import { kernelWords } from '../story/wording.ts';
import { hang } from './layout.ts';
import { tableLines } from './table.ts';

/** How to get a trace; the functions are those whose order tells the whole story. */
export const BOOT_WITH =
  'ftrace=function ftrace_filter=really_probe,driver_bound,driver_deferred_probe_check_state,of_iommu_configure,of_iommu_xlate,iommu_fwspec_init,iommu_fwspec_free,iommu_fwspec_add_ids,iommu_probe_device,__iommu_probe_device,dev_iommu_free,iommu_device_register,bus_iommu_probe ftrace_dump_on_oops trace_buf_size=64K';

const LABEL = 12;

/** One boot's answer as text of `columns` columns, with a line feed at its end. */
export function conformText(c: Conformity, columns = 80): string {
  const lines: string[] = [];
  const put = (label: string, text: string) =>
    lines.push(...hang(`  ${label.padEnd(LABEL - 2)}`, sanitize(text), columns));
  const [word, words] = headline(c);
  lines.push(...hang(`${word}  `, sanitize(words), columns));
  const kernel = kernelWords(c.kernel);
  if (kernel !== null) put('kernel', kernel);
  if (c.answer !== null) {
    put('judged as', `era ${c.answer.era}, ${c.answer.driver}, ${c.answer.scenario}`);
    put('trace', traceWords(c));
    if (c.crash !== null) put('crash', crashWords(c));
  }
  for (const why of c.answer === null ? c.because.slice(1) : c.because) put('note', why);
  if (c.answer === null && c.entries === 0) {
    lines.push('', ...hang('  ', 'to get one, add to the kernel command line', columns), `    ${BOOT_WITH}`);
    return `${lines.join('\n')}\n`;
  }
  if (c.answer !== null) lines.push('', ...(c.answer.accepted ? [] : unexplained(c, columns)), ...threads(c));
  return `${lines.join('\n')}\n`;
}

/** The answer in capitals, and in words. */
function headline({ answer, because, crash }: Conformity): readonly [string, string] {
  if (answer === null) return ['NOT JUDGED', because[0]!];
  const { k, n } = answer.explained;
  if (answer.accepted) return ['CONFORMS', `the trace is a behaviour of the model (explained ${k} of ${n})`];
  const first = answer.firstUnexplained === crash?.line ? `all but the crash` : `the first ${k} calls`;
  return ['DOES NOT CONFORM', `the trace is no behaviour of the model (explained ${k} of ${n}: ${first})`];
}

function traceWords({ answer, crash, ignored, other }: Conformity): string {
  const calls = answer!.explained.n - (crash === null ? 0 : 1);
  const more = [
    ...(ignored > 0 ? [`${plural(ignored, 'call')} of functions that the model says nothing about`] : []),
    ...(other > 0 ? [`${plural(other, 'line')} of the trace that ${other === 1 ? 'is no call' : 'are no calls'}`] : []),
  ];
  const left = more.length === 0 ? '' : `; not held against it: ${more.join(', ')}`;
  return `${plural(calls, 'call')}${crash === null ? '' : ' and the crash'} held against the model${left}`;
}

function crashWords({ crash, answer }: Conformity): string {
  const says = answer!.outcome === null ? 'not explained' : `explained as ${answer!.outcome}`;
  return `line ${crash!.line}, ${titleWords(crash!.title)}: ${says}`;
}

function unexplained(c: Conformity, columns: number): readonly string[] {
  const { firstUnexplained: line, expected } = c.answer!;
  const quoted = line === null ? null : c.log.lineText(line);
  const what =
    line === c.crash?.line
      ? 'every call is explained, but no behaviour with these calls ends in this crash:'
      : 'the first that no behaviour of the model has, after all that stands before it:';
  return [
    `  ${what}`,
    ...(quoted === null ? [] : [`    ${line}| ${sanitize(quoted)}`]),
    ...(expected.length === 0
      ? []
      : hang('  ', `this task could have gone on with ${expected.map(sanitize).join(', or ')}`, columns)),
    '',
  ];
}

/** Which task was which thread of the model, as far as the calls were explained. */
function threads({ answer, tasks }: Conformity): readonly string[] {
  const { roles, assigned } = answer!;
  const rest = assigned.filter(({ by }) => by.is !== 'thread');
  const others = rest.filter(({ by }) => by.is === 'other client').length;
  const left = `  ${plural(rest.length, 'call')} ${rest.length === 1 ? 'is' : 'are'} of other devices${others === 0 ? '' : `, ${others} of these of another client`}`;
  if (roles.length === 0) return [left];
  const rows = roles.map((r) => [
    sanitize(tasks.get(r.task) ?? r.task),
    r.what,
    String(r.calls),
    r.lines[0] === r.lines[1] ? String(r.lines[0]) : `${r.lines[0]} to ${r.lines[1]}`,
  ]);
  const table = tableLines([['task', 'thread of the model', 'calls', 'lines'], ...rows]);
  return [...table.map((l) => `  ${l}`), left];
}

/** The object of CONTRACT, "conform". */
export function conformJson({ log, kernel, answer, crash, tasks, because, lost, ignored, other }: Conformity) {
  return {
    schema: 'oopsreplay/conform/1',
    source: { name: log.source.name, boot: log.source.boot, boots: log.source.boots },
    release: kernel.release,
    era: answer?.era ?? kernel.era,
    driver: answer?.driver ?? kernel.driver,
    accepted: answer?.accepted ?? false,
    explained: answer?.explained ?? { k: 0, n: 0 },
    firstUnexplained: answer?.firstUnexplained ?? null,
    judged: answer !== null,
    scenario: answer?.scenario ?? null,
    outcome: answer?.outcome ?? null,
    crash: crash?.line ?? null,
    expected: answer?.expected ?? [],
    threads: (answer?.roles ?? []).map((r) => ({ ...r, task: tasks.get(r.task) ?? r.task })),
    calls: (answer?.assigned ?? []).map(({ call, by }) => ({
      line: call.line,
      task: tasks.get(call.task) ?? call.task,
      function: call.fn,
      parent: call.parent,
      by: by.is === 'thread' ? answer!.threads[by.thread]! : by.is,
    })),
    ignored,
    notCalls: other,
    lost,
    because,
  };
}

/** The crash as it was read, at the end of its article: so that a reader can tell a parsing error from a wrong conclusion. */

import type { JudgedCrash } from '../../reconstruct/types.ts';
import { plural } from '../../words.ts';
import { frameText, hex, registersOfInterest } from '../markdown/appendix.ts';
import { code, type Markup, markup } from '../safe/markup.ts';

const FRAMES_SHOWN = 40;
const MODULES_SHOWN = 60;

export function appendix({ incident, function: fn }: JudgedCrash): Markup {
  const { at, modules, frames } = incident;
  const rows: Markup[] = [];
  const put = (label: string, text: string | null | undefined, line?: number) => {
    if (text)
      rows.push(markup`<dt>${label}</dt><dd>${code(text)}${line === undefined ? '' : ` (line ${line})`}</dd>\n`);
  };
  put('title', incident.title);
  put('type', incident.type);
  put('function', fn);
  put('pc', incident.pc && frameText(incident.pc), at.pc);
  put('lr', incident.lr && frameText(incident.lr), at.lr);
  for (const name of registersOfInterest(incident))
    put('register', `${name} = ${hex(incident.registers.get(name)!, 16)}`, incident.registerLines.get(name));
  put('hardware', incident.hardware, at.hardware);
  put('build', incident.build);
  put('taint', incident.taint);
  const named = modules.slice(0, MODULES_SHOWN).map(({ name, state }) => (state === '' ? name : `${name}(${state})`));
  const more = modules.length > named.length ? ` ... and ${modules.length - named.length} more` : '';
  put('modules', named.join(' ') + more, incident.modulesLine ?? undefined);
  put('corrupted', incident.corrupted);
  const left = frames.length - FRAMES_SHOWN;
  const trace = [
    ...frames.slice(0, FRAMES_SHOWN).map(frameText),
    ...(left > 0 ? [`... ${plural(left, 'more frame')}`] : []),
  ];
  return markup`<dl class="facts">\n${rows}</dl>${
    incident.complete ? null : markup`\n<p>The end mark of the report is not in the log.</p>`
  }${frames.length === 0 ? null : markup`\n<pre tabindex="0"><code>${trace.join('\n')}</code></pre>`}`;
}

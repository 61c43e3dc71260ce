/** The crash as it was read, at the end of its article. */

import type { JudgedCrash } from '../../reconstruct/types.ts';
import { code, type Markup, markup } from '../safe/markup.ts';
import { asRead, framesRead } from '../story/as-read.ts';

export function appendix(crash: JudgedCrash): Markup {
  const rows = asRead(crash).map(({ label, text, line, more }) => {
    const all = more === null || more === 0 ? text : `${text} ... and ${more} more`;
    return markup`<dt>${label}</dt><dd>${code(all)}${line === null ? '' : ` (line ${line})`}</dd>\n`;
  });
  const frames = framesRead(crash.incident);
  return markup`<dl class="facts">\n${rows}</dl>${
    crash.incident.complete ? null : markup`\n<p>The end mark of the report is not in the log.</p>`
  }${frames.length === 0 ? null : markup`\n<pre tabindex="0"><code>${frames.join('\n')}</code></pre>`}`;
}

/**
 * The witness on the page: a table with a lane for each CPU, time running down, and what is shared after every step. It is whole without the script
 * (src/page/stepper.ts), which makes a stepper of it.
 */
import { plural } from '../../words.ts';
import { code, type Markup, markup, trusted } from '../safe/markup.ts';
import { jsonText } from '../safe/sanitize.ts';
import type { Otherwise, PageRun, PageStep, Story } from './shape.ts';

const lane = (thread: number) => `lane${thread % 3}`;

function preemptionWords(count: number): string {
  return count === 0 ? 'no preemption' : plural(count, 'preemption');
}

function stepCell(step: PageStep, before: PageStep | undefined): Markup {
  const entered = before?.thread !== step.thread || before.fn !== step.fn;
  const took = step.preempts && before !== undefined;
  return markup`${took ? markup`<span class="note">CPU${before.thread} is preempted</span>` : null}${
    // Where rows are left out, the script shows the name at the first of those that stay.
    markup`<span class="fn"${trusted(entered ? '' : ' hidden')}>${step.fn}()</span>`
  }<code class="statement">${step.text}</code>${step.reads === null ? null : markup` <span class="reads">reads ${step.reads}</span>`}${
    step.fault === null ? null : markup`<strong class="fault">*** ${step.fault}</strong>`
  }${step.log.map(({ line, text }) => markup`<span class="quote"><span class="line">line ${line}</span> <code>${text}</code></span>`)}`;
}

function rowOf(run: PageRun, i: number, story: Story, id: string): Markup {
  const step = run.steps[i]!;
  const before = run.steps[i - 1];
  const classes = [
    lane(step.thread),
    ...(step.matters ? ['matters'] : []),
    ...(step.fault === null ? [] : ['faults']),
    ...(i === story.common ? ['parts'] : []),
  ].join(' ');
  const lanes = story.threads.map((_, t) =>
    t === step.thread ? markup`<td class="step">${stepCell(step, before)}</td>` : markup`<td class="idle"></td>`,
  );
  const state = step.state.map((value, c) => {
    const changed = before !== undefined && before.state[c] !== value;
    return markup`<td class="state${changed ? ' changed' : ''}">${value === '' ? '–' : value}</td>`;
  });
  return markup`<tr id="${id}-${i + 1}" class="${classes}"><th scope="row">${i + 1}</th>${lanes}${state}</tr>\n`;
}

/** One run as a table. `id` is unique on the page. */
function runTable(run: PageRun, story: Story, id: string): Markup {
  const heads = story.threads.map(
    (name, t) =>
      markup`<th scope="col" class="${lane(t)}"><span class="cpu">CPU${t}</span> <span class="thread">${name}</span></th>`,
  );
  const columns = story.columns.map((name) => markup`<th scope="col" class="state">${name}</th>`);
  return markup`<div class="scroll" tabindex="0" role="group" aria-labelledby="${id}-caption">
<table class="lanes" id="${id}">
<caption id="${id}-caption">${run.name}: ${plural(run.steps.length, 'step')}, ${preemptionWords(run.preemptions)}; ends in ${run.ends}</caption>
<colgroup><col class="number">${story.threads.map(() => markup`<col class="lane">`)}${story.columns.map(() => markup`<col class="state">`)}</colgroup>
<thead><tr><th scope="col">step</th>${heads}${columns}</tr></thead>
<tbody>
${run.steps.map((_, i) => rowOf(run, i, story, id))}</tbody>
</table>
</div>`;
}

/** Buttons of the stepper; hidden until the script takes them over. */
function controls(story: Story, id: string): Markup {
  const [crash] = story.runs;
  const choice = story.runs.map(
    ({ name }, r) =>
      markup`<label><input type="radio" name="${id}-run" value="${r}"${r === 0 ? trusted(' checked') : null}> ${name}</label>`,
  );
  const runs = story.runs.length < 2 ? null : markup`<fieldset><legend>Run</legend>${choice}</fieldset>`;
  return markup`<div class="controls" hidden>
<div class="go" role="group" aria-label="Steps">
<button type="button" data-go="first">&laquo; First</button>
<button type="button" data-go="back">&lsaquo; Back</button>
<button type="button" data-go="next">Next &rsaquo;</button>
<button type="button" data-go="last">Last &raquo;</button>
<label class="slide"><span>Step</span> <input type="range" min="1" max="${crash!.steps.length}" value="1"></label>
</div>
<div class="choices">${runs}
<label><input type="checkbox" data-only> only steps that matter</label></div>
<p class="now" role="status" aria-live="polite"></p>
</div>`;
}

function panel(id: string): Markup {
  return markup`<div class="panel" role="group" aria-label="The step in full" hidden>
<table id="${id}-state"><caption>Shared state</caption><thead></thead><tbody></tbody></table>
<dl></dl>
<div class="log"></div>
</div>`;
}

function otherwiseItem(story: Story, { step, came }: Otherwise): Markup {
  const { fn, text, thread } = story.runs[0]!.steps[step[0]]!;
  return markup`<li>CPU${thread}, ${code(`${fn}()`)}: ${code(text)}: <strong class="fault">${came[0]}</strong> in the crash (step ${step[0] + 1}), <strong class="passes">${came[1]}</strong> in the passing run (step ${step[1] + 1})</li>`;
}

/** The nearest passing run in words: where it leaves the crash's way, and what comes to something else. */
function compared(story: Story): Markup {
  const { runs, common } = story;
  const [crash, passing] = runs;
  if (crash === undefined || passing === undefined || common === null)
    return markup`<p>No run of the same scenario passes: each that was looked at meets a memory error.</p>`;
  const runner = (run: PageRun) => {
    const thread = run.steps[common]?.thread;
    return thread === undefined ? 'nothing' : `CPU${thread} (${story.threads[thread]})`;
  };
  const of = story.exhaustive
    ? 'Of all runs of the scenario that pass'
    : 'The scenario is too large to be explored to its end, so that only the simplest runs were tried; of those that pass';
  return markup`<p>${of}, this one has the longest beginning in common with the crash: ${plural(common, 'step')}. At step ${common + 1} the crash lets ${runner(crash)} run, the passing run ${runner(passing)}. It ends in ${passing.ends}.</p>
${
  story.otherwise.length === 0
    ? null
    : markup`<p>The same steps then come to something else:</p>
<ul>
${story.otherwise.map((o) => markup`${otherwiseItem(story, o)}\n`)}</ul>`
}`;
}

/** JSON inside an element: no `<` in it, so that nothing in it ends the element. */
export function dataBlock(id: string, value: unknown): Markup {
  return trusted(`<script type="application/json" id="${id}">${jsonText(value).replaceAll('<', '\\u003c')}</script>`);
}

/** Everything of the witness below its heading. `id` is unique on the page. */
export function storySection(story: Story, id: string): Markup {
  const [crash, passing] = story.runs;
  const unlocked = markup`<p>This era of the code has no ${code('iommu_probe_device_lock')}.</p>`;
  return markup`<p>One interleaving of the model that ends in this crash, of those with the fewest preemptions (it takes ${preemptionWords(crash!.preemptions)}): every step, with what is shared after it. A value that changed is marked.</p>
${story.locked ? null : unlocked}
<div class="stepper" id="${id}-stepper">
${controls(story, `${id}-stepper`)}
<div class="stage">
<div class="runs">
<div class="run">${runTable(crash!, story, `${id}-crash`)}</div>
${passing === undefined ? null : markup`<div class="run">${runTable(passing, story, `${id}-passing`)}</div>`}
</div>
${panel(`${id}-stepper`)}
</div>
${dataBlock(`${id}-stepper-data`, story)}
</div>
<h4>Compared with the nearest passing run</h4>
${compared(story)}
<p>To run them again: ${story.runs.map((run, r) => markup`${r === 0 ? '' : ', '}${code(`oopsreplay replay ${run.replay}`)}`)}</p>`;
}

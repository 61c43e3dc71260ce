/** The page to paste a log into: what is on it and what its buttons do. Judging is the worker's; here text is only shown, and a report's markup put in. */
import { steppersIn } from '../page/stepper.ts';
import { answered, ask, stopWorker } from './ask.ts';
import { found } from './element.ts';
import { byName, dropped, filesOf, save } from './files.ts';
import type { Ask, Boot, Download, Given, Log, Question } from './messages.ts';
import { trust } from './trust.ts';

/** Rows of the list of boots; of more, the counts alone are shown. */
const MOST_ROWS = 1000;
/** Text that is put into the box; more is kept beside it. */
const MOST_TYPED = 1 << 20;

const [log, status, progress, cancel, list, rows, tools, report] = [
  found<HTMLTextAreaElement>('log'),
  found('status'),
  found<HTMLProgressElement>('progress'),
  found<HTMLButtonElement>('cancel'),
  found('list'),
  found<HTMLTableSectionElement>('rows'),
  found('tools'),
  found('report'),
];

const value = (id: string) => found<HTMLInputElement | HTMLSelectElement>(id).value.trim();

/** What a choice of the fix says: "present" and "absent" name the commit, "" leaves it to the release. */
function commits(id: string): Pick<Given, 'fixed' | 'notFixed'> {
  const [commit] = [found(id).dataset.commit ?? ''];
  const said = value(id);
  return said === '' ? {} : said === 'present' ? { fixed: [commit] } : { notFixed: [commit] };
}

function given(): Given {
  const [kernel, driver, arch] = [value('kernel'), value('driver'), value('arch')];
  return {
    ...(kernel === '' ? {} : { kernel }),
    ...(driver === '' ? {} : { driver }),
    ...(arch === '' ? {} : { arch: arch as Given['arch'] & string }),
    ...commits('fix'),
    redact: found<HTMLInputElement>('redact').checked,
  };
}

interface Row {
  readonly log: Log;
  readonly boot: Boot;
  readonly element: HTMLTableRowElement;
}

let busy = false;
let shown: Row[] = [];
let chosen: Row | null = null;
let pasted: Blob | null = null;

function say(text: string): void {
  status.textContent = text;
}

function work(on: boolean): void {
  busy = on;
  for (const id of ['judge', 'example', 'affected', 'simulate']) found<HTMLButtonElement>(id).disabled = on;
  progress.hidden = !on;
  cancel.hidden = !on;
  if (on) progress.removeAttribute('value');
}

/** Does one thing after the other; what fails is said. */
async function during(what: string, act: () => Promise<string>): Promise<void> {
  if (busy) return;
  work(true);
  say(what);
  try {
    say(await act());
  } catch (error) {
    say((error as Error).message);
  } finally {
    work(false);
  }
}

function show(row: Row): void {
  chosen = row;
  for (const one of shown) {
    one.element.classList.toggle('chosen', one === row);
    one.element.querySelector('button')?.setAttribute('aria-pressed', String(one === row));
  }
  report.replaceChildren();
  if (row.boot.html !== null) {
    report.innerHTML = trust.createHTML(row.boot.html);
    steppersIn(report);
  }
  tools.hidden = false;
}

function cell(text: string, className = ''): HTMLTableCellElement {
  const made = document.createElement('td');
  made.textContent = text;
  made.className = className;
  return made;
}

function add(of: Log, boot: Boot): Row {
  const element = document.createElement('tr');
  const open = document.createElement('button');
  open.type = 'button';
  open.textContent = boot.boot === 0 ? of.name : `${of.name}, boot ${boot.boot + 1}`;
  open.setAttribute('aria-pressed', 'false');
  const name = document.createElement('td');
  name.append(open);
  element.className = boot.class;
  element.append(
    name,
    cell(boot.word, 'word'),
    cell(boot.title),
    cell(boot.line === null ? '' : String(boot.line), 'number'),
  );
  const row: Row = { log: of, boot, element };
  open.addEventListener('click', () => void look(row));
  shown.push(row);
  if (shown.length <= MOST_ROWS) rows.append(element);
  return row;
}

/** The boot with its report; of many logs it is made when it is looked at. */
async function whole(row: Row): Promise<Row> {
  let html: string | null = null;
  await ask({ is: 'judge', log: row.log, given: given(), whole: true }, (answer) => {
    if (answer.is === 'boot' && answer.boot.boot === row.boot.boot) html = answer.boot.html;
  });
  const made: Row = { ...row, boot: { ...row.boot, html } };
  shown = shown.map((one) => (one === row ? made : one));
  return made;
}

async function look(row: Row): Promise<void> {
  // What the button was made for may have its report by now.
  const known = shown.find(({ element }) => element === row.element) ?? row;
  if (known.boot.html !== null) show(known);
  else
    await during(`judging ${row.log.name} ...`, async () => {
      const made = await whole(known);
      show(made);
      return made.boot.html === null ? 'this boot is one of too many: the command shows it' : summary();
    });
}

const STRENGTH = ['confirmed', 'possible', 'insufficient', 'excluded', 'no-crash'];
const byStrength = (a: Row, b: Row) => STRENGTH.indexOf(a.boot.class) - STRENGTH.indexOf(b.boot.class);

function summary(): string {
  const counts = new Map<string, number>();
  for (const { boot } of shown) counts.set(boot.word, (counts.get(boot.word) ?? 0) + 1);
  const words = [...counts].map(([word, count]) => (shown.length === 1 ? word : `${count} ${word}`)).join(', ');
  const hidden = shown.length > MOST_ROWS ? `; the first ${MOST_ROWS} are listed` : '';
  return shown.length === 1 ? words : `${shown.length} boots: ${words}${hidden}`;
}

async function judge(logs: readonly Log[]): Promise<void> {
  if (logs.length === 0) return;
  await during('judging ...', async () => {
    shown = [];
    chosen = null;
    rows.replaceChildren();
    report.replaceChildren();
    tools.hidden = true;
    list.hidden = true;
    const failed: string[] = [];
    for (const [i, one] of logs.entries()) {
      if (logs.length > 1) say(`judging ${i + 1} of ${logs.length}: ${one.name}`);
      try {
        await ask({ is: 'judge', log: one, given: given(), whole: logs.length === 1 }, (answer) => {
          if (answer.is === 'progress' && answer.whole > 0) {
            progress.max = logs.length;
            progress.value = i + answer.done / answer.whole;
          }
          if (answer.is === 'boot') add(one, answer.boot);
          list.hidden = shown.length < 2;
        });
      } catch (error) {
        const { message } = error as Error;
        if (logs.length === 1 || message === 'stopped') throw error;
        failed.push(`${one.name}: ${message}`);
      }
    }
    shown.sort(byStrength);
    rows.replaceChildren(...shown.slice(0, MOST_ROWS).map(({ element }) => element));
    const [best] = shown;
    if (best !== undefined) show(best.boot.html === null ? await whole(best) : best);
    const not =
      failed.length === 0 ? '' : `; not read: ${failed.slice(0, 3).join('; ')}${failed.length > 3 ? ' ...' : ''}`;
    return summary() + not;
  });
  found('result').scrollIntoView({ block: 'start' });
}

const ENDING: Readonly<Record<Download, readonly [string, string]>> = {
  markdown: ['md', 'text/markdown'],
  mail: ['mail.txt', 'text/plain'],
  json: ['json', 'application/json'],
  html: ['html', 'text/html'],
  text: ['txt', 'text/plain'],
};

async function download(format: Download): Promise<void> {
  const row = chosen;
  if (row === null) return;
  await during('writing ...', async () => {
    const text = await answered({ is: 'write', log: row.log, given: given(), format });
    const base = row.log.name === '-' ? 'report' : (row.log.name.split('/').at(-1) ?? 'report');
    const [ending, type] = ENDING[format];
    save(text, `${base}.${ending}`, type);
    return summary();
  });
}

function question(): Question {
  const driver = value('asked-driver');
  return { release: value('release'), driver: driver === '' ? null : driver, ...commits('asked-fix') };
}

function questionAsked(is: 'affected' | 'simulate', format: 'text' | 'json'): Ask {
  if (is === 'affected') return { is, question: question(), format };
  const [scenario, iommus, memory] = [value('scenario'), value('iommus'), value('memory')];
  return {
    is,
    question: question(),
    scenario,
    iommus: iommus as '1' | '2',
    memory: memory as 'kasan' | 'plain',
    format,
  };
}

async function askModel(is: 'affected' | 'simulate'): Promise<void> {
  if (question().release === '') {
    say('name a release, as uname -r prints it');
    found('release').focus();
    return;
  }
  const answer = found('answer');
  await during(is === 'affected' ? 'looking ...' : 'exploring ...', async () => {
    const text = await answered(questionAsked(is, 'text'));
    found('answer-text').textContent = text;
    answer.dataset.of = is;
    answer.hidden = false;
    return text.split('\n')[0] ?? '';
  });
}

function listen(): void {
  const typed = () => (pasted === null ? new Blob([log.value]) : pasted);
  found('judge').addEventListener('click', () => {
    const bytes = typed();
    if (bytes.size === 0) {
      say('paste a log first, or choose a file');
      log.focus();
    } else void judge([{ name: '-', bytes }]);
  });
  found('example').addEventListener('click', () => {
    pasted = null;
    log.value = found('sample').textContent ?? '';
    void judge([{ name: 'qcom-null-priv-5.10.log', bytes: new Blob([log.value]) }]);
  });
  // A box of megabytes makes a browser slow: a large paste is kept, not shown.
  log.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    pasted = null;
    if (text.length <= MOST_TYPED) return;
    event.preventDefault();
    pasted = new Blob([text]);
    log.value = '';
    log.placeholder = `${(pasted.size / 2 ** 20).toFixed(1)} MB pasted`;
    void judge([{ name: '-', bytes: pasted }]);
  });
  log.addEventListener('input', () => {
    pasted = null;
  });
  for (const id of ['files', 'folder']) {
    const input = found<HTMLInputElement>(id);
    input.addEventListener('change', () => {
      const logs = byName(filesOf(input.files ?? []));
      input.value = '';
      void judge(logs);
    });
  }
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dropping');
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    const { dataTransfer } = event;
    if (dataTransfer === null) return;
    if (dataTransfer.types.includes('Files'))
      dropped(dataTransfer).then(
        (logs) => judge(byName(logs)),
        (error: Error) => say(`what was dropped could not be read (${error.message}): choose it with a button instead`),
      );
    else {
      const text = dataTransfer.getData('text/plain');
      if (text !== '') void judge([{ name: '-', bytes: new Blob([text]) }]);
    }
  });
  cancel.addEventListener('click', stopWorker);
  for (const one of tools.querySelectorAll<HTMLButtonElement>('[data-format]'))
    one.addEventListener('click', () => void download(one.dataset.format as Download));
  found('question').addEventListener('submit', (event) => {
    event.preventDefault();
    void askModel('affected');
  });
  found('simulate').addEventListener('click', () => void askModel('simulate'));
  found('answer-json').addEventListener('click', () => {
    const is = found('answer').dataset.of === 'simulate' ? 'simulate' : 'affected';
    void during('writing ...', async () => {
      save(await answered(questionAsked(is, 'json')), `${is}.json`, 'application/json');
      return 'written';
    });
  });
}

listen();

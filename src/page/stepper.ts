/**
 * Runs in the reader's browser: makes a stepper of each witness of the page (report/html/story.ts). All it needs is in the page: the tables, and
 * their data as JSON (report/html/shape.ts). It writes text only, never markup.
 */
import type { PageRun, PageStep, Story } from '../report/html/shape.ts';

type Child = Node | string;

function make(tag: string, className: string, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** The element of the page that `selector` names; a page without it is a defect of ours. */
function found<T extends Element>(inside: ParentNode, selector: string): T {
  const element = inside.querySelector<T>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
}

const shown = (value: string | undefined) => (value === undefined || value === '' ? '–' : value);

/** Innermost first, as an oops prints them; the function itself stands above. */
function calls(stack: readonly string[]): HTMLElement {
  return make('span', '', ...stack.slice(1).flatMap((fn, i) => [...(i > 0 ? [', '] : []), make('code', 'short', fn)]));
}

class Stepper {
  readonly #story: Story;
  readonly #rows: readonly (readonly HTMLTableRowElement[])[];
  readonly #slider: HTMLInputElement;
  readonly #runs: readonly HTMLElement[];
  #run = 0;
  #at = 0;
  #only = false;

  constructor(readonly element: HTMLElement) {
    this.#story = JSON.parse(found(element, 'script[type="application/json"]').textContent ?? '');
    this.#runs = [...element.querySelectorAll<HTMLElement>('.run')];
    this.#rows = this.#runs.map((run) => [...run.querySelectorAll<HTMLTableRowElement>('tbody tr')]);
    this.#slider = found(element, 'input[type="range"]');
    element.classList.add('live');
    for (const part of element.querySelectorAll<HTMLElement>('.controls, .panel')) part.hidden = false;
    this.#listen();
    this.#show();
  }

  get #steps(): readonly PageStep[] {
    return this.#story.runs[this.#run]!.steps;
  }

  #listen(): void {
    const { element } = this;
    for (const button of element.querySelectorAll<HTMLButtonElement>('[data-go]'))
      button.addEventListener('click', () => this.#go(button.dataset.go ?? ''));
    this.#slider.addEventListener('input', () => this.#to(Number(this.#slider.value) - 1));
    for (const radio of element.querySelectorAll<HTMLInputElement>('input[type="radio"]'))
      radio.addEventListener('change', () => this.#choose(Number(radio.value)));
    const only = found<HTMLInputElement>(element, '[data-only]');
    only.addEventListener('change', () => {
      this.#only = only.checked;
      element.classList.toggle('only', this.#only);
      this.#names();
      if (this.#only && !this.#isShown(this.#at)) this.#go('back');
      else this.#show();
    });
    element.addEventListener('keydown', (event) => this.#key(event));
    this.#rows.forEach((rows) => {
      rows.forEach((row, i) => {
        row.addEventListener('click', () => {
          // Who selects text to copy it does not mean to move.
          if (String(getSelection()) === '') this.#to(i);
        });
      });
    });
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    // The slider and the choices have keys of their own.
    if (event.target instanceof HTMLInputElement) return;
    const go = {
      ArrowRight: 'next',
      ArrowDown: 'next',
      ArrowLeft: 'back',
      ArrowUp: 'back',
      Home: 'first',
      End: 'last',
    }[event.key];
    if (go === undefined) return;
    event.preventDefault();
    this.#go(go);
  }

  /** Is the step there to be seen with "only steps that matter"? The first and the last always are. */
  #isShown(i: number, run = this.#run): boolean {
    const { steps } = this.#story.runs[run]!;
    return !this.#only || i === 0 || i === steps.length - 1 || steps[i]!.matters;
  }

  /** A function's name stands above the first of its steps that is shown. */
  #names(): void {
    this.#rows.forEach((rows, r) => {
      let above: PageStep | null = null;
      rows.forEach((row, i) => {
        const step = this.#story.runs[r]!.steps[i]!;
        if (!this.#isShown(i, r)) return;
        found<HTMLElement>(row, '.fn').hidden = above?.fn === step.fn && above.thread === step.thread;
        above = step;
      });
    });
  }

  #go(where: string): void {
    const last = this.#steps.length - 1;
    let to = where === 'first' ? 0 : where === 'last' ? last : this.#at + (where === 'next' ? 1 : -1);
    while (to > 0 && to < last && !this.#isShown(to)) to += where === 'next' ? 1 : -1;
    this.#to(to);
  }

  #to(step: number): void {
    this.#at = Math.max(0, Math.min(this.#steps.length - 1, step));
    this.#show();
  }

  /** The other run, at the same step if it takes that, else as far on as this one. */
  #choose(run: number): void {
    const other = this.#steps[this.#at]!.other;
    this.#run = run;
    this.#to(other ?? this.#at);
  }

  #show(): void {
    const { steps } = this.#story.runs[this.#run]!;
    const at = this.#at;
    this.#runs.forEach((run, r) => {
      run.hidden = r !== this.#run;
    });
    this.#rows[this.#run]!.forEach((row, i) => {
      row.classList.toggle('current', i === at);
      if (i === at) row.setAttribute('aria-current', 'step');
      else row.removeAttribute('aria-current');
    });
    this.#slider.max = String(steps.length);
    this.#slider.value = String(at + 1);
    this.#slider.setAttribute('aria-valuetext', `step ${at + 1} of ${steps.length}`);
    const ends: Readonly<Record<string, boolean>> = {
      first: at === 0,
      back: at === 0,
      next: at === steps.length - 1,
      last: at === steps.length - 1,
    };
    for (const button of this.element.querySelectorAll<HTMLButtonElement>('[data-go]'))
      button.setAttribute('aria-disabled', String(ends[button.dataset.go ?? ''] === true));
    this.#scroll(this.#rows[this.#run]![at]!);
    found(this.element, '.now').textContent = this.#sentence();
    this.#state();
    this.#details();
  }

  /** Brings the row into its own box, without moving the page under the reader. */
  #scroll(row: HTMLElement): void {
    const box = row.closest<HTMLElement>('.scroll');
    if (box === null || box.scrollHeight <= box.clientHeight) return;
    const head = found<HTMLElement>(box, 'thead').offsetHeight;
    const [top, bottom] = [row.offsetTop - head, row.offsetTop + row.offsetHeight];
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }

  #changed(): readonly number[] {
    const before = this.#steps[this.#at - 1];
    return this.#story.columns.flatMap((_, c) =>
      before !== undefined && before.state[c] !== this.#steps[this.#at]!.state[c] ? [c] : [],
    );
  }

  #sentence(): string {
    const step = this.#steps[this.#at]!;
    const changes = this.#changed().map((c) => `${this.#story.columns[c]} is now ${shown(step.state[c])}`);
    const parts = [
      `Step ${this.#at + 1} of ${this.#steps.length}, CPU${step.thread}, ${step.fn}(): ${step.text}`,
      ...(step.reads === null ? [] : [`reads ${step.reads}`]),
      ...changes,
      ...(step.fault === null ? [] : [`*** ${step.fault}`]),
    ];
    return parts.join('; ');
  }

  #state(): void {
    const step = this.#steps[this.#at]!;
    const other: PageRun | undefined = this.#story.runs[1 - this.#run];
    const counterpart = step.other === null ? undefined : other?.steps[step.other];
    const table = found(this.element, '.panel table');
    found(table, 'caption').textContent = `Shared state after step ${this.#at + 1}`;
    const short = (run: PageRun) => run.name.replace(/^The (?:nearest )?/, '');
    const head = ['', short(this.#story.runs[this.#run]!), ...(other === undefined ? [] : [short(other)])];
    found(table, 'thead').replaceChildren(
      make(
        'tr',
        '',
        ...head.map((text) =>
          Object.assign(make(text === '' ? 'td' : 'th', '', text), text === '' ? {} : { scope: 'col' }),
        ),
      ),
    );
    const changed = this.#changed();
    const rows = this.#story.columns.map((name, c) => {
      const label = Object.assign(make('th', name.length > 14 ? 'long' : '', name), { scope: 'row' });
      const value = make('td', changed.includes(c) ? 'changed' : '', shown(step.state[c]));
      if (other === undefined) return make('tr', '', label, value);
      if (counterpart === undefined) {
        const none = Object.assign(make('td', 'none', 'this step is not taken'), {
          rowSpan: this.#story.columns.length,
        });
        return make('tr', '', label, value, ...(c === 0 ? [none] : []));
      }
      const differs = counterpart.state[c] !== step.state[c];
      return make('tr', '', label, value, make('td', differs ? 'differs' : '', shown(counterpart.state[c])));
    });
    found(table, 'tbody').replaceChildren(...rows);
  }

  #details(): void {
    const step = this.#steps[this.#at]!;
    const other = this.#story.runs[1 - this.#run];
    const counterpart = step.other === null ? undefined : other?.steps[step.other];
    const items: [string, Child][] = [
      ['thread', `CPU${step.thread}: ${this.#story.threads[step.thread]}`],
      ['function', make('code', 'short', `${step.fn}()`)],
      ['file', make('code', 'short', step.file)],
      ...(step.stack.length > 1 ? [['called by', calls(step.stack)] satisfies [string, Child]] : []),
      ['does', make('code', '', step.text)],
    ];
    if (step.reads !== null) items.push(['reads', step.reads]);
    if (step.fault !== null) items.push(['fault', make('strong', 'fault', step.fault)]);
    if (counterpart !== undefined && (counterpart.reads !== step.reads || counterpart.fault !== step.fault))
      items.push([`in ${other!.name.toLowerCase()}`, counterpart.fault ?? `reads ${counterpart.reads ?? 'nothing'}`]);
    found(this.element, '.panel dl').replaceChildren(
      ...items.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', value)]),
    );
    const quotes = step.log.map(({ line, text }) =>
      make('li', '', make('span', 'line', `line ${line}`), ' ', make('code', '', text)),
    );
    const log = found(this.element, '.panel .log');
    log.replaceChildren(...(quotes.length === 0 ? [] : [make('p', 'title', 'In the log'), make('ul', '', ...quotes)]));
  }
}

/** Brings the steppers to life that are in there. */
export function steppersIn(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>('.stepper')) new Stepper(element);
}

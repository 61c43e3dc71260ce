/**
 * The script of batch's page: a filter, toggles for the classes, an order, and each bucket's own view. The page is whole without it, as a plain table. It
 * writes text only, never markup; of ten thousand rows it shows a hundred at a time.
 */
import type { Own } from '../report/html/shape.ts';

/** Rows shown at first, and with each further step. */
const STEP = 100;

interface Row {
  readonly element: HTMLTableRowElement;
  readonly id: string;
  readonly group: string;
  readonly boots: number;
  readonly first: string;
  readonly last: string;
  readonly at: number;
  text: string | null;
}

const by = <T extends HTMLElement>(id: string) => document.getElementById(id) as T | null;

/** As the strip on top writes numbers: 1,307. */
const shownAs = (n: number) => n.toLocaleString('en');

function make<K extends keyof HTMLElementTagNameMap>(name: K, text = '', cls = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (text !== '') element.textContent = text;
  if (cls !== '') element.className = cls;
  return element;
}

const ORDERS: Readonly<Record<string, (a: Row, b: Row) => number>> = {
  class: (a, b) => a.at - b.at,
  boots: (a, b) => b.boots - a.boots || a.at - b.at,
  last: (a, b) => (a.last === b.last ? a.at - b.at : a.last < b.last ? 1 : -1),
  first: (a, b) => (a.first === b.first ? a.at - b.at : a.first < b.first ? 1 : -1),
  title: (a, b) => (textOf(a) < textOf(b) ? -1 : 1),
};

function textOf(row: Row): string {
  row.text ??=
    `${row.element.querySelector('.title')?.textContent ?? ''} ${row.element.textContent} ${row.id}`.toLowerCase();
  return row.text;
}

function start(): void {
  const body = document.querySelector<HTMLTableSectionElement>('#buckets tbody');
  const tools = by('tools');
  const filter = by<HTMLInputElement>('filter');
  const order = by<HTMLSelectElement>('order');
  const more = by<HTMLButtonElement>('more');
  const count = by('count');
  if (!body || !tools || !filter || !order || !more || !count) return;
  const boxes = [...tools.querySelectorAll<HTMLInputElement>('input[type=checkbox]')];
  const rows = [...body.rows].map((element, at): Row => {
    const { c = '', n = '0', f = '', l = '' } = element.dataset;
    return { element, id: element.id, group: c, boots: Number(n), first: f, last: l, at, text: null };
  });
  const ids = new Map(rows.map((row) => [row.id, row]));
  body.replaceChildren();
  body.classList.remove('waits');
  let own: Readonly<Record<string, Own>> | null = null;
  let shown = STEP;
  let found: readonly Row[] = rows;

  const ownOf = (id: string): Own | undefined => {
    own ??= JSON.parse(by('own')?.textContent ?? '{}') as Readonly<Record<string, Own>>;
    return own[id];
  };

  const viewOf = (row: Row): HTMLTableRowElement => {
    const view = make('tr', '', 'own');
    const cell = make('td');
    cell.colSpan = row.element.cells.length;
    view.append(cell);
    const of = ownOf(row.id);
    if (of === undefined) return view;
    const facts = make('dl');
    for (const [name, text] of of.facts) facts.append(make('dt', name), make('dd', text));
    const link = make('a', `#${row.id}`);
    link.href = `#${row.id}`;
    const here = make('dd');
    here.append(link);
    facts.append(make('dt', 'link'), here);
    cell.append(facts);
    if (of.sentence !== null) cell.append(make('p', of.sentence));
    if (of.because.length > 0) {
      const list = make('ul');
      for (const text of of.because) list.append(make('li', text));
      cell.append(list);
    }
    if (of.quote.length > 0) {
      cell.append(make('div', 'of the clearest log', 'muted'));
      const quote = make('pre');
      quote.tabIndex = 0;
      const width = String(of.quote.at(-1)?.[0] ?? '').length;
      quote.textContent = of.quote.map(([line, text]) => `${String(line).padStart(width)}| ${text}`).join('\n');
      cell.append(quote);
    }
    if (of.logs.length > 0) {
      cell.append(make('div', 'logs, the clearest first', 'muted'));
      const list = make('ul');
      for (const [text, href] of of.logs) {
        const item = make('li');
        const to = make('a', text);
        to.href = href;
        item.append(to);
        list.append(item);
      }
      if (of.more > 0) list.append(make('li', `${of.more} more: oopsreplay batch STORE --bucket ${row.id}`));
      cell.append(list);
    }
    return view;
  };

  const buttonOf = (row: Row): HTMLButtonElement | null => {
    const title = row.element.querySelector<HTMLElement>('.what');
    if (title === null) return null;
    let button = title.querySelector('button');
    if (button === null) {
      button = make('button', title.textContent ?? '', 'open');
      button.type = 'button';
      button.setAttribute('aria-expanded', 'false');
      title.replaceChildren(button);
    }
    return button;
  };

  const open = (row: Row, is: boolean): void => {
    const next = row.element.nextElementSibling;
    const isOpen = next?.classList.contains('own') ?? false;
    buttonOf(row)?.setAttribute('aria-expanded', String(is));
    if (is && !isOpen) row.element.after(viewOf(row));
    if (!is && isOpen) next?.remove();
  };

  const draw = (): void => {
    const opened = new Set(
      [...body.querySelectorAll('button.open[aria-expanded=true]')].map((b) => b.closest('tr')?.id ?? ''),
    );
    const list = found.slice(0, shown);
    for (const row of list) buttonOf(row)?.setAttribute('aria-expanded', 'false');
    body.replaceChildren(...list.map((row) => row.element));
    for (const row of list) if (opened.has(row.id)) open(row, true);
    more.hidden = found.length <= shown;
    more.textContent = `${Math.min(STEP, found.length - shown)} more of ${shownAs(found.length - shown)}`;
    const boots = found.reduce((sum, row) => sum + row.boots, 0);
    count.textContent = `${shownAs(found.length)} of ${shownAs(rows.length)} buckets, ${shownAs(boots)} boots`;
  };

  const search = (): void => {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const words = filter.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    found = rows
      .filter((row) => wanted.has(row.group) && words.every((word) => textOf(row).includes(word)))
      .sort(ORDERS[order.value] ?? ORDERS.class);
    shown = STEP;
    draw();
  };

  /** The bucket that the address names: whatever hides it gives way. */
  const follow = (): void => {
    const row = ids.get(decodeURIComponent(location.hash.slice(1)));
    if (row === undefined) return;
    if (!found.includes(row)) {
      filter.value = '';
      for (const box of boxes) box.checked = true;
      search();
    }
    const at = found.indexOf(row);
    if (at >= shown) shown = Math.ceil((at + 1) / STEP) * STEP;
    draw();
    open(row, true);
    row.element.scrollIntoView();
    buttonOf(row)?.focus({ preventScroll: true });
  };

  body.addEventListener('click', (event) => {
    const button = (event.target as Element).closest('button.open');
    const row = ids.get(button?.closest('tr')?.id ?? '');
    if (button !== null && row !== undefined) open(row, button.getAttribute('aria-expanded') !== 'true');
  });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  filter.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  order.addEventListener('change', search);
  for (const box of boxes) box.addEventListener('change', search);
  more.addEventListener('click', () => {
    shown += STEP;
    draw();
  });
  addEventListener('hashchange', follow);
  tools.hidden = false;
  draw();
  follow();
}

document.documentElement.classList.add('js');
document.addEventListener('DOMContentLoaded', start);

import { type Cut, name } from './cut.ts';

const QUOTE = /^(?:> ?){1,20}/;
const GUTTER = /^ {0,8}\| ?/;

/** "> msg", quoted once or more. */
export function quoted(cut: Cut): boolean {
  const quote = cut.text.charCodeAt(0) === 62 ? QUOTE.exec(cut.text) : null;
  if (quote === null) return false;
  cut.text = cut.text.slice(quote[0].length);
  name(cut, 'mail');
  return true;
}

/** "| msg": a gutter that some put before a pasted log. */
export function gutter(cut: Cut): boolean {
  if (cut.framing !== null && cut.framing !== 'mail') return false;
  const bar = GUTTER.exec(cut.text);
  if (bar === null) return false;
  // A cell of a table has a border on either side.
  cut.text = cut.text.slice(bar[0].length).replace(/\s{0,200}\|\s*$/, '');
  name(cut, 'mail');
  return true;
}

const PROMPT = /^[\w.-]{1,64} login: (?=\S)/;

/** A getty wrote its prompt to the same console. */
export function prompt(cut: Cut): boolean {
  const login = PROMPT.exec(cut.text);
  if (login === null) return false;
  cut.text = cut.text.slice(login[0].length);
  return true;
}

const INDENT = /^[ \t]{1,16}(?=\[ {0,12}\d+\.\d{3,9}\]|<\d{1,2}>\[)/;

/** Blanks before a stamp: an indented paste. Before anything else a leading blank may be the kernel's own. */
export function indented(cut: Cut): boolean {
  const indent = INDENT.exec(cut.text);
  if (indent === null) return false;
  cut.text = cut.text.slice(indent[0].length);
  return true;
}

/** What editors and viewers write for a character: RTF's control words, Markdown's escapes, a terminal's colours in letters. */

/** Beginnings of lines, or words, that no log has by itself: how many tell. */
const FEW = 3;

const RTF = /^\s*\{\\rtf\d/;

/** The text of a word processor's document (RTF), or null where it is none. */
export function fromRtf(text: string, head: string): string | null {
  if (!RTF.test(head)) return null;
  return text
    .replace(/\r?\n/g, '')
    .replace(/\{\\(?:\*|fonttbl|colortbl|stylesheet|info)[^{}]{0,2000}(?:\{[^{}]{0,2000}\}[^{}]{0,2000}){0,40}\}/g, '')
    .replace(RTF_WORD, (all, hex?: string, unicode?: string, word?: string, sign?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (unicode !== undefined) return String.fromCharCode((Number(unicode) + 65536) % 65536);
      if (sign !== undefined) return sign === '~' ? ' ' : sign === '_' ? '-' : sign;
      if (word === 'par' || word === 'line') return '\n';
      if (word === 'tab') return '\t';
      return all === '\\\n' ? '\n' : '';
    });
}

const RTF_WORD = /\\'([0-9a-f]{2})|\\u(-?\d{1,6})\??|\\([a-z]{1,32})(?:-?\d{1,10})?(?: |(?![a-z]))|\\([{}\\~_])|[{}]/gi;

/** "of\_iommu\_configure" and "\[ 1.204417\]": a backslash before what Markdown would read as its own. Null where nobody wrote so. */
export function fromMarkdown(text: string, head: string): string | null {
  const escaped =
    (head.match(/[A-Za-z0-9]\\_[A-Za-z0-9]/g)?.length ?? 0) + (head.match(/^\W{0,8}\\\[ *\d/gm)?.length ?? 0);
  return escaped < FEW ? null : text.replace(/\\([\\`*_{}[\]()#+\-.!<>|~&])/g, '$1');
}

/** "ESC[32m", "^[[32m", "\x1b[32m", "\u001b[0m", "\e[K": how pagers and editors show what colours a line. Null where none stands. */
const WRITTEN = /(?:ESC|\^\[|\\x1[bB]|\\u001[bB]|\\033|\\e|\u241b)\[[0-9;?]{0,16}[A-Za-z]/g;

export function fromWrittenColours(text: string, head: string): string | null {
  return (head.match(WRITTEN)?.length ?? 0) < FEW ? null : text.replace(WRITTEN, '');
}

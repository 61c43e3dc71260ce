/** Turns of English that every sentence of the program shares. */

/** "1 line", "3 lines". `shown`: the number as it is to be written. */
export function plural(n: number | bigint, one: string, many = `${one}s`, shown = String(n)): string {
  return `${shown} ${n === 1 || n === 1n ? one : many}`;
}

/** A title as a reader is told it: where no function could be named, that is said in words. */
export function titleWords(title: string): string {
  return title.replace(/ in corrupted(?=\/|$)/, ' (trace unreadable)');
}

/** A sentence's first letter made large; a name of the kernel's code stays as it is written. */
export function capital(text: string): string {
  return /^[\w.>-]*[_(`]/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

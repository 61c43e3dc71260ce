/** A page's source as the text that a browser shows: one element a line, entities decoded. */

const TAGGED = /<(?:!doctype html|html|body|div|pre|span|p|br|td|tr|li|code|table)\b[^>\n]{0,200}>/i;
const ENDED = /<\/(?:div|pre|span|p|td|li|code|body)>|<br ?\/?>/i;
const BLOCK = /<\/(?:div|p|li|tr|pre|h\d)>|<br ?\/?>/gi;
const UNSEEN = /<(script|style|head)\b[^>]{0,400}>[\s\S]{0,200000}?<\/\1>/gi;
const TAG = /<\/?(?:[a-z][a-z0-9]{0,11})(?:\s[^<>]{0,600})?\/?>|<!--[\s\S]{0,2000}?-->|<!doctype[^>]{0,100}>/gi;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot|apos|nbsp));/gi;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };
/** The kernel's own marks in angle brackets. */
const KERNELS = /^<\/?(?:TASK|IRQ|NMI|SOFTIRQ|EOE|EOI)>$/;

/** True where elements of a page stand, or several entities in text that is a log's. */
export function looksLikeHtml(head: string): boolean {
  if (head.includes('<') && ENDED.test(head) && TAGGED.test(head)) return true;
  return head.includes('&') && (head.match(/&(?:lt|gt|amp|quot|#x?[0-9a-f]{1,5});/gi)?.length ?? 0) >= 3;
}

/** The text of the page: tags taken out, an element that ends ends its line. */
export function fromHtml(text: string): string {
  return text
    .replace(UNSEEN, '')
    .replace(BLOCK, (tag, at: number, all: string) =>
      all[at + tag.length] === '\n' || all[at + tag.length] === '\r' ? '' : '\n',
    )
    .replace(TAG, (tag) => (KERNELS.test(tag) ? tag : ''))
    .replace(ENTITY, (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()]!;
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
      return code > 0 && code < 0x110000 ? String.fromCodePoint(code) : all;
    });
}

import { ofHex, utf8 } from '../../bytes.ts';

/** The inside of a JSON string as the text that it stands for; a string cut short keeps what is whole. */
export function ofJson(inside: string): string {
  if (!inside.includes('\\')) return inside;
  try {
    return JSON.parse(`"${inside}"`) as string;
  } catch {
    return inside.replace(/\\(?:u([0-9a-fA-F]{4})|(.))|\\u?[0-9a-fA-F]{0,3}$/g, (_all, code?: string, char?: string) =>
      code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : (CONTROLS[char ?? ''] ?? char ?? ''),
    );
  }
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** /dev/kmsg writes bytes that do not print, and the backslash, as \xNN. */
export function ofKmsg(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replace(/(?:\\x[0-9a-f]{2})+/g, (run) => utf8(ofHex(run.replaceAll('\\x', ''))));
}

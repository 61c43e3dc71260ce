/** Names of inputs on standard input: one a line, or each ended by a NUL as `find -print0` does. */

/** Longer ones are no names. */
const LONGEST = 1 << 16;

/** A NUL in what comes first says that NULs end the names: no name holds one. */
export async function* namesOn(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  let separator: number | null = null;
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk]);
    if (separator === null) {
      const nul = rest.indexOf(0);
      if (nul < 0 && rest.indexOf(10) < 0 && rest.length < LONGEST) continue;
      separator = nul >= 0 ? 0 : 10;
    }
    let from = 0;
    for (let to = rest.indexOf(separator); to >= 0; to = rest.indexOf(separator, from)) {
      if (to > from) yield rest.toString('utf8', from, to);
      from = to + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > LONGEST) rest = rest.subarray(0, LONGEST);
  }
  const last = rest.toString('utf8').replace(/[\0\n]$/, '');
  if (last !== '') yield last;
}

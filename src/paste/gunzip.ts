/** gzip by what a browser has for it, which takes one member: a file of several, as log rotation and pigz make them, is cut where the next one begins. */
import type { Decompressor } from '../io/unpack.ts';

const MAGIC = [0x1f, 0x8b, 8] as const;

const startsAt = (bytes: Uint8Array, at: number) => MAGIC.every((byte, i) => bytes[at + i] === byte);

/** Where a member may begin behind the first. */
function* starts(bytes: Uint8Array): Generator<number> {
  for (let at = bytes.indexOf(MAGIC[0], 1); at >= 0; at = bytes.indexOf(MAGIC[0], at + 1))
    if (startsAt(bytes, at)) yield at;
}

async function* member(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** True if these bytes are one whole member. */
async function isMember(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    for await (const _ of member(bytes));
    return true;
  } catch {
    return false;
  }
}

export const gunzip: Decompressor = async function* (bites, meter) {
  const pieces = [...bites];
  let rest = new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  for (;;) {
    let end = rest.length;
    for (const at of starts(rest))
      if (await isMember(rest.subarray(0, at))) {
        end = at;
        break;
      }
    for await (const chunk of member(rest.subarray(0, end))) {
      meter.give(chunk.length);
      yield chunk;
    }
    if (end === rest.length) return;
    rest = rest.subarray(end);
  }
};

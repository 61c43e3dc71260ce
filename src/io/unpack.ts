/**
 * Compressed inputs, known by their first bytes and never by name, in Node as in a browser: gzip is done by what either has. Each other format's package is loaded only when such bytes come. A damaged or truncated
 * stream gives what came out of it; one that grows beyond the caps is left there. Both are said with a code.
 */
import type { Diagnostic } from '../parser/types.ts';

export type Compression = 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** Bounds on what may come out: bytes in all, and times what went in once more than `free` came out. */
export interface Growth {
  readonly bytes: number;
  readonly ratio: number;
  readonly free: number;
}

/** No log that anybody wrote shrinks as much; a bomb does. */
export const GROWTH: Growth = { bytes: 8 * 2 ** 30, ratio: 200, free: 64 << 20 };

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 8]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];
/** Bytes that must be seen to know. "BZh", a level, and the start of a block: "BZh" alone may be text. */
export const MAGIC_LENGTH = 10;
const BZIP2_BLOCK = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];

/** The compression that the first bytes of an input show, or null. */
export function compressionOf(head: Uint8Array): Compression | null {
  const starts = (bytes: readonly number[], at = 0) => bytes.every((b, i) => head[at + i] === b);
  const kind = MAGIC.find(([, magic]) => starts(magic))?.[0] ?? null;
  return kind === 'bzip2' && !starts(BZIP2_BLOCK, 4) ? null : kind;
}

/** Thrown inside a decompressor when a cap is reached. */
class TooMuch extends Error {}

/** Counts what goes in and what comes out. */
export class Meter {
  private taken = 0;
  private given = 0;

  constructor(private readonly growth: Growth) {}

  *taking(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
    // Small bites: a hostile one grows a thousandfold before anyone can look.
    for (const piece of pieces)
      for (let at = 0; at < piece.length; at += 8192) {
        const bite = piece.subarray(at, at + 8192);
        this.taken += bite.length;
        yield bite;
      }
  }

  give(bytes: number): void {
    this.given += bytes;
    const { growth, given, taken } = this;
    if (given > growth.bytes || (given > growth.free && given > taken * growth.ratio))
      throw new TooMuch(`${taken} bytes grew to more than ${given - bytes}`);
  }
}

export type Decompressor = (
  bites: Generator<Uint8Array>,
  meter: Meter,
) => AsyncGenerator<Uint8Array> | Generator<Uint8Array>;

const OF: Readonly<Record<Exclude<Compression, 'gzip'>, () => Promise<Decompressor>>> = {
  zstd: async () => {
    const { Decompress } = await import('fzstd');
    return function* (bites, meter) {
      let out: Uint8Array[] = [];
      const stream = new Decompress((data) => {
        meter.give(data.length);
        if (data.length > 0) out.push(data.slice());
      });
      let failed: unknown = null;
      for (const bite of bites) {
        try {
          stream.push(bite.slice());
        } catch (error) {
          failed = error;
        }
        yield* out;
        out = [];
        if (failed !== null) throw failed;
      }
      stream.push(new Uint8Array(0), true);
      yield* out;
    };
  },
  xz: async () => {
    // CommonJS without names.
    const { default: xz } = await import('xz-decompress');
    return async function* (bites, meter) {
      const input = new ReadableStream<Uint8Array>({
        pull(controller) {
          const { value, done } = bites.next();
          if (done) controller.close();
          else controller.enqueue(value.slice());
        },
      });
      const reader = new xz.XzReadableStream(input as never).getReader();
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          meter.give(value.length);
          yield value;
        }
      } finally {
        // The package lets one stream at a time into its WebAssembly: one that is left half read keeps every later one waiting.
        await reader.cancel().catch(() => {});
      }
    };
  },
  bzip2: async () => (await import('./bunzip2.ts')).bunzip2,
};

/** Thrown where not one byte came out of an input: there is nothing to judge, which is not the same as a log in which nothing happens. */
export class NothingUnpacked extends Error {
  constructor(readonly diagnostic: Diagnostic) {
    super(diagnostic.text);
  }
}

/** What comes out of a compressed stream; `say` hears of what is wrong with it. Throws NothingUnpacked. */
export async function* unpacked(
  kind: Compression,
  pieces: Iterable<Uint8Array>,
  say: (diagnostic: Diagnostic) => void,
  gunzip: Decompressor,
  growth: Growth = GROWTH,
): AsyncGenerator<Uint8Array> {
  const meter = new Meter(growth);
  let came = 0;
  try {
    const of = kind === 'gzip' ? gunzip : await OF[kind]();
    for await (const chunk of of(meter.taking(pieces), meter)) {
      came += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if ((error as { readonly syscall?: string }).syscall !== undefined) throw error;
    const diagnostic = failure(kind, error, came > 0);
    // A bomb is left with what came before it; only of what is damaged nothing may be there.
    if (came === 0 && !(error instanceof TooMuch)) throw new NothingUnpacked(diagnostic);
    say(diagnostic);
  }
}

/** bunzip2.ts says so. */
const ENDS_EARLY = 'it ends early';

function failure(kind: Compression, error: unknown, some: boolean): Diagnostic {
  const what = error instanceof Error ? error.message : String(error);
  if (error instanceof TooMuch) return { code: 'OR110', text: `${kind}: ${what}: the rest was not read`, line: null };
  const read = some ? 'what came out of it was read' : 'nothing of it could be read';
  // What these two packages throw is about their own insides.
  const inside = kind === 'xz' || (kind === 'bzip2' && what !== ENDS_EARLY);
  return { code: 'OR109', text: `${kind}: damaged or cut short${inside ? '' : ` (${what})`}: ${read}`, line: null };
}

/** What this machine did not give: no fault of an input, and no defect of ours. */

import { getSystemErrorMap } from 'node:util';

/** By the code of the error: what is lacking, and what to do about it. */
const LACKING: Readonly<Record<string, string>> = {
  EMFILE: 'too many open files for the limit that it runs under; raise it (ulimit -n 1024) and run it again',
  ENFILE: 'too many open files on this machine; end what holds them and run it again',
  ENOMEM: 'not enough memory; give it more (ulimit -v), or with batch fewer --workers, and run it again',
  EAGAIN: 'no more processes or threads for the limit that it runs under; raise it (ulimit -u) and run it again',
  ENOSPC: 'no space left on device; make some and run it again',
  EDQUOT: 'the disk quota is used up; make some room and run it again',
  EFBIG: 'a file grew beyond the limit that it runs under; raise it (ulimit -f) and run it again',
  ERR_WORKER_INIT_FAILED:
    'a thread could not be started; raise the limits (ulimit -u, -v), or run it again with --workers 0',
};

const OURS = Symbol.for('oopsreplay.folder');

/** A file of the program itself that is gone, or cannot be read. */
function ofOurs(error: NodeJS.ErrnoException & { readonly url?: string }): string | null {
  const folder = (globalThis as { readonly [OURS]?: string })[OURS];
  const at = error.path ?? (error.url?.startsWith('file:') ? decodeURI(error.url.slice('file://'.length)) : undefined);
  if (folder === undefined || at === undefined || !at.startsWith(folder)) return null;
  const [, words] = (error.errno === undefined ? undefined : getSystemErrorMap().get(error.errno)) ?? [];
  return `a part of its installation cannot be read (${at}: ${words ?? 'is missing'}); install it again`;
}

/** What the machine lacks where this is why something failed, in one sentence with what to do; null for any other error. */
export function lackOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // V8 says so of memory outside of its heap; no other error of this program is called that.
  if (error instanceof RangeError && /allocation failed/.test(error.message)) return LACKING.ENOMEM!;
  const failed = error as NodeJS.ErrnoException;
  return LACKING[failed.code ?? ''] ?? ofOurs(failed);
}

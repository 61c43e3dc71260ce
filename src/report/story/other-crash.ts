/**
 * What the program knows of a crash that is not the race: what such a report means and what this one says, who is to be asked, and what to do next. All of it comes
 * from the report as it was read and from the table of kinds.
 */

import { isBlameless, titleName } from '../../parser/title/frames.ts';
import type { Frame, Incident, KasanReport } from '../../parser/types.ts';
import type { Claim, JudgedCrash, Triage } from '../../reconstruct/types.ts';
import { plural } from '../../words.ts';
import { alsoCapture, type Capture, type Kind, kindOf } from './kinds.ts';

export interface OtherCrash {
  readonly kind: Kind;
  /** Of the function that the title blames: its module where it is one's. */
  readonly function: string | null;
  readonly module: string | null;
  /** What it is: first what a report of the kind means, then what this one says. */
  readonly what: readonly Claim[];
  readonly who: readonly Claim[];
  readonly next: readonly Capture[];
}

const CALLERS = 3;
/** Where every thread, system call and interrupt comes from. */
const ENTRY =
  /^(?:kthread|worker_thread|process_one_work|ret_from_\w+|el[01]\w*|do_el0_svc|invoke_syscall|do_syscall_\w+|entry_\w+|start_kernel|__primary_switched|secondary_start\w*|kernel_init)(?:\.|$)/;
const EARLIER_NAMED = 3;

/** Names that may stand in a command: nothing in them that a shell would read. */
const PLAIN = /^[A-Za-z_][\w.]*$/;

/** The function behind the last " in " of a title. */
function blamedIn(title: string): string | null {
  const name = / in ([A-Za-z_]\w*)(?:[ /,].*)?$/.exec(title)?.[1] ?? null;
  return name === 'corrupted' ? null : name;
}

/** The function to be asked about: the title's, unless that stands for a whole system call (of a stall), which no frame bears. */
function blamed(title: string, { pc }: Incident, frames: readonly Frame[]): string | null {
  const name = blamedIn(title);
  if (name !== null && frames.some((f) => titleName(f.symbol) === name)) return name;
  const first = frames.find((f) => f.reliable && !isBlameless(f.symbol) && !ENTRY.test(f.symbol)) ?? pc;
  return first === null || first === undefined ? name : titleName(first.symbol);
}

/** All that a report holds of stacks, the innermost first. */
function framesOf({ pc, frames }: Incident): readonly Frame[] {
  return pc === null || frames.some((f) => titleName(f.symbol) === titleName(pc.symbol)) ? frames : [pc, ...frames];
}

const named = (frame: Frame) => `\`${titleName(frame.symbol)}()\`${frame.module === null ? '' : ` [${frame.module}]`}`;

/** Flags of Documentation/admin-guide/tainted-kernels.rst that say something went wrong, or came in, before. */
const TAINTS: Readonly<Record<string, string>> = {
  D: 'it had crashed before (D)',
  W: 'it had warned before (W)',
  L: 'it had locked up before (L)',
  B: 'a page was bad before (B)',
  M: 'the processor had reported a machine check before (M)',
  F: 'a module was loaded by force (F)',
  R: 'a module was unloaded by force (R)',
  P: 'a proprietary module is loaded (P)',
  O: 'a module from outside the tree is loaded (O)',
  C: 'a staging driver is loaded (C)',
  E: 'an unsigned module is loaded (E)',
  K: 'it was patched while running (K)',
};

/** The letters of "G        W  O": the newer form with the words behind ("[W]=WARN") holds them, too. */
function taintFlags(taint: string | null): readonly string[] {
  const letters = /^(?:Tainted: )?([A-Z ]+?)(?= \d|\s*,|\s*\[|\s+[a-z]|$)/.exec(taint ?? '')?.[1] ?? '';
  return [...new Set(letters.replace(/[^A-Z]/g, ''))].filter((flag) => flag in TAINTS);
}

function taintClaim({ taint, at }: Incident): readonly Claim[] {
  const flags = taintFlags(taint);
  if (flags.length === 0) return [];
  return [
    {
      text: `the kernel was tainted when it happened: ${flags.map((f) => TAINTS[f]!).join('; ')}`,
      lines: lines(at.cpu),
    },
  ];
}

function lines(...numbers: readonly (number | null | undefined)[]): readonly number[] {
  return [...new Set(numbers.filter((n): n is number => typeof n === 'number'))].sort((a, b) => a - b);
}

/** Whose object, what size, who made it and who freed it. */
function objectClaims({ kasan }: Incident): readonly Claim[] {
  if (kasan === null) return [];
  const { access, size, cache, objectSize, objectOffset, line } = kasan;
  const sizeWords = size === null ? '' : ` of ${plural(size, 'byte')}`;
  const object =
    objectSize === null
      ? null
      : `${objectOffset === null ? '' : `${plural(objectOffset, 'byte')} into `}an object of ${plural(objectSize, 'byte')}${cache === null ? '' : ` from the cache ${cache}`}`;
  const what = [access === null ? null : `${access}${sizeWords}`, object].filter((part) => part !== null).join(', ');
  return [
    ...(what === '' ? [] : [{ text: what, lines: lines(line) }]),
    ...stackClaim('allocated', kasan),
    ...stackClaim('freed', kasan),
  ];
}

function stackClaim(did: 'allocated' | 'freed', kasan: KasanReport): readonly Claim[] {
  const stack = kasan[did];
  const frame = stack?.frames.find((f) => !isBlameless(f.symbol)) ?? stack?.frames.at(0);
  if (stack === null || frame === undefined) return [];
  const by = stack.pid === null ? '' : ` by task ${stack.task === null ? stack.pid : `${stack.task} (${stack.pid})`}`;
  return [{ text: `the object was ${did}${by} in ${named(frame)}`, lines: lines(stack.line) }];
}

/** Letters and what stands between them in names and paths: a number that has one in each of its bytes was seldom a number. */
const LETTERS = /^[\w ./:,+-]{6,8}$/;
/** Bytes of a 32-bit pointer can be letters by chance: all must be small ones. */
const FEW_LETTERS = /^[a-z_/.-]{4}$/;

/** The text that a pointer's bytes are, as they stand in a little-endian machine's memory; null where they are none. */
function textIn(value: bigint): string | null {
  let text = '';
  for (let rest = value; rest > 0n; rest >>= 8n) text += String.fromCharCode(Number(rest & 0xffn));
  return LETTERS.test(text) || FEW_LETTERS.test(text) ? text : null;
}

/** x86 names the address of a general protection fault where it is none that can be: no page's, so no fault's either. */
function nonCanonical(triage: Triage, { span }: Incident): bigint | null {
  const found = / non-canonical address 0x([0-9a-f]{1,16}): /.exec(triage.log.lineText(span.line) ?? '');
  return found === null ? null : BigInt(`0x${found[1]!}`);
}

/** What the faulting address shows. */
function addressClaim(triage: Triage, { incident }: JudgedCrash): readonly Claim[] {
  const address = incident.fault?.address ?? nonCanonical(triage, incident);
  if (address === null) return [];
  const value = BigInt.asUintN(64, address);
  const text = `0x${value.toString(16)}`;
  const access = incident.fault?.access ?? 'access';
  const at = incident.fault?.lines.slice(0, 1) ?? [incident.span.line];
  const say = (meaning: string) => [{ text: `${access} at ${text}: ${meaning}`, lines: at }];
  if (value < 0x1000n)
    return say(value === 0n ? 'NULL itself' : `NULL and an offset of ${value} bytes, as of a member of a struct`);
  if (value >> 12n === 0xdead000000000n || (value >= 0xdead000000000000n && value < 0xdead000000001000n))
    return say('the mark that list_del() leaves in an entry that it took off its list');
  if (text.includes('6b6b6b'))
    return say("slab's poison for freed memory: the pointer was read from an object that is free");
  if (text.includes('5a5a5a')) return say("slab's poison for memory never written: the pointer was never set");
  const written = textIn(value);
  if (written !== null)
    return say(`its bytes in memory are the text "${written}": a string was written over the pointer, or read as one`);
  if (value >= 0xfffffffffffff000n) return say('a small negative number: an error code (ERR_PTR) taken for a pointer');
  return [];
}

/** Reports that came before this one: what is damaged by the first is reported by the others. */
function earlierClaim(triage: Triage, crash: JudgedCrash): readonly Claim[] {
  const before = triage.crashes.filter(({ incident }) => incident.span.line < crash.incident.span.line);
  if (before.length === 0) return [];
  const shown = before.slice(0, EARLIER_NAMED).map(({ incident }) => incident.span.line);
  return [
    {
      text: `${plural(before.length, 'report')} came before it in this log, the first in line ${shown[0]}: look at that first`,
      lines: shown,
    },
  ];
}

/** A check's own words, which the report prints: "refcount_t: underflow; use-after-free.", "kernel BUG at fs/inode.c:612!". */
function fileIn(triage: Triage, { incident }: JudgedCrash, fn: string | null): { file: string; line: number } | null {
  const all = [incident.span.line, ...incident.lines.slice(0, 12)];
  const blamed =
    fn === null
      ? []
      : framesOf(incident)
          .filter((f) => titleName(f.symbol) === fn)
          .map((f) => f.line);
  for (const line of [...blamed, ...all]) {
    const text = triage.log.lineText(line) ?? '';
    const found = FILE_LINE.test(text) ? SOURCE.exec(text)?.[1] : undefined;
    // A header's inline function, and the checks' own files, are where it was found, not whose it is.
    if (
      found !== undefined &&
      !/^(?:include|lib\/(?:refcount|list_debug)|arch\/\w+\/include)/.test(found) &&
      !found.includes('..')
    )
      return { file: found, line };
  }
  return null;
}
/** What SOURCE ends with: few lines have it. */
const FILE_LINE = /\.(?:[chS]|rs):\d/;
const SOURCE =
  /(?:^|[\s(/])((?:arch|block|certs|crypto|drivers|fs|init|io_uring|ipc|kernel|lib|mm|net|rust|samples|security|sound|usr|virt)\/[\w./-]{1,200}\.(?:c|h|S|rs)):\d/;

function decodeStep(triage: Triage, crash: JudgedCrash): readonly Capture[] {
  const { incident } = crash;
  const frames = framesOf(incident);
  if (!frames.some((f) => f.offset !== null)) return [];
  const modules = frames.some((f) => f.module !== null);
  const decoded = frames.some(({ line }) => {
    const text = triage.log.lineText(line) ?? '';
    return FILE_LINE.test(text) && SOURCE.test(text);
  });
  const name =
    /^[\w./-]+$/.test(triage.log.source.name) && triage.log.source.name !== '-' ? triage.log.source.name : 'LOG';
  return [
    {
      text: `turn offsets into files and lines, in the tree that was built${modules ? ' (the last argument: where its modules are)' : ''}`,
      command: `./scripts/decode_stacktrace.sh vmlinux auto${modules ? ' .' : ''} < ${name}`,
    },
    ...(decoded
      ? []
      : [{ text: 'or here, with the vmlinux of that very build', command: `oopsreplay --vmlinux vmlinux ${name}` }]),
  ];
}

function maintainerStep(file: string | null, fn: string | null, module: string | null): readonly Capture[] {
  if (file !== null)
    return [{ text: 'who to tell, and which list', command: `./scripts/get_maintainer.pl -f ${file}` }];
  if (fn === null || !PLAIN.test(fn)) return [];
  const grep = `git grep -lE '^[a-z].*\\b${fn}\\(' -- '*.c'`;
  return [
    {
      text: `who to tell: find the file that has it${module === null ? '' : ' (none: the module is not of the tree, ask who gave it to you)'}, then its maintainers`,
      command: `./scripts/get_maintainer.pl -f $(${grep})`,
    },
  ];
}

function searchStep(kind: Kind, fn: string | null, title: string): readonly Capture[] {
  const words = kind.search.split(' OR ')[0]!;
  const query = [fn === null ? null : `"${fn}"`, words === '' ? null : `"${words.replaceAll('"', '')}"`].filter(
    (w) => w !== null,
  );
  if (fn === null)
    return [
      {
        text: 'has somebody had it before? Search the archive of all kernel lists (`lore.kernel.org/all`) and syzbot for',
        command: title,
      },
    ];
  return [
    {
      text: 'has somebody had it before? Search the archive of all kernel lists (`lore.kernel.org/all`) for',
      command: query.join(' '),
    },
    // A title without its function is nobody else's.
    ...(/ in corrupted$/.test(title)
      ? []
      : [{ text: 'and syzbot (`syzkaller.appspot.com`) for the title', command: title }]),
  ];
}

/** What all of it begins with. */
interface Looked {
  readonly kind: Kind;
  readonly frames: readonly Frame[];
  /** The function to be asked about, its frame, and the file that it is in. */
  readonly fn: string | null;
  readonly own: Frame | undefined;
  readonly found: { readonly file: string; readonly line: number } | null;
}

/** Null for every verdict but that a crash is not the race, and without a crash. */
function lookedAt(triage: Triage, crash: JudgedCrash | null): (Looked & { readonly crash: JudgedCrash }) | null {
  if (crash === null || triage.verdict.class !== 'excluded') return null;
  const { incident } = crash;
  const frames = framesOf(incident);
  const fn = blamed(incident.title, incident, frames);
  const own = fn === null ? undefined : frames.find((f) => titleName(f.symbol) === fn);
  return { crash, kind: kindOf(incident.title), frames, fn, own, found: fileIn(triage, crash, fn) };
}

function nextFor(triage: Triage, crash: JudgedCrash, { kind, fn, own, found }: Looked): readonly Capture[] {
  const { incident } = crash;
  const outside = taintFlags(incident.taint).includes('O');
  const also = alsoCapture(kind);
  return [
    ...decodeStep(triage, crash),
    ...maintainerStep(found?.file ?? null, fn, own?.module ?? null),
    ...searchStep(kind, fn, incident.title),
    ...(outside
      ? [
          {
            text: 'kernel lists want it without modules from outside the tree: see whether it happens without them',
            command: null,
          },
        ]
      : []),
    // A crash that another hypothesis explains is understood: nothing more has to be captured.
    ...(triage.verdict.hypothesis !== null ? [] : [kind.capture, ...(also === null ? [] : [also])]),
  ];
}

/** What to do next about a crash that is not the race, without the rest of it; nothing for every other verdict. */
export function nextForOther(triage: Triage, crash: JudgedCrash | null): readonly Capture[] {
  const looked = lookedAt(triage, crash);
  return looked === null ? [] : nextFor(triage, looked.crash, looked);
}

/** Of a crash that is not the race; null for every other verdict, and without a crash. */
export function otherCrash(triage: Triage, crash: JudgedCrash | null): OtherCrash | null {
  const looked = lookedAt(triage, crash);
  if (looked === null) return null;
  const { incident } = looked.crash;
  const { kind, frames, fn, own, found } = looked;
  const module = own?.module ?? null;
  const means = kind.means.replaceAll('FN', fn === null ? 'the function of the trace' : `\`${fn}()\``);
  const callers = frames
    .slice(own === undefined ? 0 : frames.indexOf(own) + 1)
    .filter((f) => f.reliable && !isBlameless(f.symbol) && !ENTRY.test(f.symbol))
    .slice(0, CALLERS);
  return {
    kind,
    function: fn,
    module,
    what: [
      { text: means, lines: [] },
      ...objectClaims(incident),
      ...addressClaim(triage, looked.crash),
      ...earlierClaim(triage, looked.crash),
      ...taintClaim(incident),
    ],
    who: [
      ...(fn === null
        ? []
        : [
            {
              text: `\`${fn}()\`, ${module === null ? (own === undefined ? 'which the title blames' : "in the kernel's own image") : `in module ${module}`}${found === null ? '' : `, ${found.file}`}`,
              lines: lines(own?.line, found?.line).slice(0, 2),
            },
          ]),
      ...(callers.length === 0
        ? []
        : [
            {
              text: `called from ${callers.map(named).join(' <- ')}`,
              lines: lines(...callers.map((f) => f.line)),
            },
          ]),
    ],
    next: nextFor(triage, looked.crash, looked),
  };
}

/**
 * The lines between "Unable to handle" and "Internal error". They are printed without die()'s lock, so those of two CPUs can alternate: each goes to
 * the pending fault that still lacks it, and the page table line, which repeats the address, puts right a wrong guess.
 */

import type { GatheredLine } from '../gathered.ts';
import { digitsOf, hexValue, mayBe } from '../grammars/numeral.ts';
import type { Reading } from '../grammars/read.ts';
import type { Report } from '../report.ts';

const ABORT_RULES: ReadonlySet<string> = new Set([
  'memAbort',
  'esr',
  'exceptionClass',
  'abortDetail',
  'wnr',
  'pgtable',
  'pageTable',
  'x86PageTable',
  'pageFaultInfo',
]);

/** True for such a line when no fault waits for it: the line that names the fault is missing from the log. */
export function isHeadless(pending: readonly Report[], current: Report | null, reading: Reading): boolean {
  const tells =
    reading.rule === 'memAbort' ||
    reading.rule === 'esr' ||
    reading.rule === 'wnr' ||
    reading.rule === 'exceptionClass';
  // die() comes behind these lines: registers or a trace before them are another CPU's, be its own headline lost or not.
  const another = current !== null && (current.ended || current.died || current.rule === 'orphan');
  return tells && pending.length === 0 && (current === null || another);
}

/** Takes a line of that kind; false if the reading is none. */
export function takeAbortLine(
  pending: readonly Report[],
  current: Report | null,
  reading: Reading,
  line: GatheredLine,
): boolean {
  if (!ABORT_RULES.has(reading.rule)) return false;
  const report = owner(pending, current, reading);
  if (report === null) return true;
  report.take(line);
  const { abort } = report;
  const key = reading.rule === 'abortDetail' ? reading.text.trim().split(' ')[0]! : reading.rule;
  abort.lines.set(key, line.span.line);
  switch (reading.rule) {
    case 'memAbort':
      abort.memAbort = line.span.line;
      report.arch ??= 'arm64';
      break;
    case 'esr':
      {
        const esr = reading.numeral('address');
        abort.esr = esr?.whole === true ? syndromeOf(digitsOf(esr.text)) : null;
        if (abort.esr !== null) report.mark('esr', line);
        else if (esr !== null) report.cut('syndrome', esr.text, line);
      }
      report.arch ??= 'arm64';
      break;
    case 'exceptionClass':
      if (/^IABT/.test(reading.get('className') ?? '')) abort.access = 'execute';
      break;
    case 'wnr':
      if (reading.has('bit')) {
        abort.write = reading.get('bit') === '1';
        report.mark('wnr', line);
      }
      break;
    case 'pageFaultInfo': {
      const access = reading.get('pfAccess');
      if (access !== null) abort.access = access === 'instruction fetch' ? 'execute' : (access as 'read' | 'write');
      report.arch ??= 'x86_64';
      break;
    }
    case 'x86PageTable':
      report.arch ??= 'x86_64';
      break;
  }
  return true;
}

/** An arm64 syndrome has its exception class in bits 26 and up: nothing but zeros is the beginning of one. */
export function syndromeOf(hex: string): bigint | null {
  const value = hex.length === 8 || hex.length === 16 ? BigInt(`0x${hex}`) : 0n;
  return value === 0n ? null : value;
}

function owner(pending: readonly Report[], current: Report | null, reading: Reading): Report | null {
  if (pending.length === 0) return current !== null && !current.tail ? current : null;
  const lacks = (r: Report) =>
    !r.abort.lines.has(reading.rule === 'abortDetail' ? reading.text.trim().split(' ')[0]! : reading.rule);
  if (reading.rule === 'memAbort')
    return pending.findLast((r) => r.abort.memAbort === null) ?? pending[pending.length - 1]!;
  // The block that began last is the one being printed, unless it has this line already: then two CPUs alternate.
  const begun = pending
    .filter((r) => r.abort.memAbort !== null || r.rule !== 'unableToHandle')
    .sort((a, b) => (b.abort.memAbort ?? 0) - (a.abort.memAbort ?? 0));
  const guessed = begun.find(lacks) ?? begun[0] ?? pending[pending.length - 1]!;
  if (reading.rule === 'pageTable') {
    const address = hexValue(reading.numeral('hex'));
    const named = pending.find((r) => r.address === address && lacks(r));
    // The head's own is lost, or cut: here it stands again, between brackets.
    if (guessed.rule === 'headless' || guessed.cuts.some((c) => c.what === 'address' && mayBe(c.text, address)))
      guessed.address ??= address;
    if (named !== undefined && named !== guessed && guessed.address !== address) {
      // The block that we gave to another fault is this one's.
      if (guessed.abort.esr !== null) swapBlocks(named, guessed);
      return named;
    }
  }
  return guessed;
}

function swapBlocks(one: Report, other: Report): void {
  const block = one.abort;
  const linesOfOne = new Set(one.abort.lines.values());
  const linesOfOther = new Set(other.abort.lines.values());
  one.abort = other.abort;
  other.abort = block;
  for (const [to, gained, lost] of [
    [one, linesOfOther, linesOfOne],
    [other, linesOfOne, linesOfOther],
  ] as const) {
    const kept = to.lines.filter((l) => !lost.has(l));
    to.lines.splice(0, to.lines.length, ...[...kept, ...gained].sort((a, b) => a - b));
    for (const part of ['esr', 'wnr'] as const) {
      const at = to.abort.lines.get(part);
      if (at === undefined) delete to.at[part];
      else to.at[part] = at;
    }
  }
}

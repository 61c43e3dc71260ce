/** Where one boot's lines end and another's start. */
import type { Understood } from './grammars/understand.ts';

/** A new boot starts at the kernel's first message; "Booting Linux" and the banner behind it are one start. */
export function splitBoots(understood: readonly Understood[]): Understood[][] {
  const splitter = new BootSplitter();
  const boots: Understood[][] = [];
  for (const one of understood) {
    const ended = splitter.take(one);
    if (ended !== null) boots.push(ended);
  }
  boots.push(splitter.boot);
  return boots;
}

/** Microseconds between two lines of one crash at most. */
const SOON = 1_000_000;

/** True if a dump's first record goes on in the crash that the lines before it began: a part whose header was left out. */
function continues(before: readonly Understood[], next: Understood): boolean {
  const last = before[before.length - 1]?.line.time ?? null;
  const { time } = next.line;
  if (last === null || time === null || time < last || time - last > SOON) return false;
  return hasCrash(before.slice(-3));
}

/** Gathers the lines of one boot until another starts. */
export class BootSplitter {
  /** Lines of the boot that goes on. */
  boot: Understood[] = [];
  private started = false;
  private bootingAt = -1;
  private bannerAt = -1;
  private dumpBefore: string | null = null;

  /** Adds a line; the boot before it, if the line starts another. */
  take(one: Understood): Understood[] | null {
    const ended = this.starts(one) ? this.boot : null;
    if (ended !== null) this.boot = [];
    this.boot.push(one);
    return ended;
  }

  private starts(one: Understood): boolean {
    const { line, reading } = one;
    const rule = reading?.rule;
    const { dump } = line;
    const goesOn = dump !== this.dumpBefore && this.dumpBefore === null && continues(this.boot, one);
    const dumps = dump !== this.dumpBefore && !goesOn && this.boot.some((u) => u.line.text.trim() !== '');
    this.dumpBefore = dump;
    if (dump !== null || (rule !== 'booting' && rule !== 'banner')) return dumps;
    const number = line.span.line;
    // "Booting Linux" and the banner are one start, in this order; a banner told again within it (earlycon's replay) is not a second.
    const same =
      rule === 'banner' && this.bootingAt >= 0 && this.bannerAt < this.bootingAt && number - this.bootingAt < 20;
    const starts = !same && (this.started || (!dumps && hasCrash(this.boot)));
    this.started = true;
    if (rule === 'booting') this.bootingAt = number;
    else this.bannerAt = number;
    return dumps || starts;
  }
}

/** Lines before the first banner are of an earlier boot if a crash stands in them. */
function hasCrash(lines: readonly Understood[]): boolean {
  return lines.some(
    (l) => l.reading?.rule === 'internalError' || l.reading?.rule === 'endTrace' || l.reading?.rule === 'panic',
  );
}

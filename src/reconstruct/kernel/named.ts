/**
 * Where a log names its kernel: the banner, and the CPU line of each report. The kernel prints the same string in all of them; what is left of one that was cut
 * is the beginning of it, and where they differ one of them was damaged.
 */
import { beginningOfRelease } from '../../parser/grammars/numeral.ts';
import type { Incident, ParsedLog } from '../../parser/types.ts';
import type { Claim, TriageOptions } from '../types.ts';

/** A place that names the kernel. */
export interface Named {
  readonly release: string;
  readonly build: string | null;
  /** Only the beginning of it stands there. */
  readonly cut?: true;
  readonly claim: Claim;
}

export interface Found extends Named {
  /** Places of the same boot that name another. */
  readonly against: readonly Named[];
}

/** The release of `incident`'s kernel, or of the boot's where it is null; the user's word before the log's. */
export function findRelease(log: ParsedLog, incident: Incident | null, options: TriageOptions): Found | null {
  if (options.kernel !== undefined) {
    return { ...unameOf(options.kernel), claim: { text: `--kernel ${options.kernel}`, lines: [] }, against: [] };
  }
  const others = log.incidents.filter((i) => i !== incident);
  const reports = others.flatMap((i) => ofCpuLine(i, incident === null ? "the crash's" : "another report's"));
  const own = incident === null ? [] : ofCpuLine(incident, "the crash's");
  const banners = log.events.flatMap(ofBanner);
  const places = [...own, ...(incident === null ? [...reports, ...banners] : [...banners, ...reports])];
  // Another report's CPU line names this one's kernel only where nothing nearer does.
  const near = incident === null ? places : [...own, ...banners];
  const said = near.find((p) => !p.cut) ?? longest(near);
  if (said === undefined) return incident === null ? aloneIn(log) : null;
  const more = places.find((p) => !p.cut && !said.cut && isLossOf(said.release, p.release));
  const best = more ?? said;
  const against = places.filter((p) => p !== best && !agrees(p, best)).filter(isFirst);
  // Debian's version stands in both lines, of many kernels in the banner's alone; a CPU line that was cut may have lost it.
  const builds = places.filter((p) => p.release === best.release && p.build !== null && p.build !== '');
  const build = [...new Set(builds.map((p) => p.build))].join('\n') || null;
  return { ...best, build, against };
}

function isFirst(place: Named, at: number, all: readonly Named[]): boolean {
  return all.findIndex((p) => p.release === place.release) === at;
}

function longest(places: readonly Named[]): Named | undefined {
  return [...places].sort((a, b) => b.release.length - a.release.length)[0];
}

/** Of one that is cut only the beginning is there, and the other may be what stood there. */
function agrees(one: Named, other: Named): boolean {
  if (one.cut) return other.release.startsWith(one.release);
  return one.release === other.release || (other.cut === true && one.release.startsWith(other.release));
}

function ofBanner(event: ParsedLog['events'][number]): readonly Named[] {
  if (event.kind !== 'banner') return [];
  const { release, build, cut, span } = event;
  const claim = { text: `the banner names ${release}`, lines: [span.line] };
  return [{ release, build, ...(cut ? { cut } : {}), claim }];
}

function ofCpuLine({ release, build, cuts, at }: Incident, whose: string): readonly Named[] {
  const named =
    release === null
      ? []
      : [
          {
            release,
            build,
            claim: { text: `${whose} CPU line names ${release}`, lines: at.cpu === undefined ? [] : [at.cpu] },
          },
        ];
  const cut = cuts
    .filter((c) => c.what === 'release')
    .map((c) => ({
      release: c.text,
      build: null,
      cut: true as const,
      claim: { text: `the release is cut in line ${c.line}: "${c.text}" is left of it`, lines: [c.line] },
    }));
  return [...named, ...cut];
}

/** A CPU line with nothing of a report around it. */
function aloneIn({ crashText }: ParsedLog): Found | null {
  const alone = crashText.find((t) => typeof t.release === 'string');
  if (alone === undefined) return null;
  const claim = { text: `the CPU line names ${alone.release}`, lines: [alone.line] };
  return { release: alone.release!, build: null, claim, against: [] };
}

/** Is `left` the other text with characters lost, from its end, its front or its middle? */
function isLossOf(left: string, whole: string): boolean {
  if (left.length >= whole.length) return false;
  let at = 0;
  for (const c of left) {
    at = whole.indexOf(c, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/**
 * What `uname -r` prints, or with more letters: "6.1.0-13-arm64 #1 SMP Debian 6.1.55-1", "Linux host 6.1.0-13-arm64 #1 ..."; and the kernel's banner
 * ("Linux version 6.1.0-13-arm64 (...) #1 ..."). The build string begins with '#'.
 */
export function unameOf(text: string): Pick<Named, 'release' | 'build' | 'cut'> {
  const said = text.trim().replace(/^Linux (?:version )?(?=\S)/, '');
  const hash = said.search(/(?:^|\s)#/);
  const front = (hash < 0 ? said : said.slice(0, hash)).trim().split(/\s+/);
  const release = front.find((word) => /^v?\d{1,3}\.\d/.test(word)) ?? front.join(' ');
  const build = hash < 0 ? null : said.slice(hash).trim();
  // Pasted with the mark of whatever cut it.
  if (/^v?\d+\.\d/.test(release) && /[^\w.+~-]/.test(release))
    return { release: beginningOfRelease(release.replace(/^v/, '')), build, cut: true };
  return { release, build };
}

/** One log of a batch, judged: its bytes to lines of the journal. The same bytes, model and options give the same lines, whoever judges them. */

import { KNOWN_MESSAGES } from '../parser/grammars/messages.ts';
import { LogStream, parseBytes } from '../parser/stream.ts';
import type { FramingName, ParsedLog } from '../parser/types.ts';
import { judgeLog } from '../reconstruct/triage.ts';
import type { JudgedCrash, Triage, TriageOptions } from '../reconstruct/types.ts';
import { toTriageJson } from '../report/json.ts';
import { jsonText } from '../report/safe/sanitize.ts';
import { bucketIds, mechanismId, tellingFrames } from './bucket.ts';
import { builtAt, DateNotes, datedIn } from './dates.ts';
import { isAboutALog } from './document.ts';
import { type Cut, type Head, type Quoted, RECORD_SCHEMA } from './types.ts';

/** Boots of one input that are kept: a serial console that nobody ever cleared holds some hundred. */
export const MOST_BOOTS = 4096;

const CUT_DRIVERS = new Map(
  KNOWN_MESSAGES.filter((m) => m.iommu).map((m) => [`${m.prefix === 'device' ? '%s %s: ' : ''}${m.format}`, m.driver!]),
);

/** The IOMMU instance that was registering when the log was cut, if it was. */
function cutOf({ fragments }: Triage): Cut | null {
  for (const { device, completions } of fragments) {
    const drivers = [...new Set(completions.flatMap((c) => CUT_DRIVERS.get(c) ?? []))].sort();
    if (device !== null && drivers.length > 0) return { instance: device, drivers };
  }
  return null;
}

/** The crash that the verdict is about. */
function decisive({ crashes, verdict }: Triage): JudgedCrash | null {
  return crashes.find((c) => c.verdict.class === verdict.class) ?? crashes[0] ?? null;
}

function clarityOf(triage: Triage, crash: JudgedCrash | null): number {
  const { k, n } = triage.verdict.explained;
  return (
    (crash !== null && crash.incident.corrupted === null ? 8 : 0) +
    (crash?.incident.complete ? 4 : 0) +
    (crash !== null && crash.incident.code !== null ? 2 : 0) +
    (n > 0 && k === n ? 1 : 0)
  );
}

function hardwareOf({ log }: Triage, crash: JudgedCrash | null): string | null {
  const machine = log.events.find((e) => e.kind === 'machine');
  const named = crash?.incident.hardware ?? log.incidents.find((i) => i.hardware !== null)?.hardware ?? machine?.model;
  // A crash report says "(DT)" behind what the boot calls the machine model.
  return named?.replace(/ \(DT\)$/, '') ?? null;
}

/** When the kernel of a boot was built, by its banner or a crash report. */
function builtOf({ log }: Triage, crash: JudgedCrash | null): string | null {
  const banner = log.events.find((e) => e.kind === 'banner');
  const said = [banner?.build, crash?.incident.build];
  return said.map((build) => (build ? builtAt(build) : null)).find((time) => time !== null) ?? null;
}

/** The first byte of a boot that says anything. */
function startOf({ log }: Triage): number {
  const first = [log.events[0], log.incidents[0], log.fragments[0]].flatMap((one) => (one ? [one.span.from] : []));
  return first.length === 0 ? 0 : Math.min(...first);
}

/** Lines quoted of a log, and how much of each. */
const QUOTED = 12;
const QUOTED_LENGTH = 160;

/** The lines that show the crash, as a reader would quote them: what the kernel says first, where, and who called; without a crash what was cut. */
function quoteOf({ log, fragments, verdict }: Triage, crash: JudgedCrash | null): readonly Quoted[] {
  const lines =
    crash === null
      ? fragments.map(({ span }) => span.line)
      : [
          crash.incident.span.line,
          ...(['address', 'oops', 'cpu', 'hardware', 'workqueue', 'pc', 'lr', 'code'] as const).flatMap(
            (part) => crash.incident.at[part] ?? [],
          ),
          ...crash.incident.frames.slice(0, 6).map((frame) => frame.line),
          ...verdict.because.flatMap((claim) => claim.lines),
        ];
  return [...new Set(lines)]
    .slice(0, QUOTED)
    .sort((a, b) => a - b)
    .flatMap((line): Quoted[] => {
      const text = log.lineText(line)?.trim().slice(0, QUOTED_LENGTH) ?? '';
      return text === '' ? [] : [[line, text]];
    });
}

/** All but what is known only at the log's end. */
type Partly = Omit<Head, 'content' | 'model' | 'boots' | 'bytes' | 'schema' | 'dated'>;

function headOf(triage: Triage): Partly {
  const crash = decisive(triage);
  const { verdict, kernel } = triage;
  const cut = cutOf(triage);
  const mechanism = {
    class: verdict.class,
    hypothesis: verdict.hypothesis,
    outcome: verdict.outcome,
    contradiction: verdict.contradiction ?? false,
    driver: verdict.search?.driver ?? kernel.driver,
    era: verdict.search?.era ?? kernel.era,
  };
  return {
    boot: triage.log.source.boot,
    buckets: bucketIds(
      mechanism,
      crash && { title: crash.incident.title, frames: crash.incident.frames },
      verdict.class === 'insufficient' && crash === null ? (cut?.drivers ?? []) : null,
    ),
    mechanism: mechanismId(mechanism),
    ...mechanism,
    release: kernel.release,
    arch: kernel.arch,
    hardware: hardwareOf(triage, crash),
    title: crash?.incident.title ?? null,
    type: crash?.incident.type ?? null,
    frames: crash === null ? [] : tellingFrames(crash.incident.frames, true),
    crashes: triage.crashes.length,
    clarity: clarityOf(triage, crash),
    cut,
    built: builtOf(triage, crash),
    ...(triage.log.source.kernelLog ? {} : { kernelLog: false as const }),
  };
}

export interface Judged {
  /** Lines of the journal, line feeds included, one a boot. */
  readonly lines: readonly string[];
  /** Boots beyond the cap. */
  readonly left: number;
}

/** What is no larger is read by the parser as a whole (parser/lines/gather.ts), and held here. */
const SMALL = 4 << 20;

/** A log has no name while it is judged, so that the same bytes give the same line. */
const SOURCE = { name: '' };
const NAMELESS = '"source":{"name":""';

/** Takes a log piece by piece: nothing of it is held but what its boots came to. */
export class Judging {
  private readonly stream = new LogStream(SOURCE);
  private readonly boots: {
    readonly head: Partly;
    readonly start: number;
    readonly triage: string;
    readonly quote: string;
  }[] = [];
  private left = 0;
  /** Its bytes as long as it is small: then what the verdicts leave out is looked up in them. Of a large one dates are noted as they go by. */
  private held: Uint8Array[] | null = [];
  private heldBytes = 0;
  private readonly notes = new DateNotes();
  private readonly framings = new Set<FramingName>();

  constructor(private readonly options: TriageOptions) {}

  push(piece: Uint8Array): void {
    this.keep(piece);
    this.take(this.stream.push(piece));
  }

  private keep(piece: Uint8Array): void {
    if (this.held === null) {
      this.notes.push(piece);
      return;
    }
    // A piece holds until the next one comes.
    this.held.push(Uint8Array.prototype.slice.call(piece));
    this.heldBytes += piece.length;
    if (this.heldBytes <= SMALL) return;
    for (const one of this.held) this.notes.push(one);
    this.held = null;
  }

  private take(logs: Iterable<ParsedLog>): void {
    for (const log of logs) {
      if (this.boots.length >= MOST_BOOTS) {
        this.left++;
        continue;
      }
      for (const framing of log.source.framings) this.framings.add(framing);
      const triage = judgeLog(log, this.options);
      this.boots.push({
        head: headOf(triage),
        start: startOf(triage),
        triage: jsonText(toTriageJson(triage)),
        quote: jsonText(quoteOf(triage, decisive(triage))),
      });
    }
  }

  /** The whole of a log that is at hand, instead of its pieces. */
  whole(bytes: Uint8Array, content: string, model: string): Judged {
    this.take(parseBytes(bytes, SOURCE));
    return this.judged(bytes, content, model, bytes.length);
  }

  /** `bytes`: of the log, decompressed. */
  end(content: string, model: string, bytes: number): Judged {
    this.take(this.stream.end());
    return this.judged(this.held === null ? null : Buffer.concat(this.held), content, model, bytes);
  }

  private judged(held: Uint8Array | null, content: string, model: string, bytes: number): Judged {
    const whole = held === null ? null : Buffer.from(held.buffer, held.byteOffset, held.byteLength);
    const about = whole !== null && isAboutALog(whole, [...this.framings]);
    const lines = this.boots.map(({ head, start, triage, quote }, i) => {
      const { boot, ...facts } = about ? { ...head, kernelLog: false as const } : head;
      const next = this.boots[i + 1]?.start ?? Number.POSITIVE_INFINITY;
      const built = head.built ?? null;
      const dated = whole === null ? this.notes.near(start, built) : datedIn(whole, start, next, built);
      const line: Head = {
        ...{ schema: RECORD_SCHEMA, content, model, boot, boots: this.boots.length, bytes },
        ...{ ...facts, dated },
      };
      // Named by its content: whichever path it was read from, the line is the same.
      const named = triage.replace(NAMELESS, `"source":{"name":"sha256:${content}"`);
      return `${jsonText(line).slice(0, -1)},"triage":${named},"quote":${quote}}\n`;
    });
    return { lines, left: this.left };
  }
}

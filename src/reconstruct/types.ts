/** What is concluded from a log: kernel identity, fault, observations, verdict. Shapes follow CONTRACT ("triage"), plus what reports need beside it. */

import type { Arch, Diagnostic, Event, Fragment, Incident, ParsedLog } from '../parser/types.ts';
import type { FixCommit } from '../sim/eras/releases.ts';
import type { EraCode } from '../sim/procedures/code.ts';
import type { EraId, HypothesisId, Witness } from '../sim/types.ts';
import type { KernelImage, SourcePlace } from './image/types.ts';
import type { SourceReading } from './kernel/source/types.ts';

/** A claim with the log lines that bear it. */
export interface Claim {
  readonly text: string;
  readonly lines: readonly number[];
  /** Further lines that say the same: what the claim rests on is gone only with all of them. Not quoted. */
  readonly same?: readonly number[];
}

export type FixStatus = 'absent' | 'present' | 'unknown';

export interface KernelIdentity {
  readonly release: string | null;
  /** The upstream version behind the release, which may need the build string (Debian's 6.1.0-18 is 6.1.76); null where it cannot be told. */
  readonly version?: KernelVersion | null;
  /** Era of the code that runs, after options (--fixed, --not-fixed) were applied; null where it cannot be told. */
  readonly era: EraId | null;
  /** Eras still possible when `era` is null. */
  readonly eras: readonly EraId[];
  readonly arch: Arch | null;
  readonly driver: string | null;
  readonly fix: { readonly commit: 'a2e7e59a9426'; readonly status: FixStatus; readonly because: string };
  /** What the tree's code has beyond its era and release: locks that were picked, or are said to be. */
  readonly features?: Partial<EraCode>;
  /** A release of which the log holds the beginning only, and the line that holds it; `release` is null then. */
  readonly cut?: { readonly prefix: string; readonly line: number };
  /** Releases that other lines of the boot name: one of them and `release` is damaged, and it may be any. */
  readonly disputed?: readonly string[];
  /** The code itself, where somebody handed it in (TriageOptions.code): judged as it is. `era` is then the era that it is, or the nearest one. */
  readonly code?: EraCode;
  /** The release has patches of its own beyond its version, and nobody said whether the fix is among them: taken not to be. */
  readonly takenWithoutFix?: boolean;
  /** Where the release was read, options included. */
  readonly because: readonly Claim[];
}

/** The faulting access as a set of model fields, with where each reading comes from. */
export interface Fault {
  readonly address: bigint | null;
  readonly access: 'read' | 'write' | null;
  /** "dev_iommu.priv": every struct field that address and Code: allow, the surest first; empty where none fits. */
  readonly fields: readonly string[];
  /** True when the Code: word alone fixes the chain device -> iommu -> field, whatever the layout. */
  readonly decoded: boolean;
  /** Address or Code: line say where the access was: a field whose offset is known and that is not among `fields` it is not. */
  readonly located: boolean;
  /** Structs that a freed object of KASAN's can be, by the stacks that made and freed it and its size; [] for one of another struct, null where that is not told. */
  readonly objects: readonly string[] | null;
  /** What the address shows of the object: NULL plus offset, slab poison, small negative, plausible pointer. */
  readonly shape: 'null' | 'poison' | 'negative' | 'pointer' | 'unknown';
  readonly because: readonly Claim[];
  /** The lines of the report are not of one fault, or one of them is damaged. */
  readonly contradiction?: Claim;
}

export type VerdictClass = 'confirmed' | 'possible' | 'excluded' | 'insufficient' | 'no-crash';

export interface Rival {
  readonly hypothesis: HypothesisId;
  readonly status: 'refuted' | 'open' | 'explains';
  readonly because: string;
  readonly lines: readonly number[];
  /** Of one that explains the crash: its own search; null where the model has none of its kind, so that the log alone says it. */
  readonly own?: OwnSearch | null;
}

/** What a hypothesis' own search came to: how much of the log it explains, by how many interleavings (a decimal string), and what it covered. */
export interface OwnSearch {
  readonly explained: { readonly k: number; readonly n: number };
  readonly crashing: string;
  readonly search: SearchBounds;
}

/** Root cause by the flip test: reverse this order and no interleaving that the log allows crashes. */
export interface FlipCause {
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

export interface FittingOutcome {
  readonly outcome: string;
  readonly hypothesis: HypothesisId;
  readonly crashing: string;
}

export interface Verdict {
  readonly class: VerdictClass;
  readonly hypothesis: HypothesisId | null;
  /** "null-write dev_iommu.priv in apple_dart_of_xlate"; null where none fits, or more than one. */
  readonly outcome: string | null;
  /** Every outcome of the model that fits the crash, with the hypothesis that it belongs to and its interleavings (a decimal string). */
  readonly outcomes: readonly FittingOutcome[];
  readonly explained: { readonly k: number; readonly n: number; readonly firstUnexplained: number | null };
  /** Decimal strings: they can exceed 2^53. Null where nothing was explored. */
  readonly interleavings: {
    readonly all: string;
    readonly consistent: string;
    readonly crashing: string;
    readonly throughRace: string;
  } | null;
  /** Replay string. */
  readonly witness: string | null;
  readonly preemptions: number | null;
  readonly rivals: readonly Rival[];
  readonly because: readonly Claim[];
  readonly settle: readonly { readonly text: string; readonly command: string | null }[];
  /** One sentence in words, derived from the rest. */
  readonly sentence: string;
  /** Steps of the witness for diagrams, or null. */
  readonly story: Witness | null;
  readonly cause: FlipCause | null;
  /** What the exploration covered: "2 threads, 1 device, 1 IOMMU instance", states, whether exhaustive. */
  readonly search: SearchBounds | null;
  /** The log shows a crash that the fix of this release makes unreachable. */
  readonly contradiction?: boolean;
}

export interface SearchBounds {
  readonly era: EraId;
  readonly driver: string;
  readonly scenario: string;
  readonly threads: number;
  readonly devices: number;
  readonly instances: number;
  readonly states: number;
  readonly exhaustive: boolean;
  readonly memory: 'kasan' | 'plain';
  readonly granularity: 'compiled' | 'source' | 'merged';
}

/** A frame with its place in the source, what was inlined there first, by the kernel's own build. */
export interface PlacedFrame {
  readonly what: 'pc' | 'lr' | 'frame';
  readonly symbol: string;
  /** Of the log. */
  readonly line: number;
  readonly source: readonly SourcePlace[];
}

/** One crash of the log, judged. */
export interface JudgedCrash {
  readonly incident: Incident;
  /** Function that the outcome names, or the pc's. */
  readonly function: string | null;
  readonly fault: Fault | null;
  readonly verdict: Verdict;
  /** With --vmlinux: functions, inlined callers, files and lines, as far as this machine has a symbolizer. */
  readonly places?: readonly PlacedFrame[];
  /** What of --vmlinux and --btf could not be used, and why. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** One boot, judged: everything a report prints. `toTriageJson` cuts it to the contract. */
export interface Triage {
  readonly log: ParsedLog;
  readonly kernel: KernelIdentity;
  readonly crashes: readonly JudgedCrash[];
  readonly fragments: readonly Fragment[];
  readonly verdict: Verdict;
  /** What to do about it: the fixed releases for this branch, the commit, backport advice. Empty when there is nothing to say. */
  /** Beside the good boot of --baseline; null without one, and where the log has a crash report. */
  readonly alignment: Alignment | null;
  readonly advice: readonly Claim[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a log cannot say and the user can: options of the command line. */
export interface TriageOptions {
  readonly kernel?: string;
  readonly driver?: string;
  readonly arch?: Arch;
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
  /** Asked with the release of each kernel: what a source tree of the user's says. --fixed and --not-fixed go before it. */
  readonly tree?: TreeLookup;
  /** The kernel's code as features, read from its source or from a file: it goes before what the release and the commits say of it. */
  readonly code?: GivenCode;
  /** What the text of the kernel's own tree shows of its code (--source); `code` goes before it. */
  readonly source?: SourceReading;
  /** The same of a clone, at the commit or tag that a release names (--git); null where it cannot be read there. */
  readonly sourceAt?: (release: string | null) => SourceReading | null;
  /** The kernel's own build: a vmlinux and modules, or raw BTF. What is not this kernel's is not used, and said. */
  readonly images?: readonly KernelImage[];
  /** A good boot of the same machine, to lay beside one that was cut. */
  readonly baseline?: Baseline;
}

/** A record of code that `checked()` (src/sim/eras/record.ts) let pass, and what it rests on: a claim for each feature, or the file's name. */
export interface GivenCode {
  readonly code: EraCode;
  /** Who says so, as sentences name it ("--source linux"); absent: "the code that was given". */
  readonly who?: string;
  readonly because: readonly Claim[];
}

/** What a source tree says of one commit; `has` null where it cannot tell. */
export interface TreeAnswer {
  readonly commit: FixCommit['commit'];
  readonly has: boolean | null;
  readonly because: string;
}

/** Pure for the length of a run: one release, one answer. */
export type TreeLookup = (release: string) => readonly TreeAnswer[];

/** `6.7.0-rc3` is { 6, 7, 0, rc 3 }; a stable review candidate `6.6.5-rc1` is { 6, 6, 5, rc 1 }. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly rc: number | null;
}

/** A good boot, prepared once for many cut ones. */
export interface Baseline {
  readonly name: string;
  readonly lines: readonly BaselineLine[];
  readonly events: readonly Event[];
  readonly machine: string | null;
  readonly release: string | null;
}

export interface BaselineLine {
  readonly line: number;
  readonly text: string;
  readonly key: string;
}

export interface Alignment {
  /** Name of the good boot's file. */
  readonly baseline: string;
  readonly claims: readonly Claim[];
  /** The instance that was registering at the cut, by the good boot; null where none was, or where it cannot be told. */
  readonly registering: string | null;
}

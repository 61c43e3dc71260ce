/**
 * Lines to readings: dispatches each message to the grammar rules whose markers it holds, joins what a paste had wrapped, and drops what a
 * second console printed twice.
 */
import type { GatheredLine } from '../gathered.ts';
import type { FramingName } from '../types.ts';
import { markersIn } from './marked.ts';
import type { Reader, Reading, Try } from './read.ts';

/** A line with its meaning, or with none that the grammars know. */
export interface Understood {
  readonly line: GatheredLine;
  readonly reading: Reading | null;
}

const REGISTERS = /^ *x\d{1,2} *: /;
const OTHER_REGISTERS = /^ *(?:[A-Za-z]{2,3}\d{0,2}|[Rrast]\d{1,2}|ORIG_RAX|EFLAGS) *: +[0-9a-f]{2,16}/;
const BARE = /^(?:\[<?(?:0x)?[0-9a-f]+>?\] *)*(?:\? *)?0x[0-9a-f]{8}/i;
const FRAME = /\+0x[0-9a-f]/;
/** Such lines hold a place, too, and are no frames: lockdep's list of locks. */
const LOCK = ', at: ';
const DECODED = /\.(?:c|h|S|rs|cpp):\d/;
/** A terminal cut the line at its 80th column. */
const ARM_CUT = /\) from \[</;
const FTRACE = /us[^:]{0,2}: |: +[\w.+/]+(?: \[\w+\])? <-/;
const OLD_TASK = / 0x[0-9a-f]{8} *$/;

/** The rules to try on a message, the likeliest first. */
function candidates(text: string): readonly Try[] {
  const rules: Try[] = [...markersIn(text)];
  const add = (grammar: Try['grammar'], rule: string) => rules.push({ grammar, rule });
  if (FRAME.test(text)) {
    if (text.includes(' from ')) add('frames', 'armFrame');
    if (!text.includes(LOCK)) add('frames', 'frame');
  } else if (ARM_CUT.test(text)) add('frames', 'armFrame');
  else if (DECODED.test(text)) add('frames', 'decoded');
  else if (BARE.test(text)) add('frames', 'bare');
  if (REGISTERS.test(text)) add('context', 'registers');
  else if (OTHER_REGISTERS.test(text)) add('context', 'otherRegisters');
  if (FTRACE.test(text)) {
    add('dumps', 'ftrace');
    add('dumps', 'ftraceRead');
  } else if (OLD_TASK.test(text)) add('dumps', 'oldTask');
  return rules;
}

/** Reads one message, whatever it is: null if no rule of its markers accepts it. */
export function readMessage(reader: Reader, message: string): Reading | null {
  // A report's own lines may be indented by a paste; no message that a rule names starts with a blank that matters.
  const text = message.trimStart();
  if (text.length < 3) return null;
  return reader.message(text, candidates);
}

/** Rules whose message may go on in the next physical line of a wrapped paste, and how one sees that it did. */
const CONTINUED: Readonly<Record<string, (before: Reading, after: Reading) => boolean>> = {
  iommuMessage: (_b, a) => a.rule !== 'iommuMessage',
  unableToHandle: (b, a) => !b.has('address') && a.has('address'),
  cpuLine: (b, a) => (!b.has('release') && a.has('release')) || (b.has('release') && !b.has('build') && a.has('build')),
  warningText: (b, a) => a.rule !== 'warningText' && / at$|^WARNING: CPU: \d+ PID: \d+/.test(b.text),
  modules: (b, a) => a.all('moduleEntry').length > b.all('moduleEntry').length,
  warningAt: (b, a) => !b.has('symbol') && a.has('symbol'),
  kasan: (b, a) => !b.has('symbol') && a.has('symbol'),
  codeWords: (b, a) => a.rule === 'codeWords' && a.all('codeWord').length > b.all('codeWord').length,
  code: (_b, a) => a.rule === 'codeWords',
};

/** Halves of lines that mean something in a report only, and nothing to any rule before the other half is there. */
const HALF =
  /^ *(?:(?:Read|Write|Free) (?:of size \d+|at addr|of addr)\b|CPU: \d+ (?:UID: \d+ )?PID: \d+ Comm:|The buggy address |which belongs to the cache |x\d{1,2} *: [0-9a-f]{16} |(?:r\d{1,2}|sp) *: [0-9a-f]{8} )/;
/** arm32's "callee from", with the caller on the next line: short, as the caller with its place is long. */
const HALF_FRAME = /^ *(?:\[<[0-9a-f]+>\] \()?[\w.]+(?: \[\w+\])?\)? from$/;

/** Headlines that end in a symbol or an address, which on a line of its own looks like a frame. */
const MAY_BE_FRAME: ReadonlySet<string> = new Set(['warningAt', 'kasan', 'pc', 'lr', '']);

function isFrame(reading: Reading): boolean {
  return reading.rule === 'frame' || reading.rule === 'decoded';
}

/** Only module names, flags and "[last unloaded: ...]": a line that could be anything else does not continue a module list. */
const MODULE_WORDS = /^ ?(?:[\w-]+(?:\([A-Z+-]{1,8}\))?(?: |$)){1,40}(?:\[last unloaded: .{0,200}\]?)?$/;

/** All lines with their readings; wrapped ones joined to the line that starts them. */
export function understand(lines: readonly GatheredLine[], reader: Reader): Understood[] {
  const result: Understood[] = [];
  const doubled = isDoubled(lines);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (doubled && i > 0 && isSame(line, lines[i - 1]!)) continue;
    let reading = readMessage(reader, line.text);
    let joined: GatheredLine = line;
    const named = acrossName(lines, i, reading, reader);
    if (named !== null) {
      ({ line: joined, reading } = named);
      i++;
    }
    for (let more = i + 1; named === null && more <= i + 4 && isContinuation(lines, more); more++) {
      const text = `${joined.text.trimEnd()} ${lines[more]!.text.trim()}`;
      const mayGoOn =
        reading === null
          ? (line.width >= 40 && (HALF.test(line.text) || holdsMarker(line.text))) || HALF_FRAME.test(line.text)
          : CONTINUED[reading.rule] !== undefined;
      if (!mayGoOn) break;
      if (reading?.rule === 'modules' && !MODULE_WORDS.test(lines[more]!.text.trim())) break;
      const alone = readMessage(reader, lines[more]!.text);
      const isPlace = alone?.rule === 'bare' && / at$/.test(joined.text.trimEnd());
      if (alone !== null && !(MAY_BE_FRAME.has(reading?.rule ?? '') && (isFrame(alone) || isPlace))) break;
      const longer = readMessage(reader, text);
      if (longer === null && reading === null) {
        // Perhaps wrapped twice: keep what we have and look one line further.
        joined = { ...joined, text, next: lines[more]!.next };
        continue;
      }
      if (longer === null || (reading !== null && !CONTINUED[reading.rule]!(reading, longer))) break;
      reading = longer;
      joined = {
        ...joined,
        text,
        next: lines[more]!.next,
        span: { ...joined.span, to: lines[more]!.span.to },
        joined: true,
        ended: lines[more]!.ended,
        // Only a mailer wraps lines.
        framing: joined.framing === 'plain' ? 'mail' : joined.framing,
      };
      i = more;
      if (reading.rule !== 'modules' && reading.rule !== 'cpuLine') break;
    }
    if (reading === null) result.push({ line, reading });
    else result.push({ line: joined, reading: joined.ended ? reading : reading.torn() });
  }
  return result;
}

/** Framings whose lines a mailer may have wrapped; others stand in front of each line. */
const PASTED: ReadonlySet<FramingName> = new Set(['plain', 'mail', 'dmesg', 'dmesg-caller', 'level']);

/** A message that ends in a task's name: a name may hold a newline, and the rest of the message stands in the next line. */
const ENDS_IN_NAME = /^(?:.{0,80}INFO: task [^:]{1,16}|task:[^ ]{1,16}|CPU: \d+ (?:UID: \d+ )?PID: \d+ Comm: .{1,16})$/;

/** The line with the next one's text behind a newline, and what that reads as, where a task's name goes on there; else null. */
function acrossName(
  lines: readonly GatheredLine[],
  at: number,
  reading: Reading | null,
  reader: Reader,
): { line: GatheredLine; reading: Reading } | null {
  const line = lines[at]!;
  const next = lines[at + 1];
  if (next === undefined || line.time === null || next.time !== line.time || next.caller !== line.caller) return null;
  if ((reading !== null && reading.rule !== 'cpuLine') || !ENDS_IN_NAME.test(line.text)) return null;
  if (readMessage(reader, next.text) !== null) return null;
  const text = `${line.text}\n${next.text}`;
  const longer = readMessage(reader, text);
  if (longer === null || (longer.rule === 'cpuLine' && !longer.has('taint'))) return null;
  const span = { ...line.span, to: next.span.to };
  return { line: { ...line, text, span, next: next.next, ended: next.ended, joined: true }, reading: longer };
}

/** The next physical line, with no framing of its own, of a paste: what a mailer wraps has no stamp. */
function isContinuation(lines: readonly GatheredLine[], at: number): boolean {
  const line = lines[at];
  const before = lines[at - 1];
  if (line === undefined || before === undefined || before.next !== line.span.from) return false;
  if (line.time !== null || line.caller !== null || line.level !== null) return false;
  if (!PASTED.has(before.framing) && !PASTED.has(line.framing)) return false;
  return line.text.trim() !== '' && before.width >= 30;
}

function holdsMarker(text: string): boolean {
  return markersIn(text).some((m) => m.role !== 'part');
}

/** A boot console and the real one on the same wire print each line twice, stamps and all: true if this log is of that kind. */
function isDoubled(lines: readonly GatheredLine[]): boolean {
  let stamped = 0;
  let twice = 0;
  for (let i = 1; i < lines.length; i++) {
    if (lines[i]!.time === null || lines[i]!.text.length < 3) continue;
    stamped++;
    if (isSame(lines[i]!, lines[i - 1]!)) twice++;
  }
  return twice >= 4 && twice * 4 > stamped;
}

function isSame(one: GatheredLine, other: GatheredLine): boolean {
  return (
    one.time !== null &&
    one.time === other.time &&
    one.text === other.text &&
    one.caller === other.caller &&
    one.span.line !== other.span.line
  );
}

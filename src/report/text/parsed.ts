/** What the parser found, as NDJSON: a line each for a log's source, events, crashes, fragments and losses, with the span that each came from. */
import type { Event, Frame, Incident, ParsedLog, Span } from '../../parser/types.ts';
import { jsonText } from '../safe/sanitize.ts';

/** One boot's lines: first its "source", then everything else in the order of the log. */
export function* parsedLines(log: ParsedLog): Generator<string> {
  const { boot } = log.source;
  yield line({ is: 'source', ...log.source, arch: log.arch, diagnostics: log.diagnostics });
  const found = [
    ...log.events.map((e) => ({ at: e.span.line, value: eventJson(e, boot) })),
    ...log.incidents.map((i) => ({ at: i.span.line, value: incidentJson(i, boot) })),
    ...log.fragments.map((f) => ({
      at: f.span.line,
      value: { is: 'fragment', boot, ...spanJson(f.span), time: f.time, text: f.text, completions: f.completions },
    })),
    ...log.losses.map((l) => ({ at: l.line, value: { is: 'loss', boot, line: l.line, kind: l.kind, text: l.text } })),
  ];
  for (const { value } of found.sort((a, b) => a.at - b.at)) yield line(value);
}

function line(value: unknown): string {
  return `${jsonText(value)}\n`;
}

function spanJson(span: Span) {
  return { line: span.line, bytes: [span.from, span.to] };
}

function eventJson({ span, ...event }: Event, boot: number) {
  return {
    is: 'event',
    boot,
    ...spanJson(span),
    ...event,
    ...('frames' in event ? { frames: event.frames.map(frameJson) } : {}),
  };
}

function incidentJson(incident: Incident, boot: number) {
  const { title, altTitles, type, kind, corrupted, span, lastLine, lines, time, arch, cpu, pid, comm } = incident;
  const { release, build, taint, hardware, workqueue, fault, pc, lr, code, modules, complete, at } = incident;
  return {
    ...{ is: 'crash', boot, ...spanJson(span), lastLine, lines, time, kind, title, altTitles, type, corrupted },
    ...{ arch, cpu, pid, comm, release, build, taint, hardware, workqueue },
    fault: fault === null ? null : { ...fault, address: hex(fault.address), esr: hex(fault.esr) },
    pc: pc === null ? null : frameJson(pc),
    lr: lr === null ? null : frameJson(lr),
    registers: [...incident.registers].map(([name, value]) => ({ name, value: hex(value) })),
    frames: incident.frames.map(frameJson),
    ...{ code, modules, complete, at },
  };
}

function frameJson({ symbol, offset, size, module, reliable, line: on }: Frame) {
  return { symbol, offset, size, module, reliable, line: on };
}

function hex(value: bigint | null): string | null {
  return value === null ? null : `0x${value.toString(16)}`;
}

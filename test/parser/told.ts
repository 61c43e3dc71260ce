/** What a log tells, whatever was round its lines: facts of its crashes and events, without places, times and callers. */
import { parseLog } from '../../src/parser/parse.ts';
import type { Event, Incident, ParsedLog } from '../../src/parser/types.ts';

const facts = (i: Incident) => ({
  ...{ title: i.title, kind: i.kind, type: i.type, corrupted: i.corrupted, complete: i.complete, arch: i.arch },
  ...{ comm: i.comm, pid: i.pid, cpu: i.cpu, number: i.number, release: i.release, taint: i.taint },
  ...{ hardware: i.hardware, workqueue: i.workqueue, modules: i.modules, code: i.code?.words, trap: i.code?.trap },
  fault: i.fault && { wording: i.fault.wording, address: i.fault.address, access: i.fault.access, esr: i.fault.esr },
  ...{ registers: [...i.registers], pc: i.pc?.symbol, lr: i.lr?.symbol, kasan: i.kasan?.bug },
  frames: i.frames.map((f) => [f.symbol, f.offset, f.size, f.module]),
});
const said = ({ span: _span, time: _time, caller: _caller, ...rest }: Event) => {
  if (rest.kind !== 'task-stack') return rest;
  return { ...rest, frames: rest.frames.map((f) => f.symbol) };
};
export const told = (logs: readonly ParsedLog[]) => ({
  boots: logs.length,
  incidents: logs.flatMap((l) => l.incidents.map(facts)),
  events: logs.flatMap((l) => l.events.map(said)),
});
export const story = (bytes: Buffer) => told(parseLog(bytes, { name: 'story' }));

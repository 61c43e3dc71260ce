/** What the inner lines of a report say: who ran, where, with which registers and modules. */

import type { GatheredLine } from '../gathered.ts';
import { digitsOf, hexValue, type Numeral } from '../grammars/numeral.ts';
import type { Reading } from '../grammars/read.ts';
import type { Report } from '../report.ts';
import type { CodeWords, ModuleInList } from '../types.ts';
import { codeOf, frameOf, isInlined } from './frames.ts';
import { archOf } from './heads.ts';

/** Adds one line to the report. After the end mark lines are only counted as the report's. */
export function takePart(report: Report, reading: Reading, line: GatheredLine): void {
  if (reading.rule === 'bar') {
    // KASAN, KFENCE and KCSAN draw a bar before and after; lockdep's are decoration.
    if (['kasan', 'kfence', 'kcsan', 'kmsan'].includes(report.rule) && report.hasFrames) end(report, line);
    return;
  }
  report.take(line);
  if (report.tail) return;
  // What is printed before EIP reads the same on both.
  if (reading.rule === 'rip' && reading.text.startsWith('E')) report.arch = 'x86';
  report.arch ??= archOf(reading);
  switch (reading.rule) {
    case 'cpuLine':
    case 'oldPid':
    case 'oldCpu':
      takeCpu(report, reading, line);
      return;
    case 'modules':
      report.mark('modules', line);
      report.modulesLine ??= line.span.line;
      if (report.modules.length === 0) report.modules = modulesOf(reading);
      return;
    case 'hardware':
      report.mark('hardware', line);
      if (!reading.open.has('text')) report.hardware ??= (reading.get('text') ?? '').trim();
      return;
    case 'workqueue':
      report.mark('workqueue', line);
      if (!reading.open.has('text')) report.workqueue ??= (reading.get('text') ?? '').trim();
      return;
    case 'pc':
    case 'rip':
    case 'nip':
    case 'psw':
    case 'interrupt':
      if (!isInlined(reading.text)) takePc(report, reading, line);
      return;
    case 'lr':
      if (isInlined(reading.text)) return;
      report.mark('lr', line);
      report.lr ??= frameOf(reading, line);
      return;
    case 'sp':
      setRegister(report, 'sp', reading.numeral('value'), line);
      return;
    case 'registers':
    case 'otherRegisters':
      takeRegisters(report, reading, line);
      return;
    case 'riscvCause':
      report.arch ??= 'riscv';
      report.abort.access ??= RISCV_ACCESS.get(Number.parseInt(reading.get('cause') ?? '', 16)) ?? null;
      return;
    case 'codeWords':
    case 'code':
      report.mark('code', line);
      report.code ??= kernelCode(report, codeOf(reading, line), line);
      return;
    case 'traceHead':
      report.mark('trace', line);
      // lockdep announces its own trace twice; the first of the lines is no stack's head to anybody.
      report.open('call', line, !reading.text.trimStart().startsWith('stack backtrace'));
      return;
    case 'kasanAccess':
      report.kasanAccess ??= reading;
      return;
    case 'kasanStack':
      takeKasanStack(report, reading, line);
      return;
    case 'kasanObject':
      report.kasanObject.start ??= hexValue(reading.numeral('address'));
      return;
    case 'kfenceStack':
      takeKfenceObject(report, reading);
      report.open(
        reading.get('kfenceDone') === 'allocated' ? 'allocated' : 'freed',
        line,
        true,
        null,
        lastNumber(reading),
      );
      return;
    case 'kfenceObject':
      takeKfenceObject(report, reading);
      return;
    case 'kcsanAccess':
      takeRacing(report, reading, line);
      return;
    case 'kasanCache':
      report.kasanObject.cache ??= reading.get('cache');
      if (reading.has('number')) report.kasanObject.size ??= Number(reading.get('number'));
      return;
    case 'kasanLocated':
      if (reading.get('side') === 'inside of') report.kasanObject.offset ??= Number(reading.get('number'));
      return;
    case 'endTrace':
    case 'endPanic':
      if (reading.rule === 'endPanic') report.panicked = true;
      end(report, line);
      return;
  }
}

/** scause: misaligned, access faults and page faults of fetches, loads, and stores with AMOs (RISC-V Privileged ISA, "Supervisor Cause Register"). */
const RISCV_ACCESS: ReadonlyMap<number, 'execute' | 'read' | 'write'> = new Map([
  ...[0, 1, 12].map((code) => [code, 'execute'] as const),
  ...[4, 5, 13].map((code) => [code, 'read'] as const),
  ...[6, 7, 15].map((code) => [code, 'write'] as const),
]);

/** x86 prints "Code:" right below the kernel's RIP, and again for user space in every dump of a task that came from there. */
function kernelCode(report: Report, code: CodeWords | null, line: GatheredLine): CodeWords | null {
  if (code?.unit !== 1) return code;
  return report.at.pc !== undefined && line.span.line - report.at.pc <= 2 ? code : null;
}

function end(report: Report, line: GatheredLine): void {
  report.take(line);
  report.mark('end', line);
  report.ended = true;
}

function takeCpu(report: Report, reading: Reading, line: GatheredLine): void {
  report.mark('cpu', line);
  const cpu = reading.get('cpu');
  const pid = reading.get('pid');
  report.cpu ??= cpu === null ? null : Number(cpu);
  report.pid ??= pid === null ? null : Number(pid);
  takeComm(report, reading, line);
  if (report.taint === null) {
    const flags = reading.get('flags');
    report.taint = flags === null ? null : flags.replace(/ +/g, ' ').trim();
  }
  const release = reading.numeral('release');
  if (release === null) return;
  if (!release.whole) {
    report.cut('release', release.text, line);
    return;
  }
  report.release ??= release.text;
  const build = reading.get('build');
  report.build ??= build === null ? null : build.trim();
}

/** A line that ends in the name may have lost its end, and have another line's glued to it: no task has a name of that length. */
function takeComm(report: Report, reading: Reading, line: GatheredLine): void {
  const comm = reading.get('comm');
  if (comm === null) return;
  if (reading.has('taint') || (comm.length < 16 && !comm.includes('+0x'))) {
    report.comm ??= comm;
    return;
  }
  report.cut('comm', comm, line);
  const pc = /\b[RE]?IP: [0-9a-f]{2,4}:([A-Za-z_][\w.$]*)\+0x([0-9a-f]+)\/0x([0-9a-f]+)/.exec(comm);
  if (pc === null || report.pc !== null) return;
  const [, symbol, offset, size] = pc as unknown as [string, string, string, string];
  report.pc = {
    symbol,
    offset: Number.parseInt(offset, 16),
    size: Number.parseInt(size, 16),
    module: null,
    reliable: true,
    line: line.span.line,
  };
  report.mark('pc', line);
}

function takePc(report: Report, reading: Reading, line: GatheredLine): void {
  const frame = frameOf(reading, line);
  report.mark('pc', line);
  // powerpc names what the interrupt had stopped: the crash's own place only where nothing named that before.
  if (reading.rule === 'interrupt' && report.pc !== null) {
    report.section?.stopped.push({ at: report.section.frames.length, frame });
    return;
  }
  if (reading.rule === 'rip' || reading.rule === 'interrupt') {
    const section = report.section;
    if (section !== null) {
      section.ripAt ??= section.frames.length;
      section.stopped.push({ at: section.frames.length, frame });
    }
    // A jump to nowhere has no symbol; the RIP inside its trace is then the place that was interrupted.
    const first = report.at.pc === line.span.line;
    if (frame === null && first) report.ripless = true;
    if (report.rip === null && !report.ripless) {
      report.rip = frame;
      report.ripInside = section !== null && section.frames.length > 0;
    }
    // Inside a WARNING's trace the exception frame names the warning function; the pc proper is printed before the trace.
    if (section !== null && report.pc !== null) return;
  }
  report.pc ??= frame;
}

/** The value of one that is cut is not known. */
function setRegister(report: Report, name: string, of: Numeral | null | undefined, line: GatheredLine): void {
  if (of === null || of === undefined || report.registers.has(name)) return;
  // arm64 prints all sixteen digits of its registers.
  const value = /^x\d/.test(name) && digitsOf(of.text).length !== 16 ? null : hexValue(of);
  if (value === null) return;
  report.registers.set(name, value);
  report.registerLines.set(name, line.span.line);
}

function takeRegisters(report: Report, reading: Reading, line: GatheredLine): void {
  const arm64 = reading.rule === 'registers';
  const names = reading.all(arm64 ? 'register' : 'otherRegister');
  const values = reading.numerals('value');
  names.forEach((name, i) => {
    setRegister(report, arm64 ? name : name.toLowerCase(), values[i], line);
  });
  if (!arm64 && report.arch === null && names.some((n) => /^R[A-Z]{2}$|^R\d/.test(n))) report.arch = 'x86_64';
}

function takeKasanStack(report: Report, reading: Reading, line: GatheredLine): void {
  const done = reading.get('done');
  const number = reading.get('number');
  const label = done === 'Allocated' ? 'allocated' : done === 'Freed' ? 'freed' : 'other';
  report.open(label, line, true, null, number === null ? null : Number(number));
}

/** "size=32, cache=kmalloc-32", where the line has it. */
function takeKfenceObject(report: Report, reading: Reading): void {
  if (!reading.has('kfenceRange')) return;
  report.kasanObject.cache ??= reading.get('kfenceCache');
  report.kasanObject.size ??= Number(reading.all('number')[1]);
}

/** The task's number stands behind the object's. */
const lastNumber = (reading: Reading) => Number(reading.all('number').at(-1));

/** One of the two accesses of a data race; its stack follows. */
function takeRacing(report: Report, reading: Reading, line: GatheredLine): void {
  const does = reading.get('kcsanDoes')!;
  const section = report.open('call', line);
  const task = /^task (\d+)$/.exec(reading.get('kcsanWho')!);
  report.racing.push({
    does: /write/.test(does) && !/no writes/.test(does) ? 'write' : 'read',
    address: BigInt(`0x${reading.get('hex')}`),
    size: Number(reading.all('number')[0]),
    pid: task === null ? null : Number(task[1]),
    frames: section.frames,
    line: line.span.line,
  });
}

function modulesOf(reading: Reading): ModuleInList[] {
  return reading.all('moduleEntry').map((entry) => {
    const [name, flags = ''] = entry.split('(');
    return { name: name!, state: flags.includes('+') ? '+' : flags.includes('-') ? '-' : '' };
  });
}

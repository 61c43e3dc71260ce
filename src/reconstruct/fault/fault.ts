/**
 * The faulting access of a crash as fields of the structures that this program knows: from the address, from KASAN's description of the
 * object, and from the Code: words, each quoted. Where they contradict each other, only what all allow is kept.
 */

import { mayBe } from '../../parser/grammars/numeral.ts';
import type { Arch, Frame, Incident } from '../../parser/types.ts';
import { LEAVES } from '../../sim/layouts/accesses.ts';
import type { ExactLayouts } from '../../sim/layouts/exact.ts';
import { identifyRelease } from '../kernel/release.ts';
import type { Claim, Fault, KernelIdentity } from '../types.ts';
import { poisonOffset, type Shape, shapeOf, untagged, wordOf } from './address.ts';
import { type DecodedAccess, decodeAccess } from './chain.ts';
import {
  accessesOf,
  type FieldHit,
  fieldsByChain,
  fieldsByOffset,
  type LayoutQuery,
  type ReadWrite,
} from './fields.ts';
import { fieldsOfObject, structsOf } from './kasan-object.ts';
import { processorOf } from './processor.ts';
import { impossibleStatus } from './status.ts';
import { sourceName } from './symbol.ts';

/** Kernel functions that report a bad access on behalf of the one that made it. */
const REPORTERS =
  /^(?:dump_\w+|show_stack\w*|print_\w+|kasan_\w+|__kasan_\w+|__asan_\w+|__hwasan_\w+|check_memory_region\w*|__warn\w*|die\w*|el1h?_\w+|do_mem_abort|do_translation_fault|do_page_fault|__do_kernel_fault)$/;

/** The function whose access failed: the pc's, or the innermost frame that is no reporter; null where neither was printed. */
export function faultingFunction(incident: Incident): string | null {
  if (incident.kasan === null && incident.pc !== null) return sourceName(incident.pc.symbol);
  const frame = incident.frames.find((f) => f.reliable && !REPORTERS.test(sourceName(f.symbol)));
  const symbol = frame?.symbol ?? incident.pc?.symbol;
  return symbol === undefined ? null : sourceName(symbol);
}

/** The part of a KernelIdentity that lays structures out; `arch` stands in where the incident itself does not show one. */
export type LaidOutBy = Pick<KernelIdentity, 'release' | 'era' | 'eras' | 'disputed'> & { readonly arch?: Arch | null };

/**
 * The caller that the link register shows. arm32 returns by popping pc, so that lr is left from whatever call came last; its unwinders follow a leaf
 * by themselves.
 */
export function callerByLr(incident: Incident): Frame | null {
  return incident.arch === 'arm' ? null : incident.lr;
}

/** The access that the instruction at pc makes, by the decoder of the incident's processor. */
export function accessAtPc(incident: Incident, arch: Arch | null): DecodedAccess | null {
  const processor = processorOf(incident, arch);
  if (processor === null || incident.code === null) return null;
  return decodeAccess(incident.code, processor, incident.pc?.offset ?? null);
}

/**
 * What `incident` says of its fault, with the kernel's own layouts where its debug information is at hand; an incident that is no memory fault gives empty fields
 * and shape "unknown".
 */
export function decodeFault(incident: Incident, kernel: LaidOutBy, exact: ExactLayouts | null = null): Fault {
  const arch = incident.arch ?? kernel.arch ?? null;
  const lines = incident.fault;
  const because: Claim[] = [];
  const fn = faultingFunction(incident);
  const memoryFault = incident.kasan !== null || lines !== null || incident.kind === 'oops';
  const code = memoryFault && incident.kasan === null ? accessAtPc(incident, arch) : null;

  const printed = incident.kasan?.address ?? lines?.address ?? null;
  const base = code === null ? null : (incident.registers.get(code.register) ?? null);
  const width = wordOf(arch) * 8;
  const computed =
    code === null || base === null || code.offset === null ? null : BigInt.asUintN(width, base + BigInt(code.offset));
  // The console's level can have cut the address off; registers are printed with the oops itself. Not so for other faults than data aborts.
  const address = printed ?? (lines !== null && lines.access !== 'execute' ? computed : null);
  const access = accessOf(incident, code);
  const objects = incident.kasan === null ? null : structsOf(incident.kasan);
  const told = {
    address,
    access,
    located: address !== null || (code !== null && code.offset !== null),
    objects,
    because,
  };
  if (address === null && incident.kasan === null && code === null) {
    return { ...told, fields: [], decoded: false, shape: 'unknown' };
  }

  // A jump to nowhere: no instruction at pc accessed anything.
  if (lines?.access === 'execute' && incident.kasan === null) {
    const fetched =
      address === null ? null : `instructions were to be fetched from 0x${address.toString(16)}: no access to a field`;
    if (fetched !== null) because.push({ text: fetched, lines: lineNumbers([incident.at.address]), same: lines.lines });
    const shape = address === null ? 'unknown' : shapeOf(address, arch, lines.wording?.includes('NULL') ?? false);
    return { ...told, fields: [], decoded: false, shape };
  }

  const query = layoutQuery(incident, arch, kernel, exact);
  const shape = address === null ? 'unknown' : shapeOf(address, arch, lines?.wording?.includes('NULL') ?? false);
  because.push(...addressClaim(incident, address, printed === null, access, shape, code));

  const contradiction =
    impossibleStatus(incident, arch, shape) ?? (code === null ? null : disagreement(incident, code, printed, computed));
  const leaf = leafField(incident, fn);
  if (leaf !== null) {
    because.push(leaf.claim);
    if (contradiction !== null) {
      because.push(contradiction);
      return { ...told, fields: [], decoded: false, shape, contradiction };
    }
    return { ...told, fields: [leaf.field], decoded: false, shape };
  }
  if (incident.kasan !== null && shape !== 'null') {
    const object = fieldsOfObject(incident.kasan, fn, query);
    because.push(...object.because);
    return { ...told, fields: object.fields, decoded: false, shape };
  }
  if (fn === null && code === null) {
    // Cut before the pc: anything may have been there. Not so where a trace stands and names nobody reliably.
    const hits = incident.frames.length > 0 ? [] : byAddress(address, shape, 0, access, null, query);
    if (hits.length > 0) because.push(layoutClaim(hits, incident));
    return { ...told, fields: names(hits), decoded: false, shape };
  }
  if (code === null) {
    const hits = byAddress(address, shape, incident.kasan?.size ?? 0, access, fn, query);
    if (hits.length > 0) because.push(layoutClaim(hits, incident));
    return { ...told, fields: names(hits), decoded: false, shape };
  }

  const reading = fieldsByChain(code, access, fn, query);
  because.push(codeClaim(incident, code, reading.hits, reading.path, reading.decoded));
  if (contradiction !== null) {
    because.push(contradiction);
    // Two faults in one report: nothing is sure if even read and write differ.
    const other =
      access !== null && code.access !== 'read-write' && code.access !== access
        ? []
        : names(byAddress(printed, shape, code.size, access, fn, query));
    const fields = names(reading.hits).filter((f) => other.includes(f));
    return { ...told, fields, decoded: false, shape, contradiction };
  }
  const other = notNull(code, address, shape, reading.hits);
  if (other !== null) {
    because.push({ text: other, lines: lineNumbers([incident.at.address, incident.code?.line]) });
    return { ...told, fields: [], decoded: false, shape };
  }
  return { ...told, fields: names(reading.hits), decoded: reading.decoded, shape };
}

/**
 * An address near NULL that is not NULL plus the field's offset: what was followed was no NULL pointer but a small number. An iommu_device may lie inside of
 * a NULL instance of its driver.
 */
function notNull(code: DecodedAccess, address: bigint | null, shape: Shape, hits: readonly FieldHit[]): string | null {
  if (shape !== 'null' || address === null || code.fieldOffset === null) return null;
  if (!hits.every((h) => /^(?:dev_iommu|fwspec)\./.test(h.field))) return null;
  const pointer = address - BigInt(code.fieldOffset);
  if (hits.length === 0 || (pointer >= 0n && pointer < BigInt(Math.max(code.size, 1)) && pointer % 8n !== 0n))
    return null;
  return pointer === 0n
    ? null
    : `the address less the offset of \`${code.instruction.text}\` is ${pointer}, no NULL: what was followed is no pointer that the race leaves`;
}

function names(hits: readonly FieldHit[]): string[] {
  return [...new Set(hits.map((h) => h.field))];
}

/** The layouts to look in: by version where the release string gives one, by era otherwise. */
function layoutQuery(
  incident: Incident,
  arch: Arch | null,
  kernel: LaidOutBy,
  exact: ExactLayouts | null,
): LayoutQuery {
  const sure = kernel.disputed === undefined ? kernel.release : null;
  const named = sure === null ? null : identifyRelease(sure, incident.build);
  const eras = kernel.era === null ? kernel.eras : [kernel.era];
  return { word: wordOf(arch), eras, version: named?.era == null ? null : named.version, exact };
}

/** WnR of the abort lines; else bit 6 of ESR for a data abort; else what the instruction does. */
function accessOf(incident: Incident, code: DecodedAccess | null): ReadWrite {
  const said = incident.kasan?.access ?? incident.fault?.access ?? null;
  if (said === 'read' || said === 'write') return said;
  if (said === 'execute') return null;
  const esr = incident.fault?.esr ?? null;
  if (esr !== null) {
    const exceptionClass = Number((esr >> 26n) & 0x3fn);
    if (exceptionClass === 0x24 || exceptionClass === 0x25) return (esr & 0x40n) === 0n ? 'read' : 'write';
  }
  return code === null || code.access === 'read-write' ? null : code.access;
}

function byAddress(
  address: bigint | null,
  shape: Shape,
  size: number,
  access: ReadWrite,
  fn: string | null,
  query: LayoutQuery,
): FieldHit[] {
  if (address === null) return [];
  const offset = shape === 'null' ? Number(address) : shape === 'poison' ? poisonOffset(address, query.word) : null;
  return offset === null ? [] : fieldsByOffset(offset, size, access, fn, query);
}

const SHAPES: Readonly<Record<Shape, string>> = {
  null: 'a small offset from NULL',
  poison: 'slab poison plus an offset: the pointer was read from freed memory',
  negative: 'a small negative number, as of an error pointer or of the container of a NULL member',
  pointer: 'a kernel address, not NULL',
  unknown: 'neither NULL nor a kernel address',
};

function addressClaim(
  incident: Incident,
  address: bigint | null,
  isComputed: boolean,
  access: ReadWrite,
  shape: Shape,
  code: DecodedAccess | null,
): Claim[] {
  if (address === null) return [];
  const at = incident.at;
  const cut = incident.cuts.find((c) => c.what === 'address');
  const lines = [isComputed ? undefined : at.address, at.wnr ?? at.esr, incident.kasan?.line];
  if (isComputed && code !== null) lines.push(incident.registerLines.get(code.register), incident.code?.line);
  const from =
    isComputed && code !== null
      ? ` (${cut === undefined ? 'not in the log' : `cut in the log, "${cut.text}"`}; ${code.registerName} plus the offset of \`${code.instruction.text}\`)`
      : '';
  const does = access === null ? 'access' : access;
  const text = `${does} at 0x${address.toString(16)}${from}: ${SHAPES[shape]}`;
  return [{ text, lines: lineNumbers(lines), same: incident.fault?.lines ?? [] }];
}

function layoutClaim(hits: readonly FieldHit[], incident: Incident): Claim {
  const text = `by its offset the access is to ${hits.map((h) => `${h.field} (${h.config})`).join(', or ')}`;
  return { text, lines: lineNumbers([incident.at.address ?? incident.kasan?.line]) };
}

function codeClaim(
  incident: Incident,
  code: DecodedAccess,
  hits: readonly FieldHit[],
  path: string,
  decoded: boolean,
): Claim {
  const words = `\`${[...code.loads.map((l) => l.text), code.instruction.text].join('; ')}\``;
  const line = lineNumbers([incident.code?.line, incident.at.pc]);
  if (hits.length === 0)
    return { text: `${words}: no access to dev->iommu or its fwspec that is known of this function`, lines: line };
  const fields = hits.map((h) => h.field).join(' or ');
  const skip = code.loads.some((l) => l.optional) ? ' (a test for NULL may skip the middle load)' : '';
  if (decoded) {
    const layout = hits[0]?.config === 'any' ? '' : ` (${hits[0]?.config})`;
    return {
      text: `${words}: ${path} was followed${skip} to ${fields}${layout}, by the instructions themselves`,
      lines: line,
    };
  }
  const how =
    path === ''
      ? 'by the offset and what this function accesses'
      : `if the first load is of ${path.split('->', 2).join('->')}`;
  const text = `${words}: ${fields}${skip}, ${how} (${hits[0]?.config}); not followed further: ${code.stopped}`;
  return { text, lines: line };
}

/** Address and access as printed against what the instruction does with its register. */
function disagreement(
  incident: Incident,
  code: DecodedAccess,
  printed: bigint | null,
  computed: bigint | null,
): Claim | null {
  const said = incident.fault?.access ?? null;
  if ((said === 'read' && code.access === 'write') || (said === 'write' && code.access === 'read')) {
    const text = `the abort lines say ${said}, but \`${code.instruction.text}\` is a ${code.access}: they are not of one fault`;
    return { text, lines: lineNumbers([incident.at.wnr ?? incident.at.esr, incident.code?.line]) };
  }
  const cut = incident.cuts.find((c) => c.what === 'address');
  if (printed === null && computed !== null && cut !== undefined && !mayBe(cut.text, computed)) {
    const text = `what is left of the address ("${cut.text}") is no part of 0x${computed.toString(16)}, ${code.registerName} plus the offset of \`${code.instruction.text}\`: they are not of one fault`;
    return {
      text,
      lines: lineNumbers([cut.line, incident.registerLines.get(code.register), incident.code?.line]),
    };
  }
  if (printed === null || computed === null) return null;
  const apart = untagged(printed) - untagged(computed);
  if (apart >= 0n && apart < BigInt(Math.max(code.size, 1))) return null;
  const text = `the address is 0x${printed.toString(16)}, but ${code.registerName} plus the offset of \`${code.instruction.text}\` is 0x${computed.toString(16)}: they are not of one fault`;
  return {
    text,
    lines: lineNumbers([incident.at.address, incident.registerLines.get(code.register), incident.code?.line]),
  };
}

/** A leaf such as fwnode_handle_put(), whose caller here may stand in lr only. */
function leafField(incident: Incident, fn: string | null): { field: string; claim: Claim } | null {
  if (fn === null || accessesOf(fn) !== null) return null;
  const near = [callerByLr(incident), ...incident.frames.slice(0, 6)].filter((f) => f !== null);
  for (const leaf of LEAVES) {
    if (!leaf.leaf.test(fn)) continue;
    const caller = near.find((f) => leaf.caller.test(sourceName(f.symbol)));
    if (caller === undefined) continue;
    const below = leaf.below;
    const deeper = below === undefined ? caller : incident.frames.find((f) => below.test(sourceName(f.symbol)));
    if (deeper === undefined) continue;
    const lr = caller === incident.lr ? ', by lr,' : '';
    const text = `${fn} was called${lr} from ${sourceName(caller.symbol)}: ${leaf.text}`;
    return { field: leaf.field, claim: { text, lines: lineNumbers([incident.at.pc, caller.line, deeper.line]) } };
  }
  return null;
}

function lineNumbers(lines: readonly (number | null | undefined)[]): number[] {
  return [...new Set(lines.filter((l): l is number => typeof l === 'number'))].sort((a, b) => a - b);
}

/** What a console shows, by itself and by the program: held against an outcome of the model. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** The program's commands, as JSON; { error } where it refuses. */
export function oopsreplay(...args) {
  try {
    return JSON.parse(
      execFileSync(process.execPath, ['dist/cli.js', ...args, '--format', 'json'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        maxBuffer: 1 << 28,
      }),
    );
  } catch (error) {
    return {
      error: String(error.stderr || error.message)
        .trim()
        .replace(/^oopsreplay: /, ''),
    };
  }
}

/** The first crash of a console, read with nothing of the program: address, access, function, thread. Null: there is none. */
export function seenIn(text) {
  const start = text.search(/Unable to handle kernel|Unhandled fault|kernel BUG at|BUG: spinlock/);
  if (start < 0) return null;
  const rest = text.slice(start);
  const address = /at virtual address ([0-9a-f]+)|\) at 0x([0-9a-f]+)/.exec(rest);
  const trace = rest.slice(0, rest.indexOf('---[ end trace') + 1 || undefined);
  const fsr = /Unhandled fault: .*\(0x([0-9a-f]+)\)|Internal error: Oops: ([0-9a-f]+)/.exec(rest);
  const write = /WnR = (\d)/.exec(rest);
  return {
    address: address ? Number.parseInt(address[1] ?? address[2], 16) : null,
    access: write
      ? write[1] === '1'
        ? 'write'
        : 'read'
      : fsr && (Number.parseInt(fsr[1] ?? fsr[2], 16) & 0x800) !== 0
        ? 'write'
        : 'read',
    pc: /(?:pc : |PC is at )([\w.]+)\+/.exec(rest)?.[1] ?? null,
    role: /\bof_iommu_configure\b/.test(trace)
      ? 'client'
      : /\b(?:bus_iommu_probe|probe_iommu_group|iommu_device_register|bus_set_iommu)\b/.test(trace)
        ? 'walk'
        : 'neither',
  };
}

const FIELD = /^null-(read|write) (\S+) in (\S+)$/;

/**
 * Is what was seen the outcome? Every way in which it is not. `offsets`: of this build; a field that they do not have is not held against the address.
 * `role`: the thread that the model has crashing.
 */
export function differences(seen, outcome, role, offsets) {
  const [, access, field, fn] = FIELD.exec(outcome) ?? [];
  if (access === undefined) return [`${outcome} is nothing that a kernel without KASAN shows`];
  const where = offsets[field];
  return [
    ...(seen.access === access ? [] : [`a ${seen.access}, not a ${access}`]),
    ...(where === undefined || seen.address === where
      ? []
      : [`address ${seen.address?.toString(16)}, not ${where.toString(16)}`]),
    ...(seen.role === role ? [] : [`in the ${seen.role}'s thread`]),
    ...(seen.judged.outcomes.includes(outcome)
      ? []
      : [`judged ${seen.judged.class} ${seen.judged.outcomes.join(', ') || seen.pc}, not in ${fn}`]),
  ];
}

/** The same with the program's judgement: the class, and the outcomes that fit. */
export function judged(logFile, text, flags) {
  const seen = seenIn(text);
  if (seen === null) return null;
  writeFileSync(logFile, text);
  const triage = oopsreplay('triage', logFile, ...flags);
  const one = [triage].flat()[0];
  // A host that is busy makes a guest's processors look stuck, before anything is forced.
  const first = one.crashes?.find((c) => !/lockup|stall/i.test(c.title));
  const crash = first?.verdict ?? one.verdict ?? {};
  const outcomes = [crash.outcome, ...(crash.outcomes ?? []).map((o) => o.outcome)].filter((o) => o);
  return {
    ...seen,
    judged: {
      class: crash.class ?? `none: ${one.error}`,
      hypothesis: crash.hypothesis ?? null,
      outcomes: [...new Set(outcomes)],
    },
  };
}

/**
 * Where a trace stands in the model. At every step of a function that can fault the trace that the kernel would print, written from the model's own stack, stands at
 * that step; of it only frames may be missing that a compiler takes away: those of functions merged into their one caller, and of callers that end
 * in a jump to what they call last (arm32, riscv64 and x86 have such; arm64 builds with -fno-optimize-sibling-calls, as Makefile asks with FRAME_POINTER).
 */
import { describe, expect, it } from 'vitest';
import { standsAt, type TracePlace } from '../../../src/reconstruct/evidence/place.ts';
import { exists } from '../../../src/sim/drivers/exists.ts';
import { DRIVERS } from '../../../src/sim/drivers/models.ts';
import { ERAS } from '../../../src/sim/eras/eras.ts';
import type { Machine } from '../../../src/sim/machine/machine.ts';
import type { Procedure } from '../../../src/sim/machine/program.ts';
import { build, SCENARIOS } from '../../../src/sim/scenarios.ts';

const ANCHORS = new Set(['of_iommu_configure', 'acpi_dma_configure_id', 'iommu_device_register', 'bus_set_iommu']);

const placeOf = (machine: Machine, thread: number, functions: readonly string[]): TracePlace => ({
  role: machine.threads[thread]!.role as TracePlace['role'],
  context: null,
  functions,
  lines: functions.map((_, i) => i + 1),
  complete: true,
});

/** Is the last thing that `outer` does a call of `inner`? */
const jumps = (outer: Procedure, inner: Procedure | undefined): boolean => {
  const last = outer.body.at(-1);
  return inner !== undefined && last?.op === 'call' && last.procedure.fn === inner.fn;
};

interface Frame {
  readonly where: string;
  readonly fn: string;
  readonly may: boolean;
  readonly stands: boolean;
}

/** Each frame of each faulting step's trace taken out by itself, but the outermost that tells the threads apart and all above it. */
function withoutEach(): { readonly whole: readonly boolean[]; readonly frames: readonly Frame[] } {
  const whole: boolean[] = [];
  const frames: Frame[] = [];
  for (const id of ['B1', 'D', 'F', 'H'] as const)
    for (const name of ['rockchip', 'arm-smmu']) {
      const [era, driver] = [ERAS.get(id)!, DRIVERS.get(name)!];
      const scenario = SCENARIOS.get('deferred-retry')!;
      if (!exists(driver, id)) continue;
      const machine = build({ era, driver, scenario, memory: 'kasan', granularity: 'source' });
      for (const [thread, stops] of machine.stops.entries())
        for (const [stop, { place }] of stops.entries()) {
          if (place.node.op !== 'get' && place.node.op !== 'put') continue;
          if (place.node.op === 'get' && place.node.field === 'late:device.devres_lock') continue;
          const stack = place.stack.filter((p) => p.inline !== 'accessor');
          const fns = stack.map((p) => p.fn);
          const stands = (trace: readonly string[]) =>
            standsAt(placeOf(machine, thread, trace), machine, { thread, stop });
          whole.push(stands(fns));
          const anchor = fns.findIndex((f) => ANCHORS.has(f));
          for (const [i, procedure] of stack.entries()) {
            if (i >= anchor) break;
            const trace = fns.filter((_, k) => k !== i);
            // Recursion: what is left may be another step's whole trace.
            if (fns.filter((f) => f === procedure.fn).length > 1) continue;
            const may = procedure.inline === 'usually' || (i > 0 && jumps(procedure, stack[i - 1]));
            frames.push({
              where: `${id} ${driver.name} ${fns.join('<')}`,
              fn: procedure.fn,
              may,
              stands: stands(trace),
            });
          }
        }
    }
  return { whole, frames };
}

describe("a trace from the model's own stack", () => {
  const { whole, frames } = withoutEach();

  it('stands at its step', () => {
    expect(whole.length).toBeGreaterThan(100);
    expect(whole.filter((stands) => !stands)).toEqual([]);
  });

  it('still does without a frame that the compiler merged or jumped out of', () => {
    const may = frames.filter((f) => f.may);
    expect(may.length).toBeGreaterThan(20);
    expect(may.filter((f) => !f.stands)).toEqual([]);
  });

  it('does not without any other', () => {
    const others = frames.filter((f) => !f.may);
    expect(others.length).toBeGreaterThan(100);
    expect(others.filter((f) => f.stands)).toEqual([]);
  });
});

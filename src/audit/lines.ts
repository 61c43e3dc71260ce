/**
 * File and line of each step, as docs/MODEL.md shows them: the steps that the model has at compiled granularity, each with the lines that the audit found for it at the
 * granularity of the source.
 */
import type { ReadFile } from '../reconstruct/kernel/source/types.ts';
import { exists } from '../sim/drivers/exists.ts';
import { DRIVERS } from '../sim/drivers/models.ts';
import { isVisible } from '../sim/machine/flatten.ts';
import type { Node, Procedure } from '../sim/machine/program.ts';
import type { Audited, Finding } from './audit.ts';
import type { Step } from './hold.ts';
import { isWrittenIn } from './model.ts';
import { proceduresOf, VIOT } from './words.ts';

/** Text of a step, and its lines: "270", "1033/1034", or "" where the text shows none. */
type Line = readonly [text: string, lines: string];

const PRIV_SET = 'dev_iommu_priv_set';

export function sourceLines(all: readonly { readonly done: Audited; readonly read: ReadFile }[]): string {
  const rows: string[] = [];
  const codes: string[] = [];
  for (const { done, read } of all) {
    const { code, version } = done;
    if (code === null || version === null) continue;
    const viot = read(VIOT).is === 'text';
    const bodies = new Map<string, Set<string>>();
    for (const driver of DRIVERS.values()) {
      if (!exists(driver, code.id)) continue;
      for (const p of proceduresOf(code, driver, 'compiled', viot)) {
        const lines = linesOf(p, done.findings);
        if (lines === null || lines.length === 0) continue;
        const key = `${p.file} ${p.fn}`;
        bodies.set(key, (bodies.get(key) ?? new Set()).add(JSON.stringify(lines)));
      }
    }
    const entries = [...bodies].map(([key, variants]) => `    ${JSON.stringify(key)}: [${[...variants].join(', ')}],`);
    rows.push(`  ${JSON.stringify(version)}: {`, ...entries, '  },');
    codes.push(`  ${JSON.stringify(version)}: ${JSON.stringify(code)},`);
  }
  return [
    "import type { EraCode } from '../../sim/procedures/code.ts';",
    '',
    '/** The code of the trees that were read. */',
    'export const SOURCE_CODES: Readonly<Record<string, EraCode>> = {',
    ...codes,
    '};',
    '',
    '/** Written by `npm run audit -- --write TREE...`: of each function of the model its bodies in the trees that were read, each step with its lines. */',
    'export const SOURCE_LINES: Readonly<',
    '  Record<string, Readonly<Record<string, readonly (readonly (readonly [text: string, lines: string])[])[]>>>',
    '> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}

/** The first finding of the function of which the procedure's steps are a part, in order. */
function linesOf(p: Procedure, findings: readonly Finding[]): readonly Line[] | null {
  for (const f of findings) {
    if (f.fn !== p.fn || f.file !== p.file || f.notHeld !== null) continue;
    const lines = aligned(p.body, f.steps);
    if (lines !== null) return lines;
  }
  return null;
}

function aligned(body: readonly Node[], steps: readonly Step[]): readonly Line[] | null {
  const lines: Line[] = [];
  let at = 0;
  const find = (text: string): Step | null => {
    while (at < steps.length && steps[at]!.text !== text) at++;
    return steps[at++] ?? null;
  };
  const put = (text: string, step: Step) => lines.push([text, step.lines.join('/')]);
  const walk = (nodes: readonly Node[]): boolean =>
    nodes.every((node) => {
      if (node.op === 'if') return walk(node.then) && walk(node.else);
      if (node.op === 'call') {
        if (isWrittenIn(node.procedure)) return walk(node.procedure.body);
        const step = find(`${node.procedure.fn}()`);
        // Shown as the accessor that it was.
        if (step && node.procedure.fn === PRIV_SET)
          for (const inner of node.procedure.body) if ('text' in inner) put(inner.text, step);
        return step !== null;
      }
      if (!isVisible(node) || node.op === 'end') return true;
      const text = 'text' in node ? node.text : node.op;
      const step = find(text);
      if (step) put(text, step);
      return step !== null;
    });
  return walk(body) ? lines : null;
}

/** The witness as a Mermaid sequence diagram, which GitHub and GitLab draw: a lifeline for each CPU and one for dev->iommu between them. */
import type { Witness, WitnessStep } from '../../sim/types.ts';
import { mermaid } from '../safe/escape.ts';
import { stepsThatMatter, stepText } from '../text/diagram.ts';

/** Lines of the diagram. The same steps are drawn as in the two columns; `keep` as there. */
export function sequenceDiagram(witness: Witness, keep: readonly string[] = []): string[] {
  const out = ['sequenceDiagram'];
  const order = witness.threads.map((_, t) => t);
  const half = Math.ceil(order.length / 2);
  const cpu = (t: number) => `  participant T${t} as ${mermaid(`CPU${t}: ${witness.threads[t]}`)}`;
  out.push(
    ...order.slice(0, half).map(cpu),
    `  participant D as ${mermaid('dev->iommu')}`,
    ...order.slice(half).map(cpu),
  );
  let thread = -1;
  for (const { step } of stepsThatMatter(witness, keep)) {
    if (thread !== -1 && step.thread !== thread && step.preempts) out.push(`  Note over T${thread}: preempted`);
    thread = step.thread;
    out.push(`  ${arrow(step)}`);
    if (step.outcome !== null) out.push(`  Note over T${thread}: ${mermaid(`*** ${step.outcome}`)}`);
  }
  return out;
}

/** A step that reads gets something from dev->iommu or behind it; one that locks or prints is the thread's own. */
function arrow(step: WitnessStep): string {
  const text = mermaid(`${step.fn}(): ${stepText(step)}`);
  const t = `T${step.thread}`;
  if (step.reads !== undefined) return `D-->>${t}: ${text} ${mermaid(`[${step.reads}]`)}`;
  if (/^(?:(?:raw_)?(?:spin|mutex)_(?:un)?lock|printk)\(/.test(step.text)) return `Note over ${t}: ${text}`;
  return `${t}->>D: ${text}`;
}

/** What `reproduce` does once asked: from a log or a witness to a plan that the model confirms, and from that to a folder. Refusals are sentences. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../exit.ts';
import { openInput, reasonOf, whyUnread } from '../io/input.ts';
import { checkOutput, writeOutput } from '../io/output.ts';
import { checkOptions } from '../options.ts';
import type { Arch } from '../parser/types.ts';
import { codeOf } from '../reconstruct/kernel/code.ts';
import { identifyRelease } from '../reconstruct/kernel/release.ts';
import { triageChunks } from '../reconstruct/triage.ts';
import type { Triage } from '../reconstruct/types.ts';
import { filesOf, planJson, type Reproduction } from '../report/reproduce/folder.ts';
import { patchOf } from '../report/reproduce/patch.ts';
import { jsonText, sanitizeBlock } from '../report/safe/sanitize.ts';
import { FIX, LOCK } from '../sim/eras/releases.ts';
import { delaysFor } from '../sim/explain/delays.ts';
import { decodeReplay } from '../sim/explain/replay.ts';
import { attributed } from '../sim/explored.ts';
import { type ForcingPlan, forcingPlan } from '../sim/force/plan.ts';
import type { HypothesisId } from '../sim/types.ts';
import { kernelRoot, readText } from './source-tree.ts';

export interface ReproduceOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly device?: string;
  readonly kernel?: string;
  readonly driver?: string;
  readonly arch?: Arch;
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
  readonly source?: string;
  readonly nolock?: boolean;
  readonly format: 'text' | 'json';
}

interface Witnessed {
  readonly witness: string;
  readonly release: string | null;
  readonly arch: Arch | null;
}

/** Writes the folder, or none without --output, and returns what is to be printed. Throws UsageError with the reason where there is nothing to force. */
export async function reproduce(what: string, options: ReproduceOptions): Promise<string> {
  const { kernel, driver, fixed, notFixed } = options;
  await checkOptions({ driver, fixed, notFixed });
  if (options.device !== undefined && !/^[\w.:@,+-]{1,80}$/.test(options.device))
    throw new UsageError(`--device ${options.device}: a device's name has letters, digits and .:@,+-`);
  const isWitness = /^1\.[^/]*$/.test(what) && !existsSync(what);
  const { witness, release, arch } = isWitness ? byWitness(what, options) : await byLog(what, options);
  const planned = forcingPlan(witness);
  if (!planned.ok) throw new UsageError(`nothing to force: ${planned.why}`);
  const { plan } = planned;
  const whose = attributed(plan.setUp);
  const hypothesis = whose.get(plan.outcome) ?? null;
  const made: Reproduction = {
    facts: {
      plan,
      release: nameable(release ?? kernel ?? null),
      arch: arch === 'arm64' || arch === 'arm' ? arch : null,
      device: options.device ?? null,
      nolock: options.nolock ?? false,
      fix: fixOf(hypothesis),
      others: [...whose.keys()].filter((o) => o !== plan.outcome && isCrash(o, plan)).sort(),
    },
    patch: options.source === undefined ? null : patchFor(plan, options.source, options.device ?? null),
  };
  if (arch !== null && made.facts.arch === null)
    throw new UsageError(`the module is for arm64 and arm; this kernel is ${arch}`);
  const files = filesOf(made);
  if (options.output !== undefined) writeFolder(options.output, files, options.force ?? false);
  if (options.format === 'json') return `${jsonText(planJson(plan), 2)}\n`;
  if (options.output === undefined) return sanitizeBlock(files.get('README.md')!);
  return sanitizeBlock(
    `${options.output}: ${[...files.keys()].join(', ')}\nforces ${plan.outcome}${plan.outcome === plan.wanted ? '' : `, the nearest that can be forced to ${plan.wanted}`}; the model, run with these turns, ends in it${plan.reloads ? '; not forceable where the compiler merged the loads of dev->iommu that it needs' : ''}\n`,
  );
}

/** A release goes into commands that people copy: one with other characters is not written. */
function nameable(release: string | null): string | null {
  return release !== null && /^[\w.+~-]{1,80}$/.test(release) ? release : null;
}

/** Does a kernel with that memory fall over, and not go on? */
function isCrash(outcome: string, { setUp }: ForcingPlan): boolean {
  return / in /.test(outcome) && (setUp.memory === 'kasan' || outcome.startsWith('null-'));
}

function fixOf(hypothesis: HypothesisId | null) {
  if (hypothesis === 'xlate-vs-probe-free') return FIX;
  return hypothesis === 'probe-vs-probe' ? LOCK : null;
}

/** A witness, and the kernel that --kernel says it is to be forced on. */
function byWitness(text: string, { kernel, arch, fixed, notFixed, nolock }: ReproduceOptions): Witnessed {
  const decoded = decodeReplay(text);
  if (!decoded.ok) throw new UsageError(`not a witness: ${decoded.why}`);
  const { era, lock } = decoded.setUp;
  const has = (lock ?? era.lock) === 'global' || (fixed ?? []).includes(FIX.commit);
  const belongs = [...attributed({ ...decoded.setUp, lock: lock ?? era.lock })];
  if (kernel !== undefined) {
    const identity = identifyRelease(kernel);
    const without = (notFixed ?? []).includes(FIX.commit);
    const code = identity.era === null ? undefined : codeOf({ version: identity.version, features: {} }, identity.era);
    const fixedThere = !without && code?.lock === 'global';
    if (fixedThere && !has && !nolock)
      throw new UsageError(refusedAsFixed(`${kernel} has ${FIX.commit} ("${FIX.subject}")`));
    if (code !== undefined && code.shape !== era.shape)
      throw new UsageError(
        `the witness is of the code of ${era.shape} (era ${era.id}), and ${kernel} has that of ${code.shape} (era ${code.id}): ask for one with oopsreplay simulate --kernel ${kernel}`,
      );
  }
  if (has && belongs.length === 0)
    throw new UsageError(`the witness's code has ${FIX.commit}, with which the model reaches no crash`);
  return { witness: text, release: kernel ?? null, arch: arch ?? null };
}

function refusedAsFixed(because: string): string {
  return `${because}: with it this crash cannot come. If the tree lost it, say --not-fixed ${FIX.commit}. IN A LAB, AND THERE ONLY, --nolock MAKES A MODULE THAT TAKES THE LOCK OUT OF THE RUNNING KERNEL`;
}

/** The judgement of the log's crash, the first boot that has a witness before others. */
async function byLog(name: string, options: ReproduceOptions): Promise<Witnessed> {
  const judged = await judgedBoots(name, options);
  const best = judged.find((t) => t.verdict.witness !== null) ?? judged.find((t) => t.crashes.length > 0) ?? judged[0];
  if (best === undefined) throw new UsageError(`${name}: nothing in it is a kernel's log`);
  const { verdict, kernel } = best;
  if (verdict.witness === null) throw new UsageError(refusal(name, best));
  return { witness: verdict.witness, release: kernel.release, arch: kernel.arch };
}

async function judgedBoots(name: string, options: ReproduceOptions): Promise<readonly Triage[]> {
  const { kernel, driver, arch, fixed, nolock } = options;
  const notFixed = nolock ? [...(options.notFixed ?? []), FIX.commit] : options.notFixed;
  const input = openInput(name);
  if (input.is === 'unreadable') throw new UsageError(`${name}: ${input.reason}`);
  const judged: Triage[] = [];
  try {
    for await (const one of triageChunks(input.chunks, { name }, { kernel, driver, arch, fixed, notFixed }))
      judged.push(one);
  } catch (error) {
    const why = whyUnread(error);
    if (why === null) throw error;
    throw new UsageError(`${name}: ${why}`);
  } finally {
    await input.chunks.return(undefined);
  }
  return judged;
}

/** Why there is nothing to force, in a sentence. */
function refusal(name: string, { verdict, kernel, crashes }: Triage): string {
  const { fix } = kernel;
  if (crashes.length === 0 && verdict.class === 'no-crash')
    return `${name}: nothing in this log is a crash, so there is nothing to reproduce; oopsreplay simulate lists what a kernel and driver can reach, with a witness each`;
  if (verdict.class === 'excluded')
    return `${name}: ${verdict.sentence} It is another bug, and the model has no interleaving of it to force.`;
  if (fix.status === 'present' && verdict.class === 'possible') return `${name}: ${refusedAsFixed(fix.because)}`;
  return `${name}: what is left of the crash does not say what to force. ${verdict.sentence}`;
}

/** The delays as a diff, and in words what the tree has no place for. */
function patchFor(plan: ForcingPlan, source: string, device: string | null): Reproduction['patch'] {
  const root = kernelRoot(source);
  const delays = delaysFor(plan.replay);
  if (delays === null)
    return { text: '', missing: ['any of it: no sleeps alone lead there, as one turn ends with its thread'] };
  const { text, missing } = patchOf(
    delays,
    (path) => {
      const file = readText(join(root, path));
      return file.is === 'text' ? file.text : null;
    },
    device,
  );
  return { text, missing: missing.map((p) => `\`${p.before}\` in \`${p.fn}()\` (${p.file})`) };
}

function writeFolder(dir: string, files: ReadonlyMap<string, string>, force: boolean): void {
  try {
    mkdirSync(dir, { recursive: true });
    if (!force && readdirSync(dir).length > 0)
      throw new UsageError(`${dir}: is not empty; use --force to write into it`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${dir}: ${reasonOf(error)}`);
  }
  for (const file of files.keys()) checkOutput(join(dir, file), force, []);
  for (const [file, text] of files) {
    const path = join(dir, file);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    writeOutput(path, text, force);
  }
}

/**
 * A strict reader of KTAP version 1, by the rules of the kernel's Documentation/dev-tools/ktap.rst: version line, plan, results numbered from 1 without a
 * gap, diagnostic lines. What the kernel's readers would pass over (unknown lines, a missing plan, other versions) is an error here.
 */
export interface KtapResult {
  readonly ok: boolean;
  readonly name: string;
  readonly directive: string | null;
  readonly said: string;
  /** Diagnostic lines right above the result. */
  readonly diagnostics: readonly string[];
}

const DIRECTIVES = ['SKIP', 'TODO', 'XFAIL', 'TIMEOUT', 'ERROR'];

export function readKtap(text: string): readonly KtapResult[] {
  if (!text.endsWith('\n')) throw new Error('the last line is not ended');
  const [version, plan, ...lines] = text.slice(0, -1).split('\n');
  if (version !== 'KTAP version 1') throw new Error(`not a version line: ${version}`);
  const planned = /^1\.\.(\d+)$/.exec(plan ?? '')?.[1];
  if (planned === undefined) throw new Error(`not a plan: ${plan}`);
  const results: KtapResult[] = [];
  let diagnostics: string[] = [];
  for (const line of lines) {
    if (line.startsWith('# ')) {
      diagnostics.push(line.slice(2));
      continue;
    }
    const match = /^(ok|not ok) (\d+) ([^#]+?)(?: # (.*))?$/.exec(line);
    if (match === null) throw new Error(`neither a result nor a diagnostic line: ${line}`);
    if (Number(match[2]) !== results.length + 1) throw new Error(`result ${match[2]} out of order`);
    const said = match[4] ?? '';
    const word = said.split(' ')[0]!.toUpperCase();
    const directive = DIRECTIVES.includes(word) ? word : null;
    results.push({ ok: match[1] === 'ok', name: match[3]!, directive, said, diagnostics });
    diagnostics = [];
  }
  if (results.length !== Number(planned)) throw new Error(`${planned} planned, ${results.length} there`);
  return results;
}

/**
 * Small logs that were once judged wrong, each by name: NAME.log beside NAME.json, which says of what kind it is and what is right. `judged` has an entry for
 * each set of options: class and whatever else is to be held; `says` and `never` are patterns that the terminal's report holds and does not hold.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { optionsOf } from '../src/eval/logs.ts';
import { triage } from '../src/reconstruct/triage.ts';
import { renderTerminal } from '../src/report/text/terminal.ts';

/** `cases`: logs that were judged wrong once. `made`: written from the place that the model names, in a real log's form, where no kernel's own log is at hand. */
const FOLDERS = ['test/fixtures/cases', 'test/fixtures/made'];

interface Judged {
  readonly flags?: readonly string[];
  readonly class: string;
  readonly hypothesis?: string | null;
  readonly outcome?: string | null;
  readonly title?: string;
  /** Of all crashes, in order; and which of them are corrupted, and whose they are. */
  readonly titles?: readonly string[];
  readonly corrupted?: readonly boolean[];
  readonly tasks?: readonly (string | null)[];
  readonly release?: string | null;
  readonly says?: readonly string[];
  readonly never?: readonly string[];
}

interface Case {
  readonly kind: string;
  readonly judged: readonly Judged[];
}

const namesIn = (folder: string) =>
  readdirSync(folder)
    .filter((f) => f.endsWith('.log'))
    .map((f) => f.slice(0, -'.log'.length));

describe.each(FOLDERS)('a log of %s', (folder) => {
  const names = namesIn(folder);

  it('has a file that says what is right', () => {
    const told = readdirSync(folder).filter((f) => f.endsWith('.json'));
    expect(told.map((f) => f.slice(0, -'.json'.length)).sort()).toEqual(names.sort());
  });

  for (const name of names) {
    const { kind, judged } = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as Case;
    for (const right of judged)
      it(`${name}${right.flags ? ` ${right.flags.join(' ')}` : ''}: ${kind}`, async () => {
        const bytes = readFileSync(`${folder}/${name}.log`);
        const boots = triage(bytes, { name: `${name}.log` }, optionsOf(right.flags ?? []));
        const boot = boots.find((b) => b.crashes.length > 0) ?? boots[0]!;
        const { verdict, kernel, crashes } = boot;
        // What the terminal's page leaves to the report is said as well.
        const page = await renderTerminal(boot, { columns: 120, colour: false, ascii: true });
        const rest = [
          verdict.sentence,
          ...verdict.because.map((b) => b.text),
          ...boot.diagnostics.map((d) => `${d.code} ${d.text}`),
        ];
        const text = [page, ...rest].join(' ').replace(/\s+/g, ' ');
        expect(verdict.class).toBe(right.class);
        if (right.hypothesis !== undefined) expect(verdict.hypothesis).toBe(right.hypothesis);
        if (right.outcome !== undefined) expect(verdict.outcome).toBe(right.outcome);
        if (right.title !== undefined) expect(crashes.map((c) => c.incident.title)).toContain(right.title);
        if (right.titles !== undefined) expect(crashes.map((c) => c.incident.title)).toEqual(right.titles);
        if (right.corrupted !== undefined)
          expect(crashes.map((c) => c.incident.corrupted !== null)).toEqual(right.corrupted);
        if (right.tasks !== undefined) expect(crashes.map((c) => c.incident.comm)).toEqual(right.tasks);
        if (right.release !== undefined) expect(kernel.release).toBe(right.release);
        for (const pattern of right.says ?? []) expect(text).toMatch(new RegExp(pattern));
        for (const pattern of right.never ?? []) expect(text).not.toMatch(new RegExp(pattern));
      });
  }
});

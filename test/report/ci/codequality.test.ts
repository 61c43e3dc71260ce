import { describe, expect, it } from 'vitest';
import { rendererFor } from '../../../src/report/render.ts';
import * as fixtures from '../fixture.ts';
import { rendered, sample } from '../samples.ts';

interface Entry {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

async function entries(...triages: readonly (typeof fixtures.confirmedTriage)[]): Promise<readonly Entry[]> {
  return JSON.parse(await rendered('codequality', triages));
}

describe('--format codequality', () => {
  it('has the fields that GitLab asks for, with one of its severities', async () => {
    const [one] = await entries(...sample('qcom-null-priv-5.10'));
    expect(one).toEqual({
      description: expect.stringMatching(
        /^CONFIRMED: BUG: unable to handle kernel NULL pointer dereference in qcom_iommu_of_xlate\. This crash is the race /,
      ),
      check_name: 'oopsreplay/confirmed',
      fingerprint: expect.stringMatching(/^oopsreplay:samples\/dmesg\/qcom-null-priv-5\.10\.log:0:BUG: /),
      severity: 'critical',
      location: { path: 'samples/dmesg/qcom-null-priv-5.10.log', lines: { begin: 91 } },
    });
  });

  it('is as severe as the verdict, and has no entry where nothing crashed', async () => {
    const all = await entries(
      fixtures.confirmedTriage,
      fixtures.possibleTriage,
      fixtures.insufficientTriage,
      fixtures.excludedTriage,
      fixtures.noCrashTriage,
    );
    expect(all.map(({ severity }) => severity)).toEqual(['critical', 'major', 'info', 'minor']);
    expect(await entries(fixtures.noCrashTriage)).toEqual([]);
  });

  it('is a list also where no log was judged, and knows a finding again wherever its lines stand', async () => {
    const none = await rendererFor('codequality', { columns: 80, colour: false, ascii: false, several: false });
    expect(JSON.parse(none.end())).toEqual([]);
    const of = fixtures.confirmedTriage;
    const boots = [of, { ...of, log: { ...of.log, source: { ...of.log.source, boot: 1 } } }];
    const marks = (await entries(...boots)).map(({ fingerprint }) => fingerprint);
    expect(new Set(marks).size).toBe(2);
    expect((await entries(of))[0]!.fingerprint).toBe(marks[0]);
  });

  it('names a path as GitLab has it, and standard input by a word', async () => {
    const at = async (name: string) => {
      const of = fixtures.confirmedTriage;
      return (await entries({ ...of, log: { ...of.log, source: { ...of.log.source, name } } }))[0]!.location.path;
    };
    expect(await at('./logs/a.log')).toBe('logs/a.log');
    expect(await at('-')).toBe('stdin');
    expect(await at('a\u001b[31m.log')).not.toContain('\u001b');
  });
});

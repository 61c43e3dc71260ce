import { describe, expect, it } from 'vitest';
import { identifyKernel } from '../../../src/reconstruct/kernel/kernel.ts';
import type { TriageOptions } from '../../../src/reconstruct/types.ts';
import { adviceFor } from '../../../src/reconstruct/verdict/next.ts';
import { confirmedTriage } from '../../report/fixture.ts';
import { boot, type CrashText, crash } from '../crash.ts';

function advice(text: CrashText, options: TriageOptions = {}, verdict = confirmedTriage.verdict): string[] {
  const incident = crash(text);
  return adviceFor(identifyKernel(boot([incident]), incident, options), verdict).map((c) => c.text);
}

describe('adviceFor', () => {
  it('names the release of the branch that has the fix', () => {
    expect(advice({ release: '6.1.55' })).toEqual([
      '6.1.y has a2e7e59a9426 since 6.1.68',
      'suggestion: update to 6.1.68 or later',
    ]);
  });

  it('takes the version from the build string where the release does not have it', () => {
    const build = '#1 SMP Debian 6.1.76-1 (2024-02-01)';
    const [, second] = advice({ release: '6.1.0-18-arm64', build }, { notFixed: ['a2e7e59a9426'] });
    expect(second).toContain('this tree is of 6.1.76 and lacks a2e7e59a9426');
  });

  it('gives both ways out where nothing is known of the kernel', () => {
    expect(advice({})).toEqual([expect.stringMatching(/^suggestion: move to 6\.6\.5, 6\.1\.68/)]);
  });

  it('says of another bug what closes it', () => {
    const verdict = { ...confirmedTriage.verdict, class: 'excluded' } as const;
    expect(advice({}, {}, { ...verdict, hypothesis: 'probe-vs-probe' })).toEqual([
      'probe-vs-probe is closed by 01657bc14a39, 0c8e9c148e29',
    ]);
    const [inEra] = advice({ release: '6.1.0' }, {}, { ...verdict, hypothesis: 'probe-vs-probe' });
    expect(inEra).toBe('probe-vs-probe is closed by 01657bc14a39');
    expect(advice({}, {}, { ...verdict, hypothesis: null })).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { againstTheLog } from '../../../src/reconstruct/kernel/against.ts';
import type { TriageOptions } from '../../../src/reconstruct/types.ts';
import { boot, crash } from '../crash.ts';

const incident = crash({ release: '6.1.55', pc: 'apple_dart_of_xlate+0x1/0x2' });
const against = (options: TriageOptions, of = incident) => againstTheLog(boot([of]), of, options);

describe('againstTheLog', () => {
  it('names the option, what the log shows, and the line', () => {
    expect(against({ kernel: '6.5.6' })).toEqual([
      { code: 'OR403', text: '--kernel 6.5.6 contradicts the log, which shows 6.1.55; the option was taken', line: 22 },
    ]);
    expect(against({ driver: 'rockchip' })).toMatchObject([{ code: 'OR403', line: 24 }]);
    expect(against({ arch: 'riscv' })[0]?.text).toContain('which shows arm64');
  });

  it('says nothing where the option agrees, or only says more', () => {
    expect(against({ kernel: '6.1.55' })).toEqual([]);
    expect(against({ kernel: 'v6.1.55' })).toEqual([]);
    expect(against({ kernel: '6.1' })).toEqual([]);
    expect(against({ driver: 'dart', arch: 'arm64' })).toEqual([]);
    expect(against({ notFixed: ['a2e7e59a9426'] })).toEqual([]);
  });

  it('reads what is printed with its build string: 6.1.0-18 of Debian is 6.1.76', () => {
    const debian = crash({ release: '6.1.0-18-arm64', build: '#1 SMP Debian 6.1.76-1 (2024-02-01)' });
    expect(against({ kernel: '6.1.76' }, debian)).toEqual([]);
    expect(against({ kernel: '6.1.0' }, debian)).toHaveLength(1);
  });

  it('says nothing where the log does not show it', () => {
    expect(against({ kernel: '6.5.6', driver: 'rockchip', arch: 'arm' }, crash({ arch: null }))).toEqual([]);
  });
});

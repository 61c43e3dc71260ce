import { describe, expect, it } from 'vitest';
import { isColoured } from '../../src/io/colour.ts';

const env = (over: Readonly<Record<string, string>> = {}) => ({ TERM: 'xterm-256color', ...over });

describe('colour', () => {
  it('is on a terminal only, and not on a dumb one', () => {
    expect(isColoured({ asked: undefined, terminal: true, env: env() })).toBe(true);
    expect(isColoured({ asked: undefined, terminal: false, env: env() })).toBe(false);
    expect(isColoured({ asked: undefined, terminal: true, env: env({ TERM: 'dumb' }) })).toBe(false);
  });

  it('is never with NO_COLOR, whatever else says so; an empty one is none', () => {
    for (const asked of [true, undefined])
      for (const more of [{ FORCE_COLOR: '' }, { FORCE_COLOR: '1' }]) {
        expect(isColoured({ asked, terminal: true, env: env({ NO_COLOR: '1', ...more }) })).toBe(false);
        expect(isColoured({ asked, terminal: true, env: env({ NO_COLOR: '', ...more }) })).toBe(true);
      }
  });

  it('is elsewhere where --color asks for it, and not because of FORCE_COLOR', () => {
    expect(isColoured({ asked: true, terminal: false, env: env() })).toBe(true);
    expect(isColoured({ asked: undefined, terminal: false, env: env({ FORCE_COLOR: '1' }) })).toBe(false);
  });

  it('is on a terminal as FORCE_COLOR says', () => {
    expect(isColoured({ asked: undefined, terminal: true, env: env({ TERM: 'dumb', FORCE_COLOR: '1' }) })).toBe(true);
    expect(isColoured({ asked: undefined, terminal: true, env: env({ FORCE_COLOR: '' }) })).toBe(true);
    for (const none of ['0', 'false'])
      expect(isColoured({ asked: undefined, terminal: true, env: env({ FORCE_COLOR: none }) })).toBe(false);
  });

  it('is off with --no-color, also where FORCE_COLOR asks for it', () => {
    expect(isColoured({ asked: false, terminal: true, env: env({ FORCE_COLOR: '1' }) })).toBe(false);
  });
});

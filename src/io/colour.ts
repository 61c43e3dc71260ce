/**
 * Is text to be coloured? On a terminal only (CONTRACT), unless --color asks for it elsewhere: who sets FORCE_COLOR for a whole CI job does not mean the
 * report that is written to a file. NO_COLOR (no-color.org) has the last word, since whoever sets it can bear no colour anywhere.
 */
export interface ColourWish {
  /** --color (true), --no-color (false), or neither. */
  readonly asked: boolean | undefined;
  readonly terminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function isColoured({ asked, terminal, env }: ColourWish): boolean {
  if (env.NO_COLOR) return false;
  if (asked !== undefined) return asked;
  if (!terminal) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return env.TERM !== 'dumb';
}

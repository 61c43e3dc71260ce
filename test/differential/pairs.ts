/** Two exported models that differ in nothing but their first state, as one: compiling is most of SPIN's time. */

/** The line that a deferral adds to `init`, and the comment above it. */
const LEFT = /^ *\/\* Left by the deferred probe.*\n( *)(iommus\[1\]\.life = LIVE;.*);\n/m;

/** The environment under which the pair starts as the deferred retry, and as the first probe. */
export const DEFERRED = { LEFT_BY_DEFERRAL: '1' } as const;
export const FIRST = { LEFT_BY_DEFERRAL: '0' } as const;

/** The model that asks its environment in its atomic first step. Throws where the two differ in more than that. */
export function startsEitherWay(deferred: string, first: string): string {
  const body = (text: string) =>
    text.replace(/^\/\*[\s\S]*?\*\/\n/, '').replace(/\(deferred retry\)|\(first attempt\)/, '');
  if (body(deferred).replace(LEFT, '') !== body(first))
    throw new Error('deferred-retry and first-probe differ in more than their first state');
  return deferred
    .replace(
      LEFT,
      '$1c_code { left_by_deferral = atoi(getenv("LEFT_BY_DEFERRAL")); };\n$1if :: c_expr { left_by_deferral } -> $2 :: else fi;\n',
    )
    .replace(/^init \{/m, 'c_decl { static int left_by_deferral; }\n$&');
}

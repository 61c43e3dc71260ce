/** Which Node this needs (package.json, "engines"), said by whatever starts here before anything else is asked of it. */

const NEEDED = [20, 19] as const;

/** What is wrong with the Node of that version, or null; null too where there is none, as in a browser. */
export function tooOld(version: string | undefined): string | null {
  if (version === undefined) return null;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  return enough ? null : `needs Node.js ${NEEDED.join('.')} or later, this is ${version}`;
}

/** Throws where this runs in a Node that is too old: for who loads the library, or a thread, without the command. */
export function refuseOldNode(): void {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  const wrong = tooOld(process?.versions?.node);
  if (wrong !== null) throw new Error(`oopsreplay: ${wrong}`);
}

/** What the worker may be loaded from and what may become markup: nothing else on this page can (Trusted Types, where the browser has them). */
interface Trust {
  readonly createHTML: (text: string) => string;
  readonly createScriptURL: (url: string) => string;
}
const { trustedTypes } = globalThis as { readonly trustedTypes?: { createPolicy(name: string, rules: Trust): Trust } };
export const trust: Trust = trustedTypes?.createPolicy('oopsreplay', {
  createHTML: (text) => text,
  createScriptURL: (url) => url,
}) ?? { createHTML: (text) => text, createScriptURL: (url) => url };

/** Links from a page to the logs: relative to where the page is written, so that a folder of both can be moved and served. */
import { dirname, relative, resolve, sep } from 'node:path';

/** What an archive's name ends in, before the member's. */
const MEMBER = /\.(?:tar|tgz|tbz2?|txz|tzst|zip|tar\.\w{2,4})!/i;

/** The address of an input, of an archive's member the archive's. `page`: the file that the link stands in; null for one that is printed. */
export function hrefOf(path: string, page: string | null): string {
  const member = MEMBER.exec(path);
  const file = member === null ? path : path.slice(0, member.index + member[0].length - 1);
  const from = page === null ? process.cwd() : dirname(resolve(page));
  const steps = relative(from, resolve(file)).split(sep);
  // Behind "./" no name is taken for a scheme.
  return `./${steps.map(encodeStep).join('/')}`;
}

function encodeStep(step: string): string {
  try {
    return encodeURIComponent(step);
  } catch {
    // Half of a character.
    return encodeURIComponent(step.replace(/[\ud800-\udfff]/g, '\ufffd'));
  }
}

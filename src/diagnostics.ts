/**
 * Every diagnostic the program can print, in one place, so that a code in a bug report can be looked up.
 * OR1xx: the input's text; OR2xx: reading inputs; OR3xx: the model's bounds; OR4xx: contradictions found.
 */
export const DIAGNOSTICS = {
  OR101: 'a line was longer than the cap and was cut',
  OR102: 'the input holds binary data',
  OR103: 'the input is empty',
  OR104: 'a line was cut before its message ends',
  OR105: 'the work cap of the grammar was reached; later lines were not parsed',
  OR106: 'more crash reports than the cap; later ones were not read',
  OR107: 'messages were dropped before they reached the log',
  OR108: 'a boot has more lines of interest than are kept together; it was read in parts',
  OR109: 'compressed input is damaged or cut short; what came out of it was read',
  OR110: 'compressed input grows beyond the cap; the rest was not read',
  OR111: 'no kernel log is in the input',
  OR112: 'an encoding was taken off the whole input; line numbers are those of the decoded text',
  OR113: 'the input is encoded, and too large for that to be taken off; it was read as it stands',
  OR201: 'the input cannot be read',
  OR202: 'the input is larger than the cap and was cut',
  OR203: 'the input is not a regular file',
  OR204: 'a link is not followed',
  OR205: 'an archive in an archive is not opened',
  OR206: 'an archive is damaged or cut short; the members up to there were read',
  OR207: 'the input changed while it was read',
  OR208: 'the input holds more boots than are kept of one',
  OR301: 'the search ended at its budget and is not exhaustive',
  OR302: 'a defect in oopsreplay kept the log from being judged',
  OR303: 'a crash asks for more exploring than one log may; it was not judged',
  OR401:
    'the kernel carries the fix by its release, its tree or --fixed, but the log shows a crash that it makes unreachable',
  OR402: 'the kernel release is of a tree whose backports cannot be known from it',
  OR403: 'an option contradicts the log',
  OR404: 'the source tree contradicts the release that the log names',
  OR405: 'a vmlinux, a module or BTF is not of the kernel that crashed, or does not tell, and was not used',
  OR406: 'no symbolizer on this machine tells the source of the frames',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;

/** What is to be said of commands and options beyond their line of `--help`: for docs/CLI.md and the man page. A test holds the names to the commands. */

/** Paragraphs by command. */
export const ABOUT: Readonly<Record<string, readonly string[]>> = {
  triage: [
    'A log may be anything that holds kernel messages, in any mixture; `-`, or no path where standard input is no terminal, reads standard input. Options say what a log cannot, and win over it; where one contradicts what is printed there, the diagnostic OR403 says so, and a tree that contradicts the release is OR404.',
  ],
  report: [
    'All the evidence, how to backport the fix, how to reproduce the crash, what would settle what is open, and the crash as it was read.',
  ],
  reproduce: [
    'From a log, or from a witness that a report or `simulate` printed, to a folder with a kernel module (GPL-2.0, for arm64 and arm), its Kbuild and a page that says what to load when; without `--output` the page is printed. The plan is run on the model first. What cannot be forced is refused with the reason: docs/LAB.md says how it works, and what was forced on which kernels.',
  ],
  batch: [
    'Buckets by mechanism, then by title and frames, with counts, intervals, kernels, hardware and days. No link out of the folders that are named is followed, and neither devices nor FIFOs are opened.',
  ],
  worker: ['It needs `npm install bullmq ioredis`, as `batch --queue` does.'],
  affected: [
    'Without `--source` or `--git` the release alone decides, and a release that cannot be told is answered with "not known".',
  ],
  simulate: ['Every outcome, how many interleavings end in it, how few preemptions it needs, and a witness for each.'],
  page: [
    'A paste, files or a folder are judged in the browser, with the very verdicts of this command; the file asks for nothing and sends nothing. docs/PAGE.md says what it can do.',
  ],
  replay: [
    'Status 2 where the string is no whole run, 1 where `--expect` names another outcome than the run comes to.',
  ],
  mcp: [
    'Tools: triage (a text, or a path below `--root`), affected, simulate, replay, explain. It needs `npm install @modelcontextprotocol/sdk`; docs/MCP.md has how an assistant is told of it.',
  ],
  conform: [
    'It reads the buffer that `ftrace_dump_on_oops` prints, the files `trace` and `trace_pipe` of tracefs, and what `trace-cmd report` prints.',
  ],
};

/** What follows an option's line, by its long name in every command that has it, or by "command --name" in one. */
export const MORE: Readonly<Record<string, string>> = {
  '--fixed': '`a2e7e59a9426` or `01657bc14a39`, whatever the release says.',
  '--not-fixed': '`a2e7e59a9426` or `01657bc14a39`, whatever the release says.',
  '--source': "Six files are read, feature by feature; a vendor's mixture of releases is taken as what it is.",
  '--git':
    'The commit that the release names (`-g1a2b3c4d5e6f`), or its tag, without a checkout. Where the code cannot be read there, both commits are looked up: picks and reverts are known by their messages.',
  '--vmlinux':
    'ELF with BTF or DWARF: the exact place of every field, the instructions before pc, and function, inlined callers, file and line of each frame where `llvm-symbolizer` or an `addr2line` for it is installed. It must be what ran, by `Code:` against its text, build id or banner, else it is not used and OR405 says why.',
  '--btf': 'It names no kernel, and is let go where it does not fit.',
  '--code': 'Such as `{"era": "C", "lock": "static"}`: vendors\' trees are hybrids.',
  'triage --baseline':
    'How far the boot that was cut had got, what it was about to print, and whether an IOMMU instance was registering there.',
  'report --baseline':
    'How far the boot that was cut had got, what it was about to print, and whether an IOMMU instance was registering there.',
  '--redact': 'The same placeholder in all formats and over all logs of a run.',
  '--follow':
    'Rotation and truncation as `tail -F`; a report is judged as soon as it is over, or after two seconds in which no more of it came.',
  '--expect': 'The words that `simulate` prints.',
  '--budget':
    'Beyond it the search is done again with partial-order reduction, which finds every outcome but counts nothing.',
  'batch --baseline': "Fisher's exact test, Holm's correction.",
  '--queue': 'A worker that dies loses nothing.',
};

/** Options that say what a log cannot, and those about output; shared by the commands that judge logs. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { complain } from '../exit.ts';
import { ARCHES, FAIL_ON } from '../options.ts';
import { FORMATS, type Format } from '../report/render.ts';
import { NEWEST_READ } from '../sim/eras/known.ts';
import { withOutput } from './destination.ts';

const RELEASE = /^v?(\d+)\.(\d+)/;

export function kernelVersion(value: string): string {
  if (!RELEASE.test(value)) throw new InvalidArgumentError('A kernel release begins like 6.5 or 6.5.6.');
  complainBeyond('--kernel', value);
  return value;
}

/** Says on standard error where a release is newer than any whose source was read: of it nothing is known but that it comes later. */
export function complainBeyond(asked: string, release: string): void {
  const [, major, minor] = RELEASE.exec(release) ?? [];
  const [newest = 0, last = 0] = NEWEST_READ.split('.').map(Number);
  if (Number(major) > newest || (Number(major) === newest && Number(minor) > last))
    complain(`${asked} ${release}: beyond ${newest}.${last}, the newest kernel that was read; taken to behave like it`);
}

export function driverName(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('A name is needed.');
  return value;
}

export function commits(value: string, before: readonly string[] = []): readonly string[] {
  if (!/^[0-9a-f]{8,40}$/i.test(value))
    throw new InvalidArgumentError('A commit is 8 to 40 hexadecimal digits, such as a2e7e59a9426.');
  return [...before, value.toLowerCase()];
}

export function files(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds the options to a command. The default format differs between commands. */
export function withLogOptions(command: Command, defaultFormat: Format): Command {
  command
    .addOption(new Option('--format <name>', 'how to print it').choices(FORMATS).default(defaultFormat))
    .addOption(new Option('--kernel <release>', 'kernel release, where the log does not say').argParser(kernelVersion))
    .addOption(new Option('--driver <name>', 'IOMMU driver, such as apple-dart').argParser(driverName))
    .addOption(new Option('--arch <name>', 'architecture').choices(ARCHES))
    .addOption(new Option('--fixed <commit>', 'the kernel carries this commit (repeatable)').argParser(commits))
    .addOption(new Option('--not-fixed <commit>', 'the kernel lacks this commit (repeatable)').argParser(commits))
    .option('--source <dir>', "the kernel's source tree: which code it has is read there, whatever its release says")
    .option(
      '--git <dir>',
      "the same, and the commits, in a clone of the kernel's source at the release's commit; read-only",
    )
    .addOption(
      new Option(
        '--vmlinux <file>',
        "the kernel's own vmlinux, and modules (repeatable): exact layouts, code, lines",
      ).argParser(files),
    )
    .option('--btf <file>', 'raw BTF of the kernel, as /sys/kernel/btf/vmlinux: exact layouts')
    .option('--code <file>', "the kernel's code as a JSON file of features (docs/MODEL.md): judged as it is")
    .option('--baseline <log>', 'a good boot of the same machine: where in it was this one cut?')
    .option('--ascii', 'no character outside ASCII in text')
    .option('--redact', 'host and user names, addresses of networks and serial numbers as placeholders')
    .option('--color', 'colour text even where it goes into a pipe')
    .option('--no-color', 'never colour text');
  return withOutput(command)
    .addOption(new Option('--fail-on <level>', 'exit with 1 if a verdict is at or above it').choices(FAIL_ON))
    .option('--junit-suite <name>', 'junit: name of the suite')
    .option('--kcidb-origin <name>', 'kcidb: the system that submits')
    .option('--kcidb-build-id <id>', 'kcidb: the build that the log is of')
    .option('--kcidb-test-id <id>', 'kcidb: the test that the log is of');
}

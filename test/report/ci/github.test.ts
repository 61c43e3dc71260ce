import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { size } from '../../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from '../attacks.ts';
import * as fixtures from '../fixture.ts';
import { rendered, sample } from '../samples.ts';

interface Command {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** As the runner reads a line (actions/runner, ActionCommand.TryParseV2): the command up to a blank, properties by comma and "=", then the message. */
function read(line: string): Command {
  const match = /^::([a-z]+)(?: (.*?))?::(.*)$/.exec(line);
  if (match === null) throw new Error(`no workflow command: ${line}`);
  const plain = (text: string) =>
    text.replace(/%(25|0D|0A|3A|2C)/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  const pairs = (match[2] ?? '').split(',').filter((pair) => pair !== '');
  const properties = Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), plain(pair.slice(pair.indexOf('=') + 1))]),
  );
  return { command: match[1]!, properties, message: plain(match[3]!) };
}

async function commands(...triages: readonly (typeof fixtures.confirmedTriage)[]): Promise<readonly Command[]> {
  const text = await rendered('github', triages);
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n').map(read);
}

describe('--format github', () => {
  it('is an error, a warning or a notice by class, and a debug message where nothing crashed', async () => {
    const all = await commands(
      fixtures.confirmedTriage,
      fixtures.possibleTriage,
      fixtures.insufficientTriage,
      fixtures.excludedTriage,
      fixtures.noCrashTriage,
      sample('dart-release-says-fixed-6.6')[0]!,
    );
    expect(all.map((c) => c.command)).toEqual(['error', 'warning', 'notice', 'notice', 'debug', 'warning']);
  });

  it('names the file, the lines of the crash and the verdict, and what to do next', async () => {
    const [one] = await commands(...sample('qcom-null-priv-5.10'));
    expect(one!.properties).toEqual({
      file: 'samples/dmesg/qcom-null-priv-5.10.log',
      line: '91',
      endLine: '151',
      title: 'CONFIRMED: BUG: unable to handle kernel NULL pointer dereference in qcom_iommu_of_xlate',
    });
    expect(one!.message).toMatch(
      /^This crash is the race between .*\nnext:\n- no release of 5\.10\.y has a2e7e59a9426/s,
    );
  });

  it('names no file for standard input', async () => {
    const { log } = fixtures.confirmedTriage;
    const [one] = await commands({
      ...fixtures.confirmedTriage,
      log: { ...log, source: { ...log.source, name: '-' } },
    });
    expect(Object.keys(one!.properties)).toEqual(['title']);
  });

  it.each(
    Object.entries({
      ...ATTACKS,
      'a second command': 'x\n::error::owned',
      'the end of the properties': 'a::error file=/etc/passwd::owned',
      'another property': 'a,line=999,title=owned',
      'escapes of its own': '%0A::error::owned%3A%2C%25',
    }),
  )('is one command with our properties, whatever a log says: %s', async (_, evil) => {
    await isOne(evil);
  });

  it(`is one command with our properties, whatever a log says (seed ${SEED})`, async () => {
    await fc.assert(fc.asyncProperty(hostile, isOne), { seed: SEED, numRuns: size(200, 5000) });
  });

  async function isOne(evil: string): Promise<void> {
    const all = await commands(fixtures.hostileTriage(evil));
    expect(all).toHaveLength(1);
    expect(all[0]!.command).toBe('error');
    expect(Object.keys(all[0]!.properties).filter((key) => evil !== '-' || key !== 'file')).toEqual(
      evil === '-' ? ['title'] : ['file', 'line', 'endLine', 'title'],
    );
    expect(all[0]!.properties.title).toMatch(/^CONFIRMED: BUG: in /);
    expect(activeIn(await rendered('github', [fixtures.hostileTriage(evil)]))).toBeNull();
  }
});

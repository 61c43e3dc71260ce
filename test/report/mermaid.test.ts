/** The sequence diagram is one to mermaid's own parser, and text in it stays text. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import mermaidLibrary from 'mermaid';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import { sequenceDiagram } from '../../src/report/markdown/mermaid.ts';
import { size } from '../size.ts';
import { ATTACKS, hostile, SEED } from './attacks.ts';
import * as fixtures from './fixture.ts';

interface Sequence {
  readonly db: {
    getActors(): Map<string, { description: string }>;
    getMessages(): readonly { type: number; from: string; to: string; message: string }[];
  };
}

async function read(text: string): Promise<Sequence['db']> {
  const { db } = (await mermaidLibrary.mermaidAPI.getDiagramFromText(text)) as unknown as Sequence;
  return db;
}

const shape = async (text: string) => {
  const db = await read(text);
  return [[...db.getActors().keys()], db.getMessages().map(({ type, from, to }) => [type, from, to])];
};

const drawn = (text: string) => sequenceDiagram(fixtures.hostileTriage(text).verdict.story!).join('\n');

describe('the sequence diagram', () => {
  it.each(['dart-null-priv-6.1', 'qcom-null-priv-5.10', 'double-error-exit-5.10', 'smmuv3-kasan-uaf-6.6'])(
    'is accepted by mermaid: %s',
    async (name) => {
      const file = `samples/dmesg/${name}.log`;
      const notFixed = name.endsWith('5.10') ? {} : { notFixed: ['a2e7e59a9426'] };
      const [one] = triage(readFileSync(file), { name: file }, notFixed);
      const text = sequenceDiagram(one!.verdict.story!).join('\n');
      expect(await mermaidLibrary.parse(text)).toMatchObject({ diagramType: 'sequence' });
      const db = await read(text);
      expect([...db.getActors().keys()]).toEqual(['T0', 'D', 'T1']);
      expect(db.getMessages().length).toBe(text.split('\n').length - 4);
    },
  );

  it('is refused by mermaid where it is none, so that the check above means something', async () => {
    await expect(mermaidLibrary.parse('sequenceDiagram\n  T0->>')).rejects.toThrow();
  });

  it.each(Object.keys(ATTACKS))('gives no power to: %s', async (name) => {
    expect(await shape(drawn(ATTACKS[name]!))).toEqual(await shape(drawn('device')));
  });

  it(`gives no power to any text (seed ${SEED})`, async () => {
    const wanted = await shape(drawn('device'));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        expect(await shape(drawn(text))).toEqual(wanted);
      }),
      { seed: SEED, numRuns: size(40, 600) },
    );
  });
});

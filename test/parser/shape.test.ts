import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutFraming } from '../../src/parser/framings/index.ts';
import { Memory, match, Reader, type Reading } from '../../src/parser/grammars/read.ts';
import { fromShape, intoShape, shapeOf } from '../../src/parser/grammars/shape.ts';
import { readMessage } from '../../src/parser/grammars/understand.ts';
import { size } from '../size.ts';

/** SHAPES names another folder of logs to try. */
const FOLDER = process.env.SHAPES ?? 'test/fixtures/logs';

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder).sort()) {
    const path = join(folder, entry);
    if (statSync(path).isDirectory()) yield* files(path);
    else if (!entry.endsWith('.json')) yield path;
  }
}

function* messages(): Generator<string> {
  const seen = new Set<string>();
  for (const path of files(FOLDER))
    for (const line of readFileSync(path, 'utf8').split('\n'))
      for (const { text } of cutFraming(line.slice(0, 4096)))
        if (!seen.has(text)) {
          seen.add(text);
          yield text;
        }
}

/** What a reading says, by its parts' names. */
function told(reading: Reading | null): unknown {
  if (reading === null) return null;
  const names = new Set((match_(reading) ?? []).map(([name]) => name));
  return [reading.rule, [...names].map((name) => [name, reading.all(name)])];
}

function match_(reading: Reading) {
  for (const grammar of ['context', 'dumps', 'events', 'faults', 'frames', 'reports'] as const) {
    try {
      const parts = match(grammar, reading.rule, reading.text);
      if (parts !== null) return parts;
    } catch {
      // That grammar has no such rule.
    }
  }
  return null;
}

describe('shapes', () => {
  it('let one message be read for another only where a matcher of its own says the same', () => {
    const shared = new Reader(1e12, 4096);
    let read = 0;
    for (const text of messages()) {
      const alone = told(readMessage(new Reader(1e12, 4096, new Memory()), text));
      expect(told(readMessage(shared, text)), text).toEqual(alone);
      if (alone !== null) read++;
    }
    expect(read).toBeGreaterThan(500);
    // A fraction of what matching each message would take.
    expect(shared.work / read).toBeLessThan(60);
  });

  it('come to the same whichever of their messages was met first, where a line is cut inside a name that begins as a number does', () => {
    const heads = [
      'lr : ',
      'pc : ',
      'LR is at ',
      'ra : ',
      'RIP: ',
      'NIP [c000000000012345] ',
      'pstate: ',
      'Oops: general protection fault: ',
    ];
    const cut = ['devm_', 'pci_vpd_', 'fault_in_', 'zone_', 'add_', 'bedroom', 'mutex', 'decade9x'];
    const readBy = (reader: Reader, text: string) => {
      const reading = readMessage(reader, text);
      return reading === null ? null : [reading.rule, reading.get('hex'), reading.get('symbol')];
    };
    const fresh = () => new Reader(1e9, 4096, new Memory());
    for (const head of heads)
      for (const first of cut)
        for (const then of cut) {
          const reader = fresh();
          readBy(reader, head + first);
          expect(readBy(reader, head + then), `${head}${then} behind ${first}`).toEqual(readBy(fresh(), head + then));
        }
  });

  it('keep places: into the shape and back is where one was, but inside a word', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcxyz_ +/[]0x19.:('), maxLength: 60 }), (text) => {
        const shape = shapeOf(text);
        for (let at = 0; at <= text.length; at++) {
          const place = intoShape(shape.words, at);
          if (place >= 0) expect(fromShape(shape.words, place)).toBe(at);
        }
        expect(intoShape(shape.words, text.length)).toBe(shape.key.length);
      }),
      { seed: 4, numRuns: size(3000, 50_000), verbose: 1 },
    );
  });

  it('are the same for frames of any symbol, and others for words that a rule knows', () => {
    const key = (text: string) => shapeOf(text).key;
    expect(key(' apple_dart_of_xlate+0x54/0x1f8 [apple_dart]')).toBe(key(' qcom_of_probe+0x4/0x18 [some_mod]'));
    expect(key('Tainted: G')).not.toBe(key('Painted: G'));
    expect(key('Kernel panic - not syncing: x')).not.toBe(key('Kernel manic - not syncing: x'));
    expect(key(' task: a')).not.toBe(key(' bask: a'));
  });
});

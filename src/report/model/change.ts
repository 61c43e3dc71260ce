/** What a change of the code does (`simulate --set`): the table without it and with it, and the difference. */
import { featureNamed, valueNamed } from '../../sim/eras/features.ts';
import type { Simulation } from '../../sim/simulate.ts';
import type { OutcomeRow } from '../../sim/types.ts';
import { sanitize } from '../safe/sanitize.ts';
import { hang } from '../text/layout.ts';
import { type SimulationPage, simulationJson, simulationText } from './model.ts';

const WIDTH = 80;

interface Difference {
  /** Outcomes that are gone with the change, those that stay, and those that are there only with it. */
  readonly closes: readonly OutcomeRow[];
  readonly leaves: readonly OutcomeRow[];
  readonly opens: readonly OutcomeRow[];
  /** Both searches came to their end: what is not listed is not there. */
  readonly exhaustive: boolean;
}

function differenceOf(before: Simulation, after: Simulation): Difference {
  const names = (s: Simulation) => new Set(s.outcomes.map((o) => o.outcome));
  const [old, now] = [names(before), names(after)];
  return {
    closes: before.outcomes.filter((o) => !now.has(o.outcome)),
    leaves: after.outcomes.filter((o) => old.has(o.outcome)),
    opens: after.outcomes.filter((o) => !old.has(o.outcome)),
    exhaustive: before.exhaustive && after.exhaustive,
  };
}

/** "lock=global (a2e7e59a9426; v6.7, 6.6.5, 6.1.68)" for each feature that was set. */
function commitWords(set: string): string {
  const each = set.split(',').map((part) => {
    const [name, text] = part.trim().split('=') as [string, string];
    const value = valueNamed(featureNamed(name)!, text)!;
    const by = [value.commit ?? [], value.since === null ? 'in no release' : `since ${value.since}`].flat().join(', ');
    return `${name}=${value.token} (${by})`;
  });
  return each.join(', ');
}

function listed(what: string, rows: readonly OutcomeRow[]): string[] {
  if (rows.length === 0) return [`${what} nothing`];
  return [`${what}:`, ...rows.map((o) => `  ${o.outcome}${o.crash ? '' : '  (quiet)'}`)];
}

/** The page with the change, to stand under the one without, and the difference. `set` is what --set was given, which was found right. */
export function changeText(set: string, before: SimulationPage, after: SimulationPage): string {
  const { closes, leaves, opens, exhaustive } = differenceOf(before.simulation, after.simulation);
  return [
    ...hang('with ', sanitize(commitWords(set)), WIDTH),
    simulationText(after),
    ...(exhaustive
      ? []
      : hang('', 'not all was searched: an outcome that is not listed may be there all the same', WIDTH)),
    ...listed('the change closes', closes),
    ...listed('it leaves', leaves),
    ...listed('it opens', opens),
    '',
  ].join('\n');
}

/** The same for programs: the object under "set". */
export function changeJson(set: string, before: SimulationPage, after: SimulationPage) {
  const { closes, leaves, opens, exhaustive } = differenceOf(before.simulation, after.simulation);
  const names = (rows: readonly OutcomeRow[]) => rows.map((o) => o.outcome);
  const { milliseconds: _, kernel: __, ...simulation } = simulationJson(after, 0);
  return { features: set, simulation, closes: names(closes), leaves: names(leaves), opens: names(opens), exhaustive };
}

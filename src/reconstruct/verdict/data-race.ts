/** The verdict on a KCSAN report. */
import { exists } from '../../sim/drivers/exists.ts';
import { HYPOTHESES } from '../../sim/hypotheses/hypotheses.ts';
import type { EraId } from '../../sim/types.ts';
import type { Case } from '../evidence/case.ts';
import { hasFix } from '../kernel/code.ts';
import type { Verdict } from '../types.ts';
import { excluded } from './excluded.ts';
import { base } from './figures.ts';
import {
  conflictClaim,
  conflictIn,
  dataRaceSentence,
  isOfTheRace,
  NO_CRASH_YET,
  otherDataRace,
  racingClaims,
  racingOf,
} from './racing.ts';
import { driversFor, RACE_ID, shapeWithout } from './search.ts';
import { NOT_FIXED, settleOpen, TRACE } from './settle.ts';
import { words } from './words.ts';

/** Possible where the two threads are the race's and its fix orders them; excluded where another hypothesis or other code has the conflict. */
export function dataRace(crash: Case, eras: readonly EraId[]): Verdict {
  const racing = racingOf(crash);
  const { line } = crash.incident.span;
  if (racing === null || !isOfTheRace(racing)) return excluded(crash, [], otherDataRace(racing, line, eras), eras);
  const { drivers } = driversFor(crash.driver.name, crash.driver.candidates, racing.places[0]);
  const found =
    eras
      .map((era) =>
        conflictIn(
          racing,
          crash.kernel,
          era,
          drivers.filter((d) => exists(d, era)),
        ),
      )
      .find((c) => c !== null) ?? null;
  const fixed = eras.filter((e) => hasFix(crash.kernel, e));
  const without =
    found === null && fixed.length > 0
      ? conflictIn(racing, crash.kernel, shapeWithout(fixed), drivers, 'static')
      : null;
  const conflict = found ?? without;
  if (conflict === null) return excluded(crash, [], otherDataRace(racing, line, eras), eras);
  const { hypothesis } = conflict.attribution;
  const told = [...racingClaims(racing), conflictClaim(conflict)];
  if (hypothesis !== RACE_ID) {
    const { means } = HYPOTHESES.get(hypothesis)!;
    return {
      ...base(crash, null, null),
      hypothesis,
      because: told,
      sentence: `This data race is not the race between of_iommu_configure() and iommu_probe_device(), but ${hypothesis}: ${means}.`,
    };
  }
  const fixOpen = crash.kernel.fix.status === 'unknown';
  const settle = settleOpen(crash, {
    kernel: crash.kernel.release === null,
    fix: fixOpen,
    field: false,
    rivals: [],
    freed: false,
  });
  return {
    ...base(crash, null, null),
    class: 'possible',
    hypothesis,
    because: [
      ...told,
      NO_CRASH_YET,
      ...(without ? [words.dataRaceInFixed(crash)] : fixOpen ? [words.fixOpen(crash.kernel)] : []),
    ],
    settle: [...(without ? [NOT_FIXED] : []), ...settle, TRACE],
    sentence: `${dataRaceSentence(racing)}${without ? ` ${words.dataRaceInFixed(crash).text}.` : ''}`,
    contradiction: without !== null,
  };
}

/** Results counted: outcomes of the model, forced, seen as said, otherwise, not forceable. */
export function table(rows) {
  const groups = grouped(rows, (row) => `${row.kernel} ${row.driver} ${row.scenario}`);
  const head = ['kernel', 'driver', 'scenario', 'outcomes', 'forced', 'as said', 'otherwise', 'not forceable'];
  const lines = [...groups.values()].map((of) => {
    const n = (result) => of.filter((row) => row.result === result).length;
    const forced = of.filter((row) => row.result !== 'not forceable');
    return [
      of[0].kernel,
      of[0].driver,
      of[0].scenario,
      of.length,
      forced.length,
      n('as said'),
      forced.length - n('as said'),
      n('not forceable'),
    ];
  });
  return markdown(head, lines);
}

/** Boots at random by kernel and driver: boots, crashes, crashes of the model and outside it. */
export function chances(rows) {
  const head = ['kernel', 'driver', 'boots', 'crashes', 'of the model', 'outside'];
  const lines = [...grouped(rows, (row) => `${row.kernel} ${row.driver}`).values()].map((of) => {
    const n = (result) => of.filter((row) => row.result === result).length;
    const [inside, outside] = [n('of the model'), n('outside the model')];
    return [of[0].kernel, of[0].driver, of.length, inside + outside, inside, outside];
  });
  return markdown(head, lines);
}

const markdown = (head, lines) =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Node 20 has no Map.groupBy(). */
function grouped(rows, keyOf) {
  const out = new Map();
  for (const row of rows) out.set(keyOf(row), [...(out.get(keyOf(row)) ?? []), row]);
  return out;
}

/** Results counted: outcomes of the model, forced, seen as said, otherwise, not forceable. */
export function table(rows) {
  const groups = Map.groupBy
    ? Map.groupBy(rows, (row) => `${row.kernel} ${row.driver} ${row.scenario}`)
    : grouped(rows);
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
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Node 20 has no Map.groupBy(). */
function grouped(rows) {
  const out = new Map();
  for (const row of rows) {
    const key = `${row.kernel} ${row.driver} ${row.scenario}`;
    out.set(key, [...(out.get(key) ?? []), row]);
  }
  return out;
}

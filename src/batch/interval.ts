/** How sure a share is, and whether two shares differ. */

/** Two-sided 95 %. */
const Z = 1.959963984540054;

export interface Share {
  readonly count: number;
  readonly of: number;
  /** Bounds of the share's 95 % interval by Wilson (1927): sound for few logs and for shares near 0 and 1. */
  readonly low: number;
  readonly high: number;
}

export function shareOf(count: number, of: number): Share {
  if (of === 0) return { count, of, low: 0, high: 1 };
  const share = count / of;
  const scale = 1 + (Z * Z) / of;
  const middle = (share + (Z * Z) / (2 * of)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
  return {
    count,
    of,
    low: count === 0 ? 0 : Math.max(0, middle - half),
    high: count === of ? 1 : Math.min(1, middle + half),
  };
}

/** ln n! by Stirling's series, exact sums below it. */
function lnFactorial(n: number): number {
  if (n < 32) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  const x = n + 1;
  return (
    (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  );
}

const lnChoose = (n: number, k: number) => lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);

/**
 * Fisher's exact test, two-sided, of a out of n against b out of m: how likely a split at least as unlikely as this one is if both shares are
 * the same. Sums outwards from the split itself, so that it takes as long as the smaller count.
 */
export function fisher(a: number, n: number, b: number, m: number): number {
  const hits = a + b;
  const from = Math.max(0, hits - m);
  const to = Math.min(n, hits);
  const base = lnChoose(n + m, hits);
  const ln = (i: number) => lnChoose(n, i) + lnChoose(m, hits - i) - base;
  // As R does: what differs by rounding alone is as unlikely.
  const bound = ln(a) + 1e-7;
  let p = 0;
  for (let i = from; i <= to; i++) {
    const one = ln(i);
    if (one <= bound) p += Math.exp(one);
  }
  return Math.min(1, p);
}

/** Holm's correction: the values as they are when all of them were looked at. In the same order. */
export function holm(values: readonly number[]): readonly number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const corrected = new Array<number>(values.length);
  let most = 0;
  order.forEach((index, rank) => {
    most = Math.max(most, Math.min(1, values[index]! * (values.length - rank)));
    corrected[index] = most;
  });
  return corrected;
}

/**
 * Integers in the same proportions as nonnegative finite weights with a positive sum, their sum below 2^62, so that
 * "is the cumulative weight exactly half?" has an exact answer whatever the order of summation. Exact unless the
 * weights span more than 2^61; then rounded to 2^-61 of their sum.
 */
export function integerWeights(weights: readonly number[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exponent = 61 - Math.ceil(Math.log2(sum));
  // In two factors, because 2^exponent itself may be beyond the range of numbers.
  const half = exponent >> 1;
  const integers = weights.map((weight) => BigInt(Math.round(weight * 2 ** half * 2 ** (exponent - half))));
  const bits = integers.reduce((a, b) => a | b, 0n);
  const common = bits & -bits;
  return integers.map((integer) => integer / common);
}

/** Which ranks (0 is the smallest value) the first value whose cumulative weight exceeds `threshold` may have. */
export function possibleRanks(
  weights: readonly bigint[],
  threshold: bigint,
): { first: number; last: number } {
  const ascending = [...weights].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const exceeds = (ordered: readonly bigint[]): number => {
    let sum = 0n;
    return ordered.findIndex((weight) => (sum += weight) > threshold);
  };
  return { first: exceeds([...ascending].reverse()), last: exceeds(ascending) };
}

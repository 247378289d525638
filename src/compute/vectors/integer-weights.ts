/** Weights as integers, and where half of them lies: whether a cumulative weight is half has one exact answer. */
export interface Halves {
  integers: bigint[];
  total: bigint;
  /** The first value whose cumulative weight exceeds this is the one that reaches half the weight. */
  lower: bigint;
  /** The first value whose cumulative weight exceeds this is the first beyond half the weight. */
  upper: bigint;
}

/**
 * Halves nonnegative finite weights with a positive, finite sum. Whole numbers count as they are. Any other weight
 * stands for all numbers that round to it, so a cumulative weight is half where half a unit in the last place of each
 * can make up the difference: 0.1 and 0.2 weigh as much as 0.3, and three times 1/3 as much as 1.
 */
export function halves(weights: readonly number[]): Halves {
  const scaled = scale(weights);
  const { integers, common } = rounded(scaled);
  const total = integers.reduce((a, b) => a + b, 0n);
  const doubts = scaled.map(
    (weight, i) => (Number.isInteger(weights[i]) ? 0 : halfUnit(weight)) + rounding(weight),
  );
  const doubt = BigInt(Math.ceil(doubts.reduce((a, b) => a + b, 0)));
  // Half is where twice the cumulative weight is less than this from the total: 1 where the two must be equal.
  const slack = doubt > common ? (doubt + common - 1n) / common : 1n;
  return { integers, total, lower: (total - slack) / 2n, upper: (total + slack - 1n) / 2n };
}

/**
 * Integers in the same proportions as nonnegative finite weights with a positive, finite sum, their sum below 2^62.
 * Exact unless the weights span more than 2^61; then rounded to 2^-61 of their sum.
 */
export function integerWeights(weights: readonly number[]): bigint[] {
  return rounded(scale(weights)).integers;
}

/** Weights with a sum from 2^60 to 2^61. */
function scale(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exponent = 61 - Math.ceil(Math.log2(sum));
  // In two factors, because 2^exponent itself may be beyond the range of numbers.
  const half = exponent >> 1;
  return Array.from(weights, (weight) => weight * 2 ** half * 2 ** (exponent - half));
}

/** Rounded to integers, and these without the greatest power of two that all have in common. */
function rounded(scaled: readonly number[]): { integers: bigint[]; common: bigint } {
  const integers = scaled.map((weight) => BigInt(Math.round(weight)));
  const bits = integers.reduce((a, b) => a | b, 0n);
  const common = bits & -bits;
  return { integers: integers.map((integer) => integer / common), common };
}

/** What rounding to an integer may have changed. */
function rounding(weight: number): number {
  return Number.isInteger(weight) ? 0 : 0.5;
}

/** Half a unit in the last of the 53 bits of a positive number. */
function halfUnit(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  return 2 ** ((2 ** exponent > value ? exponent - 1 : exponent) - 53);
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

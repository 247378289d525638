import { PairMemory } from './pair-memory.js';
import { MedianOrder, mostWeight, RunningMedian, type Weighed } from './running-median.js';
import type { SimdMemory, SimdVector } from './simd-memory.js';
import type { Tie } from './vectors.js';

/**
 * From so many rows on a running median is faster than one of all rows anew, which sorting networks make. With d = 16,384
 * and one row that changes, in ms: of 64 rows 6.5 against 4.0, of 100 rows 5 to 6 against 6 to 8, of 128 rows 3.9 against
 * 8, of 1000 rows 2.6 against 190.
 */
export const fewestRows = 100;

/** Of so many rows one may come or go, or change its weight: a change costs as much as 10 to 20 rows sorted. */
const rowsPerChange = 50;

/** Of a running median's effort how much is left after one more. */
const lasting = 0.9;
/** It is given up where the median leaves a fifth of the windows each time, as it does where one row has most weight. */
const mostEffort = 2;
/** How often all rows are sorted before it is tried again. */
const pause = 200;

/**
 * What stacks that are made one after another leave to the next. Vectors are immutable, so a row is the same where it is
 * the same object. Nothing of this is a run's state: without it results are the same, to the bit.
 */
export class StackMemory {
  readonly pairs: PairMemory;
  private readonly order: MedianOrder;
  /** The rows of the last weighted median. */
  private weighed: Weighed = new Map();
  private median: RunningMedian | undefined;
  private pausing = 0;

  constructor(private readonly vectors: SimdMemory) {
    this.pairs = new PairMemory(vectors);
    this.order = new MedianOrder(vectors);
  }

  /** The weighted median as all rows sorted give it; undefined where nothing is left that would make it sooner. */
  weightedMedian(rows: readonly SimdVector[], weights: readonly number[], tie: Tie): SimdVector | undefined {
    const total = rows.length < fewestRows ? undefined : wholeSum(weights);
    const weighed = total === undefined ? new Map<SimdVector, number>() : weigh(rows, weights);
    const changes = changesOf(this.weighed, weighed);
    this.weighed = weighed;
    if (total === undefined || changes.size * rowsPerChange > weighed.size || this.pausing > 0) {
      this.pausing = Math.max(0, this.pausing - 1);
      this.end();
      return undefined;
    }
    if (this.median) this.median.change(changes, weighed);
    else this.median = new RunningMedian(this.vectors, this.order, weighed);
    const result = this.medianAt(this.median, weighed, total, tie);
    this.median.effort *= lasting;
    if (this.median.effort > mostEffort) {
      this.pausing = pause;
      this.end();
    }
    return result;
  }

  private medianAt(median: RunningMedian, weighed: Weighed, total: number, tie: Tie): SimdVector {
    // The first value whose cumulative weight exceeds these has half of the weight at or below it, or more than half.
    const [lower, upper] = [Math.floor((total - 1) / 2), Math.floor(total / 2)];
    if (tie === 'lower') return median.firstExceeding(weighed, lower);
    if (tie === 'upper' || lower === upper) return median.firstExceeding(weighed, upper);
    return this.vectors.scope(() =>
      this.vectors.combine(
        [0.5, 0.5],
        [lower, upper].map((threshold) => median.firstExceeding(weighed, threshold)),
      ),
    );
  }

  private end(): void {
    this.median?.end();
    this.median = undefined;
  }
}

/** The sum of weights that a running median takes. */
function wholeSum(weights: readonly number[]): number | undefined {
  let total = 0;
  for (const weight of weights) {
    if (!Number.isInteger(weight)) return undefined;
    total += weight;
  }
  return total < mostWeight ? total : undefined;
}

/** One vector may be several rows. */
function weigh(rows: readonly SimdVector[], weights: readonly number[]): Map<SimdVector, number> {
  const weighed = new Map<SimdVector, number>();
  for (const [i, row] of rows.entries()) {
    if (weights[i] !== 0) weighed.set(row, (weighed.get(row) ?? 0) + weights[i]);
  }
  return weighed;
}

/** By how much more or less each vector weighs after than before, where it does. */
function changesOf(before: Weighed, after: Weighed): Weighed {
  const changes = new Map<SimdVector, number>();
  let both = 0;
  for (const [vector, weight] of after) {
    const earlier = before.get(vector) ?? 0;
    if (earlier > 0) both++;
    if (earlier !== weight) changes.set(vector, weight - earlier);
  }
  if (both < before.size) {
    for (const [vector, weight] of before) if (!after.has(vector)) changes.set(vector, -weight);
  }
  return changes;
}

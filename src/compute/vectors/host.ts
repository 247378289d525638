import { halves } from './integer-weights.js';
import { distance, norm, rootOfSquares } from './lengths.js';
import { pairwiseDistances } from './pairwise.js';
import { middleRanks, type Stack, type Tie, type Vector, type Vectors } from './vectors.js';

type Values = Float32Array | Float64Array;
type ValuesConstructor = Float32ArrayConstructor | Float64ArrayConstructor;

export class HostVector implements Vector {
  constructor(readonly values: Values) {}

  get dimension(): number {
    return this.values.length;
  }
}

/**
 * Vectors as typed arrays, in plain TypeScript. Sums run in float64 and are rounded once, so the float32 version is as
 * exact as its inputs. The garbage collector frees what nobody holds.
 */
export class HostVectors implements Vectors {
  constructor(
    readonly dimension: number,
    private readonly Values: ValuesConstructor,
  ) {}

  fromHost(values: ArrayLike<number>): Vector {
    return new HostVector(this.Values.from(values));
  }

  toHost(vector: Vector): Values {
    return valuesOf(vector).slice();
  }

  combine(coefficients: readonly number[], vectors: readonly Vector[]): Vector {
    return new HostVector(this.Values.from(weightedSum(coefficients, vectors.map(valuesOf), this.dimension)));
  }

  stack(rows: readonly Vector[]): Stack {
    return new HostStack(rows, this.dimension, this.Values);
  }

  successive(): (rows: readonly Vector[]) => Stack {
    return (rows) => this.stack(rows);
  }

  isFinite(vector: Vector): boolean {
    const values = valuesOf(vector);
    for (let k = 0; k < values.length; k++) if (!Number.isFinite(values[k])) return false;
    return true;
  }

  scope<T extends Vector | string>(body: () => T): T {
    return body();
  }

  release(): void {}

  rest(): void {}
}

class HostStack implements Stack {
  private readonly values: readonly Values[];

  constructor(
    private readonly rows: readonly Vector[],
    readonly dimension: number,
    private readonly Values: ValuesConstructor,
  ) {
    this.values = rows.map(valuesOf);
  }

  get size(): number {
    return this.rows.length;
  }

  row(index: number): Vector {
    return this.rows[index];
  }

  select(indices: readonly number[]): Stack {
    return new HostStack(
      indices.map((index) => this.rows[index]),
      this.dimension,
      this.Values,
    );
  }

  combine(coefficients: readonly number[]): Vector {
    return this.vector(weightedSum(coefficients, this.values, this.dimension));
  }

  mix(coefficients: readonly (readonly number[])[]): Stack {
    return new HostStack(
      coefficients.map((row) => this.combine(row)),
      this.dimension,
      this.Values,
    );
  }

  distancesTo(vector: Vector): Float64Array {
    const center = valuesOf(vector);
    return Float64Array.from(this.values, (values) => distance(values, center));
  }

  pairwiseDistances(): Float64Array[] {
    return pairwiseDistances(this);
  }

  norms(): Float64Array {
    return Float64Array.from(this.values, norm);
  }

  weightedMedian(weights: readonly number[], tie: Tie): Vector {
    const counted = this.values.filter((_, i) => weights[i] > 0);
    const { integers, lower, upper } = halves(weights.filter((weight) => weight > 0));
    const atHalf = firstBeyond(integers, lower);
    const beyondHalf = firstBeyond(integers, upper);
    const column = new Float64Array(counted.length);
    const order = new Uint32Array(counted.length);
    return this.perCoordinate((k) => {
      for (let i = 0; i < counted.length; i++) {
        const value = counted[i][k];
        let at = i;
        for (; at > 0 && column[at - 1] > value; at--) {
          column[at] = column[at - 1];
          order[at] = order[at - 1];
        }
        column[at] = value;
        order[at] = i;
      }
      if (tie === 'lower') return column[atHalf(order)];
      if (tie === 'upper') return column[beyondHalf(order)];
      return midpoint(column[atHalf(order)], column[beyondHalf(order)]);
    });
  }

  trimmedMean(f: number): Vector {
    const end = this.size - f;
    return this.perSortedColumn((column) => meanOf(column, f, end));
  }

  meanAroundMedian(keep: number, tie: Tie): Vector {
    const { size } = this;
    const { lower, upper } = middleRanks(size, tie);
    return this.perSortedColumn((column) => {
      const median = midpoint(column[lower], column[upper]);
      // The values kept are column[first .. last], none at first: the median lies between these two or on one of them.
      let last = (size - 1) >> 1;
      let first = last + 1;
      let total = 0;
      while (last - first + 1 < keep) {
        const below = first > 0 ? median - column[first - 1] : Infinity;
        const above = last + 1 < size ? column[last + 1] - median : Infinity;
        total += first > 0 && below <= above ? column[--first] : column[++last];
      }
      return Number.isFinite(total) ? total / keep : meanOf(column, first, last + 1);
    });
  }

  moments(weights: readonly number[], correction = 0): { mean: Vector; deviation: Vector } {
    const { values, dimension } = this;
    const total = sum(weights);
    const mean = weightedSum(
      weights.map((weight) => weight / total),
      values,
      dimension,
    );
    const differences = new Float64Array(values.length);
    const deviation = this.perCoordinate((k) => {
      for (let i = 0; i < values.length; i++) differences[i] = weights[i] === 0 ? 0 : values[i][k] - mean[k];
      return rootOfSquares(differences, weights, total - correction);
    });
    return { mean: this.vector(mean), deviation };
  }

  private perSortedColumn(statistic: (column: Float64Array) => number): Vector {
    const { values } = this;
    const column = new Float64Array(values.length);
    return this.perCoordinate((k) => {
      for (let i = 0; i < values.length; i++) {
        const value = values[i][k];
        let at = i;
        for (; at > 0 && column[at - 1] > value; at--) column[at] = column[at - 1];
        column[at] = value;
      }
      return statistic(column);
    });
  }

  private perCoordinate(statistic: (coordinate: number) => number): Vector {
    const result = new this.Values(this.dimension);
    for (let k = 0; k < result.length; k++) result[k] = statistic(k);
    return new HostVector(result);
  }

  private vector(values: Float64Array): Vector {
    return new HostVector(this.Values.from(values));
  }
}

function valuesOf(vector: Vector): Values {
  return (vector as HostVector).values;
}

function weightedSum(
  coefficients: readonly number[],
  rows: readonly Values[],
  dimension: number,
): Float64Array {
  const total = new Float64Array(dimension);
  for (let i = 0; i < rows.length; i++) {
    const coefficient = coefficients[i];
    const row = rows[i];
    if (coefficient === 0) continue;
    for (let k = 0; k < dimension; k++) total[k] += coefficient * row[k];
  }
  return total;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The mean of the values from `first` to `end` - 1, also where their sum overflows. */
function meanOf(values: Float64Array, first: number, end: number): number {
  let total = 0;
  for (let i = first; i < end; i++) total += values[i];
  if (Number.isFinite(total)) return total / (end - first);
  total = 0;
  for (let i = first; i < end; i++) total += values[i] / (end - first);
  return total;
}

/** The mean of two numbers, also where their sum overflows or their halves vanish. */
function midpoint(a: number, b: number): number {
  const sum = a + b;
  return Number.isFinite(sum) ? sum / 2 : a / 2 + b / 2;
}

/** Finds the place in an order of the weights at which they add up to more than a threshold less than their sum. */
function firstBeyond(weights: readonly bigint[], threshold: bigint): (order: Uint32Array) => number {
  const numbers = Float64Array.from(weights, Number);
  const limit = Number(threshold);
  return sum(numbers) <= Number.MAX_SAFE_INTEGER
    ? (order) => {
        let at = 0;
        for (let sum = numbers[order[0]]; sum <= limit; sum += numbers[order[at]]) at++;
        return at;
      }
    : (order) => {
        let at = 0;
        for (let sum = weights[order[0]]; sum <= threshold; sum += weights[order[at]]) at++;
        return at;
      };
}

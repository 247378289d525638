import type * as TF from '@tensorflow/tfjs-core';
import type { Stack, Tie, Vector, Vectors } from './vectors.js';

type Ops = typeof TF;

export class TensorVector implements Vector {
  constructor(readonly tensor: TF.Tensor1D) {}

  get dimension(): number {
    return this.tensor.size;
  }
}

/**
 * Vectors as float32 tensors of the active backend. Messages never leave the device: only m or m x m scalars are read
 * back. Sums are products and reductions, never matrix products, which some devices round to ten bits (TF32).
 */
export class TensorVectors implements Vectors {
  constructor(
    readonly dimension: number,
    private readonly tf: Ops,
  ) {}

  fromHost(values: ArrayLike<number>): Vector {
    return new TensorVector(this.tf.tensor1d(Float32Array.from(values)));
  }

  toHost(vector: Vector): Float32Array {
    return (tensorOf(vector).dataSync() as Float32Array).slice();
  }

  combine(coefficients: readonly number[], vectors: readonly Vector[]): Vector {
    return this.stack(vectors).combine(coefficients);
  }

  stack(rows: readonly Vector[]): Stack {
    return new TensorStack(rows, this.dimension, this.tf);
  }

  isFinite(vector: Vector): boolean {
    const { tf } = this;
    // 0 · x is NaN unless x is finite.
    const [value] = read(tf, () => tf.sum(tf.mul(tensorOf(vector), 0)));
    return Number.isFinite(value);
  }

  scope(body: () => Vector): Vector {
    let result!: Vector;
    this.tf.tidy(() => tensorOf((result = body())));
    return result;
  }

  release(vector: Vector): void {
    tensorOf(vector).dispose();
  }
}

class TensorStack implements Stack {
  constructor(
    private readonly rows: readonly Vector[],
    readonly dimension: number,
    private readonly tf: Ops,
  ) {}

  get size(): number {
    return this.rows.length;
  }

  row(index: number): Vector {
    return this.rows[index];
  }

  select(indices: readonly number[]): Stack {
    return new TensorStack(
      indices.map((index) => this.rows[index]),
      this.dimension,
      this.tf,
    );
  }

  combine(coefficients: readonly number[]): Vector {
    const { tf } = this;
    return this.vector(() => {
      const used = this.rows.flatMap((row, i) =>
        coefficients[i] === 0 ? [] : [tf.mul<TF.Tensor1D>(tensorOf(row), coefficients[i])],
      );
      return used.length === 0 ? tf.zeros([this.dimension]) : tf.addN(used);
    });
  }

  mix(coefficients: readonly (readonly number[])[]): Stack {
    return new TensorStack(
      coefficients.map((row) => this.combine(row)),
      this.dimension,
      this.tf,
    );
  }

  gram(): Float64Array {
    const { tf, size } = this;
    const host = read(tf, () => {
      const { unit, scale } = this.scaled(this.matrix());
      const upper = this.rows.map((_, i) => {
        const row = tf.slice(unit, [i, 0], [1, -1]);
        return tf.sum<TF.Tensor1D>(tf.mul(tf.slice(unit, [i, 0]), row), 1);
      });
      return tf.concat([tf.squeeze<TF.Tensor1D>(scale, [1]), ...upper]);
    });
    const products = new Float64Array(size * size);
    let at = size;
    for (let i = 0; i < size; i++) {
      for (let j = i; j < size; j++) {
        products[i * size + j] = products[j * size + i] = host[at++] * host[i] * host[j];
      }
    }
    return products;
  }

  distancesTo(vector: Vector): Float64Array {
    return this.lengths((rows) => this.tf.sub(rows, tensorOf(vector)));
  }

  norms(): Float64Array {
    return this.lengths((rows) => rows);
  }

  weightedMedian(weights: readonly number[], tie: Tie): Vector {
    const { tf } = this;
    const counted = this.rows.flatMap((row, i) => (weights[i] > 0 ? [tensorOf(row)] : []));
    return this.vector(() => {
      const rows = tf.stack(counted);
      const column = tf.tensor2d(
        weights.filter((weight) => weight > 0),
        [counted.length, 1],
      );
      const half = tf.div(tf.sum(column), 2);
      // The least value at or below which lies half the weight (lower), or more than half (upper).
      const least = (enough: (a: TF.Tensor, b: TF.Tensor) => TF.Tensor) =>
        counted
          .map((row) =>
            tf.tidy(() => {
              const cumulative = tf.sum(tf.mul(tf.cast(tf.lessEqual(rows, row), 'float32'), column), 0);
              return tf.where(enough(cumulative, half), row, tf.fill([this.dimension], Infinity));
            }),
          )
          .reduce((a, b) => tf.minimum(a, b));
      if (tie === 'lower') return least(tf.greaterEqual);
      if (tie === 'upper') return least(tf.greater);
      return tf.add(tf.div(least(tf.greaterEqual), 2), tf.div(least(tf.greater), 2));
    });
  }

  trimmedMean(f: number): Vector {
    const { tf, size } = this;
    return this.vector(() => {
      const rows = this.matrix();
      return this.meanWhere(
        (row, i) => {
          const rank = this.rank(rows, row, i);
          return tf.logicalAnd(tf.greaterEqual(rank, f), tf.less(rank, size - f));
        },
        size - 2 * f,
      );
    });
  }

  meanAroundMedian(keep: number): Vector {
    const { tf, size } = this;
    return this.vector(() => {
      const rows = this.matrix();
      const median = tensorOf(this.weightedMedian(new Array<number>(size).fill(1), 'lower'));
      const distances = tf.abs(tf.sub(rows, median));
      return this.meanWhere((row, i) => {
        const distance = tf.squeeze<TF.Tensor1D>(tf.slice(distances, [i, 0], [1, -1]), [0]);
        const nearer = count(tf, tf.less(distances, distance));
        const asNear = tf.equal(distances, distance);
        const before = this.precedes(rows, row, i);
        const rank = tf.add(nearer, count(tf, tf.logicalAnd(asNear, before)));
        return tf.less(rank, keep);
      }, keep);
    });
  }

  moments(weights: readonly number[], correction = 0): { mean: Vector; deviation: Vector } {
    const { tf } = this;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const mean = this.combine(weights.map((weight) => weight / total));
    const deviation = this.vector(() => {
      const squares = this.rows.map((row) => tf.square(tf.sub<TF.Tensor1D>(tensorOf(row), tensorOf(mean))));
      const variance = new TensorStack(
        squares.map((square) => new TensorVector(square)),
        this.dimension,
        tf,
      ).combine(weights.map((weight) => weight / (total - correction)));
      return tf.sqrt(tensorOf(variance));
    });
    return { mean, deviation };
  }

  private matrix(): TF.Tensor2D {
    return this.tf.stack(this.rows.map(tensorOf)) as TF.Tensor2D;
  }

  /** Euclidean norms of the rows of what `transform` makes of the matrix. */
  private lengths(transform: (rows: TF.Tensor2D) => TF.Tensor2D): Float64Array {
    const { tf, size } = this;
    const host = read(tf, () => {
      const { unit, scale } = this.scaled(transform(this.matrix()));
      return tf.concat([tf.sum<TF.Tensor1D>(tf.square(unit), 1), tf.squeeze<TF.Tensor1D>(scale, [1])]);
    });
    return Float64Array.from({ length: size }, (_, i) => Math.sqrt(host[i]) * host[size + i]);
  }

  /** Every row divided by its largest magnitude, so that float32 squares neither overflow nor vanish. */
  private scaled(rows: TF.Tensor2D): { unit: TF.Tensor2D; scale: TF.Tensor2D } {
    const { tf } = this;
    const largest = tf.max(tf.abs(rows), 1, true);
    const scale = tf.where(tf.greater(largest, 0), largest, tf.onesLike(largest)) as TF.Tensor2D;
    return { unit: tf.div(rows, scale), scale };
  }

  /** How many values of the column come before row i's when sorted, equal ones by row. */
  private rank(rows: TF.Tensor2D, row: TF.Tensor1D, i: number): TF.Tensor {
    return count(this.tf, this.precedes(rows, row, i));
  }

  /** Where row j's value comes before row i's when sorted: less, or equal and j < i. */
  private precedes(rows: TF.Tensor2D, row: TF.Tensor1D, i: number): TF.Tensor {
    const { tf } = this;
    const rest = tf.less(tf.slice(rows, [i, 0]), row);
    return i === 0 ? rest : tf.concat([tf.lessEqual(tf.slice(rows, [0, 0], [i, -1]), row), rest]);
  }

  /** Per coordinate, the mean of the `kept` values where `keep` holds. */
  private meanWhere(keep: (row: TF.Tensor1D, index: number) => TF.Tensor, kept: number): TF.Tensor1D {
    const { tf } = this;
    const terms = this.rows.map((row, i) =>
      tf.tidy(() => {
        const values = tensorOf(row);
        return tf.where(keep(values, i), tf.div(values, kept), tf.zerosLike(values));
      }),
    );
    return tf.addN(terms) as TF.Tensor1D;
  }

  private vector(body: () => TF.Tensor): Vector {
    return new TensorVector(this.tf.tidy(body) as TF.Tensor1D);
  }
}

function tensorOf(vector: Vector): TF.Tensor1D {
  return (vector as TensorVector).tensor;
}

/** How often a condition holds in each column. */
function count(tf: Ops, condition: TF.Tensor): TF.Tensor {
  return tf.sum(tf.cast(condition, 'float32'), 0);
}

/** The few numbers of a small tensor, which is freed. */
function read(tf: Ops, body: () => TF.Tensor): Float32Array {
  const tensor = tf.tidy(body);
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}

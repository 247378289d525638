import type * as TF from '@tensorflow/tfjs-core';
import { halves } from './integer-weights.js';
import { pairwiseDistances } from './pairwise.js';
import { sortingNetwork } from './sorting-network.js';
import { heavierThan } from './tensor-weights.js';
import { middleRanks, type Stack, type Tie, type Vector, type Vectors } from './vectors.js';

type Ops = typeof TF;
type Row = TF.Tensor1D;

export class TensorVector implements Vector {
  constructor(readonly tensor: Row) {}

  get dimension(): number {
    return this.tensor.size;
  }
}

/** Numbers of an intermediate tensor, 256 MB: longer stacks are worked on piece by piece. */
const defaultPiece = 2 ** 26;

/**
 * Vectors as float32 tensors of the active backend. Messages never leave the device: only m or m x m scalars are read
 * back. Nothing is sorted but by comparing whole rows, and sums are products and reductions, never matrix products,
 * which some devices round to ten bits (TF32).
 */
export class TensorVectors implements Vectors {
  private readonly made = new Set<Row>();
  private pruneAt = 1000;

  /** @param piece how many numbers an intermediate m x n tensor may hold */
  constructor(
    readonly dimension: number,
    readonly tf: Ops,
    readonly piece = defaultPiece,
  ) {}

  fromHost(values: ArrayLike<number>): Vector {
    return this.own(this.tf.tensor1d(Float32Array.from(values)));
  }

  /** The vector that this tensor is from now on. */
  own(tensor: Row): Vector {
    if (this.made.size >= this.pruneAt) {
      for (const old of this.made) if (old.isDisposed) this.made.delete(old);
      this.pruneAt = 1000 + 2 * this.made.size;
    }
    this.made.add(tensor);
    return new TensorVector(tensor);
  }

  /** Frees every vector that is left. */
  dispose(): void {
    for (const tensor of this.made) tensor.dispose();
    this.made.clear();
  }

  toHost(vector: Vector): Float32Array {
    return (tensorOf(vector).dataSync() as Float32Array).slice();
  }

  combine(coefficients: readonly number[], vectors: readonly Vector[]): Vector {
    return this.stack(vectors).combine(coefficients);
  }

  stack(rows: readonly Vector[]): Stack {
    return new TensorStack(rows.map(tensorOf), this);
  }

  successive(): (rows: readonly Vector[]) => Stack {
    return (rows) => this.stack(rows);
  }

  isFinite(vector: Vector): boolean {
    const { tf } = this;
    // 0 · x is NaN unless x is finite.
    const [value] = read(tf, () => tf.sum(tf.mul(tensorOf(vector), 0)));
    return Number.isFinite(value);
  }

  scope<T extends Vector | string>(body: () => T): T {
    let result!: T;
    this.tf.tidy(() => {
      result = body();
      return typeof result === 'string' ? undefined : tensorOf(result);
    });
    return result;
  }

  release(vector: Vector): void {
    tensorOf(vector).dispose();
  }

  rest(): void {}
}

class TensorStack implements Stack {
  private readonly tf: Ops;

  constructor(
    private readonly rows: readonly Row[],
    private readonly vectors: TensorVectors,
  ) {
    this.tf = vectors.tf;
  }

  get dimension(): number {
    return this.vectors.dimension;
  }

  get size(): number {
    return this.rows.length;
  }

  row(index: number): Vector {
    return new TensorVector(this.rows[index]);
  }

  select(indices: readonly number[]): Stack {
    return this.vectors.stack(indices.map((index) => this.row(index)));
  }

  combine(coefficients: readonly number[]): Vector {
    const { tf } = this;
    const terms = this.rows.map((row) => () => row);
    return this.vector(() => weightedSum(tf, coefficients, terms) ?? tf.zeros([this.dimension]));
  }

  mix(coefficients: readonly (readonly number[])[]): Stack {
    return this.vectors.stack(coefficients.map((row) => this.combine(row)));
  }

  distancesTo(vector: Vector): Float64Array {
    const { tf } = this;
    // The centre goes along as a last row, and is cut like the others.
    const rows = [...this.rows, tensorOf(vector)];
    const stacked = (pieces: Row[]) => tf.stack(pieces.slice(0, -1)) as TF.Tensor2D;
    const distances = this.lengths(rows, (pieces) => tf.sub(stacked(pieces), pieces.at(-1)!));
    if (distances.every(Number.isFinite)) return distances;
    // A difference beyond the range of float32: those of the halves are within.
    const halves = this.lengths(rows, (pieces) =>
      tf.sub(tf.div(stacked(pieces), 2), tf.div(pieces.at(-1)!, 2)),
    );
    return halves.map((half) => 2 * half);
  }

  pairwiseDistances(): Float64Array[] {
    return pairwiseDistances(this);
  }

  norms(): Float64Array {
    return this.lengths(this.rows, (rows) => this.tf.stack(rows) as TF.Tensor2D);
  }

  weightedMedian(weights: readonly number[], tie: Tie): Vector {
    const { tf } = this;
    const counted = this.rows.filter((_, i) => weights[i] > 0);
    const { integers, lower, upper } = halves(weights.filter((weight) => weight > 0));
    if (integers.every((weight) => weight === integers[0])) return this.median(counted, tie);

    const reached = heavierThan(tf, integers, lower);
    const exceeded = heavierThan(tf, integers, upper);
    return this.coordinatewise(counted, (rows) => {
      const matrix = tf.stack(rows) as TF.Tensor2D;
      const nothing = tf.fill(rows[0].shape, Infinity);
      // The least value at or below which lies half the weight (lower), or more than half (upper).
      const least = (enough: (atMost: TF.Tensor2D) => TF.Tensor) =>
        rows
          .map((row) =>
            tf.tidy(() => {
              const atMost = tf.cast(tf.lessEqual(matrix, row), 'float32') as TF.Tensor2D;
              return tf.where(enough(atMost), row, nothing) as Row;
            }),
          )
          .reduce((a, b) => tf.minimum(a, b));
      if (tie === 'lower') return least(reached);
      if (tie === 'upper') return least(exceeded);
      return middle(tf, least(reached), least(exceeded));
    });
  }

  trimmedMean(f: number): Vector {
    const { tf, size } = this;
    const ranks = Array.from({ length: size - 2 * f }, (_, k) => f + k);
    return this.coordinatewise(this.rows, (rows) => {
      const sorted = sort(tf, rows, ranks);
      return weightedSum(
        tf,
        ranks.map(() => 1 / ranks.length),
        ranks.map((rank) => () => sorted[rank]),
      );
    });
  }

  meanAroundMedian(keep: number, tie: Tie): Vector {
    const { tf, size } = this;
    const dropped = size - keep;
    const { lower, upper } = middleRanks(size, tie);
    return this.coordinatewise(this.rows, (rows) => {
      // Sorted, the nearest are neighbours: a window that leaves value j for value j + keep where that is nearer.
      const sorted = sort(tf, rows, [...rows.keys()]);
      const median = lower === upper ? sorted[lower] : middle(tf, sorted[lower], sorted[upper]);
      const moves = Array.from({ length: dropped }, (_, j) =>
        tf.tidy(() => tf.less(tf.sub(sorted[j + keep], median), tf.sub(median, sorted[j]))),
      );
      const kept = sorted.map((value, rank) => () => {
        const entered = rank < keep ? [] : [moves[rank - keep]];
        const stays = rank < dropped ? [tf.logicalNot(moves[rank])] : [];
        return [...entered, ...stays].reduce<Row>((x, inside) => tf.where(inside, x, 0), value);
      });
      return weightedSum(
        tf,
        kept.map(() => 1 / keep),
        kept,
      );
    });
  }

  moments(weights: readonly number[], correction = 0): { mean: Vector; deviation: Vector } {
    const { tf } = this;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const mean = this.combine(weights.map((weight) => weight / total));
    const deviation = this.vector(() => {
      const counted = this.rows.filter((_, i) => weights[i] !== 0);
      const differences = counted.map((row) => () => tf.abs(tf.sub<Row>(row, tensorOf(mean))));
      // Of each coordinate the largest: squares of what it divides neither overflow nor vanish.
      const largest = greatest(tf, differences);
      const unit = tf.where(tf.greater(largest, 0), largest, 1) as Row;
      const squares = differences.map((of) => () => tf.square(tf.div<Row>(of(), unit)));
      const shares = weights.filter((weight) => weight !== 0).map((weight) => weight / (total - correction));
      return tf.mul(unit, tf.sqrt(weightedSum(tf, shares, squares)!));
    });
    return { mean, deviation };
  }

  /** The middle one of values that weigh the same; of the middle two what `tie` says. */
  private median(counted: readonly Row[], tie: Tie): Vector {
    const { tf } = this;
    const [lower, upper] = [(counted.length - 1) >> 1, counted.length >> 1];
    return this.coordinatewise(counted, (rows) => {
      const sorted = sort(tf, rows, [lower, upper]);
      if (tie === 'midpoint') return middle(tf, sorted[lower], sorted[upper]);
      return tf.clone(sorted[tie === 'lower' ? lower : upper]);
    });
  }

  /** Euclidean norms of the rows of what `matrix` makes of rows. */
  private lengths(rows: readonly Row[], matrix: (rows: Row[]) => TF.Tensor2D): Float64Array {
    const { tf, size } = this;
    const parts = this.measure(rows, (pieces) => {
      const { unit, scale } = scaled(tf, matrix(pieces));
      return tf.concat([tf.sum<Row>(tf.square(unit), 1), scale]);
    });
    return Float64Array.from({ length: size }, (_, i) =>
      Math.hypot(...parts.map((part) => Math.sqrt(part[i]) * part[size + i])),
    );
  }

  /** The numbers that `body` makes of rows, piece by piece, all read at once. */
  private measure(rows: readonly Row[], body: (rows: Row[]) => Row): Float32Array[] {
    const { tf } = this;
    const pieces = this.pieces(rows.length);
    const all = read(tf, () => tf.concat(pieces.map((piece) => tf.tidy(() => body(this.cut(rows, piece))))));
    const length = all.length / pieces.length;
    return pieces.map((_, k) => all.subarray(k * length, (k + 1) * length));
  }

  /** The vector that `body` makes of rows, piece by piece. */
  private coordinatewise(rows: readonly Row[], body: (rows: Row[]) => Row | undefined): Vector {
    const { tf } = this;
    return this.vector(() =>
      tf.concat(this.pieces(rows.length).map((piece) => tf.tidy(() => body(this.cut(rows, piece))!))),
    );
  }

  /** Coordinates [from, from + length) such that that many of `rows` rows make no tensor that is too large. */
  private pieces(rows: number): { from: number; length: number }[] {
    const { dimension } = this;
    const step = Math.max(1, Math.floor(this.vectors.piece / rows));
    return Array.from({ length: Math.ceil(dimension / step) }, (_, k) => ({
      from: k * step,
      length: Math.min(step, dimension - k * step),
    }));
  }

  private cut(rows: readonly Row[], { from, length }: { from: number; length: number }): Row[] {
    if (length === this.dimension) return [...rows];
    return rows.map((row) => this.tf.slice(row, from, length));
  }

  private vector(body: () => TF.Tensor): Vector {
    return this.vectors.own(this.tf.tidy(body) as Row);
  }
}

function tensorOf(vector: Vector): Row {
  return (vector as TensorVector).tensor;
}

/** Σ coefficients[i] · terms[i](), in that order. A coefficient 0 skips its term; undefined when all are skipped. */
function weightedSum(
  tf: Ops,
  coefficients: readonly number[],
  terms: readonly (() => Row)[],
): Row | undefined {
  let sum: Row | undefined;
  for (const [i, coefficient] of coefficients.entries()) {
    if (coefficient === 0) continue;
    const previous = sum;
    sum = tf.tidy(() => {
      const term = coefficient === 1 ? tf.clone(terms[i]()) : times(tf, terms[i](), coefficient);
      return previous ? tf.add<Row>(previous, term) : term;
    });
    previous?.dispose();
  }
  return sum;
}

/** The greatest of the terms, coordinate by coordinate. */
function greatest(tf: Ops, terms: readonly (() => Row)[]): Row {
  return terms.slice(1).reduce((previous, term) => {
    const next = tf.tidy(() => tf.maximum<Row>(previous, term()));
    previous.dispose();
    return next;
  }, terms[0]());
}

/** In two steps where float32 has no such coefficient, or only a rough one. */
function times(tf: Ops, row: Row, coefficient: number): Row {
  const magnitude = Math.abs(coefficient);
  if (magnitude > 1e-30 && magnitude < 1e30) return tf.mul(row, coefficient);
  const step = 2 ** (magnitude < 1 ? -64 : 64);
  return tf.mul(tf.mul<Row>(row, step), coefficient / step);
}

function middle(tf: Ops, lower: Row, upper: Row): Row {
  return tf.add(tf.div(lower, 2), tf.div(upper, 2)); // their sum may overflow
}

/** Sorts each coordinate of the rows: those of the wanted ranks are right afterwards. Other rows may be freed. */
function sort(tf: Ops, rows: readonly Row[], ranks: readonly number[]): Row[] {
  const wires = [...rows];
  const put = (wire: number, value: Row) => {
    if (!rows.includes(wires[wire])) wires[wire].dispose();
    wires[wire] = value;
  };
  for (const { low, high, wantsLow, wantsHigh } of sortingNetwork(rows.length, ranks)) {
    const [a, b] = [wires[low], wires[high]];
    const least = wantsLow && tf.minimum<Row>(a, b);
    const greatest = wantsHigh && tf.maximum<Row>(a, b);
    if (least) put(low, least);
    if (greatest) put(high, greatest);
  }
  return wires;
}

/** Every row divided by its largest magnitude, so that float32 squares neither overflow nor vanish. */
function scaled(tf: Ops, rows: TF.Tensor2D): { unit: TF.Tensor2D; scale: Row } {
  const largest = tf.max(tf.abs(rows), 1, true);
  const scale = tf.where(tf.greater(largest, 0), largest, 1) as TF.Tensor2D;
  return { unit: tf.div(rows, scale), scale: tf.squeeze<Row>(scale, [1]) };
}

/** The few numbers of a small tensor, which is freed. */
function read(tf: Ops, body: () => TF.Tensor): Float32Array {
  const tensor = tf.tidy(body);
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}

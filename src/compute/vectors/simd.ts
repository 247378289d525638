import { compileStackKernels } from '../kernels/stack.js';
import { pairwiseDistances } from './pairwise.js';
import { checkLength, SimdMemory, type SimdVector } from './simd-memory.js';
import { StackMemory } from './stack-memory.js';
import type { Stack, Tie, Vector, Vectors } from './vectors.js';

export { SimdVector } from './simd-memory.js';

/** Vectors of float32, and SIMD kernels on them. */
export class SimdVectors extends SimdMemory implements Vectors {
  static async create(dimension: number): Promise<SimdVectors> {
    return new SimdVectors(dimension, await compileStackKernels());
  }

  stack(rows: readonly Vector[]): SimdStack {
    return new SimdStack(this, this.ownAll(rows));
  }

  successive(): (rows: readonly Vector[]) => SimdStack {
    const memory = new StackMemory(this);
    return (rows) => new SimdStack(this, this.ownAll(rows), memory);
  }
}

/** A table of rows; they are not copied. */
export class SimdStack implements Stack {
  constructor(
    private readonly vectors: SimdMemory,
    private readonly rows: readonly SimdVector[],
    /** What earlier ones left, where it is one of a succession. */
    private readonly memory?: StackMemory,
  ) {}

  get size(): number {
    return this.rows.length;
  }

  get dimension(): number {
    return this.vectors.dimension;
  }

  row(index: number): SimdVector {
    return this.rows[index];
  }

  select(indices: readonly number[]): SimdStack {
    return new SimdStack(
      this.vectors,
      indices.map((index) => this.rows[index]),
    );
  }

  combine(coefficients: readonly number[]): SimdVector {
    checkLength('coefficients', coefficients.length, this.size);
    return this.vectors.sums([coefficients], this.rows)[0];
  }

  mix(coefficients: readonly (readonly number[])[]): SimdStack {
    for (const factors of coefficients) checkLength('coefficients', factors.length, this.size);
    return new SimdStack(this.vectors, this.vectors.sums(coefficients, this.rows));
  }

  distancesTo(vector: Vector): Float64Array {
    return this.vectors.distances(this.rows, vector);
  }

  pairwiseDistances(): Float64Array[] {
    return this.memory?.pairs.between(this.rows) ?? pairwiseDistances(this);
  }

  norms(): Float64Array {
    return this.vectors.distances(this.rows);
  }

  weightedMedian(weights: readonly number[], tie: Tie): SimdVector {
    checkLength('weights', weights.length, this.size);
    return (
      this.memory?.weightedMedian(this.rows, weights, tie) ??
      this.vectors.weightedMedian(this.rows, weights, tie)
    );
  }

  trimmedMean(f: number): SimdVector {
    return this.vectors.sortedMean(this.rows, f, this.size - f - 1);
  }

  meanAroundMedian(keep: number, tie: Tie): SimdVector {
    return this.vectors.meanAroundMedian(this.rows, keep, tie);
  }

  moments(weights: readonly number[], correction = 0): { mean: SimdVector; deviation: SimdVector } {
    checkLength('weights', weights.length, this.size);
    return this.vectors.moments(this.rows, weights, correction);
  }
}

import { UserError } from '../../base/errors.js';
import { blockBytes, scratchBytes, stackKernels, type StackKernels } from '../kernels/stack.js';
import { halves, possibleRanks } from './integer-weights.js';
import { mostPages, page, reach } from './reach.js';
import { middleRanks, type Tie, type Vector } from './vectors.js';

const cacheLine = 64;
const atRest = -1;

/**
 * Until so many bytes were in use no vector is put to rest, so that small runs copy nothing. Those that came before stay in
 * place: the more they are, the fewer messages the kernels reach.
 */
const roomy = reach / 16;

/** A vector of float32 in a `SimdMemory`, padded with zeros to a multiple of 16. */
export class SimdVector implements Vector {
  /** Of the first number, in bytes; 0 once released, and -1 while it is at rest outside that memory. */
  pointer = 0;
  /** How many keep it in place beyond its release. */
  holders = 0;
  private view!: Float32Array;

  constructor(
    readonly owner: SimdMemory,
    pointer: number,
  ) {
    this.moveTo(pointer);
  }

  get dimension(): number {
    return this.owner.dimension;
  }

  /** The numbers themselves, in place. Written only by whoever allocated the vector, before anyone reads it. */
  get values(): Float32Array {
    if (this.pointer === 0) throw new Error('this vector was released');
    return this.view;
  }

  /** @internal The numbers are at another place, where they are set afterwards. */
  moveTo(pointer: number): void {
    const { owner } = this;
    this.pointer = pointer;
    this.view =
      pointer === atRest
        ? new Float32Array(owner.dimension)
        : new Float32Array(owner.memory.buffer, pointer, owner.dimension);
  }
}

/**
 * Vectors of float32 in one shared WebAssembly memory, and SIMD kernels on them. Sums are kept in float64 and rounded
 * once. Other threads may read vectors, and write fresh ones (`allocate`), through `memory` and `pointer`.
 */
export class SimdMemory {
  readonly memory: WebAssembly.Memory;
  /** @internal */
  readonly kernels: StackKernels;
  /** @internal As long as a vector with its padding. */
  readonly length: number;
  /**
   * From one vector to the next, in bytes. An odd number of cache lines, so that equal coordinates of different rows
   * fall into different sets of every cache.
   */
  private readonly stride: number;
  private readonly free: number[] = [];
  /** The first byte never used. Address 0 stays unused: it marks released vectors. */
  private top = cacheLine;
  private scratch = { address: 0, bytes: 0 };
  private inUse = 0;
  /** Vectors made in each of the open scopes. */
  private readonly scopes: SimdVector[][] = [];

  /**
   * @param dimension d, at least 1
   * @param module the compiled kernels
   */
  constructor(
    readonly dimension: number,
    module: WebAssembly.Module,
  ) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
    this.kernels = stackKernels(module, this.memory);
    this.length = Math.ceil(dimension / 16) * 16;
    const lines = (4 * this.length) / cacheLine;
    this.stride = cacheLine * (lines + 1 - (lines % 2));
  }

  /** How many vectors are in use: made and not released. */
  get alive(): number {
    return this.inUse;
  }

  /** A vector whose numbers are not set yet. */
  allocate(): SimdVector {
    const vector = new SimdVector(this, this.place());
    this.inUse++;
    this.scopes.at(-1)?.push(vector);
    return vector;
  }

  /** Where one more vector may lie. */
  private place(): number {
    const pointer = this.free.pop() ?? this.extend(this.stride);
    // Infinite coefficients can have left NaN in the padding.
    new Float32Array(this.memory.buffer, pointer, this.length).fill(0, this.dimension);
    return pointer;
  }

  fromHost(values: ArrayLike<number>): SimdVector {
    if (values.length !== this.dimension) {
      throw new Error(`invalid length of a vector: ${values.length} (its dimension is ${this.dimension})`);
    }
    const vector = this.allocate();
    vector.values.set(values);
    return vector;
  }

  toHost(vector: Vector): Float32Array {
    return Float32Array.from(this.known(vector).values);
  }

  combine(coefficients: readonly number[], vectors: readonly Vector[]): SimdVector {
    checkLength('coefficients', coefficients.length, vectors.length);
    return this.sums([coefficients], this.ownAll(vectors))[0];
  }

  isFinite(vector: Vector): boolean {
    return this.kernels.isFinite(this.own(vector).pointer, this.length) === 1;
  }

  scope<T extends Vector | string>(body: () => T): T {
    const made: SimdVector[] = [];
    this.scopes.push(made);
    let kept: SimdVector | undefined;
    try {
      const result = body();
      if (typeof result !== 'string') kept = this.own(result);
      return result;
    } finally {
      this.scopes.pop();
      for (const vector of made) {
        if (vector === kept) this.scopes.at(-1)?.push(vector);
        else if (vector.pointer !== 0) this.release(vector);
      }
    }
  }

  release(vector: Vector): void {
    const own = this.known(vector);
    if (own.holders === 0 && own.pointer !== atRest) this.free.push(own.pointer);
    own.pointer = 0;
    this.inUse--;
  }

  rest(vector: Vector): void {
    const own = this.known(vector);
    const { pointer, values } = own;
    if (this.top < roomy || own.holders > 0 || pointer === atRest) return;
    own.moveTo(atRest);
    own.values.set(values);
    this.free.push(pointer);
  }

  /** @internal The pointer of a vector, whose numbers stay there until it is let go, released or not. */
  hold(vector: SimdVector): number {
    vector.holders++;
    return vector.pointer;
  }

  /** @internal */
  letGo(vector: SimdVector, pointer: number): void {
    vector.holders--;
    if (vector.holders === 0 && vector.pointer === 0) this.free.push(pointer);
  }

  /** @internal combine(coefficients[j]) for every j. */
  sums(coefficients: readonly (readonly number[])[], rows: readonly SimdVector[]): SimdVector[] {
    const outs = coefficients.map(() => this.allocate());
    const terms = coefficients.map((factors) => termsOf(factors, rows));
    const [scratch, ...tables] = this.tables(
      scratchBytes.combine,
      ...terms.flatMap(({ rows }) => [4 * rows.length, 8 * rows.length]),
    );
    for (const [j, { rows, factors }] of terms.entries()) {
      this.writeRows(tables[2 * j], rows);
      this.float64(tables[2 * j + 1], rows.length).set(factors);
    }
    // All sums of a block before the next block: rows are read from memory once.
    const end = 4 * this.length;
    const step = terms.length === 1 ? end : blockBytes;
    for (let from = 0; from < end; from += step) {
      const to = Math.min(from + step, end);
      for (const [j, { rows, eights }] of terms.entries()) {
        const [table, numbers] = [tables[2 * j], tables[2 * j + 1]];
        this.kernels.combine(table, numbers, rows.length, eights, scratch, outs[j].pointer, from, to);
      }
    }
    return outs;
  }

  /** @internal Distances from `vector`, or norms. */
  distances(rows: readonly SimdVector[], vector?: Vector): Float64Array {
    const m = rows.length;
    const [table, out] = this.tables(4 * m, 8 * m);
    this.writeRows(table, rows);
    if (vector) this.kernels.squaredDistances(table, m, this.own(vector).pointer, out, this.length);
    else this.kernels.squaredNorms(table, m, out, this.length);
    return Float64Array.from(this.float64(out, m), Math.sqrt);
  }

  /** @internal */
  weightedMedian(rows: readonly SimdVector[], weights: readonly number[], tie: Tie): SimdVector {
    const used = rows.filter((_, i) => weights[i] !== 0);
    const { integers, total, lower, upper } = halves(weights.filter((w) => w !== 0));
    if (tie !== 'midpoint' || lower === upper) {
      return this.firstExceeding(used, integers, total, tie === 'lower' ? lower : upper);
    }
    return this.scope(() =>
      this.combine(
        [0.5, 0.5],
        [lower, upper].map((threshold) => this.firstExceeding(used, integers, total, threshold)),
      ),
    );
  }

  private firstExceeding(
    rows: readonly SimdVector[],
    weights: readonly bigint[],
    total: bigint,
    threshold: bigint,
  ): SimdVector {
    const m = rows.length;
    const wide = total >= 2n ** 31n;
    const { first, last } = possibleRanks(weights, threshold);
    const [table, lanes, scratch] = this.tables(4 * m, 16 * m, scratchBytes.sorted(m));
    this.writeRows(table, rows);
    if (wide) {
      new BigInt64Array(this.memory.buffer, lanes, 2 * m).set(weights.flatMap((w) => [w, w]));
    } else {
      const numbers = weights.map(Number);
      new Int32Array(this.memory.buffer, lanes, 4 * m).set(numbers.flatMap((w) => [w, w, w, w]));
    }
    const out = this.allocate();
    this.kernels.weightedMedian(
      table,
      lanes,
      m,
      wide,
      threshold,
      first,
      last,
      scratch,
      out.pointer,
      this.length,
    );
    return out;
  }

  /** @internal The mean of the sorted values from rank `first` to rank `last`. */
  sortedMean(rows: readonly SimdVector[], first: number, last: number): SimdVector {
    const m = rows.length;
    const out = this.allocate();
    const [table, scratch] = this.tables(4 * m, scratchBytes.sorted(m));
    this.writeRows(table, rows);
    this.kernels.sortedMean(table, m, first, last, scratch, out.pointer, this.length);
    return out;
  }

  /** @internal */
  meanAroundMedian(rows: readonly SimdVector[], keep: number, tie: Tie): SimdVector {
    const m = rows.length;
    const { lower, upper } = middleRanks(m, tie);
    const out = this.allocate();
    const [table, scratch] = this.tables(4 * m, scratchBytes.sorted(m));
    this.writeRows(table, rows);
    this.kernels.meanAroundMedian(table, m, keep, lower, upper, scratch, out.pointer, this.length);
    return out;
  }

  /** @internal */
  moments(
    rows: readonly SimdVector[],
    weights: readonly number[],
    correction: number,
  ): { mean: SimdVector; deviation: SimdVector } {
    const used = rows.filter((_, i) => weights[i] !== 0);
    const total = weights.reduce((a, b) => a + b, 0);
    const mean = this.allocate();
    const deviation = this.allocate();
    const [table, factors] = this.tables(4 * used.length, 8 * used.length);
    this.writeRows(table, used);
    this.float64(factors, used.length).set(weights.filter((w) => w !== 0));
    const divisor = total - correction;
    this.kernels.moments(
      table,
      factors,
      used.length,
      total,
      divisor,
      mean.pointer,
      deviation.pointer,
      this.length,
    );
    return { mean, deviation };
  }

  /** A vector that the kernels reach. */
  private own(vector: Vector): SimdVector {
    const own = this.known(vector);
    if (own.pointer !== atRest) return own;
    const { values } = own;
    own.moveTo(this.place());
    own.values.set(values);
    return own;
  }

  private known(vector: Vector): SimdVector {
    if (!(vector instanceof SimdVector) || vector.owner !== this) {
      throw new Error('this vector was made elsewhere');
    }
    if (vector.pointer === 0) throw new Error('this vector was released');
    return vector;
  }

  protected ownAll(vectors: readonly Vector[]): SimdVector[] {
    return vectors.map((vector) => this.own(vector));
  }

  /** @internal */
  writeRows(table: number, rows: readonly SimdVector[]): void {
    new Uint32Array(this.memory.buffer, table, rows.length).set(rows.map((row) => this.own(row).pointer));
  }

  /** @internal */
  int32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  private float64(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  /** @internal Addresses of scratch tables of these sizes, valid until the next call. */
  tables(...bytes: number[]): number[] {
    let end = 0;
    const offsets = bytes.map((size) => {
      const start = end;
      end += Math.ceil(size / cacheLine) * cacheLine;
      return start;
    });
    // Doubled, so that the scratch areas left behind are never larger together than the one in use.
    if (end > this.scratch.bytes) this.scratch = { address: this.extend(2 * end), bytes: 2 * end };
    return offsets.map((offset) => this.scratch.address + offset);
  }

  /** @internal The address of `bytes` fresh bytes, all zero. */
  extend(bytes: number): number {
    const address = this.top;
    const missing = Math.ceil((address + bytes - this.memory.buffer.byteLength) / page);
    if (missing > 0) this.grow(missing);
    this.top += bytes;
    return address;
  }

  private grow(missing: number): void {
    const pages = this.memory.buffer.byteLength / page;
    // Memory not written costs nothing: a quarter more each time keeps the calls few.
    const wanted = Math.min(Math.max(missing, pages >> 2), mostPages - pages);
    try {
      if (wanted < missing) throw new RangeError('beyond 4 GiB');
      this.memory.grow(wanted);
    } catch {
      throw new UserError(
        `not enough memory: ${this.inUse} vectors of ${this.dimension} numbers are in use, and no more fit in the 4 GiB ` +
          `that the kernels reach (use fewer workers, a smaller model, or a GPU)`,
      );
    }
  }
}

export function checkLength(what: string, length: number, expected: number): void {
  if (length !== expected) throw new Error(`invalid ${what}: ${length} for ${expected} vectors`);
}

/** What the kernel `combine` sums: rows with a coefficient other than 0, the first 8 · `eights` of them in float32. */
function termsOf(coefficients: readonly number[], all: readonly SimdVector[]) {
  const rows = all.filter((_, i) => coefficients[i] !== 0);
  // Distances and norms are typed arrays, and so are coefficients that are made of them.
  const factors = Array.from(coefficients).filter((factor) => factor !== 0);
  const eights = eightsToSum(factors);
  // The last group may need filling up.
  while (rows.length < 8 * eights) {
    rows.push(rows[0]);
    factors.push(0);
  }
  return { rows, factors, eights };
}

/**
 * How many groups of eight to sum in float32. None if such sums could overflow where the rows do not, or a coefficient
 * be lost to underflow. One or two rows left over are faster in float64 than a group filled up.
 */
function eightsToSum(factors: readonly number[]): number {
  const magnitudes = factors.map(Math.abs);
  const fit =
    magnitudes.reduce((a, b) => a + b, 0) < 1 + 1e-6 && magnitudes.every((factor) => factor > 1e-30);
  return fit ? Math.floor((factors.length + 5) / 8) : 0;
}

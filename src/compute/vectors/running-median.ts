import type { SimdMemory, SimdVector } from './simd-memory.js';

/** Weights are whole numbers whose sum is below this: the kernels add them in 32 bits, with room for one more. */
export const mostWeight = 2 ** 30;

/**
 * How many values of each coordinate are kept in order: a power of two, a few times √m. While the median wanders at
 * random through the values of m vectors, its window is then left once in about m steps, which hides the m values that
 * have to be looked at to fill it anew. Of 1000 vectors 64, 128 and 256 take 6.1, 3.9 and 5.3 ms a step (d = 16,384).
 */
function capacityFor(m: number): number {
  return 2 ** Math.max(6, Math.ceil(Math.log2(2.5 * Math.sqrt(m))));
}

/** Bytes that the order of values takes for vectors of d numbers: seven tables, then values and their weights. */
function orderBytes(length: number, capacity: number): number {
  return 4 * length * (7 + 2 * capacity);
}

/** Bytes that a running median of m vectors of d numbers takes beside them. */
export function runningMedianBytes(m: number, dimension: number): number {
  return orderBytes(16 * Math.ceil(dimension / 16), capacityFor(m));
}

/** Where running medians are kept, one after another. */
export class MedianOrder {
  address = 0;
  capacity = 0;

  constructor(private readonly vectors: SimdMemory) {}

  /** Makes room for m vectors. */
  reserve(m: number): void {
    const capacity = capacityFor(m);
    if (capacity <= this.capacity) return;
    const { vectors } = this;
    this.address = vectors.extend(orderBytes(vectors.length, capacity));
    this.capacity = capacity;
  }
}

/** What a vector weighs in all, for each that weighs anything. */
export type Weighed = ReadonlyMap<SimdVector, number>;

/**
 * The coordinate-wise weighted median of vectors of which a few come and go at a time: see the kernels of
 * stack-running-median. Its vectors are held, so that those that were released meanwhile can be taken out.
 */
export class RunningMedian {
  /** Fills of windows beyond the first, over coordinates: 1 costs about as much as a median of all vectors anew. */
  effort = 0;
  /** The pointers of the vectors that are in it, by vector. */
  private readonly held = new Map<SimdVector, number>();
  private begun = false;

  /** @param order which it has for itself until its end */
  constructor(
    private readonly vectors: SimdMemory,
    private readonly order: MedianOrder,
    weighed: Weighed,
  ) {
    order.reserve(weighed.size);
    vectors.kernels.begin(order.address, vectors.length, vectors.dimension);
    for (const vector of weighed.keys()) this.held.set(vector, vectors.hold(vector));
  }

  /** @param changes by how much more or less vectors weigh than they did: all that they weigh if they come or go */
  change(changes: Weighed, weighed: Weighed): void {
    const { vectors, held, order } = this;
    for (const [vector, weight] of changes) {
      let pointer = held.get(vector);
      if (pointer === undefined) held.set(vector, (pointer = vectors.hold(vector)));
      vectors.kernels.shift(order.address, vectors.length, order.capacity, pointer, weight);
      if (weighed.has(vector)) continue;
      vectors.letGo(vector, pointer);
      held.delete(vector);
    }
  }

  /** The smallest values at or below which more than `threshold` of the weight lies. @param weighed all that is in it */
  firstExceeding(weighed: Weighed, threshold: number): SimdVector {
    const { vectors, order } = this;
    const m = weighed.size;
    const out = vectors.allocate();
    const [table, weights, scratch] = vectors.tables(4 * m, 4 * m, 8 * m);
    vectors.writeRows(table, [...weighed.keys()]);
    vectors.int32(weights, m).set([...weighed.values()]);
    const filled = vectors.kernels.settle(
      order.address,
      vectors.length,
      order.capacity,
      threshold,
      table,
      weights,
      m,
      scratch,
      out.pointer,
    );
    if (this.begun) this.effort += filled / vectors.dimension;
    this.begun = true;
    return out;
  }

  /** Lets go of its vectors. It must not be used again. */
  end(): void {
    for (const [vector, pointer] of this.held) this.vectors.letGo(vector, pointer);
    this.held.clear();
  }
}

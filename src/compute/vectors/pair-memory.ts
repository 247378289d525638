import type { SimdMemory, SimdVector } from './simd-memory.js';

/**
 * Distances between all pairs of rows, kept from one time to the next: only those from rows that are new are measured.
 * The kernels measure a pair in the same way whatever rows lie beside it and whichever of the two comes first, so
 * distances are the same, to the bit.
 */
export class PairMemory {
  private rows: readonly SimdVector[] = [];
  private distances: Float64Array[] = [];

  constructor(private readonly vectors: SimdMemory) {}

  /** Copies, which are the caller's own. */
  between(rows: readonly SimdVector[]): Float64Array[] {
    const places = new Map(this.rows.map((row, place) => [row, place]));
    const earlier = rows.map((row) => places.get(row));
    const distances = this.arranged(earlier);
    for (const [i, row] of rows.entries()) {
      if (earlier[i] !== undefined) continue;
      const others = [...rows.keys()].filter((j) => j > i || earlier[j] !== undefined);
      this.vectors
        .distances(
          others.map((j) => rows[j]),
          row,
        )
        .forEach((distance, k) => (distances[i][others[k]] = distances[others[k]][i] = distance));
      distances[i][i] = 0;
    }
    this.rows = rows;
    this.distances = distances;
    return distances.map((row) => row.slice());
  }

  /** The kept distances where rows are now that were at `earlier`; all kinds of numbers for rows that are new. */
  private arranged(earlier: readonly (number | undefined)[]): Float64Array[] {
    const { distances } = this;
    const unmoved = earlier.every((place, i) => place === undefined || place === i);
    if (unmoved && earlier.length === distances.length) return distances;
    return earlier.map((i) =>
      i === undefined
        ? new Float64Array(earlier.length)
        : Float64Array.from(earlier, (j) => (j === undefined ? 0 : distances[i][j])),
    );
  }
}

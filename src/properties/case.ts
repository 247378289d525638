import fc from 'fast-check';

/** n and f: how many messages, and how many of them may be Byzantine. */
export interface Size {
  n: number;
  f: number;
}

/** Messages to aggregate. */
export interface Messages {
  /** n rows of d numbers. */
  rows: number[][];
  /** Whole, at least 1. */
  weights: number[];
  /** 1-based, one a row. */
  workers: number[];
  f: number;
  /** λ */
  lambda: number;
}

/** Messages, and what a property may do to them. */
export interface Case extends Messages {
  /** A permutation of the rows' indices. */
  order: number[];
  /** d numbers. */
  shift: number[];
  factor: number;
  /** How many of the last rows are not finite, 1 to f (0 where f = 0), and what each of them holds. */
  lost: number;
  fault: number;
}

/** Most messages, and most numbers in one, of a drawn case. */
export const most = { n: 12, d: 3 } as const;

/**
 * How messages lie. In general position no two distances or coordinates are equal, but where that is in the nature of
 * distances: of two vectors each is as far from the other. Tied ones have few coordinates and often agree.
 */
export type Position = 'general' | 'tied';

/**
 * Draws cases of given sizes. All of a case is drawn from a few whole numbers that shrink towards 0 one by one, so that a
 * counter-example has few messages of few numbers, and small ones.
 *
 * @param sizes the smallest first; at least one
 */
export function cases(sizes: readonly Size[], position: Position): fc.Arbitrary<Case> {
  const whole = (limit: number, count: number) =>
    fc.array(fc.integer({ min: -limit, max: limit }), { minLength: count, maxLength: count });
  const counts = (limit: number, count: number) =>
    fc.array(fc.nat(limit), { minLength: count, maxLength: count });
  return fc
    .record({
      size: fc.nat(sizes.length - 1),
      width: fc.nat(most.d - 1),
      cells: whole(position === 'tied' ? 1 : 9, most.n * most.d),
      extra: counts(3, most.n),
      keys: counts(most.n, most.n),
      shift: whole(9, most.d),
      factor: fc.constantFrom(2, 0.5, 10, 1000),
      lost: fc.nat(most.n),
      fault: fc.constantFrom(NaN, Infinity, -Infinity),
    })
    .map(({ size, width, cells, extra, keys, shift, factor, lost, fault }) => {
      const { n, f } = sizes[size];
      const d = width + 1;
      const cell = (k: number) => (position === 'tied' ? cells[k] : decimal(cells[k] + offset(k)));
      const indices = Array.from({ length: n }, (_, i) => i);
      return {
        rows: indices.map((i) => Array.from({ length: d }, (_, k) => cell(i * most.d + k))),
        weights: indices.map((i) => 1 + extra[i]),
        workers: indices.map((i) => i + 1),
        f,
        lambda: f / n,
        order: indices.toSorted((i, j) => keys[i] - keys[j]),
        shift: shift.slice(0, d).map((number, k) => decimal(number + offset(100 + k))),
        factor,
        lost: f === 0 ? 0 : 1 + (lost % f),
        fault,
      };
    });
}

/** In (0, 1), no two sums of two alike: multiples of the golden ratio by squares, to three decimals. */
function offset(k: number): number {
  return (0.618034 * (k + 1) ** 2) % 1;
}

function decimal(number: number): number {
  return Math.round(1000 * number) / 1000;
}

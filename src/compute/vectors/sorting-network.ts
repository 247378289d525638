/** Exchanges two numbers into order: afterwards the lesser is on wire `low`. What nobody reads may be left out. */
export interface Comparator {
  low: number;
  high: number;
  wantsLow: boolean;
  wantsHigh: boolean;
}

/**
 * Batcher's odd-even merge sort of n numbers, cut down to what the wanted ranks (0 is the least) depend on.
 * (K. E. Batcher, Sorting networks and their applications, AFIPS 1968.)
 */
export function sortingNetwork(n: number, ranks: readonly number[]): Comparator[] {
  const needed = new Set(ranks);
  return oddEvenMergeSort(n)
    .toReversed()
    .flatMap(([low, high]) => {
      const comparator = { low, high, wantsLow: needed.has(low), wantsHigh: needed.has(high) };
      if (!comparator.wantsLow && !comparator.wantsHigh) return [];
      needed.add(low).add(high);
      return [comparator];
    })
    .toReversed();
}

/** Wires beyond n would carry infinities, which stay where they are: their comparators are left out. */
function oddEvenMergeSort(n: number): [number, number][] {
  const comparators: [number, number][] = [];
  for (let size = 1; size < n; size *= 2)
    for (let step = size; step >= 1; step /= 2)
      for (let first = step % size; first + step < n; first += 2 * step)
        for (let k = first; k < Math.min(first + step, n - step); k++)
          if (Math.floor(k / (2 * size)) === Math.floor((k + step) / (2 * size)))
            comparators.push([k, k + step]);
  return comparators;
}

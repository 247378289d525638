import { defineAggregator } from './aggregator.js';
import { pairBytes } from '../compute/vectors/kept.js';
import { ascending, pairwiseDistances } from './arithmetic.js';
import { neighbourCount, othersAscending, scoresOf } from './krum.js';
import { byzantineCount, medianTie } from './parameters.js';

/** Chooses n - 2f messages by repeated Krum, then takes the mean of the n - 4f values nearest the median. */
export const bulyan = defineAggregator({
  name: 'bulyan',
  title: 'Bulyan',
  colour: 'amber',
  summary: 'mean around the median of n - 2f messages chosen by repeated Krum',
  source: 'El Mhamdi et al., The Hidden Vulnerability of Distributed Learning, ICML 2018',
  weighted: false,
  keeps: pairBytes,
  parameters: { f: byzantineCount, tie: medianTie },
  check(parameters, { workers, byzantine }) {
    const f = parameters.f ?? byzantine;
    return workers >= 4 * f + 3 ? undefined : `f = ${f} needs n >= 4f + 3, but n = ${workers}`;
  },
  create:
    ({ tie = 'lower' }) =>
    (messages, _, { f }) => {
      const chosen = chosenByKrum(pairwiseDistances(messages), f);
      return messages.select(chosen).meanAroundMedian(messages.size - 4 * f, tie);
    },
});

/**
 * The n - 2f indices that Krum chooses one after the other, each among those left. Where one neighbour is left to count
 * (f < 3), the two that are nearest to each other have equal scores at the end, and the first one is chosen.
 */
export function chosenByKrum(distances: readonly Float64Array[], f: number): number[] {
  const others = othersAscending(distances);
  const left = distances.map((_, i) => i);
  const chosen: number[] = [];
  while (chosen.length < distances.length - 2 * f) {
    const counted = neighbourCount(left.length, f, 'n-f-2');
    const nearest = left.map((i) => others[i].subarray(0, counted));
    const [best] = ascending(scoresOf(nearest, 'squared'));
    const [gone] = left.splice(best, 1);
    chosen.push(gone);
    for (const i of left) others[i] = without(others[i], distances[i][gone]);
  }
  return chosen;
}

/** Ascending values with one that is among them taken out, in place. */
function without(values: Float64Array, value: number): Float64Array {
  const place = values.indexOf(value);
  return values.copyWithin(place, place + 1).subarray(0, -1);
}

import { defineAggregator } from './aggregator.js';
import { byzantineCount, medianTie, needsMajority } from './parameters.js';

/** Per coordinate, the mean of the n - f values nearest the median; of two equally near the smaller one. */
export const meanAroundMedian = defineAggregator({
  name: 'mean-around-median',
  title: 'MeaMed',
  synonyms: ['meamed'],
  colour: 'olive',
  summary: 'coordinate-wise mean of the n - f values nearest the median (Meamed)',
  source: 'Xie et al., Generalized Byzantine-tolerant SGD, 2018',
  weighted: false,
  parameters: { f: byzantineCount, tie: medianTie },
  check: needsMajority,
  create:
    ({ tie = 'lower' }) =>
    (messages, _, { f }) =>
      messages.meanAroundMedian(messages.size - f, tie),
});

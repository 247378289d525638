import { defineAggregator } from './aggregator.js';
import { byzantineCount, needsMajority } from './parameters.js';

/** Per coordinate, the mean without the f smallest and the f largest values. */
export const trimmedMean = defineAggregator({
  name: 'trimmed-mean',
  title: 'CWTM',
  synonyms: ['cwtm'],
  colour: 'green',
  summary: 'coordinate-wise mean without the f smallest and f largest values',
  source: 'Yin et al., ICML 2018',
  weighted: false,
  parameters: { f: byzantineCount },
  check: needsMajority,
  create:
    () =>
    (messages, _, { f }) =>
      messages.trimmedMean(f),
});

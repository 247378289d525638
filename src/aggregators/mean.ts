import { defineAggregator } from './aggregator.js';
import { weightedMean } from './arithmetic.js';

/** Σ s_i x_i / Σ s_i: no protection, the yardstick. */
export const mean = defineAggregator({
  name: 'mean',
  synonyms: ['average'],
  colour: 'black',
  summary: 'weighted mean; not robust',
  source: 'plain averaging',
  weighted: true,
  parameters: {},
  create:
    () =>
    (messages, weights, { vectors }) =>
      weightedMean(vectors, messages, weights),
});

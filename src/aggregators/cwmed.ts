import { z } from 'zod';
import { medianBytes } from '../compute/vectors/kept.js';
import type { Tie } from '../compute/vectors/vectors.js';
import { defineAggregator } from './aggregator.js';
import { weightedMedianRobustness } from './robustness.js';

/** Coordinate-wise (weighted) median, ω-CWMed. */
export const cwmed = defineAggregator({
  name: 'cwmed',
  title: 'CWMed',
  synonyms: ['median'],
  colour: 'blue',
  summary: 'coordinate-wise weighted median',
  source: 'Yin et al., ICML 2018; weighted: Weight for Robustness, NeurIPS 2024',
  weighted: true,
  keeps: medianBytes,
  parameters: {
    tie: z
      .enum(['lower', 'midpoint', 'upper'])
      .optional()
      .describe('where half the weight lies on either side (default: upper if weighted, else lower)'),
  },
  defaults: (_, { weighted }): { tie: Tie } => ({ tie: weighted ? 'upper' : 'lower' }),
  robustness: (_, lambda) => weightedMedianRobustness(lambda),
  create:
    ({ tie }) =>
    (messages, weights) =>
      messages.weightedMedian(weights, tie!),
});

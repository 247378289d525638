import { z } from 'zod';
import { ExperimentError } from '../base/errors.js';
import { defineAggregator } from './aggregator.js';
import { ascending, meanOf } from './arithmetic.js';
import { byzantineCount, needsMajority } from './parameters.js';

/** The mean of the n - f messages nearest to the reference worker's own. */
export const monna = defineAggregator({
  name: 'monna',
  title: 'MoNNA',
  colour: 'green',
  summary: "mean of the n - f messages nearest to one trusted worker's",
  source: 'Farhadkhani et al., Robust Collaborative Learning with Linear Gradient Overhead, ICML 2023',
  weighted: false,
  parameters: {
    f: byzantineCount,
    reference: z.int().min(1).default(1).describe('1-based id of the trusted worker'),
  },
  check(parameters, context) {
    const { reference } = parameters;
    if (reference > context.workers)
      return `reference = ${reference} needs an id <= n, but n = ${context.workers}`;
    return needsMajority(parameters, context);
  },
  create:
    ({ reference }) =>
    (messages, _, { f, workers }) => {
      const row = workers.indexOf(reference);
      if (row < 0)
        throw new ExperimentError(`monna: the message of its reference worker ${reference} is not finite`);
      const nearest = ascending(messages.distancesTo(messages.row(row)));
      return messages.combine(meanOf(nearest.slice(0, messages.size - f), messages.size));
    },
});

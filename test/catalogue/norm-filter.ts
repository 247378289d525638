import { defineAggregator } from '../../src/aggregators/aggregator.js';
import { ascending, meanOf } from '../../src/aggregators/arithmetic.js';
import { byzantineCount, needsMajority } from '../../src/aggregators/parameters.js';

export const normFilter = defineAggregator({
  name: 'norm-filter',
  title: 'Norm filter',
  synonyms: ['comparative-gradient-elimination'],
  summary: 'mean of the n - f messages of least norm',
  source: 'a test',
  weighted: false,
  parameters: { f: byzantineCount },
  check: needsMajority,
  create:
    () =>
    (messages, _, { f }) =>
      messages.combine(meanOf(ascending(messages.norms()).slice(0, messages.size - f), messages.size)),
});

import { ascending, defineAggregator, rowsOf, shares, sum, z } from 'byzsim';

/**
 * Clipping around the median: the coordinate-wise median, moved by the mean of the differences to it, none of which is
 * longer than `factor` times the median distance. A rule measures, does a little arithmetic on one number a message, and
 * combines; it never sees coordinates.
 */
export default defineAggregator({
  name: 'NAME',
  summary: 'the median, moved by the mean of the clipped differences to it',
  // Weights count; a rule that says so has to count a message of weight k like k messages.
  weighted: true,
  // Keys of the config, with their bounds and defaults.
  parameters: {
    factor: z.number().gt(0).default(1).describe('the greatest length of a difference, in median distances'),
  },
  // Called once a run. What the rule is to remember belongs into the second argument's `state`.
  create:
    ({ factor }) =>
    // A stack of finite messages, one a row; a weight for each; and what is known of the round, such as f.
    (messages, weights, { vectors }) => {
      const median = messages.weightedMedian(weights, 'midpoint');
      const distances = messages.distancesTo(median);
      // Nearest first; left are those beyond half of the weight, the first of them at the median distance.
      let half = sum(weights) / 2;
      const beyond = ascending(distances).filter((i) => (half -= weights[i]) <= 0);
      const radius = factor * distances[beyond[0]];
      const parts = shares(weights).map((share, i) =>
        distances[i] <= radius ? share : share * (radius / distances[i]),
      );
      return vectors.combine([1 - sum(parts), ...parts], [median, ...rowsOf(messages)]);
    },
});

import { defineMetaAggregator, rowsOf, shares, sum, z } from 'byzsim';

/**
 * The mean of all messages, in which those far from the output of the rule inside count less: 1 / (1 + (r / scale)²) as
 * much, r being the distance in mean distances.
 */
export default defineMetaAggregator({
  name: 'NAME',
  summary: 'mean of the messages by their nearness to what the rule makes of them',
  weighted: true,
  parameters: {
    scale: z.number().gt(0).default(1).describe('at which distance a message counts half, in mean distances'),
  },
  create: ({ scale }) => ({
    // One that changes what the rule inside sees has, in place of this,
    //   transform: (messages, weights, round) => ({ stack: ..., weights: ... })
    around(raw, weights, center, { vectors }) {
      const distances = raw.distancesTo(center);
      const mean = sum(shares(weights).map((share, i) => share * distances[i]));
      // All at the center.
      if (mean === 0) return vectors.combine([1], [center]);
      const nearness = shares(
        weights.map((weight, i) => weight / (1 + (distances[i] / (scale * mean)) ** 2)),
      );
      return vectors.combine(nearness, rowsOf(raw));
    },
  }),
});

import { defineAttack, z } from 'byzsim';

/** The honest mean, moved back by a few deviations in every coordinate: after Baruch et al., NeurIPS 2019. */
export default defineAttack({
  name: 'NAME',
  summary: 'the honest mean minus some of the honest deviations',
  parameters: {
    deviations: z.number().default(1.5).describe('how many deviations the mean is moved by'),
  },
  // Sees all honest messages. One that only turns or mislabels its own gradient is of kind 'estimator', and one that
  // carries out another attack at times is 'scheduled'.
  kind: 'omniscient',
  create:
    ({ deviations }) =>
    // A stack of the honest messages, one a row, and their weights.
    ({ honest, weights, vectors }) => {
      const { mean, deviation } = honest.moments(weights);
      return vectors.combine([1, -deviations], [mean, deviation]);
    },
});

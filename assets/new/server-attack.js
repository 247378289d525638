import { defineServerAttack, z } from 'byzsim';

/** What a Byzantine server sends: the mean of the correct servers' models, mirrored and enlarged. */
export default defineServerAttack({
  name: 'NAME',
  summary: 'a negative multiple of the mean of the correct models',
  parameters: {
    factor: z.number().gt(0).default(1).describe('how far beyond 0 the mean is mirrored'),
  },
  kind: 'model',
  // With perReceiver: true it is asked for every receiver, whose number is in `receiver`.
  create:
    ({ factor }) =>
    // Its own model would be `model`; a stack of the correct ones, one a row.
    ({ correct }) =>
      correct.combine(new Array(correct.size).fill(-factor / correct.size)),
});

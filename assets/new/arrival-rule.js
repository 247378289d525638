import { defineArrivalRule, z } from 'byzsim';

/**
 * A filter by direction: a message that points away from the running mean of those accepted so far is refused. A rule of
 * this kind sees one message at a time, as it arrives, and answers with a step of the server, 'kept' or 'refused'.
 */
export default defineArrivalRule({
  name: 'NAME',
  summary: 'messages that do not point away from the running mean of those accepted',
  // Keys of the config, with their bounds and defaults.
  parameters: {
    memory: z.number().min(0).lt(1).default(0.9).describe('how much the running mean keeps at each message'),
  },
  // Called once a run. What the rule is to remember belongs into the second argument's `state`, on the host.
  create({ memory }, { state }) {
    const mean = state.remember('mean', undefined);
    // Beside the message: worker, staleness, model, learningRate; origin and clean where the definition asks for them.
    return ({ message, vectors }) => {
      if (mean.value) {
        const known = vectors.fromHost(mean.value);
        const [a, b] = vectors.stack([message, known]).norms();
        const [apart] = vectors.stack([message]).distancesTo(known);
        // The law of cosines: beyond a right angle.
        if (apart ** 2 > a ** 2 + b ** 2) return 'refused';
        mean.value = vectors.toHost(vectors.combine([memory, 1 - memory], [known, message]));
      } else {
        mean.value = vectors.toHost(message);
      }
      return vectors.combine([1], [message]);
    };
  },
});

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
    const known = state.remember('known', { messages: 0, mean: [0] });
    // Beside the message: worker, staleness, model, learningRate; origin and clean where the definition asks for them.
    return ({ message, vectors }) => {
      const { messages, mean } = known.value;
      let next = message;
      if (messages > 0) {
        const before = vectors.fromHost(mean);
        const [a, b] = vectors.stack([message, before]).norms();
        const [apart] = vectors.stack([message]).distancesTo(before);
        // The law of cosines: beyond a right angle.
        if (apart ** 2 > a ** 2 + b ** 2) return 'refused';
        next = vectors.combine([memory, 1 - memory], [before, message]);
      }
      known.value = { messages: messages + 1, mean: [...vectors.toHost(next)] };
      return vectors.combine([1], [message]);
    };
  },
});

import { defineMetaAggregator } from '../../src/aggregators/aggregator.js';

/** Every second time it puts their mean in the place of all messages: it remembers. */
export const alternating = defineMetaAggregator({
  name: 'alternating',
  title: 'Alternating',
  summary: 'the messages as they are, then their mean, and so on',
  source: 'a test',
  weighted: true,
  parameters: {},
  create(_, { state }) {
    const isMean = state.remember('isMean', false);
    return {
      transform(messages, weights) {
        isMean.value = !isMean.value;
        if (isMean.value) return { stack: messages, weights };
        const shares = weights.map(() => 1 / messages.size);
        return { stack: messages.mix(weights.map(() => shares)), weights };
      },
    };
  },
});

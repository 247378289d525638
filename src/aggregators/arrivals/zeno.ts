import { z } from 'zod';
import { cleanKeys } from './clean.js';
import { defineArrivalRule } from './arrival-rule.js';

/**
 * Zeno++: a message g is brought to the length of v, the gradient of the server's own inputs, and accepted if
 * γ <v, g> - ρ |g|² ≥ -γ ε, where γ is the learning rate: if a step along it is expected to lower the loss by enough.
 */
export const zeno = defineArrivalRule({
  name: 'zeno++',
  title: 'Zeno++',
  synonyms: ['zeno', 'zenopp', 'zeno-plus-plus'],
  summary: "messages that point where the gradient of the server's own inputs does, brought to its length",
  source: 'Xie, Koyejo and Gupta, Zeno++: Robust Fully Asynchronous SGD, ICML 2020',
  parameters: {
    rho: z.number().min(0).default(0.001).describe('ρ, the price of length'),
    epsilon: z.number().min(0).default(0.1).describe('ε, how far a message may fall short'),
    ...cleanKeys,
  },
  clean: ({ inputs, every }) => ({ inputs, every }),
  create:
    ({ rho, epsilon }) =>
    ({ message, clean, learningRate: gamma, vectors }) => {
      const [length, target] = vectors.stack([message, clean!]).norms();
      const scaled = vectors.combine([length > 0 ? target / length : 0], [message]);
      // <v, g> of vectors of one length.
      const [apart] = vectors.stack([scaled]).distancesTo(clean!);
      const squared = length > 0 ? target ** 2 : 0;
      const product = length > 0 ? squared - apart ** 2 / 2 : 0;
      return gamma * product - rho * squared >= -gamma * epsilon ? scaled : 'refused';
    },
});

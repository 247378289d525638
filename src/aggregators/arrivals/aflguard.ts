import { z } from 'zod';
import { cleanKeys } from './clean.js';
import { defineArrivalRule } from './arrival-rule.js';

/** AFLGuard: a message g is accepted if |g - v| ≤ λ |v|, v the gradient of the server's own inputs. */
export const aflguard = defineArrivalRule({
  name: 'aflguard',
  title: 'AFLGuard',
  summary: "messages no further from the gradient of the server's own inputs than some times its length",
  source: 'Fang et al., AFLGuard: Byzantine-robust Asynchronous Federated Learning, ACSAC 2022',
  parameters: {
    radius: z.number().gt(0).default(1.5).describe('λ of the paper: how many times the length'),
    ...cleanKeys,
  },
  clean: ({ inputs, every }) => ({ inputs, every }),
  create:
    ({ radius }) =>
    ({ message, clean, vectors }) => {
      const [apart] = vectors.stack([message]).distancesTo(clean!);
      const [length] = vectors.stack([clean!]).norms();
      return apart <= radius * length ? vectors.combine([1], [message]) : 'refused';
    },
});

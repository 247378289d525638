import { z } from 'zod';

/** Parameters of rules that compare with the gradient of inputs of the server's own. */
export const cleanKeys = {
  inputs: z
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .describe('how many training inputs the server keeps for itself: the first of the data set'),
  every: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .describe('after how many arrivals it takes their gradient anew'),
};

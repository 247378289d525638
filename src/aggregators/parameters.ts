import { z } from 'zod';
import type { Tie } from '../compute/vectors/vectors.js';

/** f, where a rule takes it. */
export const byzantineCount = z
  .int()
  .min(0)
  .optional()
  .describe('f: how many messages may be Byzantine (default: the configured count)');

/**
 * What the median of an even number of values is, where a rule rests on one. The default is left out of resolved configs:
 * it came after them, and an experiment keeps its hash.
 */
export const medianTie = z
  .enum(['lower', 'midpoint', 'upper'])
  .optional()
  .transform((tie): Tie | undefined => (tie === 'lower' ? undefined : tie))
  .describe(
    'the median of an even number of values: the lower or the upper middle one, or their mean (default: lower)',
  );

/** Says that too many of n messages may be Byzantine for a rule that needs 2f < n, or nothing. */
export function needsMajority(
  parameters: { f?: number },
  context: { workers: number; byzantine: number },
): string | undefined {
  const f = parameters.f ?? context.byzantine;
  return 2 * f < context.workers ? undefined : `f = ${f} needs 2f < n, but n = ${context.workers}`;
}

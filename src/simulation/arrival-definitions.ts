import { z } from 'zod';
import type { Shape } from '../aggregators/aggregator.js';

/** A clock of the workers as configs name it; what it draws is in arrivals.ts. */
export interface ArrivalDefinition {
  /** The name of the process in configs. */
  name: string;
  /** One line for `byzsim list arrivals`. */
  summary: string;
  parameters: Shape;
}

/** How a worker's speed follows from its id, counted from 1 within its group (honest, Byzantine). */
export const speeds = ['uniform', 'id', 'id-squared'] as const;

/** What each speed means, for `byzsim list arrivals`. */
export const speedSummaries: Readonly<Record<(typeof speeds)[number], string>> = {
  uniform: 'all workers are equally fast',
  id: 'speed ∝ id, counted from 1 within the honest and within the Byzantine workers',
  'id-squared': 'speed ∝ id², counted likewise',
};

/** Relative speeds, one a worker. */
export const weights = z.array(z.number().positive()).min(1);

const speed = z
  .union([z.enum(speeds), weights])
  .default('uniform')
  .describe('how the speed grows with the id, or one relative speed a worker');

const exponential: ArrivalDefinition = {
  name: 'exponential',
  summary: 'memoryless: the next to arrive is worker i with probability ∝ its speed',
  parameters: { speed },
};

const deterministic: ArrivalDefinition = {
  name: 'deterministic',
  summary: 'like clockwork: every gap of a worker is the same',
  parameters: { speed },
};

const lognormal: ArrivalDefinition = {
  name: 'lognormal',
  summary: 'log-normal gaps: now and then a slow one',
  parameters: {
    speed,
    sigma: z.number().positive().max(10).default(1).describe('σ, the deviation of the logarithm of a gap'),
  },
};

const pareto: ArrivalDefinition = {
  name: 'pareto',
  summary: 'Pareto gaps: stragglers, heavier the smaller alpha',
  parameters: {
    speed,
    alpha: z.number().gt(1).max(100).default(2).describe('α, the tail index; gaps have a mean only above 1'),
  },
};

/** Every clock a config can name. Beside these, `{trace: FILE}` replays a recorded order of arrival. */
export const arrivals: ReadonlyMap<string, ArrivalDefinition> = new Map(
  [exponential, deterministic, lognormal, pareto].map((process) => [process.name, process]),
);

import type { ClockDefinition } from './clock.js';
import { deterministic } from './deterministic.js';
import { exponential } from './exponential.js';
import { lognormal } from './lognormal.js';
import { pareto } from './pareto.js';

/** The clocks that come with byzsim. */
export const clocks = [exponential, deterministic, lognormal, pareto] as ClockDefinition[];

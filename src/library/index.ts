/** What programs and modules import from `byzsim`. */

export { z } from 'zod';
export type { Definition, Keys, Values } from '../base/definition.js';
export { ConfigError } from '../config/problems.js';
export { ExperimentError, UserError } from '../base/errors.js';
export type { Random } from '../base/random.js';
export type { Saved, StateTree, Stateful } from '../base/state.js';
export type { Stack, Tie, Vector, Vectors } from '../compute/vectors/vectors.js';

export {
  defineAggregator,
  defineMetaAggregator,
  type Aggregate,
  type AggregationContext,
  type AggregatorDefinition,
  type MetaAggregator,
  type MetaAggregatorDefinition,
  type Round,
  type RuleSetting,
} from '../aggregators/aggregator.js';
export {
  ascending,
  clipped,
  meanOf,
  pairwiseDistances,
  rowsOf,
  shares,
  sum,
  weightedMean,
} from '../aggregators/arithmetic.js';
export { byzantineCount, medianTie, needsMajority } from '../aggregators/parameters.js';

export { defineAttack, type AttackDefinition, type Situation } from '../attacks/attack.js';
export {
  defineServerAttack,
  type ServerAttackDefinition,
  type ServerSituation,
} from '../attacks/servers/server-attack.js';

export type { InputSpec } from '../data/dataset.js';
export { defineModel, type Model, type ModelDefinition, type Ops, type TensorSpec } from '../models/model.js';
export * as layers from '../models/network.js';

export {
  defineOptimizer,
  GradientStep,
  stepKeys,
  type Optimizer,
  type OptimizerDefinition,
  type ServerOptimizer,
} from '../optimizers/optimizer.js';

export { defineClock, type ClockDefinition } from '../simulation/clocks/clock.js';

/**
 * What programs and modules import from `byzsim`: experiments run and read, and the pieces that definitions of one's own
 * are made of.
 *
 * @packageDocumentation
 */

export { z } from 'zod';
export type { Definition, Keys, Values } from '../base/definition.js';
export type { Mapping } from '../base/mapping.js';
export { ConfigError, type Problem } from '../config/problems.js';
export { ExperimentError, UserError } from '../base/errors.js';
export type { Random } from '../base/random.js';
export type { Remembered, Saved, Snapshot, Stateful, StateTree } from '../base/state.js';
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
export {
  defineArrivalRule,
  type Arrival,
  type ArrivalContext,
  type ArrivalRuleDefinition,
  type CleanInputs,
  type Receive,
  type Verdict,
} from '../aggregators/arrivals/arrival-rule.js';
export { byzantineCount, medianTie, needsMajority } from '../aggregators/parameters.js';

export {
  defineAttack,
  type AttackDefinition,
  type AttackSetting,
  type EstimatorAttack,
  type OmniscientAttack,
  type ScheduledAttack,
  scheduledKeys,
  type Situation,
} from '../attacks/attack.js';
export {
  defineServerAttack,
  type LyingServer,
  type ServerAttackDefinition,
  type ServerSituation,
  type SilentServer,
} from '../attacks/servers/server-attack.js';

export type { InputSpec } from '../data/dataset.js';
export {
  defineModel,
  type Initial,
  type Model,
  type ModelDefinition,
  type Ops,
  type Shape,
  type Tensor,
  type TensorSpec,
} from '../models/model.js';
export * as layers from '../models/network.js';

export {
  defineOptimizer,
  GradientStep,
  stepKeys,
  type Optimizer,
  type OptimizerDefinition,
  type ServerOptimizer,
  type StepValues,
} from '../optimizers/optimizer.js';

export { defineClock, type ClockDefinition } from '../simulation/clocks/clock.js';

export { aggregate, type Aggregation } from './aggregate.js';
export type { RunOptions } from './options.js';
export { run, type SeedOptions } from './run.js';
export type { ConfigLike } from './source.js';
export { sweep, type SweepOptions } from './sweep.js';
export type { Backend, Device, DeviceName, EngineName } from '../compute/engine.js';
export type { Axes, AxisValue } from '../config/axes.js';
export type { Meta } from '../results/meta-file.js';
export type { RunSummary } from '../results/run-folder.js';
export type { ByzantineWeight } from '../simulation/byzantine-weight.js';
export { readStudy, type Conflict, type Damage, type Study } from '../study/study.js';
export type { StudyRun } from '../study/study-run.js';
export type { MetricsRow } from '../simulation/columns.js';

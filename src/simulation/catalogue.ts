import type { AggregatorDefinition, MetaAggregatorDefinition } from '../aggregators/aggregator.js';
import type { ArrivalRuleDefinition } from '../aggregators/arrivals/arrival-rule.js';
import { arrivalRules } from '../aggregators/arrivals/index.js';
import { aggregators, metaAggregators } from '../aggregators/index.js';
import type { AttackDefinition } from '../attacks/attack.js';
import { attacks } from '../attacks/index.js';
import { serverAttacks } from '../attacks/servers/index.js';
import type { ServerAttackDefinition } from '../attacks/servers/server-attack.js';
import { registry, type Registry } from '../base/definition.js';
import type { DatasetDefinition } from '../data/dataset.js';
import { datasets } from '../data/index.js';
import { splits } from '../data/splits/index.js';
import type { SplitDefinition } from '../data/splits/split.js';
import { models } from '../models/index.js';
import type { ModelDefinition } from '../models/model.js';
import { optimizers } from '../optimizers/index.js';
import type { OptimizerDefinition } from '../optimizers/optimizer.js';
import type { ClockDefinition } from './clocks/clock.js';
import { clocks } from './clocks/index.js';
import type { ModeDefinition } from './mode.js';
import { modes } from './modes/index.js';

/** Everything that a config can name, by kind. It is passed to whoever resolves, lists or draws. */
export interface Catalogue {
  datasets: Registry<DatasetDefinition>;
  splits: Registry<SplitDefinition>;
  models: Registry<ModelDefinition>;
  modes: Registry<ModeDefinition>;
  clocks: Registry<ClockDefinition>;
  aggregators: Registry<AggregatorDefinition>;
  metaAggregators: Registry<MetaAggregatorDefinition>;
  /** Rules that take messages one by one; a config names them where it names aggregators. */
  arrivalRules: Registry<ArrivalRuleDefinition>;
  attacks: Registry<AttackDefinition>;
  serverAttacks: Registry<ServerAttackDefinition>;
  optimizers: Registry<OptimizerDefinition>;
}

/** What comes with byzsim. */
export const builtins: Catalogue = {
  datasets: registry(datasets),
  splits: registry(splits),
  models: registry(models),
  modes: registry(modes),
  clocks: registry(clocks),
  aggregators: registry(aggregators),
  metaAggregators: registry(metaAggregators),
  arrivalRules: registry(arrivalRules),
  attacks: registry(attacks),
  serverAttacks: registry(serverAttacks),
  optimizers: registry(optimizers),
};

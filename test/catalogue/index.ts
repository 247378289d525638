import type { AggregatorDefinition, MetaAggregatorDefinition } from '../../src/aggregators/aggregator.js';
import type { AttackDefinition } from '../../src/attacks/attack.js';
import type { ServerAttackDefinition } from '../../src/attacks/servers/server-attack.js';
import type { Definition, Registry } from '../../src/base/definition.js';
import type { SplitDefinition } from '../../src/data/splits/split.js';
import type { ModelDefinition } from '../../src/models/model.js';
import type { OptimizerDefinition } from '../../src/optimizers/optimizer.js';
import { builtins, type Catalogue } from '../../src/simulation/catalogue.js';
import type { ClockDefinition } from '../../src/simulation/clocks/clock.js';
import type { ModeDefinition } from '../../src/simulation/mode.js';
import { absolute } from './absolute.js';
import { doubling } from './doubling.js';
import { halfSgd } from './half-sgd.js';
import { alternating } from './alternating.js';
import { metronome } from './metronome.js';
import { normFilter } from './norm-filter.js';
import { roundRobin } from './round-robin.js';
import { spiral } from './spiral.js';
import { takingTurns } from './taking-turns.js';
import { tripling } from './tripling.js';

/** What comes with byzsim, and one of every kind that does not: each is a file of this folder and nothing else. */
export const extended: Catalogue = {
  aggregators: and(builtins.aggregators, normFilter as AggregatorDefinition),
  metaAggregators: and(builtins.metaAggregators, alternating as MetaAggregatorDefinition),
  arrivalRules: builtins.arrivalRules,
  attacks: and(builtins.attacks, doubling as AttackDefinition),
  serverAttacks: and(builtins.serverAttacks, tripling as ServerAttackDefinition),
  models: and(builtins.models, absolute as ModelDefinition),
  datasets: and(builtins.datasets, spiral),
  splits: and(builtins.splits, roundRobin as SplitDefinition),
  clocks: and(builtins.clocks, metronome as ClockDefinition),
  optimizers: and(builtins.optimizers, halfSgd as OptimizerDefinition),
  modes: and(builtins.modes, takingTurns as ModeDefinition),
};

function and<D extends Definition>(known: Registry<D>, more: D): Registry<D> {
  return new Map([...known, [more.name, more]]);
}

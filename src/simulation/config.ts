import type { AggregatorConfig } from '../aggregators/aggregator.js';
import type { AttackConfig } from '../attacks/attack.js';
import type { DatasetConfig } from '../data/dataset.js';
import type { SplitConfig } from '../data/splits/split.js';
import type { ModelConfig } from '../models/model.js';
import type { OptimizerConfig } from '../optimizers/optimizer.js';
import type { ArrivalConfig } from './arrivals.js';
import type { FaultConfig, NetworkConfig, ServersConfig } from './byzsgd/config.js';

/** Everything that bears on the results of a run, besides its seed: every default filled in, every bound checked. */
export interface ExperimentConfig {
  dataset: DatasetConfig;
  /** Of the training data over workers; absent: all draw from one stream. */
  split?: SplitConfig;
  model: ModelConfig;
  /** Starting point of the model, d numbers; absent: drawn from the seed. */
  initial?: number[];
  mode: string;
  /** m: how many workers; the last `byzantine.count` ids are Byzantine. */
  workers: number;
  arrival: ArrivalConfig;
  /** Of modes with several servers, as are network and faults. */
  servers?: ServersConfig;
  network?: NetworkConfig;
  faults?: FaultConfig[];
  byzantine: ByzantineConfig;
  aggregator: AggregatorConfig;
  optimizer: OptimizerConfig;
  batchSize: number;
  /** The greatest length of a worker's gradient; absent: any. */
  gradientClip?: number;
  /** How many steps the mode plays. */
  updates: number;
  evaluate: { every: number };
}

export interface ByzantineConfig {
  count: number;
  /** λ: fraction of all updates that are Byzantine in the long run, in [0, 0.5). */
  lambda: number;
  schedule: 'random' | 'interval';
  attack: AttackConfig;
  /** Whether servers of even ids get mirror images of Byzantine messages, in modes with several servers. */
  perServer?: boolean;
}

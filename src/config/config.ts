import type { ExperimentConfig } from '../simulation/config.js';
import type { ThresholdGroup } from '../thresholds/thresholds.js';

/** A resolved config: every default filled in, every name known, every bound checked. See schema.ts. */
export interface Config extends ExperimentConfig {
  name: string;
  seeds: number[];
  /** What results must meet; no part of the experiment. Absent: nothing is said. */
  thresholds?: ThresholdGroup[];
  /** Updates from one checkpoint to the next; no part of the experiment. Absent: one every few minutes. */
  checkpoint?: { every: number };
}

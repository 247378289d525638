import type { Row } from '../simulation/tally.js';

/** A column of metrics.csv. */
export interface Column {
  name: string;
  of: (row: Row) => number | undefined;
  /** Which values are better, where some are. */
  better?: 'greater' | 'smaller';
}

/** The columns of metrics.csv, in order. */
export const columns: readonly Column[] = [
  { name: 'update', of: (row) => row.update },
  { name: 'time', of: (row) => row.time },
  { name: 'epoch', of: (row) => row.epoch },
  { name: 'train_loss', of: (row) => row.trainLoss, better: 'smaller' },
  { name: 'test_loss', of: (row) => row.testLoss, better: 'smaller' },
  { name: 'test_accuracy', of: (row) => row.testAccuracy, better: 'greater' },
  { name: 'byzantine_share', of: (row) => row.byzantineShare },
  { name: 'staleness_mean', of: (row) => row.stalenessMean },
  { name: 'staleness_max', of: (row) => row.stalenessMax },
];

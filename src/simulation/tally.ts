import type { StateTree } from '../base/state.js';
import type { Column } from './columns.js';

export const byzantineShare: Column = { name: 'byzantine_share', title: 'Byzantine share', fraction: true };

/** Counts what arrives between two rows. */
export class Tally {
  private readonly counts;

  constructor(state: StateTree) {
    this.counts = state.remember('tally', { arrivals: 0, byzantineArrivals: 0, ...nothing });
  }

  byzantineArrived(): void {
    const counts = this.counts.value;
    counts.arrivals++;
    counts.byzantineArrivals++;
  }

  /** @param staleness steps between the model that the message was computed at and the one it is applied to */
  honestArrived(loss: number, staleness: number): void {
    const counts = this.counts.value;
    counts.arrivals++;
    counts.honest++;
    counts.loss += loss;
    counts.staleness += staleness;
    counts.stalenessMax = Math.max(counts.stalenessMax, staleness);
  }

  /** The figures of a row, and the beginning of the next interval. The share counts from the start. */
  close() {
    const { arrivals, byzantineArrivals, honest, loss, staleness, stalenessMax } = this.counts.value;
    this.counts.value = { arrivals, byzantineArrivals, ...nothing };
    return {
      trainLoss: honest > 0 ? loss / honest : undefined,
      byzantineShare: byzantineArrivals / arrivals,
      stalenessMean: honest > 0 ? staleness / honest : undefined,
      stalenessMax: honest > 0 ? stalenessMax : undefined,
    };
  }
}

const nothing = { honest: 0, loss: 0, staleness: 0, stalenessMax: 0 };

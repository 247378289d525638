import type { Evaluation } from '../compute/compute.js';

/** One evaluation of the server's model. Train loss and staleness cover the updates since the row before. */
export interface Row {
  update: number;
  /** Virtual time of the update: m updates a unit in the long run. */
  time: number;
  /** Passes over the training data. */
  epoch: number;
  /** Mean loss of the honest gradients that arrived; undefined when none did. */
  trainLoss: number | undefined;
  testLoss: number;
  /** In [0, 1]; undefined where there are no classes. */
  testAccuracy: number | undefined;
  /** Fraction of all updates so far that were Byzantine. */
  byzantineShare: number;
  /** Updates between the model an honest message was computed at and the one it was applied to. */
  stalenessMean: number | undefined;
  stalenessMax: number | undefined;
  /** The model itself, where the caller keeps iterates. */
  iterate?: ArrayLike<number>;
}

/** Counts what arrives between two rows. */
export class Tally {
  private arrivals = 0;
  private byzantineArrivals = 0;
  private honest = 0;
  private loss = 0;
  private staleness = 0;
  private stalenessMax = 0;

  byzantineArrived(): void {
    this.arrivals++;
    this.byzantineArrivals++;
  }

  honestArrived(loss: number, staleness: number): void {
    this.arrivals++;
    this.honest++;
    this.loss += loss;
    this.staleness += staleness;
    this.stalenessMax = Math.max(this.stalenessMax, staleness);
  }

  /** Makes the row of an evaluation still to come, and starts the next interval. */
  close(update: number, time: number, epoch: number): (evaluation: Evaluation) => Row {
    const { honest } = this;
    const trainLoss = honest > 0 ? this.loss / honest : undefined;
    const stalenessMean = honest > 0 ? this.staleness / honest : undefined;
    const stalenessMax = honest > 0 ? this.stalenessMax : undefined;
    const byzantineShare = this.byzantineArrivals / this.arrivals;
    this.honest = this.loss = this.staleness = this.stalenessMax = 0;
    return ({ loss, accuracy }) => ({
      update,
      time,
      epoch,
      trainLoss,
      testLoss: loss,
      testAccuracy: accuracy,
      byzantineShare,
      stalenessMean,
      stalenessMax,
    });
  }
}

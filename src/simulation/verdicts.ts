import type { StateTree } from '../base/state.js';
import type { Column, MetricsRow } from './columns.js';

/** What became of messages from the start, where the rule takes them one by one and may refuse them. */
export const verdictColumns: readonly Column[] = [
  { name: 'honest_accepted', title: 'honest messages accepted' },
  { name: 'honest_refused', title: 'honest messages refused' },
  { name: 'byzantine_accepted', title: 'Byzantine messages accepted' },
  { name: 'byzantine_refused', title: 'Byzantine messages refused' },
];

/** Counts them. */
export class Verdicts {
  private readonly counts;

  constructor(state: StateTree) {
    const none = { honest_accepted: 0, honest_refused: 0, byzantine_accepted: 0, byzantine_refused: 0 };
    this.counts = state.remember('verdicts', none);
  }

  count(byzantine: boolean, accepted: boolean): void {
    this.counts.value[`${byzantine ? 'byzantine' : 'honest'}_${accepted ? 'accepted' : 'refused'}`]++;
  }

  columns(): MetricsRow {
    return { ...this.counts.value };
  }
}

import type { Saved, Stateful } from '../base/state.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type { Source } from './source.js';

/**
 * Estimates that a Byzantine worker sends late: the newest one whose model is at least so many steps of the server old, or
 * the oldest of all where none is. It holds the one that it sends and those made since: at most `staleness` + 1, where the
 * worker makes one in every step.
 */
export class HeldBack implements Source, Stateful {
  /** In the order in which they were made, the one sent first. */
  private kept: Kept[] = [];

  constructor(
    private readonly vectors: Vectors,
    private readonly staleness: number,
    /** What estimates are multiplied by. */
    private readonly sign: 1 | -1,
  ) {}

  get vector(): Vector {
    return this.kept[0].vector;
  }

  get version(): number {
    return this.kept[0].version;
  }

  get statistics(): Float32Array | undefined {
    return this.kept[0].statistics;
  }

  set statistics(statistics: Float32Array | undefined) {
    this.kept[0].statistics = statistics;
  }

  /** Takes an estimate (copied) that is newer than all before. */
  add({ vector, version, statistics }: Source): void {
    this.kept.push({ vector: this.vectors.combine([this.sign], [vector]), version, statistics });
  }

  /** Lets go of what is too old to be sent after so many steps of the server. */
  renew(update: number): void {
    while (this.kept.length > 1 && this.kept[1].version <= update - this.staleness)
      this.vectors.release(this.kept.shift()!.vector);
  }

  save(): Saved {
    return structuredClone(this.kept.map((each) => ({ ...each, vector: this.vectors.toHost(each.vector) })));
  }

  load(saved: Saved): void {
    this.kept = (saved as SavedKept[]).map((each) => ({
      ...each,
      vector: this.vectors.fromHost(each.vector),
    }));
  }
}

interface Kept {
  vector: Vector;
  version: number;
  statistics: Float32Array | undefined;
}

interface SavedKept extends Omit<Kept, 'vector'> {
  vector: Float32Array | Float64Array;
}

import type { Saved, Stateful } from '../base/state.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type { Source } from './source.js';

/** Messages that a Byzantine worker makes from those of others: one is sent while the next is there already. */
export class Crafted implements Source, Stateful {
  vector!: Vector;
  version = 0;
  private next: { vector: Vector; version: number } | undefined;

  constructor(private readonly vectors: Vectors) {}

  /** Takes the message that the worker sends next. */
  add(vector: Vector, version: number): void {
    if (this.next) this.vectors.release(this.next.vector);
    this.next = { vector, version };
  }

  /** The next message, if there is one, takes the place of the one before. */
  renew(): void {
    if (!this.next) return;
    if (this.vector) this.vectors.release(this.vector);
    Object.assign(this, this.next);
    this.next = undefined;
  }

  save(): Saved {
    const { vectors, vector, version, next } = this;
    return {
      vector: vector && vectors.toHost(vector),
      version,
      next: next && { ...next, vector: vectors.toHost(next.vector) },
    } satisfies SavedCrafted;
  }

  load(saved: Saved): void {
    const { vector, version, next } = saved as SavedCrafted;
    if (vector) this.vector = this.vectors.fromHost(vector);
    this.version = version;
    this.next = next && { ...next, vector: this.vectors.fromHost(next.vector) };
  }
}

type Values = Float32Array | Float64Array;

interface SavedCrafted {
  vector: Values | undefined;
  version: number;
  next: { vector: Values; version: number } | undefined;
}

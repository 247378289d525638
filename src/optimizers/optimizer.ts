import { z } from 'zod';
import type { Definition, Keys, Values } from '../base/definition.js';
import type { Saved, Stateful } from '../base/state.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';

/**
 * What a worker sends, and how the server moves. A worker's message is a combination of its gradient g(x; z), its
 * previous message d, and the reference gradient g̃: of the same sample z, at the model the worker saw before.
 */
export interface Optimizer {
  /** Whether messages need the reference gradient. */
  readonly usesReference: boolean;
  /**
   * Coefficients of the next message. `count`: the worker's messages so far, the first one included (its s_i).
   * The first message is the gradient itself.
   */
  message(count: number): { gradient: number; previous: number; reference: number };
  /** The server's state, starting at x_0 (copied). */
  server(vectors: Vectors, start: Vector): ServerOptimizer;
}

export interface OptimizerDefinition<K extends Keys = Keys> extends Definition<K> {
  create(parameters: Values<K>): Optimizer;
}

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineOptimizer<K extends Keys>(definition: OptimizerDefinition<K>): OptimizerDefinition<K> {
  return definition;
}

/** An optimizer of a resolved config: its name and its parameters. */
export type OptimizerConfig = { name: string; learningRate: number } & Record<string, unknown>;

/** η, which every optimizer has. */
export const learningRate = z.number().positive().default(0.01).describe('η, the step of the server');

/** The server's side: how a model moves. What it remembers is its own, so that a run can be saved. */
export interface ServerOptimizer extends Stateful {
  /** x, the current model; valid until the next step. */
  readonly model: Vector;
  /** Moves by an aggregate A. */
  step(aggregate: Vector): void;
}

/** x ← x - η A. */
export class GradientStep implements ServerOptimizer {
  model: Vector;

  constructor(
    private readonly vectors: Vectors,
    start: Vector,
    private readonly learningRate: number,
  ) {
    this.model = vectors.combine([1], [start]);
  }

  step(aggregate: Vector): void {
    const previous = this.model;
    this.model = this.vectors.combine([1, -this.learningRate], [previous, aggregate]);
    this.vectors.release(previous);
  }

  save(): Saved {
    return this.vectors.toHost(this.model);
  }

  load(saved: Saved): void {
    const previous = this.model;
    this.model = this.vectors.fromHost(saved as Float32Array);
    this.vectors.release(previous);
  }
}

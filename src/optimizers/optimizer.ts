import { z } from 'zod';
import { ofKind, type Definition, type Keys, type Values } from '../base/definition.js';
import { maxMilestones, maxUpdates } from '../base/limits.js';
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
  return ofKind('optimizer', definition);
}

/** An optimizer of a resolved config: its name and its parameters. */
export type OptimizerConfig = { name: string; learningRate: number } & Record<string, unknown>;

/** η, which every optimizer has. */
export const learningRate = z.number().positive().default(0.01).describe('η, the step of the server');

/** Of the step of a server, whatever it is made of. */
export const stepKeys = {
  learningRate,
  weightDecay: z
    .number()
    .min(0)
    .optional()
    // 0 is the default, written out: the same experiment.
    .overwrite((decay) => decay || undefined)
    .describe('λ of an L2 penalty: the server steps by A + λ x, x its model before the step (default: 0)'),
  milestones: z
    .strictObject({
      at: z
        .array(z.int().min(1).max(maxUpdates))
        .min(1)
        .max(maxMilestones)
        .refine((at) => at.every((step, k) => k === 0 || step > at[k - 1]), 'expected ascending numbers')
        .describe('after which steps of the server'),
      factor: z
        .number()
        .positive()
        .default(0.1)
        .describe('what the learning rate is multiplied by, each time'),
    })
    .optional()
    .describe('steps of the server after which its learning rate changes (default: never)'),
} satisfies Keys;

export type StepValues = Values<typeof stepKeys>;

/**
 * What a server's steps t = 1, 2, … depend on, in the conventions of PyTorch. The learning rate is that of MultiStepLR: η
 * times `factor` for each milestone below t, so that step m is the last before milestone m takes effect. Weight decay is
 * that of SGD: λ x is added to what the server steps by. It is the server's alone, added to the aggregate and not to any
 * worker's gradient: it is neither clipped, nor averaged over time by momentum, nor left to Byzantine workers.
 */
export class StepRule {
  readonly weightDecay: number;

  constructor(private readonly values: StepValues) {
    this.weightDecay = values.weightDecay ?? 0;
  }

  /** η_t. */
  learningRate(step: number): number {
    const { learningRate, milestones } = this.values;
    const passed = milestones?.at.filter((milestone) => milestone < step).length ?? 0;
    return passed === 0 ? learningRate : learningRate * milestones!.factor ** passed;
  }
}

/** The server's side: how a model moves. What it remembers is its own, so that a run can be saved. */
export interface ServerOptimizer extends Stateful {
  /** x, the current model; valid until the next step. */
  readonly model: Vector;
  /** Moves by an aggregate A. */
  step(aggregate: Vector): void;
  /** Takes another model (copied) in place of its own; whatever else it keeps moves along. */
  moveTo(model: Vector): void;
}

/** x ← x - η_t (A + λ x). */
export class GradientStep implements ServerOptimizer {
  model: Vector;
  private steps = 0;
  private readonly rule: StepRule;

  /** @param others milestones and weight decay; default: none */
  constructor(
    private readonly vectors: Vectors,
    start: Vector,
    learningRate: number,
    others: Omit<StepValues, 'learningRate'> = {},
  ) {
    this.model = vectors.combine([1], [start]);
    this.rule = new StepRule({ learningRate, ...others });
  }

  step(aggregate: Vector): void {
    const previous = this.model;
    this.steps++;
    const rate = this.rule.learningRate(this.steps);
    const kept = 1 - rate * this.rule.weightDecay;
    this.model = this.vectors.combine([kept, -rate], [previous, aggregate]);
    this.vectors.release(previous);
  }

  moveTo(model: Vector): void {
    const previous = this.model;
    this.model = this.vectors.combine([1], [model]);
    this.vectors.release(previous);
  }

  save(): Saved {
    return { model: this.vectors.toHost(this.model), steps: this.steps };
  }

  load(saved: Saved): void {
    const { model, steps } = saved as { model: Float32Array; steps: number };
    const previous = this.model;
    this.model = this.vectors.fromHost(model);
    this.vectors.release(previous);
    this.steps = steps;
  }
}

import { z } from 'zod';
import type { Values } from '../base/definition.js';
import type { Saved } from '../base/state.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import { defineOptimizer, stepKeys, StepRule, type ServerOptimizer } from './optimizer.js';

/** α_{t+1} and γ_{t+1} of step t = 1, 2, …: w ← w - η α_t A, then x ← γ w + (1-γ) x. */
interface Schedule {
  beta(count: number): number;
  alpha(step: number): number;
  gamma(step: number): number;
}

const forms = {
  fixed: {
    beta: z.number().min(0).lt(1).default(0.25).describe('β, how much of the past a message forgets'),
    gamma: z.number().positive().max(1).default(0.1).describe('γ, the weight of the newest point w in x'),
  },
  theory: {},
  published: {},
};

/**
 * μ²-SGD: d ← g(x; z) + (1-β)(d - g̃) at each worker; the server averages its iterates (Weight for Robustness,
 * Algorithm 1; Fault Tolerant ML). Three forms:
 * - fixed: constant β and γ, α = 1 (the published figures);
 * - theory: α_t = t, x the α-weighted mean of all w, β = 1/s_i;
 * - published: α = 1, γ = max(t/(1+…+t), 0.01), β = max(1/s_i, 0.01), both ratios rounded to 3 decimals.
 *
 * Weight decay is at x, where gradients are taken, as in the published code: w ← w - η α_t (A + λ x).
 */
export const mu2Sgd = defineOptimizer({
  name: 'mu2-sgd',
  title: 'μ²-SGD',
  colour: 'blue',
  synonyms: ['musgd', 'mu2sgd', 'μ²-sgd'],
  summary:
    'd ← g(x; z) + (1-β)(d - g̃), g̃ the gradient of the same z at the model before; server x ← γ w + (1-γ) x',
  source: 'Dahan and Levy, Weight for Robustness, NeurIPS 2024; Fault Tolerant ML, ICML 2024',
  parameters: {
    ...stepKeys,
    form: z
      .enum(['fixed', 'theory', 'published'])
      .default('fixed')
      .describe(
        'constant β and γ, the schedule of the theory, or that of the published synchronous code, which is the default in modes sync and byzsgd',
      ),
  },
  forms,
  create({ form, ...own }) {
    const schedule = schedules[form](own as unknown as Values<typeof forms.fixed>);
    const rule = new StepRule(own);
    return {
      usesReference: true,
      message(count) {
        const kept = 1 - schedule.beta(count);
        return { gradient: 1, previous: kept, reference: -kept };
      },
      server: (vectors, start) => new AveragedStep(vectors, start, rule, schedule),
    };
  },
});

const schedules: Record<keyof typeof forms, (own: Values<typeof forms.fixed>) => Schedule> = {
  fixed: ({ beta, gamma }) => ({ beta: () => beta, alpha: () => 1, gamma: () => gamma }),
  // x_{t+1} = Σ_{k ≤ t+1} k w_k / Σ k is the running mean with γ = (t+1) / ((t+1)(t+2)/2).
  theory: () => ({ beta: (count) => 1 / count, alpha: (step) => step, gamma: (step) => 2 / (step + 2) }),
  published: () => ({
    beta: (count) => Math.max(roundHalfEven(1 / count), 0.01),
    alpha: () => 1,
    gamma: (step) => Math.max(roundHalfEven(2 / (step + 1)), 0.01),
  }),
};

/** To 3 decimals, exact halves to the even neighbour: the published code rounds so, and 1/16 = 0.0625 is such a half. */
function roundHalfEven(value: number): number {
  const scaled = value * 1000;
  const floor = Math.floor(scaled);
  const half = scaled - floor === 0.5 && value * 2 ** 20 === Math.round(value * 2 ** 20);
  return (half ? floor + (floor % 2) : Number(value.toFixed(3)) * 1000) / 1000;
}

class AveragedStep implements ServerOptimizer {
  model: Vector;
  private point: Vector;
  private steps = 0;

  constructor(
    private readonly vectors: Vectors,
    start: Vector,
    private readonly rule: StepRule,
    private readonly schedule: Schedule,
  ) {
    this.model = vectors.combine([1], [start]);
    this.point = vectors.combine([1], [start]);
  }

  step(aggregate: Vector): void {
    const { vectors, model, point, rule, schedule } = this;
    this.steps++;
    const gamma = schedule.gamma(this.steps);
    const rate = rule.learningRate(this.steps) * schedule.alpha(this.steps);
    const decay = rate * rule.weightDecay;
    this.point =
      decay === 0
        ? vectors.combine([1, -rate], [point, aggregate])
        : vectors.combine([1, -rate, -decay], [point, aggregate, model]);
    this.model = vectors.combine([gamma, 1 - gamma], [this.point, model]);
    vectors.release(point);
    vectors.release(model);
  }

  moveTo(target: Vector): void {
    const { vectors, model, point } = this;
    this.point = vectors.combine([1, 1, -1], [point, target, model]);
    this.model = vectors.combine([1], [target]);
    vectors.release(point);
    vectors.release(model);
  }

  save(): Saved {
    const { vectors, model, point, steps } = this;
    return { model: vectors.toHost(model), point: vectors.toHost(point), steps };
  }

  load(saved: Saved): void {
    const { vectors } = this;
    const { model, point, steps } = saved as { model: Float32Array; point: Float32Array; steps: number };
    vectors.release(this.model);
    vectors.release(this.point);
    this.model = vectors.fromHost(model);
    this.point = vectors.fromHost(point);
    this.steps = steps;
  }
}

import type { OptimizerConfig } from '../config/config.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type { Optimizer, Server } from './optimizer.js';

type Mu2SgdConfig = Extract<OptimizerConfig, { name: 'mu2-sgd' }>;

/** α_{t+1} and γ_{t+1} of step t = 1, 2, …: w ← w - η α_t A, then x ← γ w + (1-γ) x. */
interface Schedule {
  beta(count: number): number;
  alpha(step: number): number;
  gamma(step: number): number;
}

/**
 * μ²-SGD: d ← g(x; z) + (1-β)(d - g̃) at each worker; the server averages its iterates (Weight for Robustness,
 * Algorithm 1; Fault Tolerant ML). Three forms:
 * - fixed: constant β and γ, α = 1 (the published figures);
 * - theory: α_t = t, x the α-weighted mean of all w, β = 1/s_i;
 * - published: α = 1, γ = max(t/(1+…+t), 0.01), β = max(1/s_i, 0.01), both ratios rounded to 3 decimals.
 */
export function mu2Sgd(config: Mu2SgdConfig): Optimizer {
  const schedule = schedules(config);
  return {
    usesReference: true,
    message(count) {
      const kept = 1 - schedule.beta(count);
      return { gradient: 1, previous: kept, reference: -kept };
    },
    server: (vectors, start) => new AveragedStep(vectors, start, config.learningRate, schedule),
  };
}

function schedules(config: Mu2SgdConfig): Schedule {
  switch (config.form) {
    case 'fixed':
      return { beta: () => config.beta, alpha: () => 1, gamma: () => config.gamma };
    case 'theory':
      // x_{t+1} = Σ_{k ≤ t+1} k w_k / Σ k is the running mean with γ = (t+1) / ((t+1)(t+2)/2).
      return { beta: (count) => 1 / count, alpha: (step) => step, gamma: (step) => 2 / (step + 2) };
    case 'published':
      return {
        beta: (count) => Math.max(roundHalfEven(1 / count), 0.01),
        alpha: () => 1,
        gamma: (step) => Math.max(roundHalfEven(2 / (step + 1)), 0.01),
      };
  }
}

/** To 3 decimals, exact halves to the even neighbour: the published code rounds so, and 1/16 = 0.0625 is such a half. */
function roundHalfEven(value: number): number {
  const scaled = value * 1000;
  const floor = Math.floor(scaled);
  const half = scaled - floor === 0.5 && value * 2 ** 20 === Math.round(value * 2 ** 20);
  return (half ? floor + (floor % 2) : Number(value.toFixed(3)) * 1000) / 1000;
}

class AveragedStep implements Server {
  model: Vector;
  private point: Vector;
  private steps = 0;

  constructor(
    private readonly vectors: Vectors,
    start: Vector,
    private readonly learningRate: number,
    private readonly schedule: Schedule,
  ) {
    this.model = vectors.combine([1], [start]);
    this.point = vectors.combine([1], [start]);
  }

  step(aggregate: Vector): void {
    const { vectors, model, point, schedule } = this;
    this.steps++;
    const gamma = schedule.gamma(this.steps);
    this.point = vectors.combine([1, -this.learningRate * schedule.alpha(this.steps)], [point, aggregate]);
    this.model = vectors.combine([gamma, 1 - gamma], [this.point, model]);
    vectors.release(point);
    vectors.release(model);
  }
}

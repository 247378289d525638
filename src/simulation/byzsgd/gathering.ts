import type { Remembered, StateTree } from '../../base/state.js';

/**
 * Which steps end with a gather: every T-th one, or none where T is 0. `auto` takes T = 1/(3 l η), rounded down, with l the
 * largest estimate so far of how fast gradients change; one is made in the first step after each gather.
 */
export class Gathering {
  private readonly now: Remembered<{ last: number; every: number; lipschitz: number }>;

  constructor(
    private readonly every: number | 'auto',
    state: StateTree,
  ) {
    this.now = state.remember('gathering', { last: 0, every: every === 'auto' ? 1 : every, lipschitz: 0 });
  }

  /** T, as it stands. */
  get interval(): number {
    return this.now.value.every;
  }

  /** What `auto` came to; nothing where T was given. */
  get found(): { gather_every: number; lipschitz: number } | undefined {
    const { every, lipschitz } = this.now.value;
    return this.every === 'auto' ? { gather_every: every, lipschitz } : undefined;
  }

  /** Steps made before this one since the last gather, or the start. */
  since(step: number): number {
    return step - 1 - this.now.value.last;
  }

  isDue(step: number): boolean {
    const { last, every } = this.now.value;
    return every > 0 && step - last >= every;
  }

  gathered(step: number): void {
    this.now.value = { ...this.now.value, last: step };
  }

  wantsEstimate(step: number): boolean {
    return this.every === 'auto' && this.since(step) === 0;
  }

  /**
   * Takes the workers' estimates of |g(x) - g(y)| / |x - y|: their median counts, which withstands a minority.
   * @param learningRate η of this step
   */
  estimate(estimates: readonly number[], learningRate: number): void {
    const known = estimates.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
    if (known.length === 0) return;
    const lipschitz = Math.max(this.now.value.lipschitz, known[(known.length - 1) >> 1]);
    const every = Math.floor(1 / (3 * lipschitz * learningRate));
    this.now.value = {
      ...this.now.value,
      lipschitz,
      every: Math.max(1, Math.min(every, Number.MAX_SAFE_INTEGER)),
    };
  }
}

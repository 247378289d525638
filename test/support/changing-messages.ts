import { createAggregator } from '../../src/aggregators/create.js';
import { StateTree } from '../../src/base/state.js';
import { SimdVectors } from '../../src/compute/vectors/simd.js';
import type { Vector } from '../../src/compute/vectors/vectors.js';
import { kindsOf } from '../../src/config/kinds.js';
import { resolveAggregator } from '../../src/config/rules.js';
import { builtins } from '../../src/simulation/catalogue.js';

/** Messages of which few change between two aggregations. */
export interface Changing {
  workers: number;
  dimension: number;
  updates: number;
  /** As a config writes it. */
  rule: object;
  random: () => number;
}

/**
 * Aggregates messages again and again with one rule, and each time with one made anew, which can know nothing of earlier
 * ones. Values tie, are of both zeros and go together in jumps; weights are 0, equal, one more, or most of all; senders
 * become not finite and return.
 * @returns the updates, from 0 on, at which the results differ in a byte; none, if all is well
 */
export async function differingUpdates({ workers, dimension, updates, rule, random }: Changing) {
  const vectors = await SimdVectors.create(dimension);
  const whole = (below: number) => Math.floor(random() * below);
  const byzantine = Math.floor(workers / 4);
  const known = { workers, byzantine, lambda: 0.3, weightedDefault: true };
  const { config, issues } = resolveAggregator(rule, kindsOf(builtins), known);
  if (!config) throw new Error(issues.map(({ message }) => message).join('; '));
  const make = () =>
    createAggregator(config, { ...known, vectors, rules: builtins, random, state: new StateTree() });
  const grain = [1, 4, 50, 1e6][whole(4)];
  let center = 0;
  const draw = (finite: boolean) =>
    vectors.fromHost(
      Float32Array.from({ length: dimension }, (_, k) => {
        if (!finite && k === dimension >> 1) return [NaN, Infinity, -Infinity][whole(3)];
        if (k % 5 === 0 && random() < 0.5) return random() < 0.5 ? -0 : 0;
        return Math.round((center + random() - 0.5) * grain) / grain;
      }),
    );
  const messages: Vector[] = Array.from({ length: workers }, () => draw(true));
  const weights = messages.map(() => (grain === 4 ? 1 : whole(4)));
  const bad = new Set<number>();
  const lasting = make();
  const differing: number[] = [];
  for (let update = 0; update < updates; update++) {
    if (random() < 0.01) center = random() < 0.5 ? 0 : 4 * random();
    for (let changes = random() < 0.98 ? 1 : whole(workers); changes > 0; changes--) {
      const i = whole(workers);
      const finite = bad.size >= byzantine || random() < 0.9;
      // Some weigh more and stay as they are.
      if (random() < 0.95) {
        vectors.release(messages[i]);
        messages[i] = draw(finite);
        if (finite) bad.delete(i);
        else bad.add(i);
      }
      const share = random();
      if (share < 0.9) weights[i]++;
      else if (share < 0.98) weights[i] = whole(4);
      else if (share < 0.99) weights[i] = whole(10 * workers);
      else weights[i] = weights[whole(workers)];
    }
    weights[messages.findIndex((_, i) => !bad.has(i))] ||= 1;
    const results = [lasting, make()].map((aggregate) => {
      const result = aggregate(messages, weights);
      const bytes = Buffer.from(vectors.toHost(result).buffer);
      vectors.release(result);
      return bytes;
    });
    if (!results[0].equals(results[1])) differing.push(update);
  }
  return differing;
}

import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import type { Executor } from '../../src/compute/executor.js';
import { models } from '../../src/models/index.js';
import { initialValues, sizeOf, type Model } from '../../src/models/model.js';
import { exampleModel } from '../models/examples.js';

/** |a - b| / |b|; infinite where lengths differ. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let [difference, norm] = [0, 0];
  for (let k = 0; k < b.length; k++) {
    difference += (a[k] - b[k]) ** 2;
    norm += b[k] ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}

/** A model, a point and a batch, made from the model's name alone. */
export interface Case {
  model: Model;
  batch: number;
  parameters: Float32Array;
  statistics: Float32Array;
  inputs: Float32Array;
  targets: Float32Array;
}

const batch = 3;

export function exampleCase(name: string): Case {
  const model = exampleModel(name);
  const { input } = model;
  const random = seedrandom(name);
  return {
    model,
    batch,
    // Moved off the start, where biases of batch norms are zero.
    parameters: initialValues(model.parameters, random).map((value) => value + 0.01),
    // Near those of a batch, or every relu of a deep network would be at zero.
    statistics: initialValues(model.statistics, random).map((value) => value + 0.6 * random() - 0.3),
    inputs: images(batch, sizeOf(input), random),
    targets: input.numeric
      ? Float32Array.from({ length: batch }, (_, k) => k - 0.5)
      : Float32Array.from({ length: batch * input.classes }, (_, k) =>
          k % input.classes === 3 * Math.floor(k / input.classes) ? 1 : 0,
        ),
  };
}

/**
 * Noise about another mean for each image. Networks see little difference between images of nothing but noise, and batch
 * norm divides by that difference: it makes rounding errors a hundred times larger.
 */
function images(count: number, size: number, random: () => number): Float32Array {
  return Float32Array.from(
    { length: count * size },
    (_, k) => Math.floor(k / size) / 2 - 0.5 + random() - 0.5,
  );
}

export type Results = Record<'loss' | 'gradient' | 'statistics' | 'outputs', ArrayLike<number>>;

export async function compute(executor: Executor, example: Case): Promise<Results> {
  const { parameters, statistics, inputs, targets } = example;
  const { loss, ...rest } = await executor.gradient(parameters, inputs, targets, batch);
  return { loss: [loss], ...rest, outputs: await executor.predict(parameters, statistics, inputs, batch) };
}

/** Holds engines to the numbers of a reference engine, on every model: 1e-5 relative in each result. */
export function conformance(
  reference: (model: Model) => Promise<Executor>,
  engines: Record<string, (model: Model) => Promise<Executor>>,
): void {
  describe.each(models.map(({ name }) => name))('%s', (name) => {
    const example = exampleCase(name);
    let expected: Promise<Results> | undefined;

    it.each(Object.keys(engines))('on %s', async (engine) => {
      expected ??= reference(example.model).then((executor) => compute(executor, example));
      const executor = await engines[engine](example.model);
      const actual = await compute(executor, example);
      for (const [key, values] of Object.entries(await expected))
        expect(relativeError(actual[key as keyof Results], values), key).toBeLessThan(1e-5);
      await executor.close();
    });
  });
}

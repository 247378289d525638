import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { constructExecutor } from '../../src/compute/engine.js';
import { models } from '../../src/models/index.js';
import { initialValues, sizeOf, totalSize, type Model } from '../../src/models/model.js';
import { exampleCase, relativeError } from '../compute/conformance.js';
import { evaluationLogits, trainingLoss } from './float64-cnn.js';

describe('cnn-mnist', () => {
  const { model, parameters, statistics, inputs, targets, batch } = exampleCase('cnn-mnist');
  const executor = constructExecutor({ backend: 'cpu', device: 'cpu' }, model);
  const gradient = executor.then((e) => e.gradient(parameters, inputs, targets, batch));

  it('has the loss and the batch statistics of a float64 version', async () => {
    const expected = trainingLoss(model, parameters, inputs, targets, batch);
    const actual = await gradient;
    expect(actual.loss).toBeCloseTo(expected.loss, 6);
    expect(relativeError(actual.statistics, expected.statistics)).toBeLessThan(1e-6);
  });

  it('has the outputs of a float64 version, with running statistics', async () => {
    const expected = evaluationLogits(model, parameters, statistics, inputs);
    const actual = await (await executor).predict(parameters, statistics, inputs, batch);
    expect(relativeError(actual, expected)).toBeLessThan(1e-6);
  });

  // Central differences of the float64 loss, within one tensor, along the gradient and a random vector together.
  it.each(model.parameters.map(({ name }, k) => [name, k] as const))(
    'has the derivatives of finite differences by %s',
    async (name, index) => {
      const from = totalSize(model.parameters.slice(0, index));
      const values = (await gradient).gradient.slice(from, from + sizeOf(model.parameters[index]));
      const random = seedrandom(name);
      const noise = values.map(() => 2 * random() - 1);
      const [size, noiseSize] = [Math.hypot(...values), Math.hypot(...noise)];
      const direction = Float64Array.from(values, (value, k) => value / size + noise[k] / noiseSize);

      const lossAt = (step: number) => {
        const moved = Float64Array.from(parameters);
        direction.forEach((value, k) => (moved[from + k] += step * value));
        return trainingLoss(model, moved, inputs, targets, batch).loss;
      };
      // Small, so that no relu or max-pool changes sides on the way.
      const step = 1e-7;
      const expected = (lossAt(step) - lossAt(-step)) / (2 * step);
      const actual = direction.reduce((sum, value, k) => sum + value * values[k], 0);
      // conv2/bias, dense1/bias: batch norm takes a shift of every image away, so their true derivatives are zero.
      expect(Math.abs(actual - expected)).toBeLessThan(1e-4 * Math.max(size, 1e-2));
    },
  );
});

describe.each([
  ['cnn-mnist', 66_230, [28, 28, 1]],
  ['cnn-cifar10', 89_730, [32, 32, 3]],
])('%s', (name, dimension, shape) => {
  const model: Model = models.get(name)!.build({}, { shape, classes: 10 });

  it('has the published number of parameters', () => {
    expect(totalSize(model.parameters)).toBe(dimension);
    expect(totalSize(model.statistics)).toBe(100);
  });

  it('starts uniform in ±1/√fan-in; batch norm at 1 and 0', () => {
    const values = initialValues(model.parameters, seedrandom('start'));
    const flat = shape[0] === 28 ? 800 : 1250;
    const fanIn: Record<string, number> = { conv1: 25 * shape[2], conv2: 500, dense1: flat, dense2: 50 };
    let from = 0;
    for (const spec of model.parameters) {
      const part = values.subarray(from, (from += sizeOf(spec)));
      const [layer, kind] = spec.name.split('/');
      if (layer === 'norm') expect(new Set(part)).toEqual(new Set([kind === 'scale' ? 1 : 0]));
      else {
        const bound = 1 / Math.sqrt(fanIn[layer]);
        const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(largest).toBeLessThanOrEqual(Math.fround(bound));
        expect(largest).toBeGreaterThan(0.7 * bound); // not a narrower start
        const deviation = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
        if (part.length > 400) expect(deviation / bound).toBeCloseTo(1 / Math.sqrt(3), 1);
      }
    }
  });

  it('refuses other inputs', () => {
    const definition = models.get(name)!;
    expect(definition.needs!({ shape, classes: 10 })).toBeUndefined();
    expect(definition.needs!({ shape: [8, 8, 1], classes: 10 })).toBe(
      `${shape.join('x')} images with labels`,
    );
  });
});

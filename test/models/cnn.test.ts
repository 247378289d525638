import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { builtins } from '../../src/simulation/catalogue.js';
import { initialValues, sizeOf, totalSize, type Model } from '../../src/models/model.js';
import { agreesWithFloat64, maxPool, relu } from './float64.js';

describe('cnn-mnist', () => {
  agreesWithFloat64('cnn-mnist', (pass, x) => {
    const first = maxPool(relu(pass.convolution(x, { size: 5 })));
    const second = maxPool(relu(pass.convolution(first, { size: 5 })));
    return pass.dense(relu(pass.batchNorm(pass.dense(second))));
  });
});

describe.each([
  ['cnn-mnist', 66_230, [28, 28, 1]],
  ['cnn-cifar10', 89_730, [32, 32, 3]],
])('%s', (name, dimension, shape) => {
  const model: Model = builtins.models.get(name)!.create({}, { shape, classes: 10 });

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
    const definition = builtins.models.get(name)!;
    expect(definition.needs!({ shape, classes: 10 })).toBeUndefined();
    expect(definition.needs!({ shape: [8, 8, 1], classes: 10 })).toBe(
      `${shape.join('x')} images with labels`,
    );
  });
});

import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { builtins } from '../../src/simulation/catalogue.js';
import { initialValues, sizeOf, totalSize } from '../../src/models/model.js';
import { agreesWithFloat64, maxPool, relu, type Float64Pass, type Images } from './float64.js';

describe('simple-mnist', () => {
  const block = (pass: Float64Pass, x: Images) =>
    maxPool(relu(pass.batchNorm(pass.convolution(x, { size: 5, pad: 2 }))));
  agreesWithFloat64('simple-mnist', (pass, x) => pass.dense(block(pass, block(pass, x))));
});

describe.each([
  // 25·c·16 + 16, 2·16, 25·16·32 + 32, 2·32, s²·32·10 + 10 with s = 7 and 8
  ['simple-mnist', 29_034, [28, 28, 1], 7],
  ['simple-cifar10', 34_634, [32, 32, 3], 8],
])('%s', (name, dimension, shape, side) => {
  const definition = builtins.models.get(name)!;
  const model = definition.create({}, { shape, classes: 10 });

  it('has two convolutions with batch norm and a dense layer', () => {
    expect(totalSize(model.parameters)).toBe(dimension);
    expect(totalSize(model.statistics)).toBe(2 * (16 + 32));
  });

  it('starts uniform in ±1/√fan-in; batch norm at 1 and 0', () => {
    const values = initialValues(model.parameters, seedrandom('start'));
    const fanIn: Record<string, number> = { conv1: 25 * shape[2], conv2: 25 * 16, dense: side ** 2 * 32 };
    let from = 0;
    for (const spec of model.parameters) {
      const part = values.subarray(from, (from += sizeOf(spec)));
      const [layer, kind] = spec.name.split('/');
      if (layer.startsWith('norm')) expect(new Set(part)).toEqual(new Set([kind === 'scale' ? 1 : 0]));
      else {
        const bound = 1 / Math.sqrt(fanIn[layer]);
        const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(largest).toBeLessThanOrEqual(Math.fround(bound));
        expect(largest).toBeGreaterThan(0.7 * bound); // not a narrower start
      }
    }
  });

  it('refuses other inputs', () => {
    expect(definition.needs!({ shape, classes: 10 })).toBeUndefined();
    expect(definition.needs!({ shape: [8, 8, 1], classes: 10 })).toBe(
      `${shape.join('x')} images with labels`,
    );
  });
});

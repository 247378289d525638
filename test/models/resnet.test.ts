import { describe, expect, it } from 'vitest';
import { constructExecutor } from '../../src/compute/engines.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { initialValues, sizeOf, totalSize } from '../../src/models/model.js';
import { relativeError } from '../compute/conformance.js';
import { add, agreesWithFloat64, globalMean, relu, type Float64Pass, type Images } from './float64.js';

const definition = builtins.models.get('resnet18')!;
const cifar10 = { shape: [32, 32, 3], classes: 10 };

describe('a narrow resnet18', () => {
  const convolution = (pass: Float64Pass, x: Images, stride = 1) =>
    pass.batchNorm(pass.convolution(x, { size: 3, stride, pad: 1, bias: false }));
  const block = (pass: Float64Pass, x: Images, stride: number) => {
    const body = convolution(pass, relu(convolution(pass, x, stride)));
    const shortcut = stride === 1 ? x : pass.batchNorm(pass.convolution(x, { size: 1, stride, bias: false }));
    return relu(add(body, shortcut));
  };
  agreesWithFloat64('resnet18', (pass, x) => {
    let y = relu(convolution(pass, x));
    for (const stride of [1, 1, 2, 1, 2, 1, 2, 1]) y = block(pass, y, stride);
    return pass.dense(globalMean(y));
  });
});

describe('resnet18', () => {
  const model = definition.create({ width: 64 } as never, cifar10);

  it('has the known number of parameters on CIFAR-10, batch norms included', () => {
    expect(totalSize(model.parameters)).toBe(11_173_962);
    // Two numbers a channel: stem, four convolutions in each stage, a shortcut in the last three.
    expect(totalSize(model.statistics)).toBe(2 * (64 + 4 * (64 + 128 + 256 + 512) + 128 + 256 + 512));
  });

  it('has convolutions without bias, uniform in ±1/√fan-in', () => {
    const values = initialValues(model.parameters, minimalStandard());
    let from = 0;
    for (const spec of model.parameters) {
      const part = values.subarray(from, (from += sizeOf(spec)));
      const { shape } = spec;
      if (shape.length === 4) {
        const bound = 1 / Math.sqrt(shape[0] * shape[1] * shape[2]);
        const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(largest).toBeLessThanOrEqual(Math.fround(bound));
        expect(largest).toBeGreaterThan(0.99 * bound);
      } else expect(spec.name).toMatch(/\/norm\/(scale|offset)$|^dense\//);
    }
  });

  it('has the same gradient on onnx as on wasm, at full size', async () => {
    const random = minimalStandard(); // eleven million draws
    const batch = 2;
    const inputs = Float32Array.from({ length: batch * sizeOf(cifar10) }, () => 2 * random() - 1);
    const targets = Float32Array.from({ length: batch * 10 }, (_, k) => (k === 3 || k === 18 ? 1 : 0));
    const parameters = initialValues(model.parameters, random);
    // Every relu open: of a million activations some are so near zero that rounding decides their sign, and each of
    // these changes the gradients of all layers below by a thousandth.
    let from = 0;
    for (const spec of model.parameters) {
      const end = from + sizeOf(spec);
      if (spec.name.endsWith('/norm/offset')) parameters.fill(4, from, end);
      from = end;
    }
    const [expected, actual] = await Promise.all(
      (['wasm', 'onnx'] as const).map(async (backend) => {
        const executor = await constructExecutor({ backend, device: 'cpu' }, model);
        const gradient = await executor.gradient(parameters, inputs, targets, batch);
        await executor.close();
        return gradient;
      }),
    );
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(relativeError(actual.gradient, expected.gradient)).toBeLessThan(1e-5);
    expect(relativeError(actual.statistics, expected.statistics)).toBeLessThan(1e-5);
  }, 120_000);

  it('takes images of other sizes and channels', () => {
    const mnist = definition.create({ width: 64 } as never, { shape: [28, 28, 1], classes: 10 });
    expect(totalSize(mnist.parameters)).toBe(11_173_962 - 2 * 9 * 64);
  });

  it('refuses what is no image, or smaller than its strides', () => {
    const needs = 'images with labels, 8x8 or larger';
    expect(definition.needs!(cifar10)).toBeUndefined();
    expect(definition.needs!({ shape: [8, 8, 1], classes: 10 })).toBeUndefined();
    expect(definition.needs!({ shape: [7, 8, 1], classes: 10 })).toBe(needs);
    expect(definition.needs!({ shape: [3], classes: 0 })).toBe(needs);
    expect(definition.needs!({ shape: [32, 32, 3], classes: 0 })).toBe(needs);
  });
});

/** Park and Miller's generator: numbers in (0, 1), cheaply. */
function minimalStandard(): () => number {
  let state = 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

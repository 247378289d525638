import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createOnnxExecutor } from '../../../src/compute/compiled/executor.js';
import { lossGradient, predictions, sizes } from '../../../src/compute/gradient.js';
import { models } from '../../../src/models/index.js';
import { initialValues, sizeOf } from '../../../src/models/model.js';
import seedrandom from 'seedrandom';
import { exampleModel } from '../../models/examples.js';
import { eagerly, randomValues, relativeError } from './support.js';

const batch = 3;

describe('every model computes the same on ONNX Runtime as on the tfjs cpu backend', () => {
  it.each([...models.keys()])('%s', async (name) => {
    const model = exampleModel(name);
    const { input } = model;
    const { parameters: dimension, statistics: statisticsSize } = sizes(model);
    const point = initialValues(model.parameters, seedrandom(name)).map((value) => value + 0.01);
    const images = randomValues(batch * sizeOf(input), name);
    const targets = Float32Array.from({ length: batch * input.classes }, (_, k) =>
      k % input.classes === Math.floor(k / input.classes) % input.classes ? 1 : 0,
    );

    const executor = await createOnnxExecutor(model);
    const actual = await executor.gradient(point, images, targets, batch);
    const expected = await eagerly(
      { parameters: [dimension], inputs: [batch, ...input.shape], targets: [batch, input.classes] },
      { parameters: point, inputs: images, targets },
      (t) => lossGradient(tf, model, t.parameters as tf.Tensor1D, t.inputs, t.targets),
    );
    expect(relativeError([actual.loss], expected.loss)).toBeLessThan(1e-5);
    expect(relativeError(actual.gradient, expected.gradient)).toBeLessThan(1e-5);
    expect(relativeError(actual.statistics, expected.statistics)).toBeLessThan(1e-5);

    // The batch's own statistics: others may leave every relu of an untrained network at zero.
    const statistics = actual.statistics;
    const outputs = await executor.predict(point, statistics, images, batch);
    const reference = await eagerly(
      { parameters: [dimension], statistics: [statisticsSize], inputs: [batch, ...input.shape] },
      { parameters: point, statistics, inputs: images },
      (t) => ({
        outputs: predictions(tf, model, t.parameters as tf.Tensor1D, t.statistics as tf.Tensor1D, t.inputs),
      }),
    );
    expect(relativeError(outputs, reference.outputs)).toBeLessThan(1e-5);
    await executor.close();
  });
});

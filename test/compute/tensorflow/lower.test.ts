import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { record, trace } from '../../../src/compute/compiled/recorder.js';
import { toPlan } from '../../../src/compute/tensorflow/lower.js';
import type { Plan } from '../../../src/compute/tensorflow/plan.js';
import { models } from '../../../src/models/index.js';
import { exampleModel } from '../../models/examples.js';

const gradientPlan = (name: string, device: 'cpu' | 'cuda') =>
  toPlan(trace(exampleModel(name), 3).gradient, device);
const operations = (plan: Plan) => plan.steps.map(({ op }) => op);

/** Goes through a plan as a run does. Returns the slots that are alive at the end. */
function walk({ inputs, constants, steps }: Plan): Set<number> {
  const alive = new Set([...Object.values(inputs), ...constants.map(({ slot }) => slot)]);
  const lasting = new Set(alive);
  for (const { op, inputs: read, outputs, freed } of steps) {
    for (const slot of read) if (!alive.has(slot)) expect.fail(`${op} reads a tensor that is not there`);
    for (const slot of outputs) {
      if (alive.has(slot)) expect.fail(`${op} overwrites a tensor`);
      alive.add(slot);
    }
    for (const slot of freed)
      if (lasting.has(slot) || !alive.delete(slot)) expect.fail(`${op} frees what is not its own`);
  }
  return alive;
}

describe.each(models.map(({ name }) => name))('the plan of %s', (name) => {
  it.each(['cpu', 'cuda'] as const)('frees every tensor but its outputs on %s', (device) => {
    const { gradient, prediction } = trace(exampleModel(name), 3);
    for (const plan of [gradient, prediction].map((graph) => toPlan(graph, device))) {
      const lasting = Object.values(plan.inputs).length + plan.constants.length;
      const outputs = Object.values(plan.outputs);
      expect(new Set(outputs).size).toBe(outputs.length);
      const alive = walk(plan);
      for (const slot of outputs) expect(alive.has(slot)).toBe(true);
      expect(alive.size).toBe(lasting + outputs.length);
    }
  });
});

describe('the plan of a gradient', () => {
  it('has one operation for the gradients of relu, biases and pools', () => {
    const ops = operations(gradientPlan('cnn-mnist', 'cpu'));
    const count = (op: string) => ops.filter((other) => other === op).length;
    expect(count('ReluGrad')).toBe(3);
    expect(count('Greater')).toBe(0);
    expect(count('BiasAddGrad')).toBeGreaterThanOrEqual(4);
    expect(count('MaxPoolWithArgmax')).toBe(2);
    expect(count('MaxPoolGradWithArgmax')).toBe(2);
    expect(count('MaxPool')).toBe(0);
    expect(count('BatchMatMulV2')).toBe(0);
    expect(ops.length).toBeLessThan(100);
  });

  it('has none on a GPU whose order of sums is left to chance', () => {
    const ops = operations(gradientPlan('cnn-mnist', 'cuda'));
    expect(ops).toContain('MaxPoolGrad');
    expect(ops).not.toContain('MaxPoolGradWithArgmax');
  });

  it('adds biases after pools', () => {
    const { steps } = gradientPlan('cnn-mnist', 'cpu');
    const pooled = new Set(
      steps.filter(({ op }) => op === 'MaxPoolWithArgmax').map(({ outputs }) => outputs[0]),
    );
    const biased = steps.filter(({ op, inputs }) => op === 'BiasAdd' && pooled.has(inputs[0]));
    expect(biased).toHaveLength(2);
  });

  it('has no strided filter gradient of single pixels, for which oneDNN overruns its memory', () => {
    const pixels = ({ steps, constants }: Plan) =>
      steps.filter(({ op, inputs, attributes }) => {
        const shape = constants.find(({ slot }) => slot === inputs[1])?.values;
        const strides = attributes.find(({ name }) => name === 'strides')?.value as number[];
        return op === 'Conv2DBackpropFilter' && shape![0] === 1 && strides[1] > 1;
      });
    expect(pixels(gradientPlan('resnet18', 'cuda'))).toHaveLength(3);
    expect(pixels(gradientPlan('resnet18', 'cpu'))).toHaveLength(0);
  });

  it.each([
    ['valid', 1, [{ name: 'padding', kind: 'string', value: 'VALID' }]],
    ['same', 1, [{ name: 'padding', kind: 'string', value: 'SAME' }]],
    [
      1, // what TensorFlow's SAME would leave out above and on the left
      2,
      [
        { name: 'padding', kind: 'string', value: 'EXPLICIT' },
        { name: 'explicit_paddings', kind: 'integer', value: [0, 0, 1, 1, 1, 1, 0, 0] },
      ],
    ],
  ] as const)('pads convolutions as the model says: %s, stride %i', (pad, stride, attributes) => {
    const graph = record('padded', { x: [1, 8, 8, 1], filter: [3, 3, 1, 2] }, ({ x, filter }) => ({
      y: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad),
    }));
    const [convolution] = toPlan(graph, 'cpu').steps;
    expect(convolution.op).toBe('Conv2D');
    expect(convolution.attributes).toEqual(expect.arrayContaining([...attributes]));
  });
});

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, describe, expect, it } from 'vitest';
import { reachable, type Graph } from '../../../src/compute/compiled/graph.js';
import { record, trace } from '../../../src/compute/compiled/recorder.js';
import { logistic } from '../../../src/models/mlp.js';
import { compiled } from './support.js';

const model = logistic.create({}, { shape: [2, 2, 1], classes: 3 });
const operations = (graph: Graph) => reachable(Object.values(graph.outputs)).map((node) => node.operation.op);

describe('the recording backend', () => {
  afterEach(() => tf.setBackend('cpu'));

  it('leaves the active backend, its tensors and the memory as they were', async () => {
    await tf.setBackend('cpu');
    const before = tf.tensor([1, 2, 3]);
    const { numTensors } = tf.memory();
    trace(model, 4);
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...tf.add(before, 1).dataSync()]).toEqual([2, 3, 4]);
    expect(tf.engine().backendNames()).not.toContain('byzsim-recorder');
  });

  it('restores the backend after an error', async () => {
    await tf.setBackend('cpu');
    const { numTensors } = tf.memory();
    expect(() => record('broken', { x: [2] }, ({ x }) => ({ y: tf.erf(x) }))).toThrow();
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('names the kernel that it does not know, and the model', () => {
    const unknown = { ...model, name: 'wavy', predict: ((_, p) => tf.cos(p[1])) as typeof model.predict };
    expect(() => trace(unknown, 4)).toThrow('cannot compile wavy: unknown kernel Cos');
  });

  it('says so when a model reads the values of a tensor', () => {
    const reading = () => record('curious', { x: [1] }, ({ x }) => ({ y: tf.add(x, x.dataSync()[0]) }));
    expect(reading).toThrow('cannot compile curious: it reads the values of a tensor');
  });

  it('takes tensors of another backend as constants and gives them back', async () => {
    await tf.setBackend('cpu');
    const table = tf.tensor([1, 2, 4]);
    const { y } = await compiled({ x: [3] }, { x: Float32Array.of(1, 1, 2) }, ({ x }) => ({
      y: tf.mul(x, table),
    }));
    expect([...y]).toEqual([1, 2, 8]);
    expect([...table.dataSync()]).toEqual([1, 2, 4]);
  });

  it('keeps only what the outputs need, once, and computes constants', () => {
    const graph = record('lean', { x: [2, 3], unused: [5] }, ({ x, unused }) => {
      tf.exp(unused);
      const scale = tf.div(tf.ones([2, 3]), 4);
      return { y: tf.add(tf.mul(tf.square(x), scale), tf.mul(tf.square(x), scale)) };
    });
    expect(operations(graph).sort()).toEqual(['Add', 'Input', 'Multiply', 'Square', 'Uniform']);
    expect(graph.inputs.map((input) => input.shape)).toEqual([[2, 3], [5]]);
  });

  it('clips after the pool, forward and backward', () => {
    const graph = record('pooled', { x: [1, 4, 4, 2] }, ({ x }) => {
      const { grads } = tf
        .engine()
        .gradients(() => tf.sum<tf.Scalar>(tf.maxPool(tf.relu(x) as tf.Tensor4D, 2, 2, 'valid')), [x]);
      return { gradient: grads[0] };
    });
    const step = reachable(Object.values(graph.outputs)).find((node) => node.operation.op === 'Step')!;
    expect(step.shape).toEqual([1, 2, 2, 2]);
  });
});

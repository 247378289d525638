import * as tf from '@tensorflow/tfjs-core';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { constructExecutor } from '../../../src/compute/engines.js';
import { compute, exampleCase } from '../conformance.js';

const engines = ['cpu', 'wasm'] as const;
const example = exampleCase('mlp');
const { model, parameters, inputs, targets, batch } = example;

describe.each(engines)('an eager executor on %s', (backend) => {
  const open = () => constructExecutor({ backend, device: 'cpu' }, model);

  it('leaves no tensor behind', async () => {
    const executor = await open();
    await compute(executor, example);
    const before = tf.memory();
    for (let k = 0; k < 3; k++) await compute(executor, example);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  it('gives the same bytes every time, in arrays that are the caller’s', async () => {
    const executor = await open();
    const first = await executor.gradient(parameters, inputs, targets, batch);
    const kept = first.gradient.slice();
    const second = await executor.gradient(parameters, inputs, targets, batch);
    expect(second.gradient).toEqual(kept);
    second.gradient.fill(0);
    expect(first.gradient).toEqual(kept);
  });

  it('reads shared memory, and only the part of the buffers that the batch fills', async () => {
    const executor = await open();
    const shared = new Float32Array(new SharedArrayBuffer(4 * parameters.length));
    shared.set(parameters);
    const wide = new Float32Array(inputs.length + 784);
    wide.set(inputs);
    const expected = await executor.gradient(parameters, inputs, targets, batch);
    expect(await executor.gradient(shared, wide, targets, batch)).toEqual(expected);
  });

  it('leaves no tensor behind when it fails', async () => {
    const executor = await open();
    const { numTensors } = tf.memory();
    await expect(executor.gradient(new Float32Array(5), inputs, targets, batch)).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

it('executors of two backends work by turns', async () => {
  const executors = await Promise.all(
    engines.map((backend) => constructExecutor({ backend, device: 'cpu' }, model)),
  );
  const gradients = () =>
    Promise.all(executors.map((executor) => executor.gradient(parameters, inputs, targets, batch)));
  expect(await gradients()).toEqual(await gradients());
});

it('wasm leaves uncaught errors to the process', async () => {
  const before = process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
  await constructExecutor({ backend: 'wasm', device: 'cpu' }, model);
  expect(process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')).toBe(
    before,
  );
});

it('wasm computes the same bytes in a worker thread', async () => {
  const executor = await constructExecutor({ backend: 'wasm', device: 'cpu' }, model);
  const expected = await executor.gradient(parameters, inputs, targets, batch);
  const worker = new Worker(new URL('./gradient-thread.js', import.meta.url), {
    workerData: { parameters, inputs, targets, batch },
  });
  const [actual] = (await once(worker, 'message')) as unknown[];
  expect(actual).toEqual(expected);
  await worker.terminate();
});

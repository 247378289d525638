import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type * as Ort from 'onnxruntime-node';
import seedrandom from 'seedrandom';
import { toOnnx } from '../../../src/compute/compiled/lower.js';
import { loadRuntime } from '../../../src/compute/compiled/providers.js';
import { record } from '../../../src/compute/compiled/recorder.js';
import { registerKernelGradients } from '../../../src/compute/kernel-gradients.js';

export type Tensors = Record<string, tf.Tensor>;

/** |a - b| / |b| over all coordinates; infinite where the lengths differ. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let [difference, norm] = [0, 0];
  for (let k = 0; k < b.length; k++) {
    difference += (a[k] - b[k]) ** 2;
    norm += b[k] ** 2;
  }
  return norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
}

/** Numbers uniform in ±1. */
export function randomValues(length: number, seed = 'values'): Float32Array {
  const random = seedrandom(seed);
  return Float32Array.from({ length }, () => 2 * random() - 1);
}

/** Computes `body` on the tfjs cpu backend. */
export async function eagerly(
  shapes: Record<string, number[]>,
  values: Record<string, Float32Array>,
  body: (tensors: Tensors) => Tensors,
): Promise<Record<string, Float32Array>> {
  registerKernelGradients();
  await tf.setBackend('cpu');
  return tf.tidy(() => {
    const tensors = Object.entries(shapes).map(([name, shape]) => [name, tf.tensor(values[name], shape)]);
    const results = body(Object.fromEntries(tensors) as Tensors);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array]),
    );
  });
}

/** Records `body` and computes it in ONNX Runtime. */
export async function compiled(
  shapes: Record<string, number[]>,
  values: Record<string, Float32Array>,
  body: (tensors: Tensors) => Tensors,
): Promise<Record<string, Float32Array>> {
  const ort = await loadRuntime('cpu');
  const session = await ort.InferenceSession.create(toOnnx(record('test', shapes, body)), {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const feeds = Object.entries(shapes).map(([name, shape]) => [
    name,
    new ort.Tensor('float32', values[name], shape),
  ]);
  const results = await session.run(Object.fromEntries(feeds) as Record<string, Ort.Tensor>);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
  );
}

/** The largest relative error of any output of `body`, compiled against eager. */
export async function compiledError(
  shapes: Record<string, number[]>,
  body: (tensors: Tensors) => Tensors,
  values: Record<string, Float32Array> = {},
): Promise<number> {
  const all = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      values[name] ?? randomValues(tf.util.sizeFromShape(shape), name),
    ]),
  );
  const [expected, actual] = [await eagerly(shapes, all, body), await compiled(shapes, all, body)];
  return Math.max(...Object.keys(expected).map((name) => relativeError(actual[name], expected[name])));
}

/** The value of `f` and its gradients by all its inputs, weighted by a fixed random tensor. */
export function withGradients(f: (tensors: Tensors) => tf.Tensor): (tensors: Tensors) => Tensors {
  return (tensors) => {
    const names = Object.keys(tensors);
    let value: tf.Tensor;
    const { grads } = tf.engine().gradients(
      () => {
        value = tf.keep(f(tensors));
        const weights = tf.tensor(randomValues(value.size, 'weights'), value.shape);
        return tf.sum<tf.Scalar>(tf.mul(value, weights));
      },
      names.map((name) => tensors[name]),
    );
    return { value: value!, ...Object.fromEntries(names.map((name, k) => [`d_${name}`, grads[k]])) };
  };
}

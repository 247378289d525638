// try-tensorflow.js [BINDING]: loads TensorFlow as byzsim does, with another binding than the installed one if named,
// computes a product and a gradient, and prints what it ran on as JSON. Run in a process of its own.
import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chooseEngine } from '../compute/engines.js';
import { findTensorflow } from '../compute/tensorflow/package.js';
import type { TensorflowTrial } from './tensorflow.js';

const [binding] = process.argv.slice(2);
if (binding) {
  const manifest = join(findTensorflow()!, 'package.json');
  const finder = createRequire(manifest)('@mapbox/node-pre-gyp/lib/pre-binding.js') as { find: () => string };
  finder.find = () => binding;
}

const { version, device } = await chooseEngine({ backend: 'tensorflow', device: 'auto' });

const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.ones([2, 2]));
expectValues('the product of two matrices', await product.data(), [3, 3, 7, 7]);

// Each of the 2 x 2 outputs is 4, so each of the filter's 4 gradients is the sum of 4 times 2 · 4 · 1.
const image = tf.ones<tf.Rank.R4>([1, 3, 3, 1]);
const loss = (filter: tf.Tensor4D) => tf.sum(tf.square(tf.conv2d(image, filter, 1, 'valid')));
const gradient = tf.grad(loss as (x: tf.Tensor) => tf.Scalar)(tf.ones([2, 2, 1, 1]));
expectValues('the gradient of a convolution', await gradient.data(), [32, 32, 32, 32]);

const libraries = [...new Set(readFileSync('/proc/self/maps', 'utf8').match(/\/\S*libtensorflow\S*/g))];
const trial: TensorflowTrial = { version, device, libraries };
process.stdout.write(`${JSON.stringify(trial)}\n`);
process.exit(); // TensorFlow's threads would keep it alive for a while

function expectValues(what: string, values: ArrayLike<number>, expected: readonly number[]): void {
  const found = Array.from(values);
  if (!expected.every((value, k) => Math.abs(found[k] - value) < 1e-3 * value))
    throw new Error(`${what} is wrong: ${found.join(', ')} instead of ${expected.join(', ')}`);
}

import type { Model } from '../../src/models/model.js';
import { sizeOf } from '../../src/models/model.js';

// The CNN again, in float64 and plain loops, independent of tfjs: the oracle of its loss, statistics and outputs.

interface Images {
  side: number;
  channels: number;
  /** [image][row][column][channel] */
  values: Float64Array;
}

/** A valid 5x5 convolution with bias, relu, then 2x2 max-pool. */
function layer({ side, channels, values }: Images, weight: Float64Array, bias: Float64Array): Images {
  const outputs = bias.length;
  const wide = side - 4;
  const half = wide / 2;
  const images = values.length / (side * side * channels);
  const pooled = new Float64Array(images * half * half * outputs).fill(-Infinity);
  const sums = new Float64Array(outputs);
  for (let n = 0; n < images; n++)
    for (let y = 0; y < wide; y++)
      for (let x = 0; x < wide; x++) {
        sums.set(bias);
        for (let dy = 0; dy < 5; dy++)
          for (let dx = 0; dx < 5; dx++)
            for (let c = 0; c < channels; c++) {
              const value = values[((n * side + y + dy) * side + x + dx) * channels + c];
              const from = ((dy * 5 + dx) * channels + c) * outputs;
              for (let o = 0; o < outputs; o++) sums[o] += value * weight[from + o];
            }
        const to = ((n * half + (y >> 1)) * half + (x >> 1)) * outputs;
        for (let o = 0; o < outputs; o++) pooled[to + o] = Math.max(pooled[to + o], sums[o], 0);
      }
  return { side: half, channels: outputs, values: pooled };
}

function dense(x: Float64Array, weight: Float64Array, bias: Float64Array): Float64Array {
  const outputs = bias.length;
  const width = weight.length / outputs;
  return Float64Array.from({ length: (x.length / width) * outputs }, (_, k) => {
    const [row, o] = [Math.floor(k / outputs), k % outputs];
    let sum = bias[o];
    for (let i = 0; i < width; i++) sum += x[row * width + i] * weight[i * outputs + o];
    return sum;
  });
}

/** The parameters of the model, cut out of the flat vector. */
function cut(model: Model, flat: ArrayLike<number>): Float64Array[] {
  const all = Float64Array.from(flat);
  let from = 0;
  return model.parameters.map((spec) => all.subarray(from, (from += sizeOf(spec))));
}

function hidden(model: Model, p: Float64Array[], inputs: ArrayLike<number>): Float64Array {
  const [side, , channels] = model.input.shape;
  const first = layer({ side, channels, values: Float64Array.from(inputs) }, p[0], p[1]);
  return dense(layer(first, p[2], p[3]).values, p[4], p[5]);
}

function logits(
  p: Float64Array[],
  x: Float64Array,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
): Float64Array {
  const activations = x.map((value, k) => {
    const c = k % 50;
    return Math.max(0, ((value - mean[c]) / Math.sqrt(variance[c] + 1e-5)) * p[6][c] + p[7][c]);
  });
  return dense(activations, p[8], p[9]);
}

/** Training loss of a batch and the batch's statistics: 50 means, then 50 unbiased variances. */
export function trainingLoss(
  model: Model,
  parameters: ArrayLike<number>,
  inputs: ArrayLike<number>,
  targets: ArrayLike<number>,
  batch: number,
): { loss: number; statistics: number[] } {
  const p = cut(model, parameters);
  const x = hidden(model, p, inputs);
  const rows = Array.from({ length: batch }, (_, n) => n);
  const channels = Array.from({ length: 50 }, (_, c) => c);
  const mean = channels.map((c) => rows.reduce((sum, n) => sum + x[50 * n + c], 0) / batch);
  const squares = channels.map((c) => rows.reduce((sum, n) => sum + (x[50 * n + c] - mean[c]) ** 2, 0));
  const y = logits(
    p,
    x,
    mean,
    squares.map((square) => square / batch),
  );
  const classes = model.input.classes;
  const losses = rows.map((n) => {
    const row = y.subarray(n * classes, (n + 1) * classes);
    const label = rowLabel(targets, n, classes);
    return Math.log(row.reduce((sum, value) => sum + Math.exp(value - row[label]), 0));
  });
  return {
    loss: losses.reduce((sum, value) => sum + value, 0) / batch,
    statistics: [...mean, ...squares.map((square) => square / (batch - 1))],
  };
}

function rowLabel(targets: ArrayLike<number>, row: number, classes: number): number {
  return Array.from({ length: classes }, (_, k) => targets[row * classes + k]).indexOf(1);
}

/** Evaluation-mode logits with running statistics. */
export function evaluationLogits(
  model: Model,
  parameters: ArrayLike<number>,
  statistics: ArrayLike<number>,
  inputs: ArrayLike<number>,
): Float64Array {
  const p = cut(model, parameters);
  const running = Array.from(statistics);
  return logits(p, hidden(model, p, inputs), running.slice(0, 50), running.slice(50));
}

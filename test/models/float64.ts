import { expect, it } from 'vitest';
import seedrandom from 'seedrandom';
import { constructExecutor } from '../../src/compute/engines.js';
import { sizeOf, totalSize, type Model } from '../../src/models/model.js';
import { exampleCase, relativeError } from '../compute/conformance.js';

// Networks again, in float64 and plain loops, independent of tfjs: the oracle of losses, statistics, outputs and, by
// finite differences, gradients.

/** [image][row][column][channel] */
export interface Images {
  height: number;
  width: number;
  channels: number;
  values: Float64Array;
}

/** One batch through a network: hands out its parameters in order, and its running statistics, if it has any. */
export class Float64Pass {
  readonly batchStatistics: number[] = [];
  private parameter = 0;
  private statistic = 0;

  constructor(
    private readonly parameters: readonly Float64Array[],
    private readonly statistics?: readonly Float64Array[],
  ) {}

  convolution(
    x: Images,
    {
      size,
      stride = 1,
      pad = 0,
      bias = true,
    }: { size: number; stride?: number; pad?: number; bias?: boolean },
  ): Images {
    const weight = this.take();
    const outputs = weight.length / (size * size * x.channels);
    const offset = bias ? this.take() : new Float64Array(outputs);
    const length = (side: number) => Math.floor((side + 2 * pad - size) / stride) + 1;
    const [height, width] = [length(x.height), length(x.width)];
    const images = x.values.length / (x.height * x.width * x.channels);
    const values = new Float64Array(images * height * width * outputs);
    let to = 0;
    for (let n = 0; n < images; n++)
      for (let top = -pad, row = 0; row < height; row++, top += stride)
        for (let left = -pad, column = 0; column < width; column++, left += stride, to += outputs) {
          values.set(offset, to);
          for (let dy = 0; dy < size; dy++)
            for (let dx = 0; dx < size; dx++) {
              const [y, z] = [top + dy, left + dx];
              if (y < 0 || y >= x.height || z < 0 || z >= x.width) continue;
              for (let c = 0; c < x.channels; c++) {
                const value = x.values[((n * x.height + y) * x.width + z) * x.channels + c];
                const from = ((dy * size + dx) * x.channels + c) * outputs;
                for (let o = 0; o < outputs; o++) values[to + o] += value * weight[from + o];
              }
            }
        }
    return { height, width, channels: outputs, values };
  }

  batchNorm(x: Images): Images {
    const [scale, offset] = [this.take(), this.take()];
    const { channels } = x;
    const [mean, variance] = this.statistics
      ? [this.statistics[this.statistic++], this.statistics[this.statistic++]]
      : this.moments(x);
    const values = x.values.map((value, k) => {
      const c = k % channels;
      return ((value - mean[c]) / Math.sqrt(variance[c] + 1e-5)) * scale[c] + offset[c];
    });
    return { ...x, values };
  }

  dense(x: Images): Images {
    const [weight, bias] = [this.take(), this.take()];
    const outputs = bias.length;
    const width = weight.length / outputs;
    const values = Float64Array.from({ length: (x.values.length / width) * outputs }, (_, k) => {
      const [row, o] = [Math.floor(k / outputs), k % outputs];
      let sum = bias[o];
      for (let i = 0; i < width; i++) sum += x.values[row * width + i] * weight[i * outputs + o];
      return sum;
    });
    return { height: 1, width: 1, channels: outputs, values };
  }

  /** The batch's mean and biased variance; notes the unbiased one. */
  private moments({ channels, values }: Images): Float64Array[] {
    const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)];
    const count = values.length / channels;
    values.forEach((value, k) => (mean[k % channels] += value / count));
    values.forEach((value, k) => (variance[k % channels] += (value - mean[k % channels]) ** 2 / count));
    this.batchStatistics.push(...mean, ...variance.map((value) => (value * count) / (count - 1)));
    return [mean, variance];
  }

  private take(): Float64Array {
    return this.parameters[this.parameter++];
  }
}

export function relu(x: Images): Images {
  return { ...x, values: x.values.map((value) => Math.max(0, value)) };
}

export function add(x: Images, y: Images): Images {
  return { ...x, values: x.values.map((value, k) => value + y.values[k]) };
}

/** 2x2 */
export function maxPool({ height, width, channels, values }: Images): Images {
  const pooled = { height: height >> 1, width: width >> 1, channels };
  const images = values.length / (height * width * channels);
  const largest = new Float64Array(images * pooled.height * pooled.width * channels).fill(-Infinity);
  values.forEach((value, k) => {
    const c = k % channels;
    const x = Math.floor(k / channels) % width;
    const line = Math.floor(k / (channels * width));
    const y = (line % height) + Math.floor(line / height) * height;
    const to = ((y >> 1) * pooled.width + (x >> 1)) * channels + c;
    largest[to] = Math.max(largest[to], value);
  });
  return { ...pooled, values: largest };
}

export function globalMean({ height, width, channels, values }: Images): Images {
  const pixels = height * width;
  const means = new Float64Array(values.length / pixels);
  values.forEach((value, k) => {
    means[Math.floor(k / (pixels * channels)) * channels + (k % channels)] += value / pixels;
  });
  return { height: 1, width: 1, channels, values: means };
}

export type Network = (pass: Float64Pass, x: Images) => Images;

/** Training loss of a batch and the batch's statistics. */
function trainingLoss(
  network: Network,
  model: Model,
  parameters: ArrayLike<number>,
  inputs: ArrayLike<number>,
  targets: ArrayLike<number>,
): { loss: number; statistics: number[] } {
  const pass = new Float64Pass(cut(model.parameters.map(sizeOf), parameters));
  const { values, channels: classes } = network(pass, images(model, inputs));
  let loss = 0;
  for (let row = 0; row < values.length; row += classes) {
    const logits = values.subarray(row, row + classes);
    const label = logits.findIndex((_, k) => targets[row + k] === 1);
    loss += Math.log(logits.reduce((sum, value) => sum + Math.exp(value - logits[label]), 0));
  }
  return { loss: loss / (values.length / classes), statistics: pass.batchStatistics };
}

/** Evaluation-mode logits with running statistics. */
function evaluationLogits(
  network: Network,
  model: Model,
  parameters: ArrayLike<number>,
  statistics: ArrayLike<number>,
  inputs: ArrayLike<number>,
): Float64Array {
  const pass = new Float64Pass(
    cut(model.parameters.map(sizeOf), parameters),
    cut(model.statistics.map(sizeOf), statistics),
  );
  return network(pass, images(model, inputs)).values;
}

function images(model: Model, inputs: ArrayLike<number>): Images {
  const [height, width, channels] = model.input.shape;
  return { height, width, channels, values: Float64Array.from(inputs) };
}

function cut(lengths: readonly number[], flat: ArrayLike<number>): Float64Array[] {
  const all = Float64Array.from(flat);
  let from = 0;
  return lengths.map((length) => all.subarray(from, (from += length)));
}

/** Holds the example of a model, on the cpu engine, to its network in float64. */
export function agreesWithFloat64(name: string, network: Network): void {
  const { model, parameters, statistics, inputs, targets, batch } = exampleCase(name);
  const executor = constructExecutor({ backend: 'cpu', device: 'cpu' }, model);
  const gradient = executor.then((e) => e.gradient(parameters, inputs, targets, batch));

  it('has the loss and the batch statistics of a float64 version', async () => {
    const expected = trainingLoss(network, model, parameters, inputs, targets);
    const actual = await gradient;
    expect(actual.loss).toBeCloseTo(expected.loss, 6);
    expect(relativeError(actual.statistics, expected.statistics)).toBeLessThan(1e-6);
  });

  it('has the outputs of a float64 version, with running statistics', async () => {
    const expected = evaluationLogits(network, model, parameters, statistics, inputs);
    const actual = await (await executor).predict(parameters, statistics, inputs, batch);
    expect(relativeError(actual, expected)).toBeLessThan(1e-6);
  });

  // Central differences of the float64 loss, within one tensor, along the gradient and a random vector together.
  it.each(model.parameters.map(({ name }, k) => [name, k] as const))(
    'has the derivatives of finite differences by %s',
    async (name, index) => {
      const from = totalSize(model.parameters.slice(0, index));
      const values = (await gradient).gradient.slice(from, from + sizeOf(model.parameters[index]));
      const random = seedrandom(name);
      const noise = values.map(() => 2 * random() - 1);
      const [size, noiseSize] = [Math.hypot(...values), Math.hypot(...noise)];
      const direction = Float64Array.from(values, (value, k) => value / size + noise[k] / noiseSize);

      const lossAt = (step: number) => {
        const moved = Float64Array.from(parameters);
        direction.forEach((value, k) => (moved[from + k] += step * value));
        return trainingLoss(network, model, moved, inputs, targets).loss;
      };
      // Small, so that no relu or max-pool changes sides on the way.
      const step = 1e-7;
      const expected = (lossAt(step) - lossAt(-step)) / (2 * step);
      const actual = direction.reduce((sum, value, k) => sum + value * values[k], 0);
      // Biases before a batch norm: it takes a shift of every image away, so their true derivatives are zero.
      expect(Math.abs(actual - expected)).toBeLessThan(1e-4 * Math.max(size, 1e-2));
    },
  );
}

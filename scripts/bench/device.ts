/**
 * Times one engine on one device and prints JSON. A process of its own: TensorFlow is loaded once, for one device.
 *
 *   node --import tsx scripts/bench/device.ts ENGINE DEVICE [--quick] [--models cnn-mnist,resnet18] [--tensors]
 *
 * Gradients go from a vector on the device to a vector on the device, as in a run: the batch is assembled and uploaded,
 * the loss and the statistics come back. `--tensors` combines messages on TensorFlow's device where a run would not.
 */
import { parseArgs } from 'node:util';
import seedrandom from 'seedrandom';
import { createAggregator } from '../../src/aggregators/create.js';
import { measure, type Timing } from '../../src/base/measure.js';
import type { Compute } from '../../src/compute/compute.js';
import { createCompute } from '../../src/compute/create.js';
import type { DeviceName, EngineName } from '../../src/compute/engine.js';
import { chooseEngine } from '../../src/compute/engines.js';
import { TensorCompute } from '../../src/compute/tensorflow/compute.js';
import type { Dataset } from '../../src/data/dataset.js';
import { initialValues, sizeOf } from '../../src/models/model.js';
import { StateTree } from '../../src/base/state.js';
import { builtins } from '../../src/simulation/catalogue.js';

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    models: { type: 'string', default: 'cnn-mnist,resnet18' },
    tensors: { type: 'boolean', default: false },
  },
});
const [backend, device] = positionals as [EngineName, DeviceName];
const { quick } = flags;
const budget = quick ? 100 : 5000;
const random = seedrandom('benchmark');

const cases = [
  { model: 'cnn-mnist', shape: [28, 28, 1], batch: 16, parameters: {} },
  { model: 'resnet18', shape: [32, 32, 3], batch: 8, parameters: quick ? { width: 4 } : {} },
  { model: 'resnet18', shape: [32, 32, 3], batch: 64, parameters: quick ? { width: 4 } : {} },
];
const messages = 17;

const chosen = await chooseEngine({ backend, device });
const gradients: (Timing & { model: string; d: number; batch: number })[] = [];
const aggregations: (Timing & { rule: string; m: number; d: number })[] = [];
for (const { model, shape, batch, parameters } of cases) {
  if (!flags.models.split(',').includes(model)) continue;
  const dataset = images(shape, 256);
  const built = builtins.models.get(model)!.create(parameters as never, dataset);
  const compute = flags.tensors
    ? await TensorCompute.create({ ...chosen, threads: 1 }, built, dataset)
    : await createCompute(chosen, { config: { name: model, ...parameters }, built }, dataset, 1);
  const { vectors } = compute;
  const d = vectors.dimension;
  try {
    const start = vectors.fromHost(initialValues(built.parameters, random));
    const indices = Uint32Array.from({ length: batch }, (_, k) => k);
    const gradient = await measure(async () => {
      const { vector } = await compute.gradient(start, { indices }, 'true');
      settle(compute, vector);
      vectors.release(vector);
    }, budget);
    gradients.push({ model, d, batch, ...gradient });
    vectors.release(start);
    if (!aggregations.some((other) => other.d === d))
      for (const rule of ['cwmed', 'geometric-median'])
        aggregations.push({ rule, m: messages, d, ...(await aggregation(compute, rule)) });
  } finally {
    await compute.close();
  }
}
process.stdout.write(`${JSON.stringify({ ...chosen, gradients, aggregations })}\n`);
process.exit(); // TensorFlow's threads would keep it alive for a while

async function aggregation({ vectors }: Compute, rule: string) {
  const rows = Array.from({ length: messages }, () =>
    vectors.fromHost(Float32Array.from({ length: vectors.dimension }, () => random() - 0.5)),
  );
  // Update counts as they are when arrivals are ∝ id².
  const weights = rows.map((_, i) => 1 + (i + 1) ** 2);
  const aggregate = createAggregator(
    { rule, weighted: true, meta: [] },
    {
      vectors,
      workers: messages,
      byzantine: 8,
      lambda: 0.4,
      random,
      rules: builtins,
      state: new StateTree(),
    },
  );
  const timing = await measure(() => {
    const result = aggregate(rows, weights);
    settle({ vectors }, result);
    vectors.release(result);
  }, budget);
  rows.forEach((row) => vectors.release(row));
  return timing;
}

/** Waits until the device has computed a vector: whether it is finite is one number of it. */
function settle(
  { vectors }: Pick<Compute, 'vectors'>,
  vector: Parameters<Compute['vectors']['isFinite']>[0],
): void {
  if (!vectors.isFinite(vector))
    throw new Error(`${backend} on ${device} computes numbers that are not finite`);
}

function images(shape: number[], count: number): Dataset {
  const split = {
    count,
    inputs: Uint8Array.from({ length: count * sizeOf({ shape }) }, () => 256 * random()),
    labels: Uint8Array.from({ length: count }, (_, k) => k % 10),
  };
  const channels = new Array<number>(shape[2]).fill(0.5);
  return {
    name: 'noise',
    shape,
    classes: 10,
    train: split,
    test: split,
    normalisation: { mean: channels, deviation: channels },
    order: 'shuffled',
    checksums: {},
  };
}

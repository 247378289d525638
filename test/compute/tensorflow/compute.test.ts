import { builtins } from '../../../src/simulation/catalogue.js';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/sweep/load.js';
import type { Compute } from '../../../src/compute/compute.js';
import { createCompute } from '../../../src/compute/create.js';
import { chooseEngine } from '../../../src/compute/engines.js';
import { TensorCompute } from '../../../src/compute/tensorflow/compute.js';
import { cnnMnist } from '../../../src/models/cnn.js';
import { initialValues } from '../../../src/models/model.js';
import { runExperiment } from '../../../src/simulation/experiment.js';
import type { Row } from '../../../src/simulation/driver.js';
import { tinyImages } from '../../support/tiny.js';
import { relativeError } from '../conformance.js';
import { tensorflowHere } from './support.js';

const here = await tensorflowHere();
const alive = () => ('backend' in here ? here.backend.binding.getNumOfTensors() : 0);

// A test split that is no whole number of chunks.
const dataset = tinyImages(28, 128, 530);
const model = cnnMnist.create({}, dataset);
const start = initialValues(model.parameters, () => 0.7).map((value, k) => value + ((k % 13) - 6) / 100);
const statistics = new Float32Array(100).fill(0.5);
const batch = { indices: Uint32Array.of(5, 1, 7) };

describe.skipIf('reason' in here)('everything on tensors of TensorFlow', async () => {
  if ('reason' in here) return;
  const chosen = await chooseEngine({ backend: 'tensorflow', device: 'cpu' });
  const open: Compute[] = [];
  const onTensors = async () => {
    const compute = await TensorCompute.create({ ...chosen, threads: 1 }, model, dataset);
    open.push(compute);
    return compute;
  };
  afterEach(async () => {
    for (const compute of open.splice(0)) await compute.close();
  });

  it('computes what the same engine computes for vectors on the host', async () => {
    const host = await createCompute(chosen, { config: { name: 'cnn-mnist' }, built: model }, dataset, 1);
    const results = [];
    for (const compute of [await onTensors(), host]) {
      const parameters = compute.vectors.fromHost(start);
      const { loss, vector, statistics: own } = await compute.gradient(parameters, batch, 'flipped');
      const evaluation = await compute.evaluate(parameters, statistics);
      results.push({ loss, gradient: compute.vectors.toHost(vector), own, evaluation });
    }
    const [tensors, expected] = results;
    expect(tensors.gradient).toEqual(expected.gradient);
    expect(tensors.own).toEqual(expected.own);
    expect(tensors.loss).toBe(expected.loss);
    expect(tensors.evaluation.accuracy).toBe(expected.evaluation.accuracy);
    expect(relativeError([tensors.evaluation.loss], [expected.evaluation.loss])).toBeLessThan(1e-6);
    await host.close();
  });

  it('reads parameters when a job is submitted', async () => {
    const compute = await onTensors();
    const { vectors } = compute;
    const expected = (await compute.gradient(vectors.fromHost(start), batch, 'true')).loss;
    const parameters = vectors.fromHost(start);
    const pending = compute.gradient(parameters, batch, 'true');
    const evaluation = compute.evaluate(parameters, statistics);
    vectors.release(parameters);
    expect((await pending).loss).toBe(expected);
    expect((await evaluation).loss).toBeGreaterThan(0);
  });

  it('plays out a run to the same bits twice, and frees what it made', { timeout: 120_000 }, async () => {
    const before = alive();
    const rows: Row[][] = [];
    for (let run = 0; run < 2; run++) {
      const compute = await onTensors();
      const { config } = await loadConfig(
        'configs/quickstart.yaml',
        ['workers=4', 'arrival=uniform', 'byzantine.count=1', 'updates=40', 'evaluate.every=10'],
        builtins,
      );
      const live: number[] = [];
      rows.push([]);
      for await (const row of runExperiment(config, {
        seed: 1,
        catalogue: builtins,
        dataset,
        model,
        compute,
      })) {
        rows[run].push(row);
        live.push(alive());
      }
      // Three a gradient that is under way; one left behind at each update would make thirty.
      expect(Math.max(...live) - Math.min(...live)).toBeLessThan(10);
      await compute.close();
      expect(alive()).toBe(before);
    }
    expect(rows[1]).toEqual(rows[0]);
    expect(rows[0]).toHaveLength(4);
  });
});

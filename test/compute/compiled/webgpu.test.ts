import { builtins } from '../../../src/simulation/catalogue.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { compileModel } from '../../../src/compute/compiled/compile.js';
import { createOnnxExecutor } from '../../../src/compute/compiled/executor.js';
import { findPlacement } from '../../../src/compute/compiled/placement.js';
import { loadRuntime, sessionOptions } from '../../../src/compute/compiled/providers.js';
import { createCompute } from '../../../src/compute/create.js';
import { chooseEngine, describePlacement } from '../../../src/compute/engines.js';
import { models } from '../../../src/models/index.js';
import { loadConfig } from '../../../src/sweep/load.js';
import { cnnMnist } from '../../../src/models/cnn.js';
import type { Model } from '../../../src/models/model.js';
import { runExperiment } from '../../../src/simulation/experiment.js';
import type { Row } from '../../../src/simulation/driver.js';
import { exampleModel } from '../../models/examples.js';
import { tinyImages } from '../../support/tiny.js';
import { exampleCase } from '../conformance.js';

const unavailable = await chooseEngine({ backend: 'onnx', device: 'webgpu' }).then(
  () => undefined,
  (error: Error) => error.message,
);
// A software driver compiles each shader on the CPU when it is first used.
const patience = 180_000;
const onWebgpu = (model: Model) => createOnnxExecutor(model, { device: 'webgpu' });

if (unavailable !== undefined) test.skip(`WebGPU is not tested: ${unavailable}`, () => {});

describe.runIf(unavailable === undefined)('WebGPU', { timeout: patience }, () => {
  it.each(models.map(({ name }) => name))('computes every operation of %s itself', async (name) => {
    const placement = describePlacement({ backend: 'onnx', device: 'webgpu' }, exampleModel(name), 3);
    expect(await placement).toBeUndefined();
  });

  it('is found out when it leaves an operation to the CPU', async () => {
    const { gradient } = compileModel(exampleModel('cnn-mnist'), 3, 'cpu');
    const ort = await loadRuntime('webgpu');
    const placement = await findPlacement(
      gradient,
      sessionOptions('webgpu', 1),
      (bytes, options) => ort.InferenceSession.create(bytes, options),
      (values, shape) => new ort.Tensor('float32', values, shape),
    );
    expect(placement!.nodes).toBeGreaterThan(100);
    expect(placement!.onCpu).toEqual([expect.stringMatching(/^Col2Im_\d+$/)]);
  });

  it('gives the same bytes every time and in every session', async () => {
    const { model, batch, parameters, inputs, targets } = exampleCase('simple-mnist');
    const executors = [await onWebgpu(model), await onWebgpu(model)];
    const [expected, ...others] = await Promise.all(
      [...executors, ...executors].map((executor) => executor.gradient(parameters, inputs, targets, batch)),
    );
    for (const other of others) expect(other).toEqual(expected);
    await Promise.all(executors.map((executor) => executor.close()));
  });

  it('plays a run to the same rows every time, fed by one thread', async () => {
    const rows = await run();
    expect(rows.map(({ values }) => values.update)).toEqual([5, 10]);
    expect(await run()).toEqual(rows);
  });
});

async function run(): Promise<Row[]> {
  // Made here: where all tests are skipped, nothing that is to run after them does.
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-webgpu-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config.yaml');
  writeFileSync(
    file,
    `dataset: digits
workers: 5
arrival: id
byzantine: {count: 2, lambda: 0.3, attack: sign-flip}
aggregator: {rule: cwmed, meta: [ctma]}
optimizer: mu2-sgd
batchSize: 4
updates: 10
evaluate: {every: 5}
`,
  );
  const { config } = await loadConfig(file, [], builtins);
  const dataset = tinyImages(28, 64, 40);
  const model = cnnMnist.create({}, dataset);
  const chosen = await chooseEngine({ backend: 'onnx', device: 'webgpu' });
  const compute = await createCompute(chosen, { config: config.model, built: model }, dataset, 2);
  expect(compute.description.threads).toBe(1);
  const rows: Row[] = [];
  try {
    for await (const row of runExperiment(config, { seed: 1, catalogue: builtins, dataset, model, compute }))
      rows.push(row);
  } finally {
    await compute.close();
  }
  return rows;
}

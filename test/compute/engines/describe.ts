import { builtins } from '../../../src/simulation/catalogue.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, test } from 'vitest';
import { createCompute } from '../../../src/compute/create.js';
import type { DeviceName, EngineName } from '../../../src/compute/engine.js';
import { chooseEngine, constructExecutor } from '../../../src/compute/engines.js';
import { EagerExecutor } from '../../../src/compute/eager/executor.js';
import { TensorVectors } from '../../../src/compute/vectors/tensor.js';
import { loadConfig } from '../../../src/sweep/load.js';
import { cnnMnist } from '../../../src/models/cnn.js';
import { runExperiment } from '../../../src/simulation/experiment.js';
import type { Row } from '../../../src/simulation/driver.js';
import { tinyImages } from '../../support/tiny.js';
import { conformance } from '../conformance.js';
import { describeStack } from '../vectors/conformance.js';

export type EngineOnDevice = `${EngineName}:${DeviceName}`;

/** Engines that must load, or their tests fail: BYZSIM_REQUIRE_ENGINES=tensorflow:cuda,onnx:cuda. */
export const required = (process.env.BYZSIM_REQUIRE_ENGINES ?? '').split(',').filter((name) => name !== '');

/** Engines that come with the package. */
const always: readonly EngineOnDevice[] = ['cpu:cpu', 'wasm:cpu', 'onnx:cpu'];

/** Engines that may load on a GPU made of software, which takes minutes. */
const onRequest: readonly EngineOnDevice[] = ['onnx:webgpu'];

/**
 * Holds engines to tfjs's own cpu backend: gradients and outputs of every model to 1e-5, the primitives of a stack that
 * lies on the device to the float64 oracle, and a run of 60 updates to that of another engine. An engine that does not
 * load is skipped, with the reason, unless it is required.
 */
export async function describeEngines(names: readonly EngineOnDevice[]): Promise<void> {
  // Products of ten bits are no basis for comparison. Read by CUDA's libraries when they are loaded.
  process.env.NVIDIA_TF32_OVERRIDE = '0';
  const loaded: EngineOnDevice[] = [];
  for (const name of names) {
    if (onRequest.includes(name) && !required.includes(name)) {
      test.skip(`${name} is tested on request: BYZSIM_REQUIRE_ENGINES=${name}`, () => {});
      continue;
    }
    const failure = await chooseEngine(split(name)).then(
      () => undefined,
      (error: Error) => error,
    );
    if (!failure) loaded.push(name);
    else if (required.includes(name) || always.includes(name))
      test(name, () => {
        throw failure;
      });
    else test.skip(`${name} is not tested: ${failure.message}`, () => {});
  }
  if (loaded.length === 0) return;

  describe('gradients and outputs', { timeout: 600_000 }, () =>
    conformance(
      async (model) => {
        const { version } = await chooseEngine({ backend: 'cpu', device: 'cpu' }); // brings what tfjs's own lacks
        return new EagerExecutor(version, 'cpu', model);
      },
      Object.fromEntries(loaded.map((name) => [name, (model) => constructExecutor(split(name), model)])),
    ),
  );

  for (const name of loaded)
    if (split(name).backend === 'tensorflow')
      describeStack(name, async () => {
        await chooseEngine(split(name));
        return {
          make: (dimension) => {
            void tf.setBackend('tensorflow'); // another test may have set another
            return new TensorVectors(dimension, tf);
          },
          tolerance: 1e-6,
          range: [1e-30, 1e37],
          alive: () => tf.memory().numTensors,
        };
      });

  describe('a run of 60 updates', { timeout: 600_000 }, () => {
    let expected: Promise<Row[]> | undefined;
    it.each(loaded)('on %s', async (name) => {
      // One after the other: tfjs has one active backend, and making it another takes a while.
      const reference = await (expected ??= run('wasm:cpu'));
      const actual = (await run(name)).map(({ values }) => values);
      expect(actual).toHaveLength(3);
      for (const [k, { values: row }] of reference.entries()) {
        expect(actual[k].update).toBe(row.update);
        expect(Math.abs(actual[k].test_accuracy! - row.test_accuracy!)).toBeLessThanOrEqual(0.005);
        expect(Math.abs(actual[k].test_loss! / row.test_loss! - 1)).toBeLessThan(1e-3);
      }
    });
  });
}

function split(name: EngineOnDevice): { backend: EngineName; device: DeviceName } {
  const [backend, device] = name.split(':') as [EngineName, DeviceName];
  return { backend, device };
}

async function run(name: EngineOnDevice): Promise<Row[]> {
  const short = ['updates=60', 'evaluate.every=20', 'batchSize=4'];
  const { config } = await loadConfig('configs/quickstart.yaml', short, builtins);
  const dataset = tinyImages(28, 256, 400);
  const model = cnnMnist.create({}, dataset);
  const chosen = await chooseEngine(split(name));
  const compute = await createCompute(chosen, { config: { name: model.name }, built: model }, dataset, 1);
  const rows: Row[] = [];
  try {
    for await (const row of runExperiment(config, { seed: 1, catalogue: builtins, dataset, model, compute }))
      rows.push(row);
  } finally {
    await compute.close();
  }
  return rows;
}

import { describe, expect, it } from 'vitest';
import type { Backend, Device } from '../../../src/compute/engine.js';
import { chooseEngine, createExecutor } from '../../../src/compute/engines.js';
import { UserError } from '../../../src/base/errors.js';
import { findTensorflow } from '../../../src/compute/tensorflow/package.js';
import { exampleCase } from '../conformance.js';

const choose = (backend: Backend, device: Device) => chooseEngine({ backend, device });

describe('the choice of an engine', () => {
  it.each(['wasm', 'cpu', 'onnx'] as const)('%s, asked for, loads', async (backend) => {
    const chosen = await choose(backend, 'auto');
    expect(chosen).toMatchObject({ backend, device: 'cpu', reason: 'asked for' });
    expect(chosen.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('auto on the CPU is onnx, and says why', async () => {
    expect(await choose('auto', 'cpu')).toMatchObject({
      backend: 'onnx',
      device: 'cpu',
      reason: 'the best that loads here',
    });
  });

  it.each([
    [
      'cpu',
      'cuda',
      'invalid device: cuda: the cpu engine computes on cpu; use --device cpu, or --backend tensorflow or onnx',
    ],
    [
      'wasm',
      'webgpu',
      'invalid device: webgpu: the wasm engine computes on cpu; use --device cpu, or --backend onnx',
    ],
    [
      'tensorflow',
      'webgpu',
      'invalid device: webgpu: the tensorflow engine computes on cpu, cuda; use --device cpu, or --backend onnx',
    ],
  ] as const)('%s on %s do not go together', async (backend, device, message) => {
    await expect(choose(backend, device)).rejects.toThrow(new UserError(message));
  });

  it.skipIf(findTensorflow() !== undefined)('tensorflow says that it is not installed', async () => {
    await expect(choose('tensorflow', 'auto')).rejects.toThrow(
      /^unavailable engine: tensorflow does not load: @tensorflow\/tfjs-node-gpu is not installed; run byzsim setup tensorflow /,
    );
  });

  it('makes the executor of the choice', async () => {
    const { model, parameters, inputs, targets, batch } = exampleCase('logistic');
    const { executor, ...chosen } = await createExecutor({ backend: 'wasm', device: 'auto', model });
    expect(chosen).toMatchObject({ backend: 'wasm', device: 'cpu', version: executor.version });
    const { gradient } = await executor.gradient(parameters, inputs, targets, batch);
    expect(gradient).toHaveLength(parameters.length);
  });
});

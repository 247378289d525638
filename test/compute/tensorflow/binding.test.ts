import util from 'node:util';
import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../src/compute/engines.js';
import { restoreUtil, setDefaults } from '../../../src/compute/tensorflow/binding.js';
import { tensorflowHere } from './support.js';

const here = await tensorflowHere();

describe('what TensorFlow reads when it is loaded', () => {
  it('hides every GPU from it on the CPU, whatever was visible', () => {
    const environment = { CUDA_VISIBLE_DEVICES: '0' };
    setDefaults(environment, 'cpu');
    expect(environment.CUDA_VISIBLE_DEVICES).toBe('-1');
  });

  it('leaves it the GPUs that are visible, and not all their memory', () => {
    const environment: NodeJS.ProcessEnv = { CUDA_VISIBLE_DEVICES: '1' };
    setDefaults(environment, 'cuda');
    expect(environment).toMatchObject({ CUDA_VISIBLE_DEVICES: '1', TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
  });

  it('makes it quiet and deterministic, unless the user says otherwise', () => {
    const unset: NodeJS.ProcessEnv = {};
    setDefaults(unset, 'auto');
    expect(unset).toMatchObject({ TF_CPP_MIN_LOG_LEVEL: '2', TF_DETERMINISTIC_OPS: '1' });
    const set: NodeJS.ProcessEnv = {
      TF_CPP_MIN_LOG_LEVEL: '0',
      TF_DETERMINISTIC_OPS: '0',
      TF_FORCE_GPU_ALLOW_GROWTH: 'false',
    };
    const before = { ...set };
    setDefaults(set, 'cuda');
    expect(set).toEqual(before);
  });
});

it('the functions that Node 23 removed are put back where they are missing', () => {
  const later: Record<string, unknown> = {};
  restoreUtil(later);
  const { isNullOrUndefined, isArray } = later as Record<string, (value: unknown) => boolean>;
  expect([undefined, null, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
  expect([[], {}].map(isArray)).toEqual([true, false]);

  const own = { isNullOrUndefined: () => true, isArray: () => true };
  restoreUtil(own);
  expect(own).toEqual({ isNullOrUndefined: own.isNullOrUndefined, isArray: own.isArray });
});

describe.skipIf('reason' in here)('TensorFlow, loaded on the CPU', () => {
  it('finds the functions that its package calls', () => {
    expect((util as unknown as Record<string, unknown>).isNullOrUndefined).toBeTypeOf('function');
    expect((util as unknown as Record<string, unknown>).isArray).toBeTypeOf('function');
  });

  it('is not taken for CUDA', async () => {
    await expect(chooseEngine({ backend: 'tensorflow', device: 'cuda' })).rejects.toThrow(
      /^unavailable engine: tensorflow on cuda does not load: its GPUs are hidden .*; run byzsim setup tensorflow --cuda /,
    );
  });

  it('says where it computes', async () => {
    expect(await chooseEngine({ backend: 'tensorflow', device: 'cpu' })).toMatchObject({
      device: 'cpu',
      reason: 'asked for',
    });
    expect(await chooseEngine({ backend: 'tensorflow', device: 'auto' })).toMatchObject({
      device: 'cpu',
      reason: 'asked for; it uses no GPU',
    });
  });
});

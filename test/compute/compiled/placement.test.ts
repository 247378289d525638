import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/compute/compiled/compile.js';
import {
  describePlacement,
  findPlacement,
  type MakeTensor,
  type OpenSession,
} from '../../../src/compute/compiled/placement.js';
import { loadRuntime, sessionOptions } from '../../../src/compute/compiled/providers.js';
import { UserError } from '../../../src/base/errors.js';
import { logistic } from '../../../src/models/mlp.js';

const ort = await loadRuntime('cpu');
const graph = compileModel(logistic.create({}, { shape: [2, 2, 1], classes: 3 }), 2).gradient;
const options = sessionOptions('webgpu', 1);
const tensor: MakeTensor = (values, shape) => new ort.Tensor('float32', values, shape);
const refusal =
  'This session contains graph nodes that are assigned to the default CPU EP, ' +
  'but fallback to CPU EP has been explicitly disabled by the user.';

/** A device that leaves these nodes to the CPU; `state` says what was done with its sessions. */
function device(onCpu: string[], onDevice: string[]) {
  const state = { open: 0, profile: '', fed: {} as Record<string, readonly number[]> };
  const open = ((_, { extra, profileFilePrefix }) => {
    if (extra && onCpu.length > 0) return Promise.reject(new Error(refusal));
    state.open++;
    const event = (provider: string) => (name: string) => ({
      cat: 'Node',
      name: `${name}_kernel_time`,
      args: { provider },
    });
    return Promise.resolve({
      inputMetadata: [{ name: 'x', isTensor: true, shape: [2, 3] }],
      run: (feeds: Record<string, Ort.Tensor>) => {
        state.fed = Object.fromEntries(Object.entries(feeds).map(([name, { dims }]) => [name, dims]));
        return Promise.resolve({});
      },
      endProfiling: () => {
        state.profile = `${profileFilePrefix!}_today.json`;
        const events = [
          { cat: 'Session', name: 'model_run' },
          ...onDevice.map(event('WebGpuExecutionProvider')),
          ...onCpu.map(event('CPUExecutionProvider')),
        ];
        writeFileSync(state.profile, JSON.stringify(events));
      },
      release: () => {
        state.open--;
        return Promise.resolve();
      },
    });
  }) as OpenSession;
  return { open, state };
}

describe('the placement of nodes', () => {
  it('is nothing to speak of when all are on the device', async () => {
    const { open, state } = device([], ['Gemm_1']);
    expect(await findPlacement(graph, options, open, tensor)).toBeUndefined();
    expect(state.open).toBe(0);
  });

  it('names the nodes on the CPU, and leaves nothing behind', async () => {
    const { open, state } = device(['Col2Im_7'], ['Gemm_1', 'Relu_2']);
    expect(await findPlacement(graph, options, open, tensor)).toEqual({ nodes: 3, onCpu: ['Col2Im_7'] });
    expect(state.open).toBe(0);
    expect(state.fed).toEqual({ x: [2, 3] });
    expect(existsSync(dirname(state.profile))).toBe(false);
  });

  it('is read from profiles as ONNX Runtime writes them', async () => {
    const open: OpenSession = (bytes, { extra, ...rest }) =>
      extra
        ? Promise.reject(new Error(refusal))
        : ort.InferenceSession.create(bytes, { ...rest, executionProviders: ['cpu'] });
    const placement = await findPlacement(graph, options, open, tensor);
    expect(placement!.nodes).toBeGreaterThan(5);
    expect(placement!.onCpu).toHaveLength(placement!.nodes);
    expect(placement!.onCpu.join()).toContain('Gemm');
  });

  it('passes on any other failure', async () => {
    const open: OpenSession = () => Promise.reject(new Error('out of memory'));
    await expect(findPlacement(graph, options, open, tensor)).rejects.toThrow('out of memory');
  });

  it('is told in one line', () => {
    const onCpu = Array.from({ length: 12 }, (_, k) => `Pad_${k}`);
    expect(describePlacement('gradient', 'cuda', { nodes: 181, onCpu: onCpu.slice(0, 3) })).toBe(
      '3 of 181 nodes of the gradient run on the CPU: Pad_0, Pad_1, Pad_2',
    );
    expect(describePlacement('prediction', 'cuda', { nodes: 20, onCpu })).toMatch(
      /^12 of 20 nodes of the prediction run on the CPU: Pad_0, .*, Pad_9 and 2 more$/,
    );
  });

  it('refuses a device that computes nothing', () => {
    expect(() => describePlacement('gradient', 'cuda', { nodes: 2, onCpu: ['Gemm_1', 'Relu_2'] })).toThrow(
      new UserError(
        'unavailable device: cuda: ONNX Runtime computes the whole gradient on the CPU; use --device cpu',
      ),
    );
  });
});

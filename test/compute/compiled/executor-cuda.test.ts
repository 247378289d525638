import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cudaObstacle } from '../../../src/compute/compiled/providers.js';
import { chooseEngine } from '../../../src/compute/engines.js';

const [provider, bridge] = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];
const binaries = join(
  dirname(createRequire(import.meta.url).resolve('onnxruntime-node')),
  '../bin/napi-v6/linux/x64',
);

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('CUDA that cannot be used', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'byzsim-cuda-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says that the provider is not installed', () => {
    expect(cudaObstacle(folder)).toBe(`its CUDA provider is not installed (${provider}, ${bridge})`);
    writeFileSync(join(folder, provider), '');
    expect(cudaObstacle(folder)).toBe(`its CUDA provider is not installed (${bridge})`);
  });

  it('names every library that the provider needs and does not find', () => {
    // A library that finds its own dependency only beside itself.
    copyFileSync(join(binaries, 'onnxruntime_binding.node'), join(folder, provider));
    writeFileSync(join(folder, bridge), '');
    expect(cudaObstacle(folder)).toBe('its CUDA provider needs libonnxruntime.so.1, not found here');
    copyFileSync(join(binaries, 'libonnxruntime.so.1'), join(folder, 'libonnxruntime.so.1'));
    expect(cudaObstacle(folder)).not.toMatch(/not found/);
  });

  it('is a mistake that says what to do', async () => {
    if (cudaObstacle() === undefined) return;
    await expect(chooseEngine({ backend: 'onnx', device: 'cuda' })).rejects.toThrow(
      /^unavailable engine: onnx on cuda does not load: .*(not installed|not found here|no NVIDIA GPU).*; run byzsim setup cuda/,
    );
  });
});

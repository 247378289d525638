import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { cacheDirectory } from '../data/directory.js';
import { findGpus } from '../compute/gpu.js';
import { setupOnnxCuda, tryOnnx, type CudaVersion } from '../setup/onnx-cuda.js';
import { setupTensorflow, tryTensorflow } from '../setup/tensorflow.js';

export interface SetupTensorflowFlags {
  cuda?: boolean;
  from?: string;
  force?: boolean;
}

export interface SetupCudaFlags {
  cuda?: '12' | '13';
  from?: string;
  force?: boolean;
}

/** Sets TensorFlow up and prints what it computed on. */
export async function setUpTensorflow(flags: SetupTensorflowFlags): Promise<void> {
  const { version, device, libraries, changed } = await setupTensorflow(flags, {
    cache: cacheDirectory(),
    attempt: tryTensorflow,
    note,
  });
  const state = changed ? 'is set up' : 'is set up already';
  process.stdout.write(
    `TensorFlow ${version} ${state}: an operation and a gradient are right on ${device}\n` +
      libraries.map((path) => `  ${path}\n`).join(''),
  );
  if (!flags.cuda || device === 'cuda') return;
  const gpu = await findGpus();
  note(`no GPU is in use: ${'problem' in gpu ? gpu.problem : 'byzsim doctor says why'}`);
}

/** Sets ONNX Runtime's CUDA provider up and prints where it lies. */
export async function setUpCuda({ cuda, ...flags }: SetupCudaFlags): Promise<void> {
  const gpu = await findGpus();
  const { version, provider, tried, changed } = await setupOnnxCuda(
    { ...flags, cuda: cuda && (Number(cuda) as CudaVersion) },
    { packageFolder: runtimePackage(), cache: cacheDirectory(), gpu, attempt: tryOnnx, note },
  );
  const state = changed ? 'is set up' : 'is set up already';
  const outcome =
    'problem' in gpu ? `not tried: ${gpu.problem}` : tried && `it computes on ${gpu.gpus[0].name}`;
  process.stdout.write(`the CUDA provider of ONNX Runtime ${version} ${state}; ${outcome}\n  ${provider}\n`);
}

function runtimePackage(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  } catch {
    return undefined;
  }
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Backend, Chosen, Device, DeviceName, EngineName } from '../compute/engine.js';
import type { GpuReport } from '../compute/gpu.js';

/** What is computed on each engine: the gradient of cnn-mnist, made small for the slowest. */
export const probed = { shape: [16, 16, 1], batch: 4 };

/** What became of loading an engine. */
export type ProbeResult =
  | ({ loads: true; gradient_ms: number } & Chosen)
  | {
      loads: false;
      problem: string;
      /** Where it follows from the problem; else from the engine and the device. */
      remedy?: string;
    };

/** One engine on one device. */
export type EngineReport = { engine: EngineName; device: DeviceName } & (
  { loads: true; version: string; gradient_ms: number } | { loads: false; problem: string; remedy: string }
);

/** Every engine on every device, in the order in which a user may want them. */
export const enginesAndDevices: readonly { engine: EngineName; device: DeviceName }[] = [
  { engine: 'tensorflow', device: 'cuda' },
  { engine: 'tensorflow', device: 'cpu' },
  { engine: 'onnx', device: 'cuda' },
  { engine: 'onnx', device: 'webgpu' },
  { engine: 'onnx', device: 'cpu' },
  { engine: 'wasm', device: 'cpu' },
  { engine: 'cpu', device: 'cpu' },
];

/** The compiled entry point, found from src/ (tests) as from dist/. */
const entry = fileURLToPath(new URL('../../dist/doctor/probe.js', import.meta.url));
/** Seconds after which an engine is given up. */
const patience = 60;

/**
 * Loads an engine and times a gradient in a process of its own, since a native library may end the process that loads
 * it.
 */
export function probe(backend: Backend, device: Device): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const child = fork(entry, [backend, device], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: patience * 1000,
      killSignal: 'SIGKILL',
      // TensorFlow tells of the libraries that it misses in a low voice.
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: 'dso_loader=1' },
    });
    let result: ProbeResult | undefined;
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('message', (message: ProbeResult) => (result = message));
    child.on('close', (status, signal) => {
      const ending = child.killed
        ? `it does not answer within ${patience} s`
        : `it crashes (${signal ?? `status ${status}`})`;
      const outcome = result ?? { loads: false, problem: ending };
      resolve(
        outcome.loads ? outcome : { ...outcome, problem: missedByTensorflow(stderr) ?? outcome.problem },
      );
    });
  });
}

/** Loads an engine on a device, or says why it does not load and what to do. */
export async function examineEngine(
  engine: EngineName,
  device: DeviceName,
  gpus: GpuReport,
): Promise<EngineReport> {
  const result = await probe(engine, device);
  const subject = { engine, device };
  if (result.loads)
    return { ...subject, loads: true, version: result.version, gradient_ms: result.gradient_ms };
  if (device === 'cuda' && 'problem' in gpus && !result.remedy)
    return {
      ...subject,
      loads: false,
      problem: gpus.problem,
      remedy: 'this needs an NVIDIA GPU and its driver',
    };
  return {
    ...subject,
    loads: false,
    problem: result.problem,
    remedy: result.remedy ?? remedies[`${engine} ${device}`],
  };
}

const remedies: Record<string, string> = {
  'tensorflow cuda': 'byzsim setup tensorflow --cuda',
  'tensorflow cpu': 'byzsim setup tensorflow',
  'onnx cuda': 'byzsim setup cuda',
  'onnx webgpu': "install a Vulkan driver for the GPU (Debian: mesa-vulkan-drivers, or NVIDIA's own)",
  'onnx cpu': 'npm ci',
  'wasm cpu': 'npm ci',
  'cpu cpu': 'npm ci',
};

/** The libraries that TensorFlow said it could not open, one of which is enough to leave the GPU idle. */
export function missedByTensorflow(stderr: string): string | undefined {
  const names = [...stderr.matchAll(/Could not load dynamic library '([^']+)'/g)].map(([, name]) => name);
  return names.length > 0 ? `TensorFlow misses ${[...new Set(names)].join(', ')}` : undefined;
}

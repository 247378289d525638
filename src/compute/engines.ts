import { existsSync } from 'node:fs';
import { UserError } from '../base/errors.js';
import type { Model } from '../models/model.js';
import type { Backend, Chosen, Device, DeviceName, Engine, EngineName } from './engine.js';
import type { Executor } from './executor.js';
import { nativeRemedy } from './native-remedy.js';
import { findTensorflow } from './tensorflow/package.js';

interface Entry {
  devices: readonly DeviceName[];
  /** What to do when it does not load on a device. */
  remedy: Partial<Record<Device, string>> & { auto: string };
  open: () => Promise<Engine>;
}

/** Every engine, the best first. Each is a dynamic import: choosing one loads no other. */
const engines: Record<EngineName, Entry> = {
  tensorflow: {
    devices: ['cpu', 'cuda'],
    remedy: {
      auto: 'run byzsim setup tensorflow (docs/gpu.md), or use --backend onnx',
      cuda: 'run byzsim setup tensorflow --cuda (docs/gpu.md), or use --device cpu',
    },
    open: async () => (await import('./tensorflow/engine.js')).tensorflow,
  },
  onnx: {
    devices: ['cpu', 'cuda', 'webgpu'],
    remedy: {
      auto: 'reinstall onnxruntime-node, or use --backend wasm',
      cuda: 'run byzsim setup cuda (docs/gpu.md), or use --device cpu',
      webgpu:
        'install the driver of a GPU (on Linux its Vulkan driver; docs/engines.md), or use --device cpu',
    },
    open: async () => (await import('./compiled/engine.js')).onnx,
  },
  wasm: {
    devices: ['cpu'],
    remedy: { auto: 'run npm run build, or use --backend cpu' },
    open: async () => (await import('./eager/wasm.js')).wasm,
  },
  cpu: {
    devices: ['cpu'],
    remedy: { auto: 'reinstall @tensorflow/tfjs-backend-cpu' },
    open: async () => (await import('./eager/cpu.js')).cpu,
  },
};
const names = Object.keys(engines) as EngineName[];

/**
 * Chooses an engine and a device that load on this machine. `auto` takes the first that loads of tensorflow with a
 * GPU, onnx, wasm, cpu.
 *
 * @throws UserError when what was asked for does not load or does not go together, saying why and what to do
 */
export async function chooseEngine({
  backend,
  device,
}: {
  backend: Backend;
  device: Device;
}): Promise<Chosen> {
  return backend === 'auto' ? chooseBest(device) : chooseNamed(backend, device);
}

/** An executor of an engine that was chosen, for this thread. */
export async function constructExecutor(
  { backend, device }: Pick<Chosen, 'backend' | 'device'>,
  model: Model,
): Promise<Executor> {
  const engine = await engines[backend].open();
  return engine.createExecutor(model, device);
}

/**
 * Which operations of a model an engine leaves to the CPU although it computes on another device, in one line;
 * undefined when there are none.
 *
 * @throws UserError when it leaves all of them to the CPU
 */
export async function describePlacement(
  { backend, device }: Pick<Chosen, 'backend' | 'device'>,
  model: Model,
  batch: number,
): Promise<string | undefined> {
  const engine = await engines[backend].open();
  return engine.placement?.(model, device, batch);
}

/** Chooses an engine and makes an executor of it. */
export async function createExecutor({
  model,
  ...request
}: {
  backend: Backend;
  device: Device;
  model: Model;
}): Promise<Chosen & { executor: Executor }> {
  const chosen = await chooseEngine(request);
  return { ...chosen, executor: await constructExecutor(chosen, model) };
}

async function chooseNamed(backend: EngineName, device: Device): Promise<Chosen> {
  const { devices, remedy, open } = engines[backend];
  if (device !== 'auto' && !devices.includes(device)) {
    const able = names.filter((name) => engines[name].devices.includes(device));
    throw new UserError(
      `invalid device: ${device}: the ${backend} engine computes on ${devices.join(', ')}; ` +
        `use --device ${devices[0]}, or --backend ${able.join(' or ')}`,
    );
  }
  try {
    const { note, ...loaded } = await (await open()).load(device);
    return { backend, ...loaded, reason: ['asked for', note ?? []].flat().join('; ') };
  } catch (error) {
    throw new UserError(
      `unavailable engine: ${backend}${on(device)} does not load: ${sentence(error)}; ${nativeRemedy(backend, error) ?? remedy[device] ?? remedy.auto}`,
      { cause: error },
    );
  }
}

async function chooseBest(device: Device): Promise<Chosen> {
  const failures: string[] = [];
  for (const name of names) {
    const { devices, open } = engines[name];
    if (device !== 'auto' && !devices.includes(device)) continue;
    // TensorFlow takes a second to load, and on the CPU onnx is faster.
    if (name === 'tensorflow' && (device === 'cpu' || (device === 'auto' && !mayHaveTensorflowGpu())))
      continue;
    try {
      const loaded = await (await open()).load(name === 'tensorflow' ? 'cuda' : device);
      return { backend: name, ...loaded, reason: ['the best that loads here', ...failures].join('; ') };
    } catch (error) {
      failures.push(`${name} does not load: ${sentence(error)}`);
    }
  }
  throw new UserError(
    `unavailable device: no engine loads${on(device)}: ${failures.join('; ')}; use --device cpu`,
  );
}

/** Whether all that compute with such an engine may have to share one GPU. Loads nothing, so it may be mistaken. */
export function mayUseGpu({ backend, device }: { backend: Backend; device: Device }): boolean {
  if (device === 'cpu') return false;
  return device !== 'auto' || backend === 'tensorflow' || (backend === 'auto' && mayHaveTensorflowGpu());
}

/** False where the package is not installed or Linux shows no NVIDIA device (/dev/dxg is the one of WSL). */
function mayHaveTensorflowGpu(): boolean {
  if (!findTensorflow()) return false;
  return process.platform !== 'linux' || ['/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path));
}

function on(device: Device): string {
  return device === 'auto' ? '' : ` on ${device}`;
}

function sentence(error: unknown): string {
  return (error as Error).message.split('\n')[0].replace(/[.\s]+$/, '');
}

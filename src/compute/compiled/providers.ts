import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import type { DeviceName } from '../engine.js';
import { turnTelemetryOff } from '../telemetry.js';

/**
 * Loads ONNX Runtime, set up for a device. Nothing else loads it: the linter holds all code to that.
 *
 * @throws Error when onnxruntime-node does not load here
 */
export async function loadRuntime(device: DeviceName): Promise<typeof Ort> {
  turnTelemetryOff();
  // onnxruntime-node passes no options to the CUDA provider, but CUDA's libraries read this one when they are loaded.
  if (device === 'cuda') process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  try {
    const ort = await import('onnxruntime-node');
    // What goes wrong is thrown as well.
    ort.env.logLevel = 'fatal';
    return ort;
  } catch (error) {
    throw new Error(`onnxruntime-node does not load: ${plainly(error)}`, { cause: error });
  }
}

/** Options of a session that computes on a device; operators that the device lacks go to the CPU. */
export function sessionOptions(
  device: DeviceName,
  intraOpThreads: number,
): Ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // One block planned for all tensors is no faster on the CPU, and for large models a third larger.
    enableMemPattern: device !== 'cpu',
    logSeverityLevel: 4,
  };
}

/** The same, but a session is refused when any node of it would go to the CPU. */
export function deviceOnly(
  options: Ort.InferenceSession.SessionOptions,
): Ort.InferenceSession.SessionOptions {
  return { ...options, extra: { session: { disable_cpu_ep_fallback: '1' } } };
}

/** Whether a session was refused for what `deviceOnly` says. */
export function refusedForCpu(error: unknown): boolean {
  return (error as Error).message.includes('fallback to CPU EP has been explicitly disabled');
}

/** Why ONNX Runtime opens no session on a device, in one line. */
export function whyNot(device: DeviceName, error: unknown): string {
  if (refusedForCpu(error)) return 'it puts every node on the CPU';
  return (device === 'cuda' && cudaObstacle()) || plainly(error);
}

/** The first line of an error, without the place in ONNX Runtime's source that some begin with. */
export function plainly(error: unknown): string {
  return (error as Error).message.split('\n')[0].replace(/^.* was false\. /, '');
}

const cudaProvider = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];

/**
 * What the CUDA provider of ONNX Runtime lacks on this machine: all of the libraries that are missing, or a GPU.
 * Undefined when neither is.
 *
 * @param folder where the provider's libraries lie
 */
export function cudaObstacle(folder = binaryFolder()): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `ONNX Runtime has no CUDA provider for Node on ${process.platform}-${process.arch}`;
  const absent = cudaProvider.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0) return `its CUDA provider is not installed (${absent.join(', ')})`;
  const missing = missingLibraries(join(folder, cudaProvider[0]));
  if (missing.length > 0) return `its CUDA provider needs ${missing.join(', ')}, not found here`;
  if (!['/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path))) return 'there is no NVIDIA GPU here';
  return undefined;
}

/** The shared libraries that a shared library needs, itself or through others, and that the loader does not find. */
export function missingLibraries(path: string): string[] {
  const { stdout } = spawnSync('ldd', [path], { encoding: 'utf8' });
  const names = [...(stdout ?? '').matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name);
  return [...new Set(names)];
}

/** Where onnxruntime-node keeps its libraries. */
function binaryFolder(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

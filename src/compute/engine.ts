import type { Model } from '../models/model.js';
import type { Executor } from './executor.js';

export type EngineName = 'tensorflow' | 'onnx' | 'wasm' | 'cpu';
export type DeviceName = 'cpu' | 'cuda' | 'webgpu';

/** What a user can ask for: `auto` is the best that loads. */
export type Backend = 'auto' | EngineName;
export type Device = 'auto' | DeviceName;
export const backends = ['auto', 'tensorflow', 'onnx', 'wasm', 'cpu'] as const satisfies readonly Backend[];
export const devices = ['auto', 'cpu', 'cuda', 'webgpu'] as const satisfies readonly Device[];

/** An engine and a device that load on this machine. Plain data, so that worker threads can be told. */
export interface Chosen {
  backend: EngineName;
  device: DeviceName;
  version: string;
  /** Why this engine: "asked for", or what auto tried before. */
  reason: string;
}

/** One way to compute models. */
export interface Engine {
  /**
   * Loads the engine in this thread.
   *
   * @returns its version and the device it computes on, with a note where that is not the best one could hope for
   * @throws Error why it does not load, or cannot compute on this device
   */
  load(device: Device): Promise<{ version: string; device: DeviceName; note?: string }>;
  createExecutor(model: Model, device: DeviceName): Promise<Executor>;
  /** See `describePlacement`. */
  placement?(model: Model, device: DeviceName, batch: number): Promise<string | undefined>;
}

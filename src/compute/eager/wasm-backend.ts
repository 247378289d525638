import type * as TF from '@tensorflow/tfjs-core';

/** What of tfjs's WebAssembly backend is used here: its memory, where tensors lie dense and row-major. */
export interface WasmBackend extends TF.KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssembly.Memory };
    /** Detached whenever the memory grows: read anew after each allocation. */
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: TF.DataId): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], type: TF.DataType): TF.TensorInfo;
  incRef(dataId: TF.DataId): void;
}

/** The address of a tensor's first number. */
export function address(backend: WasmBackend, tensor: TF.TensorInfo): number {
  return backend.dataIdMap.get(tensor.dataId).memoryOffset;
}

/** Runs `body` with scratch memory of the backend's allocator: a second module must never grow the memory itself. */
export function withScratch(backend: WasmBackend, bytes: number, body: (scratch: number) => void): void {
  const scratch = backend.wasm._malloc(bytes) >>> 0; // signed beyond 2 GB
  try {
    body(scratch);
  } finally {
    backend.wasm._free(scratch);
  }
}

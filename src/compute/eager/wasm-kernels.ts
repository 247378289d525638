import * as tf from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';

/** What of tfjs's WebAssembly backend is used here. */
export interface WasmBackend extends tf.KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: tf.DataId): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], type: tf.DataType): tf.TensorInfo;
}

/** The exports of kernels/assembly/tfjs.ts: addresses and counts in, tensors written in place. */
interface Kernels {
  convScratch: (patchLength: number, outChannels: number) => number;
  convFilterGradient: (x: number, dy: number, dw: number, scratch: number, ...geometry: number[]) => void;
  convInputGradient: (dy: number, filter: number, dx: number, scratch: number, ...geometry: number[]) => void;
  maxPoolGradient: (x: number, dy: number, dx: number, ...geometry: number[]) => void;
  matMulScratch: (inner: number, columns: number, transposeB: boolean) => number;
  matMul: (
    a: number,
    b: number,
    c: number,
    scratch: number,
    rows: number,
    inner: number,
    columns: number,
    transposeA: boolean,
    transposeB: boolean,
  ) => void;
}

type Inputs = Record<string, tf.TensorInfo>;
type Attributes = Record<string, unknown>;
type Kernel = (inputs: Inputs, attributes: Attributes) => tf.TensorInfo;

/** The compiled kernels, found from src/ (tests) as from dist/. */
const file = new URL('../../../dist/kernels/tfjs.wasm', import.meta.url);

/**
 * Repairs tfjs 4.22's WebAssembly backend for training: adds the missing gradient of a convolution's filter; replaces
 * the max-pool gradient (it loses windows whose maximum is not positive, and gives ties to the last), the slow
 * gradient of a convolution's input and the slow matrix products; takes the fused product away (wrong when transposed
 * with more than 48 inner terms; no model here uses it). The kernels work in place on the backend's memory.
 *
 * @throws Error when the kernels are not built
 */
export async function repairWasmBackend(backend: WasmBackend): Promise<void> {
  const { memory } = backend.wasm.asm;
  const { instance } = await WebAssembly.instantiate(await readBytes(), { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;

  const address = (tensor: tf.TensorInfo): number => backend.dataIdMap.get(tensor.dataId).memoryOffset;

  /** Runs `body` with scratch memory of tfjs's allocator: a second module must never grow the memory itself. */
  const withScratch = (bytes: number, body: (scratch: number) => void): void => {
    const scratch = backend.wasm._malloc(bytes) >>> 0;
    try {
      body(scratch);
    } finally {
      backend.wasm._free(scratch);
    }
  };

  const convolve = (name: string, first: string, second: string): Kernel => {
    const toFilter = name === 'Conv2DBackpropFilter';
    const run = toFilter ? kernels.convFilterGradient : kernels.convInputGradient;
    return (inputs, attributes) => {
      needFloats(name, inputs);
      const inputShape = toFilter ? inputs.x.shape : (attributes.inputShape as number[]);
      const filterShape = toFilter ? (attributes.filterShape as number[]) : inputs.filter.shape;
      const info = convolution(name, inputShape, filterShape, attributes);
      const output = backend.makeOutput(toFilter ? filterShape : inputShape, 'float32');
      const [a, b, c] = [inputs[first], inputs[second], output].map(address);
      const patch = info.filterHeight * info.filterWidth * info.inChannels;
      withScratch(kernels.convScratch(patch, info.outChannels), (scratch) =>
        run(
          a,
          b,
          c,
          scratch,
          info.batchSize,
          info.inHeight,
          info.inWidth,
          info.inChannels,
          info.outHeight,
          info.outWidth,
          info.outChannels,
          info.filterHeight,
          info.filterWidth,
          info.strideHeight,
          info.strideWidth,
          info.padInfo.top,
          info.padInfo.left,
        ),
      );
      return output;
    };
  };

  const maxPoolGrad: Kernel = (inputs, attributes) => {
    needFloats('MaxPoolGrad', inputs);
    const { input, dy } = inputs;
    const { filterSize, strides, pad, dimRoundingMode } = attributes as unknown as tf.MaxPoolGradAttrs;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const dx = backend.makeOutput(input.shape, 'float32');
    kernels.maxPoolGradient(
      address(input),
      address(dy),
      address(dx),
      info.batchSize,
      info.inHeight,
      info.inWidth,
      info.inChannels,
      info.outHeight,
      info.outWidth,
      info.filterHeight,
      info.filterWidth,
      info.strideHeight,
      info.strideWidth,
      info.padInfo.top,
      info.padInfo.left,
    );
    return dx;
  };

  const batchMatMul: Kernel = (inputs, attributes) => {
    needFloats('BatchMatMul', inputs);
    const { a, b } = inputs;
    const transposeA = Boolean(attributes.transposeA);
    const transposeB = Boolean(attributes.transposeB);
    const [outerA, rows, inner] = matrices(a.shape, transposeA);
    const [outerB, innerB, columns] = matrices(b.shape, transposeB);
    if (inner !== innerB)
      throw new Error(`BatchMatMul on wasm: ${a.shape.join('x')} and ${b.shape.join('x')} do not match`);
    const [countA, countB] = [outerA, outerB].map(tf.util.sizeFromShape);
    if (outerA.join() !== outerB.join() && countA !== 1 && countB !== 1)
      throw new Error(`BatchMatMul on wasm: cannot broadcast ${outerA.join('x')} with ${outerB.join('x')}`);
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
    const output = backend.makeOutput([...outer, rows, columns], 'float32');
    const [pa, pb, pc] = [a, b, output].map(address);
    withScratch(kernels.matMulScratch(inner, columns, transposeB), (scratch) => {
      for (let k = 0; k < Math.max(countA, countB); k++) {
        const ka = countA > 1 ? 4 * k * rows * inner : 0;
        const kb = countB > 1 ? 4 * k * inner * columns : 0;
        const kc = 4 * k * rows * columns;
        kernels.matMul(pa + ka, pb + kb, pc + kc, scratch, rows, inner, columns, transposeA, transposeB);
      }
    });
    return output;
  };

  const repairs: Record<string, Kernel> = {
    Conv2DBackpropFilter: convolve('Conv2DBackpropFilter', 'x', 'dy'),
    Conv2DBackpropInput: convolve('Conv2DBackpropInput', 'dy', 'filter'),
    MaxPoolGrad: maxPoolGrad,
    BatchMatMul: batchMatMul,
  };
  for (const kernelName of [...Object.keys(repairs), '_FusedMatMul'])
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  for (const [kernelName, kernel] of Object.entries(repairs))
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => kernel(inputs as Inputs, attrs ?? {}),
    });
}

async function readBytes(): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new Error('its kernels are not built (dist/kernels/tfjs.wasm)', { cause: error });
  }
}

function needFloats(name: string, inputs: Inputs): void {
  for (const { dtype } of Object.values(inputs))
    if (dtype !== 'float32') throw new Error(`${name} on wasm: float32 only, not ${dtype}`);
}

/** Leading dimensions, rows and columns of a batch of matrices, after transposition. */
function matrices(shape: readonly number[], transposed: boolean): [outer: number[], number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [shape.slice(0, -2), columns, rows] : [shape.slice(0, -2), rows, columns];
}

function convolution(
  name: string,
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: Attributes,
): tf.backend_util.Conv2DInfo {
  const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes as unknown as tf.Conv2DAttrs;
  if (dataFormat !== 'NHWC') throw new Error(`${name} on wasm: NHWC images only, not ${dataFormat}`);
  if (dilations !== undefined && !tf.backend_util.tupleValuesAreOne(dilations))
    throw new Error(`${name} on wasm: no dilations`);
  return tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

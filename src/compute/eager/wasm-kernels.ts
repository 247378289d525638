import * as tf from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { convolutionGeometry } from './convolution-geometry.js';
import { address, withScratch, type WasmBackend } from './wasm-backend.js';

/** The exports of kernels/assembly/tfjs.ts: addresses and counts in, tensors written in place. */
interface Exports {
  convScratch: (patchLength: number, outChannels: number) => number;
  convolve: Convolution;
  convFilterGradient: Convolution;
  convInputGradient: Convolution;
  maxPoolGradient: (x: number, dy: number, dx: number, ...geometry: number[]) => void;
  panelBytes: (inner: number, columns: number) => number;
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
  sumRows: (x: number, out: number, rows: number, columns: number) => void;
}
type Convolution = (a: number, b: number, out: number, scratch: number, ...geometry: number[]) => void;

interface Context {
  backend: WasmBackend;
  exports: Exports;
}
type Inputs = Record<string, tf.TensorInfo>;
type Attributes = Record<string, unknown>;
type Output = tf.TensorInfo | tf.TensorInfo[];
/** A kernel of ours; `original` is the one it replaces. */
type Repair = (context: Context, inputs: Inputs, attributes: Attributes, original: () => Output) => Output;

const repairs: Record<string, Repair> = {
  /** More precise in long sums than the original, which batch norm magnifies; faster with few input channels. */
  Conv2D(context, { x, filter }, attributes) {
    const info = convolutionGeometry('Conv2D on wasm', x.shape, filter.shape, attributes);
    return convolution(context, context.exports.convolve, [x, filter], info.outShape, info);
  },

  /** Missing in the original. */
  Conv2DBackpropFilter(context, { x, dy }, attributes) {
    const shape = attributes.filterShape as number[];
    const info = convolutionGeometry('Conv2DBackpropFilter on wasm', x.shape, shape, attributes);
    return convolution(context, context.exports.convFilterGradient, [x, dy], shape, info);
  },

  /** The original is scalar, and does not skip zeros: ten times slower behind a max-pool. */
  Conv2DBackpropInput(context, { dy, filter }, attributes) {
    const shape = attributes.inputShape as number[];
    const info = convolutionGeometry('Conv2DBackpropInput on wasm', shape, filter.shape, attributes);
    return convolution(context, context.exports.convInputGradient, [dy, filter], shape, info);
  },

  /** The original loses windows whose largest value is not positive, and gives ties to the last. */
  MaxPoolGrad({ backend, exports }, { dy, input }, attributes) {
    needFloats('MaxPoolGrad', dy, input);
    const { filterSize, strides, pad, dimRoundingMode } = attributes as unknown as tf.MaxPoolGradAttrs;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const dx = backend.makeOutput(shape, 'float32');
    exports.maxPoolGradient(
      address(backend, input),
      address(backend, dy),
      address(backend, dx),
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
  },

  /** The original is scalar when a side is transposed. */
  BatchMatMul({ backend, exports }, { a, b }, attributes) {
    needFloats('BatchMatMul', a, b);
    const transposeA = Boolean(attributes.transposeA);
    const transposeB = Boolean(attributes.transposeB);
    const [outerA, rows, inner] = matrices(a.shape, transposeA);
    const [outerB, innerB, columns] = matrices(b.shape, transposeB);
    const [countA, countB] = [outerA, outerB].map(tf.util.sizeFromShape);
    if (inner !== innerB || (countA !== 1 && countB !== 1 && outerA.join() !== outerB.join()))
      throw new Error(`BatchMatMul on wasm: no product of ${a.shape.join('x')} and ${b.shape.join('x')}`);
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
    const product = backend.makeOutput([...outer, rows, columns], 'float32');
    withScratch(backend, exports.panelBytes(inner, columns), (scratch) => {
      for (let k = 0; k < Math.max(countA, countB); k++)
        exports.matMul(
          address(backend, a) + (countA > 1 ? 4 * k * rows * inner : 0),
          address(backend, b) + (countB > 1 ? 4 * k * inner * columns : 0),
          address(backend, product) + 4 * k * rows * columns,
          scratch,
          rows,
          inner,
          columns,
          transposeA,
          transposeB,
        );
    });
    return product;
  },

  /** The original transposes first when the sum is over leading axes, as that of every bias is. */
  Sum({ backend, exports }, { x }, attributes, original) {
    const axes = tf.util.parseAxisParam(attributes.axis as number[], x.shape);
    const leading = axes.length < x.shape.length && axes.every((axis, k) => axis === k);
    if (!leading || x.dtype !== 'float32') return original();
    const kept = x.shape.slice(axes.length);
    const sums = backend.makeOutput(attributes.keepDims ? [...axes.map(() => 1), ...kept] : kept, 'float32');
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axes.length));
    exports.sumRows(address(backend, x), address(backend, sums), rows, tf.util.sizeFromShape(kept));
    return sums;
  },

  /** The original copies the whole tensor for each piece. */
  SplitV({ backend }, { x }, attributes, original) {
    const { numOrSizeSplits, axis } = attributes as unknown as tf.SplitVAttrs;
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    if (along !== 0 || x.dtype !== 'float32') return original();
    const line = 4 * tf.util.sizeFromShape(x.shape.slice(1));
    const pieces = tf.backend_util
      .prepareSplitSize(x as tf.Tensor, numOrSizeSplits, 0)
      .map((length) => backend.makeOutput([length, ...x.shape.slice(1)], 'float32'));
    let from = address(backend, x);
    for (const piece of pieces) {
      const to = from + piece.shape[0] * line;
      backend.wasm.HEAPU8.copyWithin(address(backend, piece), from, to);
      from = to;
    }
    return pieces;
  },

  /** The original copies. Tensors never change, so both can share the memory. */
  Identity({ backend }, { x }) {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
};

/** Wrong when transposed with more than 48 inner terms (it adds the bias several times), and used by no model. */
const removed = ['_FusedMatMul'];

/**
 * Mends tfjs 4.22's WebAssembly backend for training with kernels that work in place on its memory.
 *
 * @throws Error when the kernels are not built
 */
export async function repairWasmBackend(backend: WasmBackend): Promise<void> {
  const { memory } = backend.wasm.asm;
  const { instance } = await WebAssembly.instantiate(await readKernels(), { env: { memory } });
  const context = { backend, exports: instance.exports as unknown as Exports };

  for (const kernelName of removed) tf.unregisterKernel(kernelName, 'wasm');
  for (const [kernelName, repair] of Object.entries(repairs)) {
    const replaced = tf.getKernel(kernelName, 'wasm');
    if (replaced) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: (call) =>
        repair(context, call.inputs as Inputs, call.attrs ?? {}, () => replaced.kernelFunc(call)),
    });
  }
}

async function readKernels(): Promise<Uint8Array> {
  try {
    // Found from src/ (tests) as from dist/.
    return await readFile(new URL('../../../dist/kernels/tfjs.wasm', import.meta.url));
  } catch (error) {
    throw new Error('its kernels are not built (dist/kernels/tfjs.wasm)', { cause: error });
  }
}

/** Runs one of the three kernels of a convolution on two inputs and a new output. */
function convolution(
  { backend, exports }: Context,
  run: Convolution,
  [first, second]: [tf.TensorInfo, tf.TensorInfo],
  outputShape: readonly number[],
  info: tf.backend_util.Conv2DInfo,
): tf.TensorInfo {
  needFloats('Conv2D', first, second);
  const output = backend.makeOutput(outputShape, 'float32');
  const patchLength = info.filterHeight * info.filterWidth * info.inChannels;
  withScratch(backend, exports.convScratch(patchLength, info.outChannels), (scratch) =>
    run(
      address(backend, first),
      address(backend, second),
      address(backend, output),
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
}

function needFloats(name: string, ...tensors: tf.TensorInfo[]): void {
  for (const { dtype } of tensors)
    if (dtype !== 'float32') throw new Error(`${name} on wasm: tensors must be float32, not ${dtype}`);
}

/** Leading dimensions, rows and columns of a batch of matrices, after transposition. */
function matrices(shape: readonly number[], transposed: boolean): [outer: number[], number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [shape.slice(0, -2), columns, rows] : [shape.slice(0, -2), rows, columns];
}

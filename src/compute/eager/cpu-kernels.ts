import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { convolutionGeometry } from './convolution-geometry.js';
import { addProducts, createPanels, fillPanels } from './cpu-product.js';

/** Sizes of a window that slides over images: a convolution's or a pool's. */
type Geometry = tf.backend_util.Conv2DInfo;
type Attributes = Readonly<Record<string, unknown>>;

interface Kernel {
  /** Names of the inputs in tfjs. */
  inputs: readonly [string, string];
  geometry(shapes: readonly [number[], number[]], attributes: Attributes): Geometry;
  /** From the numbers of the inputs to those of the output. */
  run(first: Float32Array, second: Float32Array, geometry: Geometry): Float64Array;
  shape(geometry: Geometry): readonly number[];
}

const kernels: Record<string, Kernel> = {
  Conv2D: {
    inputs: ['x', 'filter'],
    geometry: ([x, filter], attributes) => convolutionGeometry('Conv2D on cpu', x, filter, attributes),
    run: convolve,
    shape: ({ outShape }) => outShape,
  },
  Conv2DBackpropFilter: {
    inputs: ['x', 'dy'],
    geometry: ([x], attributes) =>
      convolutionGeometry('Conv2DBackpropFilter on cpu', x, attributes.filterShape as number[], attributes),
    run: filterGradient,
    shape: ({ filterShape }) => filterShape,
  },
  Conv2DBackpropInput: {
    inputs: ['dy', 'filter'],
    geometry: ([, filter], attributes) =>
      convolutionGeometry(
        'Conv2DBackpropInput on cpu',
        attributes.inputShape as number[],
        filter,
        attributes,
      ),
    run: inputGradient,
    shape: ({ inShape }) => inShape,
  },
  MaxPoolGrad: {
    inputs: ['dy', 'input'],
    geometry([, input], attributes) {
      const { filterSize, strides, pad, dimRoundingMode } = attributes as unknown as tf.MaxPoolGradAttrs;
      const shape = input as [number, number, number, number];
      return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    },
    run: maxPoolGradient,
    shape: ({ inShape }) => inShape,
  },
};

/**
 * Replaces what takes a convolutional network its time in a copy of tfjs's plain JavaScript backend. The originals look
 * up every number by its coordinates and take seconds for a batch; here convolutions and their gradients are matrix
 * products. Sums are float64, in a fixed order.
 *
 * @param backendName of the copy
 */
export function registerFastKernels(backendName: string): void {
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc({ inputs, attrs = {}, backend }) {
        const cpu = backend as MathBackendCPU;
        const [first, second] = kernel.inputs.map((name) => inputs[name]!);
        const geometry = kernel.geometry([first.shape, second.shape], attrs);
        const [a, b] = [first, second].map(({ dataId }) => cpu.readSync(dataId) as Float32Array);
        const values = Float32Array.from(kernel.run(a, b, geometry));
        return cpu.makeTensorInfo([...kernel.shape(geometry)], 'float32', values);
      },
    });
  }
}

/** Images and a filter: what the filter sees at each pixel of the output, times the filter. */
function convolve(x: Float32Array, filter: Float32Array, geometry: Geometry): Float64Array {
  const { batchSize, outChannels } = geometry;
  const { pixels, length } = patchSizes(geometry);
  const filters = createPanels(outChannels, length);
  fillPanels(filters, filter, 0, 1, outChannels);
  const patches = new Float32Array(pixels * length);
  const seen = createPanels(pixels, length);
  const y = new Float64Array(batchSize * pixels * outChannels);
  for (let image = 0; image < batchSize; image++) {
    copyPatches(x, image, patches, geometry);
    fillPanels(seen, patches, 0, length, 1);
    addProducts(seen, filters, y.subarray(image * pixels * outChannels));
  }
  return y;
}

/** Images and the gradient by the output. */
function filterGradient(x: Float32Array, dy: Float32Array, geometry: Geometry): Float64Array {
  const { batchSize, outChannels } = geometry;
  const { pixels, length } = patchSizes(geometry);
  const patches = new Float32Array(pixels * length);
  const seen = createPanels(length, pixels);
  const slopes = createPanels(outChannels, pixels);
  const gradient = new Float64Array(length * outChannels);
  for (let image = 0; image < batchSize; image++) {
    copyPatches(x, image, patches, geometry);
    fillPanels(seen, patches, 0, 1, length);
    fillPanels(slopes, dy, image * pixels * outChannels, 1, outChannels);
    addProducts(seen, slopes, gradient);
  }
  return gradient;
}

/** The gradient by the output and a filter. */
function inputGradient(dy: Float32Array, filter: Float32Array, geometry: Geometry): Float64Array {
  const { batchSize, outChannels, inShape } = geometry;
  const { pixels, length } = patchSizes(geometry);
  const filters = createPanels(length, outChannels);
  fillPanels(filters, filter, 0, outChannels, 1);
  const slopes = createPanels(pixels, outChannels);
  const patches = new Float64Array(pixels * length);
  const dx = new Float64Array(tf.util.sizeFromShape(inShape));
  for (let image = 0; image < batchSize; image++) {
    fillPanels(slopes, dy, image * pixels * outChannels, outChannels, 1);
    addProducts(slopes, filters, patches.fill(0));
    forEachPatch(image, geometry, (at, patch, count) => {
      for (let k = 0; k < count; k++) dx[at + k] += patches[patch + k];
    });
  }
  return dx;
}

/** The gradient by the output of a max pool and its input: each goes to the first maximum of its window. */
function maxPoolGradient(dy: Float32Array, x: Float32Array, g: Geometry): Float64Array {
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth } = g;
  const dx = new Float64Array(x.length);
  for (let image = 0, out = 0; image < g.batchSize; image++)
    for (let outY = 0; outY < outHeight; outY++)
      for (let outX = 0; outX < outWidth; outX++) {
        const [top, left] = [outY * g.strideHeight - g.padInfo.top, outX * g.strideWidth - g.padInfo.left];
        const [firstY, lastY] = [Math.max(0, top), Math.min(inHeight, top + g.filterHeight)];
        const [firstX, lastX] = [Math.max(0, left), Math.min(inWidth, left + g.filterWidth)];
        for (let channel = 0; channel < channels; channel++, out++) {
          let [largest, position] = [-Infinity, -1];
          for (let y = firstY; y < lastY; y++)
            for (let x0 = firstX; x0 < lastX; x0++) {
              const at = ((image * inHeight + y) * inWidth + x0) * channels + channel;
              if (x[at] > largest) [largest, position] = [x[at], at];
            }
          if (position >= 0) dx[position] += dy[out];
        }
      }
  return dx;
}

/** Pixels of an output image, and how many numbers a filter sees at each. */
function patchSizes(g: Geometry): { pixels: number; length: number } {
  return {
    pixels: g.outHeight * g.outWidth,
    length: g.filterHeight * g.filterWidth * g.inChannels,
  };
}

/** What the filter sees at each pixel, one row a pixel. Padding is never written: it stays zero. */
function copyPatches(x: Float32Array, image: number, patches: Float32Array, geometry: Geometry): void {
  forEachPatch(image, geometry, (at, patch, count) => {
    for (let k = 0; k < count; k++) patches[patch + k] = x[at + k];
  });
}

/**
 * Goes through the rows of all patches of an image.
 *
 * @param body gets where numbers that lie side by side begin in the images and in the patches, and how many they are
 */
function forEachPatch(
  image: number,
  g: Geometry,
  body: (at: number, patch: number, count: number) => void,
): void {
  const { inHeight, inWidth, inChannels, outWidth, filterHeight, filterWidth } = g;
  for (let outY = 0, patch = 0; outY < g.outHeight; outY++)
    for (let outX = 0; outX < outWidth; outX++) {
      const [top, left] = [outY * g.strideHeight - g.padInfo.top, outX * g.strideWidth - g.padInfo.left];
      const from = Math.max(0, -left);
      const count = Math.min(filterWidth, inWidth - left) - from;
      for (let filterY = 0; filterY < filterHeight; filterY++, patch += filterWidth * inChannels) {
        const y = top + filterY;
        if (y < 0 || y >= inHeight || count <= 0) continue;
        const at = ((image * inHeight + y) * inWidth + left + from) * inChannels;
        body(at, patch + from * inChannels, count * inChannels);
      }
    }
}

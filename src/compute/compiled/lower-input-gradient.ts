import type { Node, Window } from './graph.js';
import type { Lowering } from './lowering.js';

/**
 * The input gradient of a convolution as one matrix product: for every pixel of the input the gradients of the outputs
 * that it went into, pixel by pixel of the filter, times the filter. Twice the memory traffic of Col2Im, but operations
 * that every device has.
 */
export function inputGradientFromPatches(lowering: Lowering, node: Node, window: Window): string {
  const { onnx } = lowering;
  const [dy, filter] = node.inputs;
  const [batch, outHeight, outWidth, outputs] = dy.shape;
  const [height, width, inputs] = filter.shape;
  const indices = outputsOf(node.shape, dy.shape, window);
  const zeros = outHeight * outWidth;
  let patches = onnx.reshape(lowering.tensor(dy), [batch, zeros, outputs]);
  if (!indices.every((index, k) => index === k)) {
    // One more pixel, for where there is no output.
    const padded = onnx.pad(patches, [0, 0, 0], [0, 1, 0], 0);
    patches = onnx.node('Gather', [padded, onnx.integers(indices)], { axis: 1 });
  }
  const product = onnx.gemm(
    onnx.reshape(patches, [-1, height * width * outputs]),
    onnx.reshape(onnx.transpose(lowering.tensor(filter), [0, 1, 3, 2]), [-1, inputs]),
    {},
  );
  return onnx.reshape(product, node.shape);
}

/**
 * For every pixel of the input and every pixel of the filter, row by row, the output pixel that takes this input pixel
 * under this filter pixel; the number of output pixels where there is none.
 */
function outputsOf(
  [, height, width]: readonly number[],
  [, outHeight, outWidth]: readonly number[],
  { size, strides, dilations, padBefore }: Window,
): number[] {
  const output = (axis: 0 | 1, pixel: number, tap: number, length: number) => {
    const position = (pixel + padBefore[axis] - tap * dilations[axis]) / strides[axis];
    return Number.isInteger(position) && position >= 0 && position < length ? position : undefined;
  };
  const indices: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let row = 0; row < size[0]; row++)
        for (let column = 0; column < size[1]; column++) {
          const line = output(0, y, row, outHeight);
          const place = output(1, x, column, outWidth);
          indices.push(
            line === undefined || place === undefined ? outHeight * outWidth : line * outWidth + place,
          );
        }
  return indices;
}

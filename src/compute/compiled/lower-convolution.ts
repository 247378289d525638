import type { Node, Window } from './graph.js';
import type { Lowering } from './lower.js';
import { inputGradientFromPatches } from './lower-input-gradient.js';
import { maxPoolGradientPixels } from './lower-pooling.js';
import { patches } from './patches.js';
import { cutTiles, poolingTile, type Tile } from './tiles.js';

const onePixel: Tile = [1, 1];

/**
 * Convolutions. Where a filter gradient is wanted, the patches of the image under the filter are written out once as a
 * matrix (im2col), and both the convolution and its filter gradient are one matrix product with them, in the layout of
 * tfjs. ONNX Runtime's Conv is slower at both: it works image by image, and a gradient written as Conv has only as many
 * columns as the filter has pixels. Without a gradient, Conv avoids the memory of the patches.
 */
export function lowerConvolution(lowering: Lowering, node: Node, window: Window, bias?: Node): string {
  const { onnx } = lowering;
  const [x, filter] = node.inputs;
  if (lowering.forms.convolution === 'patches' || wantsFilterGradient(lowering, node, window)) {
    const [product] = convolutionPixels(lowering, node, window, onePixel, bias);
    return onnx.reshape(product, node.shape);
  }
  const images = onnx.transpose(lowering.tensor(x), [0, 3, 1, 2]);
  const operands = [images, filterForConv(lowering, filter)];
  if (bias) operands.push(lowering.tensor(bias));
  const result = onnx.node('Conv', operands, {
    kernel_shape: window.size,
    strides: window.strides,
    dilations: window.dilations,
    pads: [...window.padBefore, ...window.padAfter],
  });
  return onnx.transpose(result, [0, 2, 3, 1]);
}

/** patches · filter, as one tensor for each pixel of the tile. */
export function convolutionPixels(
  lowering: Lowering,
  node: Node,
  window: Window,
  tile: Tile,
  bias?: Node,
): string[] {
  const { onnx } = lowering;
  const [x, filter] = node.inputs;
  const { names, transposed } = patches(lowering, x, window, node.shape, tile);
  const weights = onnx.reshape(lowering.tensor(filter), [-1, filter.shape[3]]);
  return names.map((name) =>
    onnx.gemm(name, weights, { transposeA: transposed, bias: bias && lowering.tensor(bias) }),
  );
}

/** patchesᵀ · dy */
export function lowerFilterGradient(lowering: Lowering, node: Node, window: Window): string {
  const { onnx } = lowering;
  const [x, dy] = node.inputs;
  const tile = (dy.operation.op === 'MaxPoolGrad' && poolingTile(lowering, dy.inputs[1])) || onePixel;
  const { names, transposed } = patches(lowering, x, window, dy.shape, tile);
  const pixels =
    tile === onePixel
      ? cutTiles(lowering, lowering.tensor(dy), dy.shape, tile)
      : maxPoolGradientPixels(lowering, dy, tile);
  let sum: string | undefined;
  for (const [k, name] of names.entries())
    sum = onnx.gemm(name, pixels[k], { transposeA: !transposed, bias: sum });
  return onnx.reshape(sum!, node.shape);
}

/** The gradients of the patches, filter · dyᵀ for each image, summed where patches overlap (col2im). */
export function lowerInputGradient(lowering: Lowering, node: Node, window: Window): string {
  if (lowering.forms.inputGradient === 'patches') return inputGradientFromPatches(lowering, node, window);
  const { onnx } = lowering;
  const [dy, filter] = node.inputs;
  const [batch, outHeight, outWidth, outputs] = dy.shape;
  const [height, width, inputs] = filter.shape;
  // Col2Im wants channel, row, column; filters are row, column, channel.
  const byChannel = onnx.transpose(
    onnx.reshape(lowering.tensor(filter), [height * width, inputs, outputs]),
    [1, 0, 2],
  );
  const weights = onnx.reshape(byChannel, [1, inputs * height * width, outputs]);
  const columns = onnx.transpose(
    onnx.reshape(lowering.tensor(dy), [batch, outHeight * outWidth, outputs]),
    [0, 2, 1],
  );
  const images = onnx.node(
    'Col2Im',
    [
      onnx.node('MatMul', [weights, columns]),
      onnx.integers(node.shape.slice(1, 3)),
      onnx.integers(window.size),
    ],
    { strides: window.strides, pads: [...window.padBefore, ...window.padAfter] },
  );
  return onnx.transpose(images, [0, 2, 3, 1]);
}

/** Whether the filter gradient of this very convolution is part of the graph: same input, same window, same output. */
export function wantsFilterGradient(lowering: Lowering, node: Node, window: Window): boolean {
  return lowering
    .usersOf(node.inputs[0])
    .some(
      ({ operation: o, shape }) =>
        o.op === 'Conv2DBackpropFilter' &&
        JSON.stringify(o.window) === JSON.stringify(window) &&
        shape.join() === node.inputs[1].shape.join(),
    );
}

/** HWIO -> OIHW. */
function filterForConv(lowering: Lowering, filter: Node): string {
  return lowering.once(`filter ${filter.id}`, () =>
    lowering.onnx.transpose(lowering.tensor(filter), [3, 2, 0, 1]),
  );
}

import type { Node, Window } from './graph.js';
import type { Lowering } from './lowering.js';
import { maxPoolGradientPixels } from './lower-pooling.js';
import { patches } from './patches.js';
import { cutTiles, pixelShape, poolingTile } from './tiles.js';
import type { Tile } from './lowering.js';

const onePixel: Tile = [1, 1];

/**
 * Convolutions. Where a filter gradient is wanted, the patches of the image under the filter are written out once as a
 * matrix (im2col), and both the convolution and its filter gradient are one matrix product with them, in the layout of
 * tfjs. ONNX Runtime's Conv is slower at both: it works image by image, and a gradient written as Conv has only as many
 * columns as the filter has pixels. Without a gradient, Conv avoids the memory of the patches.
 */
export function lowerConvolution(lowering: Lowering, node: Node, window: Window, bias?: Node): string {
  if (!isConv(lowering, node, window)) {
    const [product] = convolutionPixels(lowering, node, window, onePixel, bias);
    return lowering.onnx.reshape(product, node.shape);
  }
  return conv(lowering, node, window, { shift: bias && lowering.tensor(bias) });
}

/** Whether a convolution is written as ONNX's Conv. */
export function isConv(lowering: Lowering, node: Node, window: Window): boolean {
  return lowering.forms.convolution === 'Conv' && !wantsFilterGradient(lowering, node, window);
}

/** ONNX's Conv; every channel of the output times `scale` and plus `shift`, which are rows. */
export function conv(
  lowering: Lowering,
  node: Node,
  window: Window,
  { scale, shift }: { scale?: string; shift?: string },
): string {
  const { onnx } = lowering;
  const [x, filter] = node.inputs;
  const images = onnx.transpose(lowering.tensor(x), [0, 3, 1, 2]);
  const operands = [images, filterForConv(lowering, filter, scale)];
  if (shift !== undefined) operands.push(shift);
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
  const under = patches(lowering, x, window, node.shape, tile);
  const outputs = filter.shape[3];
  const weights = onnx.reshape(lowering.tensor(filter), [-1, outputs]);
  const product = (name: string, transposeA: boolean) =>
    onnx.gemm(name, weights, { transposeA, bias: bias && lowering.tensor(bias) });
  if ('columns' in under) return under.columns.map((name) => product(name, true));
  const [positions] = pixelShape(node.shape, tile);
  return lowering.cut(product(under.rows, false), 0, Array<number>(tile[0] * tile[1]).fill(positions));
}

/** patchesᵀ · dy */
export function lowerFilterGradient(lowering: Lowering, node: Node, window: Window): string {
  const { onnx } = lowering;
  const [x, dy] = node.inputs;
  const [height, width, inputs, outputs] = node.shape;
  const tile = (dy.operation.op === 'MaxPoolGrad' && poolingTile(lowering, dy.inputs[1])) || onePixel;
  const under = patches(lowering, x, window, dy.shape, tile);
  const pixels =
    tile === onePixel
      ? cutTiles(lowering, lowering.tensor(dy), dy.shape, tile)
      : maxPoolGradientPixels(lowering, dy, tile);
  if ('columns' in under) {
    let sum: string | undefined;
    for (const [k, name] of under.columns.entries()) sum = onnx.gemm(name, pixels[k], { bias: sum });
    return onnx.reshape(sum!, node.shape);
  }
  const rows = onnx.concat(pixels, 0);
  if (outputs >= height * width * inputs)
    return onnx.reshape(onnx.gemm(under.rows, rows, { transposeA: true }), node.shape);
  // A product reads the rows of its second matrix as they lie and copies the first one to transpose it. The three axes
  // keep ONNX Runtime from turning product and transposition into the product with the patches transposed.
  const byOutput = onnx.gemm(rows, under.rows, { transposeA: true });
  const filter = onnx.transpose(onnx.reshape(byOutput, [outputs, height * width, inputs]), [1, 2, 0]);
  return onnx.reshape(filter, node.shape);
}

/** The gradients of the patches, summed where patches overlap (col2im). */
export function lowerInputGradient(lowering: Lowering, node: Node, window: Window): string {
  const { onnx } = lowering;
  const images = onnx.node(
    'Col2Im',
    [patchGradients(lowering, node), onnx.integers(node.shape.slice(1, 3)), onnx.integers(window.size)],
    { strides: window.strides, pads: [...window.padBefore, ...window.padAfter] },
  );
  return onnx.transpose(images, [0, 2, 3, 1]);
}

/**
 * filter · dyᵀ, as Col2Im wants it: image, then channel, row and column of the patch, then position. Filters are row,
 * column, channel: either they are put in order before the product or the product afterwards, whichever is smaller.
 */
function patchGradients(lowering: Lowering, { inputs: [dy, filter] }: Node): string {
  const { onnx } = lowering;
  const [batch, outHeight, outWidth, outputs] = dy.shape;
  const [height, width, inputs] = filter.shape;
  const positions = outHeight * outWidth;
  const shape = [batch, inputs * height * width, positions];
  if (outputs <= batch * positions) {
    const weights = onnx.reshape(filterByChannel(lowering, filter), [1, shape[1], outputs]);
    const images = onnx.reshape(lowering.tensor(dy), [batch, positions, outputs]);
    return onnx.node('MatMul', [weights, onnx.transpose(images, [0, 2, 1])]);
  }
  const weights = onnx.reshape(lowering.tensor(filter), [shape[1], outputs]);
  const rows = onnx.reshape(lowering.tensor(dy), [batch * positions, outputs]);
  const product = onnx.gemm(weights, rows, { transposeB: true });
  const byPixel = onnx.reshape(product, [height * width, inputs, batch, positions]);
  return onnx.reshape(onnx.transpose(byPixel, [2, 1, 0, 3]), shape);
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

/**
 * HWIO -> OIHW, by a move of rows and a transposed matrix: ONNX Runtime transposes four axes number by number, and would
 * make that of two transpositions in a row.
 */
function filterForConv(lowering: Lowering, filter: Node, scale?: string): string {
  const { onnx } = lowering;
  return lowering.once(`filter ${filter.id} times ${scale}`, () => {
    const [height, width, inputs, outputs] = filter.shape;
    const pixels = height * width;
    const byChannel = Array.from({ length: inputs * pixels }, (_, k) => {
      const [channel, pixel] = [Math.floor(k / pixels), k % pixels];
      return pixel * inputs + channel;
    });
    const matrix = onnx.reshape(lowering.tensor(filter), [pixels * inputs, outputs]);
    const rows = scale === undefined ? matrix : onnx.node('Mul', [matrix, scale]);
    const moved = onnx.node('Gather', [rows, onnx.integers(byChannel)]);
    return onnx.reshape(onnx.transpose(moved, [1, 0]), [outputs, inputs, height, width]);
  });
}

/** HWIO -> I, HW, O */
function filterByChannel(lowering: Lowering, filter: Node): string {
  const { onnx } = lowering;
  const [height, width, inputs, outputs] = filter.shape;
  return onnx.transpose(onnx.reshape(lowering.tensor(filter), [height * width, inputs, outputs]), [1, 0, 2]);
}

import { sizeOfShape, type Node, type Window } from './graph.js';
import type { Lowering } from './lowering.js';
import { joinTiles, pixelShape, tileOf } from './tiles.js';
import type { Tile } from './lowering.js';

/**
 * Max pooling. Without a gradient it is ONNX's MaxPool. With one, MaxPool would have to report the positions of the
 * maxima, which ONNX Runtime does with a branch a pixel; where the windows tile the image it is several times faster to
 * take the image as one tensor for each pixel of the window and to compare those.
 */
export function lowerMaxPool(lowering: Lowering, node: Node, window: Window): string {
  const [x] = node.inputs;
  const wantsGradient = lowering
    .usersOf(x)
    .some(({ operation: o, inputs }) => o.op === 'MaxPoolGrad' && inputs[1] === x);
  const tile = tileOf(x, window);
  if (wantsGradient && tile)
    return lowering.onnx.reshape(runningMaxima(lowering, x, tile).at(-1)!, node.shape);
  return pooled(lowering, x, window, wantsGradient)[0];
}

/** dy goes to the first maximum of each window, in row order. */
export function lowerMaxPoolGradient(lowering: Lowering, node: Node, window: Window): string {
  const tile = tileOf(node, window);
  if (!tile) return scattered(lowering, node, window);
  return joinTiles(lowering, maxPoolGradientPixels(lowering, node, tile), node.shape, tile);
}

/** The gradient as one tensor for each pixel of the tile. */
export function maxPoolGradientPixels(lowering: Lowering, node: Node, tile: Tile): string[] {
  const { onnx } = lowering;
  return lowering.once(`pixels of pool gradient ${node.id}`, () => {
    const [dy, x] = node.inputs;
    const pixels = lowering.pixels(x, tile);
    const maxima = runningMaxima(lowering, x, tile);
    // From the last pixel on: a pixel takes what is left when it exceeds everything before it.
    const gradients: string[] = [];
    let rest = onnx.reshape(lowering.tensor(dy), pixelShape(x.shape, tile));
    for (let k = pixels.length - 1; k > 0; k--) {
      gradients[k] = onnx.node('Mul', [rest, onnx.greater(pixels[k], maxima[k - 1])]);
      rest = onnx.node('Sub', [rest, gradients[k]]);
    }
    gradients[0] = rest;
    return gradients;
  });
}

/** maxima[k]: the maximum of pixels 0..k of every window. */
function runningMaxima(lowering: Lowering, x: Node, tile: Tile): string[] {
  return lowering.once(`maxima of ${x.id}: ${tile.join()}`, () => {
    const pixels = lowering.pixels(x, tile);
    const maxima = [pixels[0]];
    for (let k = 1; k < pixels.length; k++)
      maxima.push(lowering.onnx.node('Max', [maxima[k - 1], pixels[k]]));
    return maxima;
  });
}

/** ONNX's MaxPool: the maxima and, if wanted, their positions in the flat channels-first images. */
function pooled(lowering: Lowering, x: Node, window: Window, withPositions: boolean): string[] {
  const { onnx } = lowering;
  return lowering.once(`pool of ${x.id}: ${JSON.stringify(window)}`, () => {
    const names = withPositions ? [onnx.name(), onnx.name()] : [onnx.name()];
    const attributes = {
      kernel_shape: window.size,
      strides: window.strides,
      pads: [...window.padBefore, ...window.padAfter],
    };
    onnx.node('MaxPool', [onnx.transpose(lowering.tensor(x), [0, 3, 1, 2])], attributes, names);
    return [onnx.transpose(names[0], [0, 2, 3, 1]), ...names.slice(1)];
  });
}

/** Overlapping windows may share a maximum, which then gets the sum. */
function scattered(lowering: Lowering, node: Node, window: Window): string {
  const { onnx } = lowering;
  const [dy, x] = node.inputs;
  const [, positions] = pooled(lowering, x, window, true);
  const [batch, height, width, channels] = x.shape;
  const values = onnx.reshape(onnx.transpose(lowering.tensor(dy), [0, 3, 1, 2]), [-1]);
  const zeros = onnx.expand(onnx.scalar(0), [sizeOfShape(x.shape)]);
  const sums = onnx.node('ScatterElements', [zeros, onnx.reshape(positions, [-1]), values], {
    axis: 0,
    reduction: 'add',
  });
  return onnx.transpose(onnx.reshape(sums, [batch, channels, height, width]), [0, 2, 3, 1]);
}

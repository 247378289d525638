import type { Node, Window } from './graph.js';
import type { Lowering, Tile } from './lowering.js';

/** The window as a tile, where windows lie side by side and cover the whole image. */
export function tileOf(x: Node, window: Window): Tile | undefined {
  const tiles = [0, 1].every(
    (k) =>
      window.strides[k] === window.size[k] &&
      window.dilations[k] === 1 &&
      window.padBefore[k] === 0 &&
      window.padAfter[k] === 0 &&
      x.shape[1 + k] % window.size[k] === 0,
  );
  return tiles ? window.size : undefined;
}

/**
 * The tile of the max pool that `node` goes into, when pools and their gradients are all that reads it. Such a tensor
 * is best computed pixel by pixel of the tile (see `lowerMaxPool`) and never put together.
 */
export function poolingTile(lowering: Lowering, node: Node): Tile | undefined {
  const tiles = lowering.usersOf(node).map(({ operation: o, inputs }) => {
    const pools = o.op === 'MaxPool' || (o.op === 'MaxPoolGrad' && inputs[0] !== node);
    return pools ? tileOf(node, o.window) : undefined;
  });
  const [first] = tiles;
  return first && tiles.every((tile) => tile?.join() === first.join()) ? first : undefined;
}

/** [batch·height/rows·width/columns, channels]: what one pixel of the tile holds. */
export function pixelShape(shape: readonly number[], [rows, columns]: Tile): number[] {
  const [batch, height, width, channels] = shape;
  return [batch * (height / rows) * (width / columns), channels];
}

/** Cuts an image tensor into one tensor for each pixel of the tile, in row order. */
export function cutTiles(lowering: Lowering, name: string, shape: readonly number[], tile: Tile): string[] {
  const { onnx } = lowering;
  const [batch, height, width, channels] = shape;
  const [rows, columns] = tile;
  if (rows * columns === 1) return [onnx.reshape(name, pixelShape(shape, tile))];
  const [lines, across] = [(batch * height) / rows, width / columns];
  const tiled = onnx.reshape(name, [lines, rows, across, columns * channels]);
  return Array.from({ length: rows * columns }, (_, k) => {
    const [row, column] = [Math.floor(k / columns), k % columns];
    const pixel = onnx.slice(
      tiled,
      [0, row, 0, column * channels],
      [lines, row + 1, across, (column + 1) * channels],
    );
    return onnx.reshape(pixel, pixelShape(shape, tile));
  });
}

/** The inverse of `cutTiles`. */
export function joinTiles(
  lowering: Lowering,
  pixels: readonly string[],
  shape: readonly number[],
  [rows, columns]: Tile,
): string {
  const { onnx } = lowering;
  const [batch, height, width, channels] = shape;
  const parts = pixels.map((name) =>
    onnx.reshape(name, [(batch * height) / rows, 1, width / columns, channels]),
  );
  const lines = Array.from({ length: rows }, (_, row) =>
    onnx.concat(parts.slice(row * columns, (row + 1) * columns), 3),
  );
  return onnx.reshape(onnx.concat(lines, 1), shape);
}

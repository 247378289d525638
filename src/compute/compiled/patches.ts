import type { Node, Window } from './graph.js';
import type { Lowering } from './lowering.js';
import type { Tile } from './lowering.js';

/**
 * The image under the filter at every position of the output (im2col). A patch lies like a filter: row, column, channel.
 * Positions lie pixel by pixel of the tile; those of a pixel image by image, row by row.
 */
export type Patches =
  /** One matrix [positions, patch]. */
  | { rows: string }
  /** One matrix [patch, positions] for each pixel of the tile. */
  | { columns: string[] };

/** Below this many channels, copying runs of channels costs more than moving the channels to the front. */
const fewChannels = 8;

/** The patches of a convolution of x with an output of `outShape`, in tiles of the output. */
export function patches(
  lowering: Lowering,
  x: Node,
  window: Window,
  outShape: readonly number[],
  tile: Tile,
): Patches {
  return lowering.once(`patches of ${x.id}: ${JSON.stringify(window)} ${tile.join()}`, () => {
    const { padBefore, padAfter } = window;
    const padded = lowering.onnx.pad(lowering.tensor(x), [0, ...padBefore, 0], [0, ...padAfter, 0], 0);
    const [height, width] = [0, 1].map((k) => padBefore[k] + x.shape[1 + k] + padAfter[k]);
    const shape = [x.shape[0], height, width, x.shape[3]];
    return x.shape[3] < fewChannels
      ? { columns: columnPatches(lowering, padded, shape, window, outShape, tile) }
      : { rows: rowPatches(lowering, padded, shape, window, outShape, tile) };
  });
}

/**
 * [positions, patch] by two gathers, the first of runs of channels, the second of rows of patches: a gather costs by
 * the run, and there are (rows of the filter) times fewer runs than in a single one.
 */
function rowPatches(
  { onnx }: Lowering,
  images: string,
  [batch, height, width, channels]: readonly number[],
  { size, strides }: Window,
  outShape: readonly number[],
  tile: Tile,
): string {
  const [, outHeight, outWidth] = outShape;
  const gather = (name: string, run: number, indices: number[]) =>
    onnx.node('Gather', [onnx.reshape(name, [-1, run]), onnx.integers(indices)]);

  const columns: number[] = [];
  for (let line = 0; line < batch * height; line++)
    for (let x = 0; x < outWidth; x++)
      for (let column = 0; column < size[1]; column++) columns.push(line * width + x * strides[1] + column);
  const widened = isRange(columns) ? images : gather(images, channels, columns);

  const run = size[1] * channels;
  const rows: number[] = [];
  for (const [top, left] of pixelsOf(tile))
    for (let image = 0; image < batch; image++)
      for (let y = top; y < outHeight; y += tile[0])
        for (let x = left; x < outWidth; x += tile[1])
          for (let row = 0; row < size[0]; row++)
            rows.push((image * height + y * strides[0] + row) * outWidth + x);
  const gathered =
    isRange(rows) && rows.length === batch * height * outWidth ? widened : gather(widened, run, rows);
  return onnx.reshape(gathered, [batch * outHeight * outWidth, size[0] * run]);
}

/** [patch, positions]: every line is the whole batch, shifted. */
function columnPatches(
  { onnx }: Lowering,
  images: string,
  [batch, height, , channels]: readonly number[],
  { size, strides }: Window,
  outShape: readonly number[],
  tile: Tile,
): string[] {
  // Neighbouring pixels of a tile share shifts: pixel p takes the shifts p·stride ... p·stride + size - 1.
  const shifts = [0, 1].map((k) => (tile[k] - 1) * strides[k] + size[k]);
  const counts = [0, 1].map((k) => outShape[1 + k] / tile[k]);
  const shifted = (name: string, k: 0 | 1) =>
    onnx.concat(
      Array.from({ length: shifts[k] }, (_, shift) => {
        const step = tile[k] * strides[k];
        return onnx.sliceAxis(name, 4, shift, shift + (counts[k] - 1) * step + 1, step);
      }),
      0,
    );
  const planes = onnx.reshape(onnx.transpose(images, [3, 0, 1, 2]), [1, channels, batch, height, -1]);
  const columns = onnx.reshape(shifted(planes, 1), [1, shifts[1] * channels, batch, 1, height, counts[1]]);
  const positions = batch * counts[0] * counts[1];
  const both = onnx.reshape(shifted(columns, 0), [shifts[0], shifts[1], channels * positions]);
  return pixelsOf(tile).map(([top, left]) => {
    const begin = [top * strides[0], left * strides[1], 0];
    const end = [begin[0] + size[0], begin[1] + size[1], channels * positions];
    const all = shifts.every((count, k) => count === size[k]);
    return onnx.reshape(all ? both : onnx.slice(both, begin, end), [size[0] * size[1] * channels, positions]);
  });
}

function pixelsOf([rows, columns]: Tile): [number, number][] {
  return Array.from({ length: rows * columns }, (_, k) => [Math.floor(k / columns), k % columns]);
}

function isRange(indices: readonly number[]): boolean {
  return indices.every((index, k) => index === k);
}

import type { Forms } from './forms.js';
import type { Node } from './graph.js';
import type { OnnxWriter } from './onnx.js';

/** A grid of pooling windows, [rows, columns] of pixels in each. */
export type Tile = readonly [number, number];

/** A graph on its way to ONNX: what the translation of one node asks of that of the others. */
export interface Lowering {
  readonly onnx: OnnxWriter;
  readonly forms: Forms;
  /** The ONNX tensor that holds a node. */
  tensor(node: Node): string;
  /** The nodes that read `node`. */
  usersOf(node: Node): readonly Node[];
  /** What `make` returned the first time this was called with `key`. */
  once<T>(key: string, make: () => T): T;
  /**
   * An image as one tensor [positions, channels] for each pixel of the tile. A convolution that only goes into a pool
   * is computed in this form; anything else is cut.
   */
  pixels(node: Node, tile: Tile): string[];
  /** A tensor in pieces of these lengths along an axis. */
  cut(name: string, axis: number, lengths: readonly number[]): string[];
}

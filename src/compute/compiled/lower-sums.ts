import { sizeOfShape, type Node, type Reduction } from './graph.js';
import type { Lowering } from './lowering.js';

/** Sums, means and maxima over `axes`. */
export function lowerReduction(
  lowering: Lowering,
  node: Node,
  { op, axes, keepDims }: { op: Reduction; axes: readonly number[]; keepDims: boolean },
): string {
  const { onnx, forms } = lowering;
  const [x] = node.inputs;
  const rank = x.shape.length;
  const [first, last] = [Math.min(...axes), Math.max(...axes)];
  const contiguous = axes.length === last - first + 1;
  // Every device adds the numbers of a row in a fixed order. A single row, however, counts as a column.
  const withinRows = last === rank - 1 && sizeOfShape(x.shape.slice(0, first)) > 1;
  if (forms.sums === 'reduction' || op === 'Max' || !contiguous || withinRows)
    return onnx.node(`Reduce${op}`, [lowering.tensor(x), onnx.integers(axes)], {
      keepdims: Number(keepDims),
    });

  const [before, count, after] = [
    [0, first],
    [first, last + 1],
    [last + 1, rank],
  ].map(([from, to]) => sizeOfShape(x.shape.slice(from, to)));
  const sums = onnx.reshape(sumRows(lowering, lowering.tensor(x), before, count, after), node.shape);
  return op === 'Mean' ? onnx.node('Div', [sums, onnx.scalar(count)]) : sums;
}

/**
 * [blocks, rows, columns] -> the sums of the rows of each block. In two steps where there are many rows, so that no
 * float32 sum has many terms.
 */
function sumRows(lowering: Lowering, name: string, blocks: number, rows: number, columns: number): string {
  const { onnx } = lowering;
  const step = largestDivisor(rows, Math.sqrt(rows));
  if (step > 1) name = product(lowering, onnx.reshape(name, [(blocks * rows) / step, step, columns]), step);
  const left = rows / step;
  return product(lowering, onnx.reshape(name, [blocks, left, columns]), left);
}

/** 1ᵀ · block for every block of a tensor [blocks, rows, columns]. */
function product({ onnx }: Lowering, blocks: string, rows: number): string {
  return onnx.node('MatMul', [onnx.floats(new Float32Array(rows).fill(1), [1, rows]), blocks]);
}

function largestDivisor(n: number, limit: number): number {
  let divisor = Math.floor(limit);
  while (n % divisor !== 0) divisor--;
  return divisor;
}

import { sameShape, type Node } from './graph.js';
import { conv, isConv } from './lower-convolution.js';
import type { Lowering } from './lowering.js';

/** One of + - * / between a tensor and a row of channels. */
interface Step {
  op: 'Add' | 'Sub' | 'Multiply' | 'RealDiv';
  row: Node;
}

/**
 * A convolution whose every output channel is then scaled and shifted, as a batch norm does at evaluation: the filter is
 * scaled instead, and the shift is the bias, so that the images are passed over once. Nothing for other nodes, and for
 * convolutions that a filter gradient is wanted of.
 */
export function foldedConvolution(lowering: Lowering, node: Node): string | undefined {
  const steps: Step[] = [];
  let tensor = node;
  for (let step = stepOf(node); step; step = stepOf(tensor)) {
    if (tensor !== node && lowering.usersOf(tensor).length > 1) return undefined;
    steps.unshift(step);
    [tensor] = tensor.inputs;
  }
  const { operation: o } = tensor;
  const scales = steps.some(({ op }) => op === 'Multiply' || op === 'RealDiv');
  if (o.op !== 'Conv2D' || !scales || lowering.usersOf(tensor).length > 1) return undefined;
  if (!isConv(lowering, tensor, o.window)) return undefined;

  const { onnx } = lowering;
  const apply = (type: string, a: string, b: string) => onnx.node(type, [a, b]);
  let scale = onnx.scalar(1);
  let shift = onnx.expand(onnx.scalar(0), [tensor.shape.at(-1)!]);
  for (const { op, row } of steps) {
    const values = lowering.tensor(row);
    if (op === 'Add') shift = apply('Add', shift, values);
    else if (op === 'Sub') shift = apply('Sub', shift, values);
    else {
      const type = op === 'Multiply' ? 'Mul' : 'Div';
      scale = apply(type, scale, values);
      shift = apply(type, shift, values);
    }
  }
  return conv(lowering, tensor, o.window, { scale, shift });
}

/** The node as a step on its first input. */
function stepOf({ operation: { op }, inputs: [tensor, row], shape }: Node): Step | undefined {
  if (op !== 'Add' && op !== 'Sub' && op !== 'Multiply' && op !== 'RealDiv') return undefined;
  const isRow = row.shape.length === 1 && row.shape[0] === shape.at(-1) && shape.length === 4;
  return isRow && sameShape(tensor.shape, shape) ? { op, row } : undefined;
}

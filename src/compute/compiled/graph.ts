/**
 * The graph between tfjs and ONNX: float32 tensors in the layouts of tfjs (images NHWC, filters HWIO), one output a
 * node. Nodes are immutable and shared: the builder returns the same node for the same operation on the same inputs.
 */
export interface Node {
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly Node[];
  readonly shape: readonly number[];
}

export type Unary = 'Abs' | 'Exp' | 'Log' | 'Neg' | 'Relu' | 'Sigmoid' | 'Sqrt' | 'Square' | 'Step' | 'Tanh';
export type Binary = 'Add' | 'Sub' | 'Multiply' | 'RealDiv';
export type Reduction = 'Sum' | 'Mean' | 'Max';

export type Operation =
  | { op: 'Input'; name: string }
  | { op: 'Constant'; values: Float32Array }
  /** Every element has this value. */
  | { op: 'Uniform'; value: number }
  | { op: Unary }
  /** Operands broadcast as in tfjs. */
  | { op: Binary }
  | { op: Reduction; axes: readonly number[]; keepDims: boolean }
  | { op: 'Reshape' }
  /** Broadcast to the node's shape. */
  | { op: 'Expand' }
  | { op: 'Transpose'; permutation: readonly number[] }
  | { op: 'Slice'; begin: readonly number[] }
  | { op: 'Pad'; before: readonly number[]; after: readonly number[]; value: number }
  /** Piece `index` of the input cut along `axis` into pieces of these sizes. */
  | { op: 'Piece'; axis: number; sizes: readonly number[]; index: number }
  | { op: 'Concat'; axis: number }
  | { op: 'MatMul'; transposeA: boolean; transposeB: boolean }
  /** (x, filter) */
  | { op: 'Conv2D'; window: Window }
  /** (x, dy) */
  | { op: 'Conv2DBackpropFilter'; window: Window }
  /** (dy, filter) */
  | { op: 'Conv2DBackpropInput'; window: Window }
  | { op: 'MaxPool'; window: Window }
  /** (dy, x): dy goes to the first maximum of each window of x. */
  | { op: 'MaxPoolGrad'; window: Window };

/** How a filter or a pooling window moves over an image, [height, width] each. */
export interface Window {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Rows above, columns left. */
  readonly padBefore: readonly [number, number];
  /** Rows below, columns right. */
  readonly padAfter: readonly [number, number];
}

/** A traced function: named inputs and outputs; everything else is reached from the outputs. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Node[];
  readonly outputs: Readonly<Record<string, Node>>;
}

/** How many numbers a tensor of this shape holds. */
export function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** The nodes the outputs depend on, every node after its inputs. */
export function reachable(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const order: Node[] = [];
  const visit = (node: Node) => {
    if (seen.has(node)) return;
    seen.add(node);
    node.inputs.forEach(visit);
    order.push(node);
  };
  outputs.forEach(visit);
  return order;
}

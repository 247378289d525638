import type { Shape } from '../../models/model.js';
import { sameShape, sizeOfShape, type Binary, type Node, type Operation } from './graph.js';
import type { Reduction, Unary, Window } from './graph.js';

const unary: Record<Unary, (x: number) => number> = {
  Abs: Math.abs,
  Exp: Math.exp,
  Log: Math.log,
  Neg: (x) => -x,
  Relu: (x) => Math.max(0, x),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sqrt: Math.sqrt,
  Square: (x) => x * x,
  Step: (x) => (x > 0 ? 1 : 0),
  Tanh: Math.tanh,
};

const binary: Record<Binary, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
};

/**
 * Makes graph nodes. Each method simplifies as it builds, so that a graph never holds what can be computed now
 * (operations on uniform tensors), what changes nothing (x·1, x + 0, a reshape to the same shape), or the same thing
 * twice. Results are the same numbers: no rule here reorders a sum of more than two terms.
 */
export class GraphBuilder {
  private readonly nodes = new Map<string, Node>();

  input(name: string, shape: Shape): Node {
    return this.node({ op: 'Input', name }, [], shape);
  }

  constant(values: Float32Array, shape: Shape): Node {
    if (values.length > 0 && values.every((value) => value === values[0]))
      return this.uniform(values[0], shape);
    return { id: this.nextId++, operation: { op: 'Constant', values: values.slice() }, inputs: [], shape };
  }

  uniform(value: number, shape: Shape): Node {
    return this.node({ op: 'Uniform', value: Math.fround(value) }, [], shape);
  }

  unary(op: Unary, x: Node): Node {
    if (x.operation.op === 'Uniform') return this.uniform(unary[op](x.operation.value), x.shape);
    if (x.operation.op === 'Expand') return this.expand(this.unary(op, x.inputs[0]), x.shape);
    return this.node({ op }, [x], x.shape);
  }

  binary(op: Binary, a: Node, b: Node): Node {
    const shape = broadcastShapes(a.shape, b.shape);
    const [left, right] = [constantValue(a), constantValue(b)];
    if (left !== undefined && right !== undefined) return this.uniform(binary[op](left, right), shape);
    const neutral = op === 'Add' || op === 'Sub' ? 0 : 1;
    if (right === neutral) return this.expand(a, shape);
    if (left === neutral && (op === 'Add' || op === 'Multiply')) return this.expand(b, shape);
    if (op === 'Multiply') {
      const gated = this.gatePoolGradient(a, b) ?? this.gatePoolGradient(b, a);
      if (gated) return gated;
    }
    // Elementwise operations broadcast by themselves: work on the small tensors, expand the result if still needed.
    const [p, q] = [this.unexpanded(a), this.unexpanded(b)];
    return this.expand(this.node({ op }, [p, q], broadcastShapes(p.shape, q.shape)), shape);
  }

  reduce(op: Reduction, x: Node, axes: readonly number[], keepDims: boolean): Node {
    const shape = x.shape.flatMap((length, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [length]));
    if (axes.every((axis) => x.shape[axis] === 1)) return this.reshape(x, shape);
    // Every dy lands on exactly one pixel of its image and channel, so summing before the scatter is enough.
    if (op === 'Sum' && x.operation.op === 'MaxPoolGrad' && axes.includes(1) && axes.includes(2))
      return this.reduce(op, x.inputs[0], axes, keepDims);
    return this.node({ op, axes: [...axes], keepDims }, [x], shape);
  }

  reshape(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    if (x.operation.op === 'Uniform') return this.uniform(x.operation.value, shape);
    if (x.operation.op === 'Reshape') return this.reshape(x.inputs[0], shape);
    return this.node({ op: 'Reshape' }, [x], shape);
  }

  expand(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    if (x.operation.op === 'Uniform') return this.uniform(x.operation.value, shape);
    if (sizeOfShape(x.shape) === sizeOfShape(shape)) return this.reshape(x, shape);
    if (x.operation.op === 'Expand') return this.expand(x.inputs[0], shape);
    return this.node({ op: 'Expand' }, [x], shape);
  }

  transpose(x: Node, permutation: readonly number[]): Node {
    const shape = permutation.map((axis) => x.shape[axis]);
    // Only axes of length 1 move: the numbers stay in order.
    const moved = permutation.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, k) => k === 0 || moved[k - 1] < axis)) return this.reshape(x, shape);
    return this.node({ op: 'Transpose', permutation: [...permutation] }, [x], shape);
  }

  slice(x: Node, begin: readonly number[], shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    return this.node({ op: 'Slice', begin: [...begin] }, [x], shape);
  }

  pad(x: Node, before: readonly number[], after: readonly number[], value: number): Node {
    const shape = x.shape.map((length, axis) => before[axis] + length + after[axis]);
    if (sameShape(x.shape, shape)) return x;
    return this.node({ op: 'Pad', before: [...before], after: [...after], value }, [x], shape);
  }

  split(x: Node, axis: number, sizes: readonly number[]): Node[] {
    return sizes.map((size, index) =>
      this.node({ op: 'Piece', axis, sizes: [...sizes], index }, [x], withLength(x.shape, axis, size)),
    );
  }

  concat(parts: readonly Node[], axis: number): Node {
    if (parts.length === 1) return parts[0];
    const length = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    return this.node({ op: 'Concat', axis }, parts, withLength(parts[0].shape, axis, length));
  }

  /** Matrix products over the last two axes; the leading axes broadcast. */
  matMul(a: Node, b: Node, transposeA: boolean, transposeB: boolean): Node {
    const rows = a.shape.at(transposeA ? -1 : -2)!;
    const columns = b.shape.at(transposeB ? -2 : -1)!;
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.node({ op: 'MatMul', transposeA, transposeB }, [a, b], [...batch, rows, columns]);
  }

  conv2d(x: Node, filter: Node, window: Window, shape: Shape): Node {
    return this.node({ op: 'Conv2D', window }, [x, filter], shape);
  }

  conv2dBackpropFilter(x: Node, dy: Node, window: Window, shape: Shape): Node {
    return this.node({ op: 'Conv2DBackpropFilter', window }, [x, dy], shape);
  }

  conv2dBackpropInput(dy: Node, filter: Node, window: Window, shape: Shape): Node {
    return this.node({ op: 'Conv2DBackpropInput', window }, [dy, filter], shape);
  }

  maxPool(x: Node, window: Window, shape: Shape): Node {
    // relu(max) = max(relu): after the pool there are fewer numbers to clip.
    if (x.operation.op === 'Relu') return this.unary('Relu', this.maxPool(x.inputs[0], window, shape));
    return this.node({ op: 'MaxPool', window }, [x], shape);
  }

  maxPoolGrad(dy: Node, x: Node, window: Window): Node {
    return this.node({ op: 'MaxPoolGrad', window }, [dy, x], x.shape);
  }

  /**
   * The gradient of max-pool(relu(z)) by z: MaxPoolGrad(dy, relu(z)) · step(z) = MaxPoolGrad(dy · step(pooled z), z).
   * Where a window's maximum is positive, z and relu(z) have the same first maximum; elsewhere both sides are zero.
   */
  private gatePoolGradient(gradient: Node, step: Node): Node | undefined {
    if (gradient.operation.op !== 'MaxPoolGrad' || step.operation.op !== 'Step') return undefined;
    const [dy, x] = gradient.inputs;
    const z = step.inputs[0];
    if (x.operation.op !== 'Relu' || x.inputs[0] !== z) return undefined;
    const { window } = gradient.operation;
    const pooled = this.maxPool(z, window, dy.shape);
    return this.maxPoolGrad(this.binary('Multiply', dy, this.unary('Step', pooled)), z, window);
  }

  private unexpanded(node: Node): Node {
    if (node.operation.op === 'Uniform') return this.uniform(node.operation.value, []);
    return node.operation.op === 'Expand' ? node.inputs[0] : node;
  }

  private nextId = 0;

  private node(operation: Operation, inputs: readonly Node[], shape: Shape): Node {
    const key = JSON.stringify([operation, inputs.map((input) => input.id), shape], exactNumbers);
    let node = this.nodes.get(key);
    if (!node) this.nodes.set(key, (node = { id: this.nextId++, operation, inputs, shape: [...shape] }));
    return node;
  }
}

/** JSON has no -0, NaN or infinities. */
function exactNumbers(_key: string, value: unknown): unknown {
  const lost = typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));
  return lost ? (Object.is(value, -0) ? '-0' : String(value)) : value;
}

function constantValue(node: Node): number | undefined {
  return node.operation.op === 'Uniform' ? node.operation.value : undefined;
}

function withLength(shape: Shape, axis: number, length: number): number[] {
  return shape.map((old, k) => (k === axis ? length : old));
}

export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, k) => {
    const [p, q] = [a[a.length - rank + k] ?? 1, b[b.length - rank + k] ?? 1];
    if (p !== q && p !== 1 && q !== 1)
      throw new Error(`shapes [${a.join()}] and [${b.join()}] do not broadcast`);
    return p === 1 ? q : p;
  });
}

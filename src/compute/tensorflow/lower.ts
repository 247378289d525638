import { reachable, sameShape, type Graph, type Node, type Window } from '../compiled/graph.js';
import { PlanWriter, type Attribute, type Plan, type Slot } from './plan.js';

/** Where numbers lie, and in which shape. */
interface Tensor {
  readonly slot: Slot;
  readonly shape: readonly number[];
}

/**
 * Writes a graph as TensorFlow operations.
 *
 * @param device TensorFlow's kernels differ: positions of maxima are deterministic on the CPU only
 */
export function toPlan(graph: Graph, device: 'cpu' | 'cuda'): Plan {
  const lowering = new Lowering(graph, device);
  return lowering.finish();
}

/** Translates nodes on demand, each once. Reshapes are put off until an operation wants that shape. */
class Lowering {
  private readonly plan = new PlanWriter();
  private readonly tensors = new Map<Node, Tensor>();
  private readonly memory = new Map<string, unknown>();
  private readonly pooledWithGradient = new Set<string>();

  constructor(
    private readonly graph: Graph,
    private readonly device: 'cpu' | 'cuda',
  ) {
    for (const node of graph.inputs)
      this.tensors.set(node, { slot: this.plan.input(inputName(node)), shape: node.shape });
    for (const node of reachable(Object.values(graph.outputs)))
      if (node.operation.op === 'MaxPoolGrad')
        this.pooledWithGradient.add(poolKey(this.rowsAndBias(node.inputs[1]).rows, node.operation.window));
  }

  finish(): Plan {
    const outputs = Object.entries(this.graph.outputs).map(
      ([name, node]) => [name, this.slot(node)] as const,
    );
    return this.plan.finish(Object.fromEntries(outputs));
  }

  /** The slot of a tensor that holds the numbers of `node` in this shape. */
  private slot(node: Node, shape: readonly number[] = node.shape): Slot {
    if (node.operation.op === 'Reshape') return this.slot(node.inputs[0], shape);
    let tensor = this.tensors.get(node);
    if (!tensor) this.tensors.set(node, (tensor = this.lower(node)));
    const { slot } = tensor;
    if (sameShape(tensor.shape, shape)) return slot;
    return this.once(`${slot} as ${shape.join()}`, () =>
      this.step('Reshape', [slot, this.plan.integers(shape)]),
    );
  }

  private lower(node: Node): Tensor {
    const { operation: o, inputs, shape } = node;
    const { plan } = this;
    const at = (slot: Slot): Tensor => ({ slot, shape });
    switch (o.op) {
      case 'Input':
        throw new Error(`the graph does not list its input ${o.name}`);
      case 'Constant':
        return at(plan.floats(o.values, shape));
      case 'Uniform':
        return at(plan.floats(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(o.value), shape));
      case 'Abs':
      case 'Exp':
      case 'Log':
      case 'Neg':
      case 'Relu':
      case 'Sigmoid':
      case 'Sqrt':
      case 'Square':
      case 'Tanh':
        return at(this.step(o.op, [this.slot(inputs[0])]));
      case 'Step': {
        const zero = plan.floats(Float32Array.of(0), []);
        const positive = this.step('Greater', [this.slot(inputs[0]), zero]);
        return at(this.step('Cast', [positive], [{ name: 'DstT', kind: 'type', value: 'float32' }]));
      }
      case 'Add':
        return at(this.biased(node) ?? this.step('AddV2', this.operands(node)));
      case 'Sub':
        return at(this.step('Sub', this.operands(node)));
      case 'Multiply':
        return at(this.gated(node) ?? this.step('Mul', this.operands(node)));
      case 'RealDiv':
        return at(this.step('RealDiv', this.operands(node)));
      case 'Sum':
        // The gradient of a bias has a kernel of its own.
        if (inputs[0].shape.length > 1 && isAllButLast(o.axes, inputs[0].shape.length))
          return { slot: this.step('BiasAddGrad', [this.slot(inputs[0])]), shape: inputs[0].shape.slice(-1) };
        return at(this.reduce(o, inputs[0]));
      case 'Mean':
      case 'Max':
        return at(this.reduce(o, inputs[0]));
      case 'Reshape':
        throw new Error('reshapes are put off');
      case 'Expand':
        return at(this.step('BroadcastTo', [this.slot(inputs[0]), plan.integers(shape)]));
      case 'Transpose':
        return at(this.step('Transpose', [this.slot(inputs[0]), plan.integers(o.permutation)]));
      case 'Slice':
        return at(this.step('Slice', [this.slot(inputs[0]), plan.integers(o.begin), plan.integers(shape)]));
      case 'Pad':
        return at(this.pad(node, o.before, o.after, o.value));
      case 'Piece':
        return at(this.pieces(inputs[0], o.axis, o.sizes)[o.index]);
      case 'Concat':
        return at(
          this.step(
            'ConcatV2',
            [...inputs.map((input) => this.slot(input)), plan.integer(o.axis)],
            [
              { name: 'N', kind: 'integer', value: inputs.length },
              { name: 'T', kind: 'type', value: 'float32' },
            ],
          ),
        );
      case 'MatMul':
        return this.matMul(node, o.transposeA, o.transposeB);
      case 'Conv2D':
        return at(
          this.step(
            'Conv2D',
            inputs.map((input) => this.slot(input)),
            convolution(o.window, inputs[0].shape),
          ),
        );
      case 'Conv2DBackpropFilter':
        return at(this.filterGradient(node, o.window));
      case 'Conv2DBackpropInput': {
        const [dy, filter] = inputs.map((input) => this.slot(input));
        return at(this.step(o.op, [plan.integers(shape), filter, dy], convolution(o.window, shape)));
      }
      case 'MaxPool':
        return at(this.maxPool(inputs[0], o.window));
      case 'MaxPoolGrad':
        return at(this.maxPoolGradient(node, o.window));
    }
  }

  private step(op: string, inputs: readonly Slot[], attributes?: readonly Attribute[]): Slot {
    return this.plan.step(op, inputs, attributes)[0];
  }

  /** What `make` returned the first time this was called with `key`. */
  private once<T>(key: string, make: () => T): T {
    if (!this.memory.has(key)) this.memory.set(key, make());
    return this.memory.get(key) as T;
  }

  private operands({ inputs }: Node): Slot[] {
    return inputs.map((input) => this.slot(input));
  }

  /** A row added to every row of a tensor. */
  private biased(node: Node): Slot | undefined {
    const { rows, bias } = this.rowsAndBias(node);
    return bias && this.step('BiasAdd', [this.slot(rows), this.slot(bias)]);
  }

  /** dy · step(x): the gradient of relu. */
  private gated({ inputs, shape }: Node): Slot | undefined {
    for (const [dy, step] of [inputs, [...inputs].reverse()])
      if (step.operation.op === 'Step' && sameShape(dy.shape, shape) && sameShape(step.shape, shape))
        return this.step('ReluGrad', [this.slot(dy), this.slot(step.inputs[0])]);
    return undefined;
  }

  private reduce(
    { op, axes, keepDims }: { op: string; axes: readonly number[]; keepDims: boolean },
    x: Node,
  ) {
    return this.step(
      op,
      [this.slot(x), this.plan.integers(axes)],
      [{ name: 'keep_dims', kind: 'boolean', value: keepDims }],
    );
  }

  private pad({ inputs, shape }: Node, before: readonly number[], after: readonly number[], value: number) {
    const { plan } = this;
    const pairs = plan.integers(shape.flatMap((_, axis) => [before[axis], after[axis]]));
    const paddings = this.once(`${pairs} as pairs`, () =>
      this.step('Reshape', [pairs, plan.integers([shape.length, 2])]),
    );
    return this.step('PadV2', [this.slot(inputs[0]), paddings, plan.floats(Float32Array.of(value), [])]);
  }

  private pieces(x: Node, axis: number, sizes: readonly number[]): Slot[] {
    const { plan } = this;
    return this.once(`pieces of ${x.id}: ${axis} ${sizes.join()}`, () =>
      plan.step(
        'SplitV',
        [this.slot(x), plan.integers(sizes), plan.integer(axis)],
        [{ name: 'num_split', kind: 'integer', value: sizes.length }],
        sizes.length,
      ),
    );
  }

  private matMul({ inputs, shape }: Node, transposeA: boolean, transposeB: boolean): Tensor {
    const flag = (name: string, value: boolean): Attribute => ({ name, kind: 'boolean', value });
    // tfjs gives every matrix a leading 1; the kernel for single matrices is the faster one.
    if (shape.slice(0, -2).every((length) => length === 1)) {
      const [a, b] = inputs.map((input) => this.slot(input, input.shape.slice(-2)));
      const flags = [flag('transpose_a', transposeA), flag('transpose_b', transposeB)];
      return { slot: this.step('MatMul', [a, b], flags), shape: shape.slice(-2) };
    }
    const flags = [flag('adj_x', transposeA), flag('adj_y', transposeB)];
    const operands = inputs.map((input) => this.slot(input));
    return { slot: this.step('BatchMatMulV2', operands, flags), shape };
  }

  /**
   * oneDNN's kernel for strided 1x1 filters writes past its memory when images have fewer channels than a vector
   * (uxlfoundation/oneDNN issue 6035), so such a filter sees the pixels it would stop at, without strides.
   */
  private filterGradient({ inputs: [x, dy], shape }: Node, window: Window): Slot {
    const { plan } = this;
    const [images, slopes] = [this.slot(x), this.slot(dy)];
    const filterShape = plan.integers(shape);
    const strided = window.strides.some((stride) => stride > 1);
    const isPixel = window.size.every((side) => side === 1) && paddingOf(window, x.shape).kind === 'VALID';
    if (this.device === 'cpu' && strided && isPixel) {
      const begin = plan.integers(x.shape.map(() => 0));
      const strides = plan.integers([1, ...window.strides, 1]);
      const pixels = this.step('StridedSlice', [images, begin, plan.integers(x.shape), strides]);
      const dense = { ...window, strides: [1, 1] as const };
      return this.step('Conv2DBackpropFilter', [pixels, filterShape, slopes], convolution(dense, dy.shape));
    }
    return this.step('Conv2DBackpropFilter', [images, filterShape, slopes], convolution(window, x.shape));
  }

  /**
   * Maxima, and where a gradient needs them their positions. A bias is added after the pool, where there are fewer
   * numbers: rounding is monotone, so the maxima are the same bits.
   */
  private maxPool(x: Node, window: Window): Slot {
    const { rows, bias } = this.rowsAndBias(x);
    const [pooled] = this.pool(rows, window);
    return bias ? this.step('BiasAdd', [pooled, this.slot(bias)]) : pooled;
  }

  private pool(image: Node, window: Window): Slot[] {
    const key = poolKey(image, window);
    return this.once(key, () => {
      const attributes = pooling(window, image.shape);
      if (this.pooledWithGradient.has(key) && this.keepsPositions(window, image))
        return this.plan.step('MaxPoolWithArgmax', [this.slot(image)], attributes, 2);
      return this.plan.step('MaxPool', [this.slot(image)], attributes);
    });
  }

  private maxPoolGradient({ inputs: [dy, x] }: Node, window: Window): Slot {
    const { rows } = this.rowsAndBias(x);
    const [pooled, positions] = this.pool(rows, window);
    const attributes = pooling(window, rows.shape);
    return this.keepsPositions(window, rows)
      ? this.step('MaxPoolGradWithArgmax', [this.slot(rows), this.slot(dy), positions], attributes)
      : this.step('MaxPoolGrad', [this.slot(rows), pooled, this.slot(dy)], attributes);
  }

  /** Takes a sum apart into a tensor and a row that was added to each of its rows. */
  private rowsAndBias(sum: Node): { rows: Node; bias?: Node } {
    if (sum.operation.op === 'Add' && sum.shape.length > 1)
      for (const [rows, bias] of [sum.inputs, [...sum.inputs].reverse()])
        if (sameShape(rows.shape, sum.shape) && sameShape(bias.shape, sum.shape.slice(-1)))
          return { rows, bias };
    return { rows: sum };
  }

  /** On the CPU MaxPoolGrad would look for the maxima again, in one thread. */
  private keepsPositions(window: Window, x: Node): boolean {
    return this.device === 'cpu' && paddingOf(window, x.shape).kind !== 'EXPLICIT';
  }
}

function inputName({ operation }: Node): string {
  if (operation.op !== 'Input') throw new Error(`not an input: ${operation.op}`);
  return operation.name;
}

function poolKey(x: Node, window: Window): string {
  return `pool of ${x.id}: ${JSON.stringify(window)}`;
}

function isAllButLast(axes: readonly number[], rank: number): boolean {
  return axes.length === rank - 1 && !axes.includes(rank - 1);
}

/** How TensorFlow names the padding of a window that moves over images of this shape (NHWC). */
function paddingOf({ size, strides, dilations, padBefore, padAfter }: Window, shape: readonly number[]) {
  const pairs = [0, 1].map((axis) => [padBefore[axis], padAfter[axis]]);
  if (pairs.flat().every((pad) => pad === 0)) return { kind: 'VALID', pairs } as const;
  const same = [0, 1].map((axis) => {
    const length = shape[1 + axis];
    const extent = (size[axis] - 1) * dilations[axis] + 1;
    const missing = (Math.ceil(length / strides[axis]) - 1) * strides[axis] + extent - length;
    return [Math.max(0, missing >> 1), Math.max(0, missing - (missing >> 1))];
  });
  const isSame = same.flat().every((pad, k) => pad === pairs.flat()[k]);
  return { kind: isSame ? 'SAME' : 'EXPLICIT', pairs } as const;
}

function moving(window: Window, shape: readonly number[]): Attribute[] {
  const { kind, pairs } = paddingOf(window, shape);
  const attributes: Attribute[] = [
    { name: 'strides', kind: 'integer', value: [1, ...window.strides, 1] },
    { name: 'padding', kind: 'string', value: kind },
  ];
  if (kind === 'EXPLICIT')
    attributes.push({ name: 'explicit_paddings', kind: 'integer', value: [0, 0, ...pairs.flat(), 0, 0] });
  return attributes;
}

function convolution(window: Window, shape: readonly number[]): Attribute[] {
  return [
    ...moving(window, shape),
    { name: 'dilations', kind: 'integer', value: [1, ...window.dilations, 1] },
  ];
}

function pooling(window: Window, shape: readonly number[]): Attribute[] {
  return [...moving(window, shape), { name: 'ksize', kind: 'integer', value: [1, ...window.size, 1] }];
}

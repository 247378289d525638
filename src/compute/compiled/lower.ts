import { reachable, sizeOfShape, type Graph, type Node, type Window } from './graph.js';
import { OnnxWriter, type OnnxAttribute } from './onnx.js';

const toChannelsFirst = [0, 3, 1, 2];
const toChannelsLast = [0, 2, 3, 1];

/**
 * Writes a graph as an ONNX model.
 *
 * tfjs keeps images channels-last (NHWC), ONNX convolutions and pools want them channels-first (NCHW). A tensor of rank
 * 4 can therefore exist in either layout; it is transposed only where someone needs the layout it does not have yet,
 * and elementwise operations stay in the layout of their operands. So conv, bias, relu and pool follow each other
 * without a transpose between them.
 */
export function toOnnx(graph: Graph): Uint8Array {
  return new Lowering(graph).encode();
}

class Lowering {
  private readonly onnx = new OnnxWriter();
  private readonly plainNames = new Map<Node, string>();
  private readonly channelsFirstNames = new Map<Node, string>();
  private readonly multiple = new Map<string, string[]>();
  private readonly uses = new Map<Node, number>();
  /** Pool inputs whose maxima are looked up again by a gradient. */
  private readonly indexed = new Set<Node>();

  constructor(private readonly graph: Graph) {
    for (const node of reachable(Object.values(graph.outputs))) {
      for (const input of node.inputs) this.uses.set(input, (this.uses.get(input) ?? 0) + 1);
      if (node.operation.op === 'MaxPoolGrad') this.indexed.add(node.inputs[1]);
    }
    for (const output of Object.values(graph.outputs))
      this.uses.set(output, (this.uses.get(output) ?? 0) + 1);
  }

  encode(): Uint8Array {
    const { name, inputs, outputs } = this.graph;
    const results = Object.entries(outputs).map(([output, node]) => {
      this.onnx.node('Identity', [this.plain(node)], {}, [output]);
      return { name: output, shape: node.shape };
    });
    const arguments_ = inputs.map((input) => ({ name: inputName(input), shape: input.shape }));
    return this.onnx.encode(name, arguments_, results);
  }

  /** The tensor in its own layout. */
  private plain(node: Node): string {
    this.lower(node);
    let name = this.plainNames.get(node);
    if (!name) {
      name = this.permuted(this.channelsFirstNames.get(node)!, channelsFirst(node.shape), toChannelsLast);
      this.plainNames.set(node, name);
    }
    return name;
  }

  /** A tensor of rank 4 with the last axis moved to second place. */
  private channelsFirst(node: Node): string {
    this.lower(node);
    let name = this.channelsFirstNames.get(node);
    if (!name) {
      name = this.permuted(this.plainNames.get(node)!, node.shape, toChannelsFirst);
      this.channelsFirstNames.set(node, name);
    }
    return name;
  }

  private permuted(name: string, shape: readonly number[], permutation: readonly number[]): string {
    const moved = permutation.filter((axis) => shape[axis] !== 1);
    if (moved.every((axis, k) => k === 0 || moved[k - 1] < axis))
      return this.reshaped(
        name,
        permutation.map((axis) => shape[axis]),
      );
    return this.onnx.node('Transpose', [name], { perm: permutation });
  }

  private reshaped(name: string, shape: readonly number[]): string {
    return this.onnx.node('Reshape', [name, this.onnx.integers(shape)]);
  }

  private lower(node: Node): void {
    if (this.plainNames.has(node) || this.channelsFirstNames.has(node)) return;
    const { operation: o, inputs, shape } = node;
    const { onnx } = this;
    const plain = (name: string) => void this.plainNames.set(node, name);
    const first = (name: string) => void this.channelsFirstNames.set(node, name);

    switch (o.op) {
      case 'Input':
        return plain(inputName(node));
      case 'Constant':
        return plain(onnx.floats(o.values, shape));
      case 'Uniform':
        return plain(this.expanded(onnx.scalar(o.value), shape));
      case 'Square':
        return this.elementwise(node, 'Mul', [inputs[0], inputs[0]]);
      case 'Step':
        return this.elementwise(node, 'Step', inputs);
      case 'Abs':
      case 'Exp':
      case 'Log':
      case 'Neg':
      case 'Relu':
      case 'Sigmoid':
      case 'Sqrt':
      case 'Tanh':
        return this.elementwise(node, o.op, inputs);
      case 'Add':
        if (this.biased(node)) return;
        return this.elementwise(node, 'Add', inputs);
      case 'Sub':
        return this.elementwise(node, 'Sub', inputs);
      case 'Multiply':
        return this.elementwise(node, 'Mul', inputs);
      case 'RealDiv':
        return this.elementwise(node, 'Div', inputs);
      case 'Sum':
      case 'Mean':
      case 'Max':
        return this.reduced(node, `Reduce${o.op}`, o.axes, o.keepDims);
      case 'Reshape':
        return plain(this.reshaped(this.plain(inputs[0]), shape));
      case 'Expand':
        return plain(this.expanded(this.plain(inputs[0]), shape));
      case 'Transpose':
        return plain(onnx.node('Transpose', [this.plain(inputs[0])], { perm: o.permutation }));
      case 'Slice':
        return plain(this.sliced(this.plain(inputs[0]), o.begin, shape));
      case 'Pad':
        return plain(
          onnx.node('Pad', [
            this.plain(inputs[0]),
            onnx.integers([...o.before, ...o.after]),
            onnx.scalar(o.value),
          ]),
        );
      case 'Piece':
        return plain(this.pieces(inputs[0], o.axis, o.sizes)[o.index]);
      case 'Concat':
        return plain(
          onnx.node(
            'Concat',
            inputs.map((part) => this.plain(part)),
            { axis: o.axis },
          ),
        );
      case 'MatMul':
        return plain(this.matMul(node, o.transposeA, o.transposeB));
      case 'Conv2D':
        return first(this.convolution(node, o.window));
      case 'Conv2DBackpropFilter':
        return plain(this.filterGradient(node, o.window));
      case 'Conv2DBackpropInput':
        return first(this.inputGradient(node, o.window));
      case 'MaxPool':
        return first(this.pooled(inputs[0], o.window)[0]);
      case 'MaxPoolGrad':
        return first(this.unpooled(node, o.window));
    }
  }

  private elementwise(node: Node, type: string, inputs: readonly Node[]): void {
    for (const input of inputs) if (input.operation.op !== 'Uniform') this.lower(input);
    const whole = inputs.filter((input) => sizeOfShape(input.shape) === sizeOfShape(node.shape));
    const last = node.shape.length !== 4 || !whole.some((input) => !this.plainNames.has(input));
    const names = inputs.map((input) => {
      if (input.operation.op === 'Uniform') return this.onnx.scalar(input.operation.value);
      return last ? this.plain(input) : this.broadcastable(input);
    });
    const name =
      type === 'Step'
        ? this.onnx.node('Cast', [this.onnx.node('Greater', [names[0], this.onnx.scalar(0)])], { to: 1 })
        : this.onnx.node(type, names);
    (last ? this.plainNames : this.channelsFirstNames).set(node, name);
  }

  /** An operand of a channels-first operation: of rank 4, or shorter and broadcast from the right. */
  private broadcastable(node: Node): string {
    if (node.shape.length === 4) return this.channelsFirst(node);
    const name = this.plain(node);
    if (sizeOfShape(node.shape) === 1) return name;
    const shape = [...Array.from({ length: 4 - node.shape.length }, () => 1), ...node.shape];
    return this.permuted(name, shape, toChannelsFirst);
  }

  /** Convolutions and matrix products add a bias themselves, when nobody wants the sum without it. */
  private biased(node: Node): boolean {
    for (const [product, bias] of [node.inputs, [...node.inputs].reverse()]) {
      const { op } = product.operation;
      if (this.uses.get(product) !== 1 || bias.shape.length !== 1 || bias.shape[0] !== node.shape.at(-1))
        continue;
      if (op === 'Conv2D') {
        this.channelsFirstNames.set(node, this.convolution(product, product.operation.window, bias));
        return true;
      }
      if (op === 'MatMul' && product.shape.length === 2) {
        const { transposeA, transposeB } = product.operation;
        this.plainNames.set(node, this.matMul(product, transposeA, transposeB, bias));
        return true;
      }
    }
    return false;
  }

  private expanded(name: string, shape: readonly number[]): string {
    return this.onnx.node('Expand', [name, this.onnx.integers(shape)]);
  }

  private sliced(name: string, begin: readonly number[], size: readonly number[]): string {
    const end = begin.map((start, axis) => start + size[axis]);
    return this.onnx.node('Slice', [name, this.onnx.integers(begin), this.onnx.integers(end)]);
  }

  private pieces(input: Node, axis: number, sizes: readonly number[]): string[] {
    const key = `pieces ${input.id} ${axis} ${sizes.join()}`;
    let names = this.multiple.get(key);
    if (!names) {
      names = sizes.map(() => this.onnx.name());
      this.onnx.node('Split', [this.plain(input), this.onnx.integers(sizes)], { axis }, names);
      this.multiple.set(key, names);
    }
    return names;
  }

  private reduced(node: Node, type: string, axes: readonly number[], keepDims: boolean): void {
    const [input] = node.inputs;
    this.lower(input);
    const reduce = (name: string, over: readonly number[]) =>
      this.onnx.node(type, [name, this.onnx.integers(over)], { keepdims: Number(keepDims) });
    // The axes that stay must keep their order when the channels come first.
    const spatialGone = axes.includes(1) && axes.includes(2);
    if (this.plainNames.has(input) || !(keepDims || spatialGone || axes.includes(3)))
      return void this.plainNames.set(node, reduce(this.plain(input), axes));
    const over = axes.map((axis) => toChannelsFirst.indexOf(axis)).sort((a, b) => a - b);
    const name = reduce(this.channelsFirst(input), over);
    (keepDims ? this.channelsFirstNames : this.plainNames).set(node, name);
  }

  private matMul(node: Node, transposeA: boolean, transposeB: boolean, bias?: Node): string {
    const operands = node.inputs.map((input) => this.plain(input));
    if (node.inputs.every(({ shape }) => shape.length === 2)) {
      const inputs = bias ? [...operands, this.plain(bias)] : operands;
      return this.onnx.node('Gemm', inputs, { transA: Number(transposeA), transB: Number(transposeB) });
    }
    const flipped = [transposeA, transposeB].map((transpose, k) => {
      if (!transpose) return operands[k];
      const axes = node.inputs[k].shape.map((_, axis) => axis);
      return this.onnx.node('Transpose', [operands[k]], {
        perm: [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!],
      });
    });
    return this.onnx.node('MatMul', flipped);
  }

  /** HWIO -> OIHW. */
  private filter(node: Node): string {
    const key = `filter ${node.id}`;
    let names = this.multiple.get(key);
    if (!names) {
      const [height, width, inputs, outputs] = node.shape;
      names = [this.permuted(this.plain(node), [height, width, inputs, outputs], [3, 2, 0, 1])];
      this.multiple.set(key, names);
    }
    return names[0];
  }

  private convolution(node: Node, window: Window, bias?: Node): string {
    const [x, filter] = node.inputs;
    const inputs = [this.channelsFirst(x), this.filter(filter)];
    if (bias) inputs.push(this.plain(bias));
    return this.onnx.node('Conv', inputs, windowAttributes(window));
  }

  /**
   * ∂/∂filter[h, w, i, o] = Σ x[n, y·stride + h - pad, ..., i] dy[n, y, ..., o]: a convolution of x with dy, where the
   * channels of x are the images, the images are the channels, and the forward stride dilates dy.
   */
  private filterGradient(node: Node, window: Window): string {
    const [x, dy] = node.inputs;
    const swap = (name: string) => this.onnx.node('Transpose', [name], { perm: [1, 0, 2, 3] });
    // The rows and columns of the padded image that the forward pass reached; the stride may leave some over.
    const reached = [0, 1].map((k) => (dy.shape[1 + k] - 1) * window.strides[k] + window.size[k]);
    const padAfter = [0, 1].map((k) => reached[k] - window.padBefore[k] - x.shape[1 + k]);
    let images = this.channelsFirst(x);
    if (padAfter.some((pad) => pad < 0)) {
      const [batch, channels, height, width] = channelsFirst(x.shape);
      images = this.sliced(
        images,
        [0, 0, 0, 0],
        [batch, channels, height + Math.min(0, padAfter[0]), width + Math.min(0, padAfter[1])],
      );
    }
    const gradient = this.onnx.node('Conv', [swap(images), swap(this.channelsFirst(dy))], {
      kernel_shape: [dy.shape[1], dy.shape[2]],
      dilations: window.strides,
      pads: [...window.padBefore, ...padAfter.map((pad) => Math.max(0, pad))],
    });
    return this.onnx.node('Transpose', [gradient], { perm: [2, 3, 0, 1] });
  }

  private inputGradient(node: Node, window: Window): string {
    const [dy, filter] = node.inputs;
    // What the stride left over at the end of the image gets no gradient.
    const rest = [0, 1].map((k) => {
      const reached = (dy.shape[1 + k] - 1) * window.strides[k] + window.size[k];
      return node.shape[1 + k] + window.padBefore[k] + window.padAfter[k] - reached;
    });
    return this.onnx.node('ConvTranspose', [this.channelsFirst(dy), this.filter(filter)], {
      ...windowAttributes(window),
      output_padding: rest,
    });
  }

  /** The pooled images and, where a gradient needs them, the flat positions of the maxima (the first of equals). */
  private pooled(x: Node, window: Window): string[] {
    const attributes = windowAttributes(window);
    const key = `pool ${x.id} ${JSON.stringify(attributes)}`;
    let names = this.multiple.get(key);
    if (!names) {
      names = Array.from({ length: this.indexed.has(x) ? 2 : 1 }, () => this.onnx.name());
      this.onnx.node('MaxPool', [this.channelsFirst(x)], attributes, names);
      this.multiple.set(key, names);
    }
    return names;
  }

  private unpooled(node: Node, window: Window): string {
    const [dy, x] = node.inputs;
    const indices = this.pooled(x, window)[1];
    const values = this.channelsFirst(dy);
    const shape = channelsFirst(node.shape);
    const disjoint = [0, 1].every((k) => window.strides[k] >= window.size[k]);
    if (disjoint) {
      const { kernel_shape, strides } = windowAttributes(window);
      return this.onnx.node('MaxUnpool', [values, indices, this.onnx.integers(shape)], {
        kernel_shape,
        strides,
      });
    }
    // Overlapping windows can share a maximum, which then gets the sum.
    const zeros = this.expanded(this.onnx.scalar(0), [sizeOfShape(shape)]);
    const flat = [indices, values].map((name) => this.reshaped(name, [-1]));
    const scattered = this.onnx.node('ScatterElements', [zeros, ...flat], { axis: 0, reduction: 'add' });
    return this.reshaped(scattered, shape);
  }
}

function inputName(node: Node): string {
  return node.operation.op === 'Input' ? node.operation.name : '';
}

function channelsFirst(shape: readonly number[]): number[] {
  return toChannelsFirst.map((axis) => shape[axis]);
}

function windowAttributes(window: Window): Record<string, OnnxAttribute> {
  return {
    kernel_shape: window.size,
    strides: window.strides,
    dilations: window.dilations,
    pads: [...window.padBefore, ...window.padAfter],
  };
}

import type { DeviceName } from '../engine.js';
import { forms, type Forms } from './forms.js';
import {
  convolutionPixels,
  lowerConvolution,
  lowerFilterGradient,
  lowerInputGradient,
  wantsFilterGradient,
} from './lower-convolution.js';
import { inputGradientFromPatches } from './lower-input-gradient.js';
import { foldedConvolution } from './lower-affine.js';
import { lowerMaxPool, lowerMaxPoolGradient } from './lower-pooling.js';
import { lowerReduction } from './lower-sums.js';
import { reachable, sizeOfShape, type Graph, type Node } from './graph.js';
import type { Lowering } from './lowering.js';
import { OnnxWriter } from './onnx.js';
import { cutTiles, poolingTile } from './tiles.js';
import type { Tile } from './lowering.js';

/** Writes a graph as an ONNX model with the graph's input and output names, in forms that suit a device. */
export function toOnnx(graph: Graph, device: DeviceName = 'cpu'): Uint8Array {
  const lowering = new GraphLowering(graph, forms[device]);
  const outputs = Object.entries(graph.outputs).map(([name, node]) => {
    lowering.onnx.node('Identity', [lowering.tensor(node)], {}, [name]);
    return { name, shape: node.shape };
  });
  const inputs = graph.inputs.map((node) => ({ name: lowering.tensor(node), shape: node.shape }));
  return lowering.onnx.encode(graph.name, inputs, outputs);
}

/** Translates nodes on demand, each once. */
class GraphLowering implements Lowering {
  readonly onnx = new OnnxWriter();
  private readonly names = new Map<Node, string>();
  private readonly memory = new Map<string, unknown>();
  private readonly uses = new Map<Node, Node[]>();

  constructor(
    graph: Graph,
    readonly forms: Forms,
  ) {
    for (const node of reachable(Object.values(graph.outputs)))
      for (const input of node.inputs) this.uses.set(input, [...(this.uses.get(input) ?? []), node]);
  }

  tensor(node: Node): string {
    let name = this.names.get(node);
    if (name === undefined) this.names.set(node, (name = this.lower(node)));
    return name;
  }

  usersOf(node: Node): readonly Node[] {
    return this.uses.get(node) ?? [];
  }

  once<T>(key: string, make: () => T): T {
    if (!this.memory.has(key)) this.memory.set(key, make());
    return this.memory.get(key) as T;
  }

  pixels(node: Node, tile: Tile): string[] {
    return this.once(`pixels of ${node.id}: ${tile.join()}`, () => {
      const { product, bias } = this.productAndBias(node);
      const { operation: o } = product;
      if (
        o.op === 'Conv2D' &&
        wantsFilterGradient(this, product, o.window) &&
        poolingTile(this, node)?.join() === tile.join()
      )
        return convolutionPixels(this, product, o.window, tile, bias);
      return cutTiles(this, this.tensor(node), node.shape, tile);
    });
  }

  private lower(node: Node): string {
    const { operation: o, inputs, shape } = node;
    const { onnx } = this;
    switch (o.op) {
      case 'Input':
        return o.name;
      case 'Constant':
        return onnx.floats(o.values, shape);
      case 'Uniform':
        return onnx.expand(onnx.scalar(o.value), shape);
      case 'Square':
        return onnx.node('Mul', [this.tensor(inputs[0]), this.tensor(inputs[0])]);
      case 'Step':
        return onnx.greater(this.tensor(inputs[0]), onnx.scalar(0));
      case 'Abs':
      case 'Exp':
      case 'Log':
      case 'Neg':
      case 'Relu':
      case 'Sigmoid':
      case 'Sqrt':
      case 'Tanh':
        return onnx.node(o.op, [this.tensor(inputs[0])]);
      case 'Add':
        return this.biased(node) ?? this.binary('Add', node);
      case 'Sub':
        return this.binary('Sub', node);
      case 'Multiply':
        return this.binary('Mul', node);
      case 'RealDiv':
        return this.binary('Div', node);
      case 'Sum':
      case 'Mean':
      case 'Max':
        return lowerReduction(this, node, o);
      case 'Reshape':
        return onnx.reshape(this.tensor(inputs[0]), shape);
      case 'Expand':
        return onnx.expand(this.tensor(inputs[0]), shape);
      case 'Transpose':
        return onnx.transpose(this.tensor(inputs[0]), o.permutation);
      case 'Slice':
        return onnx.slice(
          this.tensor(inputs[0]),
          o.begin,
          o.begin.map((start, axis) => start + shape[axis]),
        );
      case 'Pad':
        return onnx.pad(this.tensor(inputs[0]), o.before, o.after, o.value);
      case 'Piece':
        return this.once(`pieces of ${inputs[0].id}: ${o.axis} ${o.sizes.join()}`, () =>
          this.cut(this.tensor(inputs[0]), o.axis, o.sizes),
        )[o.index];
      case 'Concat':
        return onnx.concat(
          inputs.map((part) => this.tensor(part)),
          o.axis,
        );
      case 'MatMul':
        return this.matMul(node);
      case 'Conv2D':
        return lowerConvolution(this, node, o.window);
      case 'Conv2DBackpropFilter':
        return lowerFilterGradient(this, node, o.window);
      case 'Conv2DBackpropInput':
        return this.forms.inputGradient === 'patches'
          ? inputGradientFromPatches(this, node, o.window)
          : lowerInputGradient(this, node, o.window);
      case 'MaxPool':
        return lowerMaxPool(this, node, o.window);
      case 'MaxPoolGrad':
        return lowerMaxPoolGradient(this, node, o.window);
    }
  }

  cut(name: string, axis: number, lengths: readonly number[]): string[] {
    const { onnx } = this;
    if (lengths.length === 1) return [name];
    if (this.forms.pieces === 'Split') return onnx.split(name, axis, lengths);
    let begin = 0;
    return lengths.map((size) => onnx.sliceAxis(name, axis, begin, (begin += size), 1));
  }

  private binary(type: 'Add' | 'Sub' | 'Mul' | 'Div', node: Node): string {
    const { onnx } = this;
    const { inputs, shape } = node;
    const folded = foldedConvolution(this, node);
    if (folded !== undefined) return folded;
    const short = inputs.findIndex((input) => repeatsOf(input, shape) > 1);
    if (short < 0) return onnx.node(type, inputs.map(this.operand));
    const repeats = repeatsOf(inputs[short], shape);
    const channels = shape.at(-1)!;
    const operands = inputs.map((input, k) =>
      k === short
        ? this.once(`${repeats} times ${input.id}`, () =>
            onnx.reshape(onnx.expand(this.tensor(input), [repeats, channels]), [repeats * channels]),
          )
        : onnx.reshape(this.tensor(input), [-1, repeats * channels]),
    );
    return onnx.reshape(onnx.node(type, operands), shape);
  }

  /** An operand that broadcasts: a uniform tensor is its one number. */
  private readonly operand = (node: Node): string =>
    node.operation.op === 'Uniform' ? this.onnx.scalar(node.operation.value) : this.tensor(node);

  /** Matrix products and convolutions add a bias themselves. */
  private biased(node: Node): string | undefined {
    const { product, bias } = this.productAndBias(node);
    const { operation: o } = product;
    if (bias && o.op === 'Conv2D') return lowerConvolution(this, product, o.window, bias);
    if (bias && o.op === 'MatMul' && product.shape.length === 2) return this.matMul(product, bias);
    return undefined;
  }

  /** Takes a sum apart into a tensor that nobody else wants and a row added to each of its rows. */
  private productAndBias(node: Node): { product: Node; bias?: Node } {
    if (node.operation.op === 'Add')
      for (const [product, bias] of [node.inputs, [...node.inputs].reverse()])
        if (
          this.usersOf(product).length === 1 &&
          bias.shape.length === 1 &&
          bias.shape[0] === node.shape.at(-1)
        )
          return { product, bias };
    return { product: node };
  }

  private matMul(node: Node, bias?: Node): string {
    const { onnx } = this;
    if (node.operation.op !== 'MatMul') throw new Error(`not a matrix product: ${node.operation.op}`);
    const transposed = [node.operation.transposeA, node.operation.transposeB];
    const operands = node.inputs.map((input) => this.tensor(input));
    if (node.inputs.every(({ shape }) => shape.length === 2))
      return onnx.gemm(operands[0], operands[1], {
        transposeA: transposed[0],
        transposeB: transposed[1],
        bias: bias && this.tensor(bias),
      });
    const flipped = operands.map((name, k) => {
      if (!transposed[k]) return name;
      const axes = node.inputs[k].shape.map((_, axis) => axis);
      return onnx.transpose(name, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
    });
    return onnx.node('MatMul', flipped);
  }
}

/**
 * How often to repeat a row of channels before it is combined with every row of a large tensor. ONNX Runtime combines
 * row by row: with 16 channels that takes several times as long as with some hundred.
 */
function repeatsOf({ operation, shape: row }: Node, shape: readonly number[]): number {
  const size = sizeOfShape(shape);
  const channels = shape.at(-1) ?? 1;
  if (operation.op === 'Uniform' || row.length !== 1 || row[0] !== channels || shape.length < 2) return 1;
  if (channels >= shortRow || size < 64 * channels) return 1;
  const rows = size / channels;
  let repeats = Math.ceil(shortRow / channels);
  while (rows % repeats !== 0) repeats++;
  return repeats;
}

/** Rows of as many numbers are combined at full speed. */
const shortRow = 256;

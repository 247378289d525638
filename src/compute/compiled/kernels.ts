import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from './builder.js';
import { sizeOfShape, type Binary, type Node, type Reduction, type Unary, type Window } from './graph.js';

/** What tfjs passes to a kernel; each kernel knows its own. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * A tfjs kernel as the recorder runs it: graph nodes in, graph nodes out. `inputs` by the names tfjs gives them;
 * `list` holds the same inputs in order, for kernels that take an array.
 */
export type Kernel = (
  graph: GraphBuilder,
  inputs: Readonly<Record<string, Node>>,
  attributes: Attributes,
  list: readonly Node[],
) => Node | Node[];

const unary =
  (op: Unary): Kernel =>
  (graph, { x }) =>
    graph.unary(op, x);

const binary =
  (op: Binary): Kernel =>
  (graph, { a, b }) =>
    graph.binary(op, a, b);

const reduction =
  (op: Reduction, axisName = 'axis'): Kernel =>
  (graph, { x }, attributes) => {
    const axes = util.parseAxisParam(attributes[axisName] as number | number[], [...x.shape]);
    return graph.reduce(op, x, axes, Boolean(attributes.keepDims));
  };

const keep: Kernel = (_, { x }) => x;

type Quad = [number, number, number, number];
type Pad = Parameters<typeof backend_util.computeConv2DInfo>[4];
type Pair = number | [number, number];

function windowOf(info: backend_util.Conv2DInfo): Window {
  const { padInfo } = info;
  return {
    size: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    padBefore: [padInfo.top, padInfo.left],
    padAfter: [padInfo.bottom, padInfo.right],
  };
}

function convolution(xShape: readonly number[], filterShape: readonly number[], attributes: Attributes) {
  const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes;
  if (dataFormat !== 'NHWC') throw new Error(`it uses a convolution in ${String(dataFormat)} layout`);
  return backend_util.computeConv2DInfo(
    xShape as Quad,
    filterShape as Quad,
    strides as Pair,
    (dilations ?? 1) as Pair,
    pad as Pad,
    dimRoundingMode as 'floor',
  );
}

function pooling(x: Node, attributes: Attributes) {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  return backend_util.computePool2DInfo(
    x.shape as Quad,
    filterSize as Pair,
    strides as Pair,
    1,
    pad as Pad,
    dimRoundingMode as 'floor',
  );
}

/** Every tfjs kernel that the compiled engine knows, by tfjs's name. All tensors are float32. */
export const kernels: Readonly<Record<string, Kernel>> = {
  Abs: unary('Abs'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Neg: unary('Neg'),
  Relu: unary('Relu'),
  Sigmoid: unary('Sigmoid'),
  Sqrt: unary('Sqrt'),
  Square: unary('Square'),
  Step: (graph, { x }, { alpha }) => {
    if (alpha) throw new Error('it uses a step with a slope below zero');
    return graph.unary('Step', x);
  },
  Tanh: unary('Tanh'),
  Rsqrt: (graph, { x }) => graph.binary('RealDiv', graph.uniform(1, []), graph.unary('Sqrt', x)),

  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Multiply'),
  RealDiv: binary('RealDiv'),
  SquaredDifference: (graph, { a, b }) => graph.unary('Square', graph.binary('Sub', a, b)),
  AddN: (graph, _, __, list) => list.reduce((sum, term) => graph.binary('Add', sum, term)),

  Sum: reduction('Sum'),
  Mean: reduction('Mean'),
  Max: reduction('Max', 'reductionIndices'),

  Identity: keep,
  Cast: (_, { x }, { dtype }) => {
    if (dtype !== 'float32') throw new Error(`it casts to ${String(dtype)}`);
    return x;
  },
  Fill: (graph, _, { shape, value }) => graph.uniform(value as number, shape as number[]),
  ZerosLike: (graph, { x }) => graph.uniform(0, x.shape),
  OnesLike: (graph, { x }) => graph.uniform(1, x.shape),

  Reshape: (graph, { x }, { shape }) =>
    graph.reshape(x, util.inferFromImplicitShape(shape as number[], sizeOfShape(x.shape))),
  ExpandDims: (graph, { input }, { dim }) => {
    const shape = [...input.shape];
    shape.splice((dim as number) < 0 ? shape.length + 1 + (dim as number) : (dim as number), 0, 1);
    return graph.reshape(input, shape);
  },
  Transpose: (graph, { x }, { perm }) => graph.transpose(x, perm as number[]),
  Tile: (graph, { x }, { reps }) => {
    const times = reps as number[];
    if (x.shape.some((length, axis) => length !== 1 && times[axis] !== 1))
      throw new Error('it repeats a tensor along an axis longer than 1');
    return graph.expand(
      x,
      x.shape.map((length, axis) => length * times[axis]),
    );
  },
  Slice: (graph, { x }, { begin, size }) => {
    const [from, lengths] = slice_util.parseSliceParams(
      { shape: [...x.shape] } as Parameters<typeof slice_util.parseSliceParams>[0],
      begin as number[],
      size as number[],
    );
    return graph.slice(x, from, lengths);
  },
  PadV2: (graph, { x }, { paddings, constantValue }) => {
    const pairs = paddings as [number, number][];
    return graph.pad(
      x,
      pairs.map(([before]) => before),
      pairs.map(([, after]) => after),
      constantValue as number,
    );
  },
  SplitV: (graph, { x }, { numOrSizeSplits, axis }) => {
    const [along] = util.parseAxisParam(axis as number, [...x.shape]);
    const sizes = backend_util.prepareSplitSize(
      { shape: [...x.shape] } as Parameters<typeof backend_util.prepareSplitSize>[0],
      numOrSizeSplits as number[],
      along,
    );
    return graph.split(x, along, sizes);
  },
  Concat: (graph, _, { axis }, list) => {
    const [along] = util.parseAxisParam(axis as number, [...list[0].shape]);
    return graph.concat(
      list.filter((part) => sizeOfShape(part.shape) > 0),
      along,
    );
  },

  BatchMatMul: (graph, { a, b }, { transposeA, transposeB }) =>
    graph.matMul(a, b, Boolean(transposeA), Boolean(transposeB)),

  Conv2D: (graph, { x, filter }, attributes) => {
    const info = convolution(x.shape, filter.shape, attributes);
    return graph.conv2d(x, filter, windowOf(info), info.outShape);
  },
  Conv2DBackpropFilter: (graph, { x, dy }, attributes) => {
    const filterShape = attributes.filterShape as number[];
    return graph.conv2dBackpropFilter(
      x,
      dy,
      windowOf(convolution(x.shape, filterShape, attributes)),
      filterShape,
    );
  },
  Conv2DBackpropInput: (graph, { dy, filter }, attributes) => {
    const inputShape = attributes.inputShape as number[];
    return graph.conv2dBackpropInput(
      dy,
      filter,
      windowOf(convolution(inputShape, filter.shape, attributes)),
      inputShape,
    );
  },
  MaxPool: (graph, { x }, attributes) => {
    const info = pooling(x, attributes);
    return graph.maxPool(x, windowOf(info), info.outShape);
  },
  MaxPoolGrad: (graph, { dy, input }, attributes) =>
    graph.maxPoolGrad(dy, input, windowOf(pooling(input, attributes))),
};

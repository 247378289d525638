import * as tf from '@tensorflow/tfjs-core';

type Attributes = Readonly<Record<string, unknown>>;
type Rule = Omit<tf.GradConfig, 'kernelName'>;

/** Sums `dy` over the axes along which an operand of this shape was broadcast. */
function unbroadcast(dy: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.backend_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
}

/** Spreads the gradient of a reduction of x over x. */
function spread(dy: tf.Tensor, x: tf.Tensor, attributes: Attributes): tf.Tensor {
  const axes = tf.util.parseAxisParam(attributes.axis as number[], x.shape);
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return tf.mul(tf.reshape(dy, kept), tf.ones(x.shape));
}

const ofInput = (rule: (dy: tf.Tensor, x: tf.Tensor, attributes: Attributes) => tf.Tensor): Rule => ({
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attributes) => ({ x: () => rule(dy as tf.Tensor, x, attributes) }),
});

const ofOutput = (rule: (dy: tf.Tensor, y: tf.Tensor) => tf.Tensor): Rule => ({
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => rule(dy as tf.Tensor, y) }),
});

const ofShape = (rule: (dy: tf.Tensor, attributes: Attributes) => tf.Tensor): Rule => ({
  gradFunc: (dy, _, attributes) => ({ x: () => rule(dy as tf.Tensor, attributes) }),
});

type TwoSided = (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const ofBoth = (byA: TwoSided, byB: TwoSided): Rule => ({
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b]) => ({
    a: () => unbroadcast(byA(dy as tf.Tensor, a, b), a.shape),
    b: () => unbroadcast(byB(dy as tf.Tensor, a, b), b.shape),
  }),
});

const run = (kernel: string, inputs: Record<string, tf.Tensor>, attributes: Attributes): tf.Tensor =>
  tf.engine().runKernel(kernel, inputs, attributes as tf.NamedAttrMap);

const rules: Record<string, Rule> = {
  Add: ofBoth(
    (dy) => dy,
    (dy) => dy,
  ),
  Sub: ofBoth(
    (dy) => dy,
    (dy) => tf.neg(dy),
  ),
  Multiply: ofBoth(
    (dy, _, b) => tf.mul(dy, b),
    (dy, a) => tf.mul(dy, a),
  ),
  RealDiv: ofBoth(
    (dy, _, b) => tf.div(dy, b),
    (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b))),
  ),
  SquaredDifference: ofBoth(
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  ),

  Exp: ofOutput((dy, y) => tf.mul(dy, y)),
  Log: ofInput((dy, x) => tf.div(dy, x)),
  Neg: ofShape((dy) => tf.neg(dy)),
  Relu: ofInput((dy, x) => tf.mul(dy, tf.step(x))),
  Rsqrt: ofOutput((dy, y) => tf.mul(dy, tf.mul(tf.mul(y, tf.square(y)), -0.5))),
  Sigmoid: ofOutput((dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y)))),
  Sqrt: ofOutput((dy, y) => tf.div(dy, tf.mul(y, 2))),
  Square: ofInput((dy, x) => tf.mul(dy, tf.mul(x, 2))),
  Step: ofShape((dy) => tf.zerosLike(dy)),
  Tanh: ofOutput((dy, y) => tf.mul(dy, tf.sub(1, tf.square(y)))),

  Sum: ofInput(spread),
  Mean: ofInput((dy, x, attributes) => spread(tf.div(dy, x.size / dy.size), x, attributes)),

  Identity: ofShape((dy) => dy.clone()),
  Cast: ofShape((dy) => dy.clone()),
  Reshape: ofInput((dy, x) => tf.reshape(dy, x.shape)),
  ExpandDims: {
    inputsToSave: ['input'],
    gradFunc: (dy, [input]) => ({ input: () => tf.reshape(dy as tf.Tensor, input.shape) }),
  },
  Transpose: ofShape((dy, { perm }) =>
    tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm as number[])),
  ),
  PadV2: ofInput((dy, x, { paddings }) =>
    tf.slice(
      dy,
      (paddings as number[][]).map(([before]) => before),
      x.shape,
    ),
  ),
  Slice: ofInput((dy, x, { begin, size }) => {
    const [from, lengths] = tf.slice_util.parseSliceParams(x, begin as number[], size as number[]);
    return tf.pad(
      dy,
      x.shape.map((length, axis) => [from[axis], length - from[axis] - lengths[axis]]),
    );
  }),
  SplitV: {
    gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat(dy as tf.Tensor[], axis as number) }),
  },
  Concat: {
    saveAllInputs: true,
    gradFunc: (dy, parts, { axis }) => {
      const [along] = tf.util.parseAxisParam(axis as number, parts[0].shape);
      const pieces = tf.split(
        dy as tf.Tensor,
        parts.map((part) => part.shape[along]),
        along,
      );
      // Keyed like the inputs, which are an array.
      return Object.fromEntries(pieces.map((piece, k) => [k, () => piece]));
    },
  },

  BatchMatMul: {
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b], { transposeA, transposeB }) => {
      const [y, tA, tB] = [dy as tf.Tensor, Boolean(transposeA), Boolean(transposeB)];
      return {
        a: () => unbroadcast(tA ? tf.matMul(b, y, tB, true) : tf.matMul(y, b, false, !tB), a.shape),
        b: () => unbroadcast(tB ? tf.matMul(y, a, true, tA) : tf.matMul(a, y, !tA, false), b.shape),
      };
    },
  },
  Conv2D: {
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, [x, filter], { strides, pad, dataFormat, dilations, dimRoundingMode }) => {
      if (!tf.backend_util.tupleValuesAreOne(dilations as number))
        throw new Error('a dilated convolution has no gradient here');
      const attributes = { strides, pad, dataFormat, dimRoundingMode };
      const y = dy as tf.Tensor;
      return {
        x: () => run('Conv2DBackpropInput', { dy: y, filter }, { ...attributes, inputShape: x.shape }),
        filter: () => run('Conv2DBackpropFilter', { x, dy: y }, { ...attributes, filterShape: filter.shape }),
      };
    },
  },
  MaxPool: {
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [input, output], attributes) => ({
      x: () => run('MaxPoolGrad', { dy: dy as tf.Tensor, input, output }, attributes),
    }),
  },
};

/**
 * Gives tfjs the gradients of the kernels that models use. In Node the core package comes without any: it leaves them
 * to the union package, whose browser backends nothing here needs. A gradient registered before is kept.
 */
export function registerKernelGradients(): void {
  for (const [kernelName, rule] of Object.entries(rules))
    if (!tf.getGradient(kernelName)) tf.registerGradient({ kernelName, ...rule });
}

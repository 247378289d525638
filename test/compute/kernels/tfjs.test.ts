import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import seedrandom from 'seedrandom';
import { beforeAll, describe, expect, it } from 'vitest';
import { cpu, fastBackend } from '../../../src/compute/eager/cpu.js';
import { wasm } from '../../../src/compute/eager/wasm.js';

// Our kernels as tfjs runs them, against tfjs's own cpu backend.
const ours = ['wasm', fastBackend];

beforeAll(async () => {
  await cpu.load('cpu');
  await wasm.load('cpu');
});

type Values = { values: Float32Array; shape: number[] };
type Attributes = Record<string, unknown>;

function run(
  backend: string,
  kernel: string,
  inputs: Record<string, Values>,
  attributes: Attributes,
): Values {
  void tf.setBackend(backend);
  return tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, { values, shape }]) => [name, tf.tensor(values, shape)]),
    );
    const out: tf.Tensor = tf.engine().runKernel(kernel, tensors, attributes as tf.NamedAttrMap);
    return { values: Float32Array.from(out.dataSync()), shape: out.shape };
  });
}

/** The larger |ours - cpu| / |cpu|, after a check of the shapes. */
function deviation(kernel: string, inputs: Record<string, Values>, attributes: Attributes): number {
  const expected = run('cpu', kernel, inputs, attributes);
  const norm = (v: ArrayLike<number>) => Math.sqrt(Array.from(v).reduce((sum, a) => sum + a * a, 0));
  const deviations = ours.map((backend) => {
    const actual = run(backend, kernel, inputs, attributes);
    expect(actual.shape).toEqual(expected.shape);
    const difference = norm(actual.values.map((value, k) => value - expected.values[k]));
    return difference === 0 ? 0 : difference / norm(expected.values);
  });
  return Math.max(...deviations);
}

function normal(shape: number[], seed = 'values'): Values {
  const random = seedrandom(`${seed} ${shape.join()}`);
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => {
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  });
  return { values, shape };
}

/** Mostly zeros, as the gradient behind relu and max-pool. */
function sparse(shape: number[]): Values {
  const random = seedrandom('sparse');
  const { values } = normal(shape, 'dy');
  return { values: values.map((value) => (random() < 0.7 ? 0 : value)), shape };
}

interface Window {
  batch: number;
  height: number;
  width: number;
  channels: number;
  outChannels: number;
  filter: [number, number];
  strides: [number, number];
  pad: 'valid' | 'same' | number;
}

const windows: Record<string, Window> = {
  'first layer, MNIST': {
    batch: 1,
    height: 28,
    width: 28,
    channels: 1,
    outChannels: 20,
    filter: [5, 5],
    strides: [1, 1],
    pad: 'valid',
  },
  'second layer': {
    batch: 1,
    height: 8,
    width: 8,
    channels: 20,
    outChannels: 50,
    filter: [5, 5],
    strides: [1, 1],
    pad: 'valid',
  },
  'same padding': {
    batch: 1,
    height: 7,
    width: 9,
    channels: 3,
    outChannels: 5,
    filter: [5, 3],
    strides: [1, 1],
    pad: 'same',
  },
  'strides and same padding': {
    batch: 3,
    height: 8,
    width: 7,
    channels: 6,
    outChannels: 9,
    filter: [3, 4],
    strides: [2, 3],
    pad: 'same',
  },
  'strides and number padding': {
    batch: 2,
    height: 9,
    width: 6,
    channels: 4,
    outChannels: 8,
    filter: [3, 3],
    strides: [3, 2],
    pad: 1,
  },
  'one pixel, one channel': {
    batch: 1,
    height: 1,
    width: 1,
    channels: 1,
    outChannels: 1,
    filter: [1, 1],
    strides: [1, 1],
    pad: 'valid',
  },
  'a filter larger than the image': {
    batch: 2,
    height: 3,
    width: 2,
    channels: 2,
    outChannels: 3,
    filter: [5, 5],
    strides: [1, 1],
    pad: 'same',
  },
};

const anyWindow: fc.Arbitrary<Window> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    channels: fc.integer({ min: 1, max: 9 }),
    outChannels: fc.integer({ min: 1, max: 18 }),
    filter: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.constantFrom<('valid' | 'same' | 1)[]>('valid', 'same', 1),
  })
  .filter((w) => w.pad !== 'valid' || (w.filter[0] <= w.height && w.filter[1] <= w.width))
  .filter((w) => w.pad !== 1 || (w.filter[0] <= w.height + 2 && w.filter[1] <= w.width + 2));

function convolutionDeviations(window: Window): number[] {
  const { batch, height, width, channels, outChannels, filter, strides, pad } = window;
  const inputShape: [number, number, number, number] = [batch, height, width, channels];
  const filterShape: [number, number, number, number] = [...filter, channels, outChannels];
  const { outShape } = tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad);
  const attributes = { strides, pad, dataFormat: 'NHWC', dilations: 1 };
  const [x, w] = [normal(inputShape), normal(filterShape)];
  return [normal(outShape), sparse(outShape)].flatMap((dy) => [
    deviation('Conv2D', { x, filter: w }, attributes),
    deviation('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape }),
    deviation('Conv2DBackpropInput', { dy, filter: w }, { ...attributes, inputShape }),
  ]);
}

describe('convolution and its gradients', () => {
  it.each(Object.entries(windows))('agree with cpu: %s', (_, window) => {
    for (const value of convolutionDeviations(window)) expect(value).toBeLessThan(1e-6);
  });

  it('agree with cpu on any shape', () => {
    fc.assert(
      fc.property(anyWindow, (window) => {
        for (const value of convolutionDeviations(window)) expect(value).toBeLessThan(1e-6);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('of a gradient that is all zeros is zero', () => {
    const dy = { values: new Float32Array(2 * 3 * 3 * 5), shape: [2, 3, 3, 5] };
    const attributes = { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape: [2, 2, 3, 5] };
    for (const backend of ours) {
      const { values } = run(backend, 'Conv2DBackpropFilter', { x: normal([2, 4, 4, 3]), dy }, attributes);
      expect(values).toEqual(new Float32Array(2 * 2 * 3 * 5));
    }
  });

  it.each([
    ['Conv2D', { x: normal([1, 4, 4, 2]), filter: normal([2, 2, 2, 3]) }, {}],
    [
      'Conv2DBackpropFilter',
      { x: normal([1, 4, 4, 2]), dy: normal([1, 3, 3, 3]) },
      { filterShape: [2, 2, 2, 3] },
    ],
    [
      'Conv2DBackpropInput',
      { dy: normal([1, 3, 3, 3]), filter: normal([2, 2, 2, 3]) },
      { inputShape: [1, 4, 4, 2] },
    ],
  ])('%s refuses what it cannot compute', (kernel, inputs, shape) => {
    const attributes = { strides: 1, pad: 'valid', dataFormat: 'NHWC', ...shape };
    for (const [backend, name] of [
      ['wasm', 'wasm'],
      [fastBackend, 'cpu'],
    ]) {
      expect(() => run(backend, kernel, inputs, { ...attributes, dataFormat: 'NCHW' })).toThrow(
        `${kernel} on ${name}: images must be NHWC, not NCHW`,
      );
      expect(() => run(backend, kernel, inputs, { ...attributes, dilations: 2 })).toThrow(
        `${kernel} on ${name}: no dilations`,
      );
    }
  });
});

function maxPoolDeviation(window: Window, x: Values): number {
  const { filter: filterSize, strides, pad } = window;
  const shape = x.shape as [number, number, number, number];
  const { outShape } = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
  const dy = normal(outShape, 'dy');
  const output = { values: new Float32Array(dy.values.length), shape: outShape };
  return deviation('MaxPoolGrad', { dy, input: x, output }, { filterSize, strides, pad });
}

describe('gradient of max-pool', () => {
  const inputs: Record<string, (value: number) => number> = {
    'any values': (value) => value,
    'no positive value': (value) => -Math.abs(value),
    'many ties': (value) => Math.round(value),
    'all equal': () => -1,
    relu: (value) => Math.max(0, value),
    infinite: (value) => (value < -1 ? -Infinity : value > 1 ? Infinity : value),
    'not a number': (value) => (value > 0.3 ? NaN : value),
  };
  const shaped = ({ batch, height, width, channels }: Window) => normal([batch, height, width, channels]);

  describe.each(Object.entries(inputs))('of %s', (_, map) => {
    it('agrees with cpu on any shape', () => {
      fc.assert(
        fc.property(anyWindow, (window) => {
          const { values, shape } = shaped(window);
          expect(maxPoolDeviation(window, { values: values.map(map), shape })).toBeLessThan(1e-6);
        }),
        { numRuns: 40, seed: 2 },
      );
    });
  });

  it('goes to the first of equal values', () => {
    const input = { values: new Float32Array(4).fill(-2), shape: [1, 2, 2, 1] };
    const dy = { values: Float32Array.of(3), shape: [1, 1, 1, 1] };
    const attributes = { filterSize: 2, strides: 2, pad: 'valid' };
    for (const backend of ours) {
      const { values } = run(backend, 'MaxPoolGrad', { dy, input, output: dy }, attributes);
      expect(Array.from(values)).toEqual([3, 0, 0, 0]);
    }
  });
});

describe('matrix product', () => {
  const flags = [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const;
  const operands = (rows: number, inner: number, columns: number, tA: boolean, tB: boolean) => ({
    a: normal(tA ? [inner, rows] : [rows, inner], 'a'),
    b: normal(tB ? [columns, inner] : [inner, columns], 'b'),
  });

  it.each(flags)('agrees with cpu on any shape, transposed %s and %s', (transposeA, transposeB) => {
    const side = fc.integer({ min: 1, max: 21 });
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 130 }), side, (rows, inner, columns) => {
        const inputs = operands(rows, inner, columns, transposeA, transposeB);
        expect(deviation('BatchMatMul', inputs, { transposeA, transposeB })).toBeLessThan(1e-6);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it.each(flags)(
    'agrees with cpu on the layers of the CNN, transposed %s and %s',
    (transposeA, transposeB) => {
      const inputs = operands(16, 800, 50, transposeA, transposeB);
      expect(deviation('BatchMatMul', inputs, { transposeA, transposeB })).toBeLessThan(1e-6);
    },
  );

  it('takes batches of matrices, and one for all', () => {
    const attributes = { transposeA: false, transposeB: true };
    for (const [a, b] of [
      [
        [3, 5, 7],
        [3, 4, 7],
      ],
      [
        [3, 5, 7],
        [1, 4, 7],
      ],
      [
        [1, 5, 7],
        [2, 3, 4, 7],
      ],
      [
        [2, 3, 5, 7],
        [2, 3, 4, 7],
      ],
    ])
      expect(deviation('BatchMatMul', { a: normal(a), b: normal(b) }, attributes)).toBeLessThan(1e-6);
    expect(() =>
      run('wasm', 'BatchMatMul', { a: normal([2, 1, 5, 7]), b: normal([3, 4, 7]) }, attributes),
    ).toThrow('BatchMatMul on wasm: no product of 2x1x5x7 and 3x4x7');
  });

  it('has no fused form, which is wrong in tfjs', () => {
    void tf.setBackend('wasm');
    const product = () => tf.tidy(() => tf.fused.matMul({ a: tf.ones([2, 2]), b: tf.ones([2, 2]) }));
    expect(product).toThrow('_FusedMatMul');
  });
});

describe('sum', () => {
  it.each([
    [
      [16, 6, 5, 20],
      [0, 1, 2],
    ],
    [[9, 7], [0]],
    [
      [5, 3, 11],
      [0, 1],
    ],
    [[5, 3, 11], [1]],
    [
      [5, 3, 11],
      [0, 2],
    ],
    [
      [5, 3],
      [0, 1],
    ],
    [[1, 1], [0]],
  ])('of %j over %j agrees with cpu', (shape, axis) => {
    for (const keepDims of [false, true])
      expect(deviation('Sum', { x: normal(shape) }, { axis, keepDims })).toBeLessThan(1e-6);
  });
});

describe('split', () => {
  it.each([
    [[10], [3, 0, 7], 0],
    [[6, 4], [1, 5], 0],
    [[4, 6], [1, 5], 1],
    [[4, 6], [1, 5], -1],
  ])('of %j into %j along %i gives the pieces', (shape, sizes, axis) => {
    const { values } = normal(shape);
    const pieces = ['cpu', 'wasm'].map((backend) => {
      void tf.setBackend(backend);
      return tf.tidy(() => tf.split(tf.tensor(values, shape), sizes, axis).map((piece) => piece.arraySync()));
    });
    expect(pieces[1]).toEqual(pieces[0]);
  });
});

it('a copy outlives the original', () => {
  void tf.setBackend('wasm');
  const x = tf.tensor1d([1, 2, 3]);
  const copy = x.clone();
  x.dispose();
  const other = tf.tensor1d([7, 7, 7]);
  expect(Array.from(copy.dataSync())).toEqual([1, 2, 3]);
  tf.dispose([copy, other]);
});

it('kernels free what they take', () => {
  void tf.setBackend('wasm');
  const { memory } = (tf.backend() as unknown as { wasm: { asm: { memory: { buffer: ArrayBuffer } } } }).wasm
    .asm;
  const [x, dy] = [normal([16, 28, 28, 8]), normal([16, 24, 24, 30])];
  const attributes = { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape: [5, 5, 8, 30] };
  const step = () => run('wasm', 'Conv2DBackpropFilter', { x, dy }, attributes);
  step();
  const before = { tensors: tf.memory().numTensors, bytes: memory.buffer.byteLength };
  for (let k = 0; k < 50; k++) step();
  expect({ tensors: tf.memory().numTensors, bytes: memory.buffer.byteLength }).toEqual(before);
});

it('the module brings no data and no memory of its own', () => {
  const bytes = readFileSync(new URL('../../../dist/kernels/tfjs.wasm', import.meta.url));
  const [memorySection, dataSection] = [5, 11];
  expect(sections(bytes)).not.toContain(memorySection);
  expect(sections(bytes)).not.toContain(dataSection);
});

/** The ids of a module's sections (WebAssembly core specification, section 5.5.2). */
function sections(bytes: Uint8Array): number[] {
  const ids = [];
  for (let at = 8; at < bytes.length;) {
    ids.push(bytes[at++]);
    let size = 0;
    let shift = 0;
    do {
      size |= (bytes[at] & 0x7f) << shift;
      shift += 7;
    } while (bytes[at++] & 0x80);
    at += size;
  }
  return ids;
}

/**
 * Times equal ways to write one operation as ONNX nodes, by turns, on one thread:
 *
 *   node --import tsx scripts/bench/forms.ts [runs]
 *
 * Prints the fastest and the median of the runs in ms. What a session costs by itself is in the line `one node`.
 */
import seedrandom from 'seedrandom';
import { OnnxWriter } from '../../src/compute/compiled/onnx.js';
import { loadRuntime, sessionOptions } from '../../src/compute/compiled/providers.js';

const [runs = '200'] = process.argv.slice(2);
const ort = await loadRuntime('cpu');
const random = seedrandom('bench');

interface Form {
  label: string;
  /** Shapes of its inputs, by name. */
  inputs: Record<string, readonly number[]>;
  output: readonly number[];
  write: (onnx: OnnxWriter) => string;
}

/** patchesᵀ · dy of a convolution with a 5x5 filter, from patches of every position. */
function filterGradient(positions: number, channels: number, outputs: number): Form[] {
  const patch = 25 * channels;
  const inputs = { patches: [positions, patch], dy: [positions, outputs] };
  const name = `filter gradient ${positions} x ${patch} x ${outputs}`;
  return [
    {
      label: `${name}, patches transposed`,
      inputs,
      output: [patch, outputs],
      write: (onnx) => onnx.gemm('patches', 'dy', { transposeA: true }),
    },
    {
      label: `${name}, dy transposed`,
      inputs,
      output: [25, channels, outputs],
      write(onnx) {
        const product = onnx.gemm('dy', 'patches', { transposeA: true });
        return onnx.transpose(onnx.reshape(product, [outputs, 25, channels]), [1, 2, 0]);
      },
    },
  ];
}

/** A tensor of images minus a row of channels. */
function minusRow(images: number, channels: number, repeats: number): Form {
  const size = images * 28 * 28 * channels;
  return {
    label: `minus a row of ${channels} channels, ${repeats} at a time`,
    inputs: { x: [images, 28, 28, channels], row: [channels] },
    output: [images, 28, 28, channels],
    write(onnx) {
      const length = repeats * channels;
      const row = onnx.reshape(onnx.expand('row', [repeats, channels]), [length]);
      const difference = onnx.node('Sub', [onnx.reshape('x', [size / length, length]), row]);
      return onnx.reshape(difference, [images, 28, 28, channels]);
    },
  };
}

const forms: Form[] = [
  { label: 'one node', inputs: { x: [1] }, output: [1], write: (onnx) => onnx.node('Neg', ['x']) },
  ...filterGradient(1024, 20, 50),
  ...filterGradient(784, 16, 32),
  minusRow(4, 16, 1),
  minusRow(4, 16, 16),
];

const tasks = await Promise.all(
  forms.map(async ({ label, inputs, output, write }) => {
    const onnx = new OnnxWriter();
    onnx.node('Identity', [write(onnx)], {}, ['y']);
    const shapes = Object.entries(inputs).map(([name, shape]) => ({ name, shape }));
    const graph = onnx.encode('form', shapes, [{ name: 'y', shape: output }]);
    const session = await ort.InferenceSession.create(graph, sessionOptions('cpu', 1));
    const tensors = shapes.map(({ name, shape }) => {
      const length = shape.reduce((product, each) => product * each, 1);
      const values = Float32Array.from({ length }, () => 2 * random() - 1);
      return [name, new ort.Tensor('float32', values, shape)] as const;
    });
    return { label, run: () => session.run(Object.fromEntries(tensors)), times: [] as number[] };
  }),
);
for (let round = 0; round < Number(runs); round++)
  for (const { run, times } of tasks) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
for (const { label, times } of tasks) {
  const sorted = times.sort((a, b) => a - b);
  const [fastest, median] = [sorted[0], sorted[sorted.length >> 1]].map((time) => time.toFixed(3));
  console.log(`${label.padEnd(56)} ${fastest.padStart(8)} ms fastest ${median.padStart(8)} ms median`);
}

/**
 * Times one gradient and one evaluation pass of a model on the compiled engine, in one thread:
 *
 *   node --import tsx scripts/bench-gradient.ts [cnn-mnist|cnn-cifar10] [runs]
 *
 * Prints the fastest and the median of the runs, beside a matrix product of known size as a yardstick of the machine.
 */
import * as ort from 'onnxruntime-node';
import seedrandom from 'seedrandom';
import { createOnnxExecutor } from '../src/compute/compiled/executor.js';
import { OnnxWriter } from '../src/compute/compiled/onnx.js';
import { sizes } from '../src/compute/gradient.js';
import { models } from '../src/models/index.js';
import { initialValues } from '../src/models/model.js';

const [name = 'cnn-mnist', runs = '200'] = process.argv.slice(2);
const shape = name === 'cnn-cifar10' ? [32, 32, 3] : [28, 28, 1];
const definition = models.get(name);
if (!definition) throw new Error(`unknown model: ${name}`);
const model = definition.build({}, { shape, classes: 10 });
const random = seedrandom('bench');
const uniform = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);

const executor = await createOnnxExecutor(model);
const parameters = initialValues(model.parameters, random);
const statistics = new Float32Array(sizes(model).statistics).fill(1);
const pixels = shape.reduce((product, length) => product * length, 1);
const [few, many] = [16, 500];
const [batch, images] = [uniform(few * pixels), uniform(many * pixels)];
const targets = Float32Array.from({ length: few * 10 }, (_, k) => (k % 10 === 3 ? 1 : 0));

const tasks: [string, () => Promise<unknown>][] = [
  ['matrix product 1024 x 500 x 50', await yardstick()],
  [`gradient, batch ${few}`, () => executor.gradient(parameters, batch, targets, few)],
  [`forward of ${many}`, () => executor.predict(parameters, statistics, images, many)],
];
const times = tasks.map((): number[] => []);
// In turns, so that a busy machine slows all of them alike.
for (let run = 0; run < Number(runs); run++)
  for (const [k, [, task]] of tasks.entries()) {
    if (k === 2 && run % 10 !== 0) continue;
    const start = performance.now();
    await task();
    times[k].push(performance.now() - start);
  }
for (const [k, [label]] of tasks.entries()) {
  const sorted = times[k].sort((a, b) => a - b);
  const [fastest, median] = [sorted[0], sorted[sorted.length >> 1]].map((time) => time.toFixed(2));
  console.log(`${label.padEnd(32)} ${fastest.padStart(8)} ms fastest ${median.padStart(8)} ms median`);
}
await executor.close();

async function yardstick(): Promise<() => Promise<unknown>> {
  const writer = new OnnxWriter();
  const product = writer.gemm('a', 'b', {});
  writer.node('ReduceMax', [product], { keepdims: 0 }, ['largest']);
  const inputs = [
    { name: 'a', shape: [1024, 500] },
    { name: 'b', shape: [500, 50] },
  ];
  const session = await ort.InferenceSession.create(
    writer.encode('yardstick', inputs, [{ name: 'largest', shape: [] }]),
    { intraOpNumThreads: 1, logSeverityLevel: 3 },
  );
  const feeds = Object.fromEntries(
    inputs.map((input) => [
      input.name,
      new ort.Tensor('float32', uniform(input.shape[0] * input.shape[1]), input.shape),
    ]),
  );
  return () => session.run(feeds);
}

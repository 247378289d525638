/**
 * Times one gradient and one evaluation pass of a model on engines, by turns, so that a busy machine slows all of them
 * alike:
 *
 *   node --import tsx scripts/bench/gradient.ts [MODEL] [runs] [onnx,tensorflow,tensorflow-eager,...] [4,8,68]
 *
 * MODEL takes images (simple-mnist, cnn-cifar10, ...); the last argument lists the sizes of batches, 16 by default.
 * `tensorflow-eager` is tfjs's own way through TensorFlow, operation by operation; `tfjs-cpu` its backend in plain
 * JavaScript as it comes. TensorFlow has all cores, the others one thread. Prints the fastest and the median of the
 * runs, beside a matrix product of known size as a yardstick of the machine.
 */
import seedrandom from 'seedrandom';
import { OnnxWriter } from '../../src/compute/compiled/onnx.js';
import { loadRuntime } from '../../src/compute/compiled/providers.js';
import { EagerExecutor } from '../../src/compute/eager/executor.js';
import type { EngineName } from '../../src/compute/engine.js';
import { chooseEngine, createExecutor } from '../../src/compute/engines.js';
import type { Executor } from '../../src/compute/executor.js';
import { sizes } from '../../src/compute/gradient.js';
import { initialValues } from '../../src/models/model.js';
import { builtins } from '../../src/simulation/catalogue.js';

const [name = 'cnn-mnist', runs = '200', engines = 'onnx', batches = '16'] = process.argv.slice(2);
const shape = name.includes('cifar') ? [32, 32, 3] : [28, 28, 1];
const definition = builtins.models.get(name);
if (!definition) throw new Error(`unknown model: ${name}`);
const model = definition.create({}, { shape, classes: 10 });
const random = seedrandom('bench');
const uniform = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);

const parameters = initialValues(model.parameters, random);
const statistics = new Float32Array(sizes(model).statistics).fill(1);
const pixels = shape.reduce((product, length) => product * length, 1);
const many = 500;
const images = uniform(many * pixels);

interface Task {
  label: string;
  /** Done in every so many rounds. */
  every: number;
  run: () => Promise<unknown>;
  times: number[];
}
const tasks: Task[] = [
  { label: 'matrix product 1024 x 500 x 50', every: 1, run: await yardstick(), times: [] },
];
for (const engine of engines.split(',')) {
  const executor = await open(engine);
  for (const size of batches.split(',').map(Number)) {
    const inputs = uniform(size * pixels);
    const targets = Float32Array.from({ length: size * 10 }, (_, k) => (k % 10 === 3 ? 1 : 0));
    const gradient = () => executor.gradient(parameters, inputs, targets, size);
    tasks.push({ label: `${engine}: gradient, batch ${size}`, every: 1, run: gradient, times: [] });
  }
  const predict = () => executor.predict(parameters, statistics, images, many);
  tasks.push({ label: `${engine}: forward of ${many}`, every: 10, run: predict, times: [] });
}
for (let round = 0; round < Number(runs); round++)
  for (const { every, run, times } of tasks) {
    if (round % every !== 0) continue;
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
for (const { label, times } of tasks) {
  const sorted = times.sort((a, b) => a - b);
  const [fastest, median] = [sorted[0], sorted[sorted.length >> 1]].map((time) => time.toFixed(2));
  console.log(`${label.padEnd(40)} ${fastest.padStart(8)} ms fastest ${median.padStart(8)} ms median`);
}
process.exit(); // TensorFlow's threads would keep it alive for a while

async function open(engine: string): Promise<Executor> {
  const ofTfjs = { 'tensorflow-eager': 'tensorflow', 'tfjs-cpu': 'cpu' } as const;
  if (engine in ofTfjs) {
    const backend = ofTfjs[engine as keyof typeof ofTfjs];
    const { version } = await chooseEngine({ backend, device: 'cpu' });
    return new EagerExecutor(version, backend, model);
  }
  return (await createExecutor({ backend: engine as EngineName, device: 'cpu', model })).executor;
}

async function yardstick(): Promise<() => Promise<unknown>> {
  const writer = new OnnxWriter();
  const product = writer.gemm('a', 'b', {});
  writer.node('ReduceMax', [product], { keepdims: 0 }, ['largest']);
  const inputs = [
    { name: 'a', shape: [1024, 500] },
    { name: 'b', shape: [500, 50] },
  ];
  const ort = await loadRuntime('cpu');
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

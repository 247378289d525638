import seedrandom from 'seedrandom';
import type { DeviceName, EngineName } from '../compute/engine.js';
import { createExecutor } from '../compute/engines.js';
import { evaluationChunk } from '../compute/job.js';
import { UserError } from '../base/errors.js';
import { builtins } from '../simulation/catalogue.js';
import { initialValues, sizeOf, type Model } from '../models/model.js';
import { measure, type Timing } from '../base/measure.js';

/** One engine on one model, in one thread (TensorFlow has threads of its own). */
export type EngineTiming = {
  engine: EngineName;
  model: string;
  batch: number;
} & (
  | {
      device: DeviceName;
      version: string;
      /** Of one batch: loss, gradient and statistics, from host arrays to host arrays. */
      gradient: Timing;
      /** Outputs of one chunk of `images` test inputs. */
      evaluation: Timing & { images: number };
    }
  | { unavailable: string }
);

const cases: readonly { name: string; shape: number[]; batch: number }[] = [
  { name: 'cnn-mnist', shape: [28, 28, 1], batch: 16 },
  { name: 'cnn-cifar10', shape: [32, 32, 3], batch: 8 },
];

/**
 * Times engines on the models of the figures, at their batch sizes.
 *
 * @param budget milliseconds for each engine, model and kind of work
 * @param onBegin told what is timed next
 */
export async function benchEngines(
  names: readonly EngineName[],
  budget: number,
  onBegin: (what: string) => void,
): Promise<EngineTiming[]> {
  const timings: EngineTiming[] = [];
  for (const { name, shape, batch } of cases) {
    const model = builtins.models.get(name)!.create({}, { shape, classes: 10 });
    for (const engine of names) {
      onBegin(`${name} on ${engine}`);
      const subject = { engine, model: name, batch };
      try {
        timings.push({ ...subject, ...(await benchEngine(engine, model, batch, budget)) });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        timings.push({ ...subject, unavailable: error.message });
      }
    }
  }
  return timings;
}

async function benchEngine(engine: EngineName, model: Model, batch: number, budget: number) {
  const { executor, device, version } = await createExecutor({ backend: engine, device: 'auto', model });
  const random = seedrandom(`bench ${model.name}`);
  const inputs = (count: number) =>
    Float32Array.from({ length: count * sizeOf(model.input) }, () => 2 * random() - 1);
  const parameters = initialValues(model.parameters, random);
  const statistics = initialValues(model.statistics, random);
  const images = inputs(batch);
  const chunk = inputs(evaluationChunk);
  const { classes } = model.input;
  const targets = Float32Array.from({ length: batch * classes }, (_, k) => Number(k % classes === 3));
  try {
    const gradient = await measure(() => executor.gradient(parameters, images, targets, batch), budget);
    const evaluation = await measure(
      () => executor.predict(parameters, statistics, chunk, evaluationChunk),
      budget,
    );
    return { device, version, gradient, evaluation: { ...evaluation, images: evaluationChunk } };
  } finally {
    await executor.close();
  }
}

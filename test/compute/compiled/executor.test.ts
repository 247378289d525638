import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/compute/compiled/compile.js';
import { createOnnxExecutor } from '../../../src/compute/compiled/executor.js';
import type { Executor, HostGradient } from '../../../src/compute/executor.js';
import { logistic } from '../../../src/models/mlp.js';
import { simpleMnist } from '../../../src/models/simple.js';
import { randomValues } from './support.js';

const model = logistic.create({}, { shape: [2, 2, 1], classes: 3 });
const batch = 4;
const point = randomValues(15, 'point');
const inputs = randomValues(batch * 4, 'inputs');
const targets = Float32Array.from({ length: batch * 3 }, (_, k) => (k % 3 === 1 ? 1 : 0));

describe('evaluations of a model with convolutions, which are constants of a session there', () => {
  const images = simpleMnist.create({}, { shape: [28, 28, 1], classes: 10 });
  const statistics = new Float32Array(96).fill(1);
  const rows = randomValues(2 * 784, 'rows');
  const points = Array.from({ length: 6 }, (_, k) => randomValues(29_034, `point ${k}`));

  it('are those of the model asked for, also where several come by turns', async () => {
    const executor = await createOnnxExecutor(images);
    const turns = [...points, points[5], points[0], points[3]];
    const found: Float32Array[] = [];
    for (const values of turns) found.push(await executor.predict(values, statistics, rows, 2));
    expect(new Set(found.slice(0, 6).map(String)).size).toBe(6);
    expect(found[6]).toEqual(found[5]);
    expect(found[7]).toEqual(found[0]);
    expect(found[8]).toEqual(found[3]);
    const others = statistics.map(() => 4);
    expect(await executor.predict(points[0], others, rows, 2)).not.toEqual(found[0]);
    await executor.close();
  });

  it('follow a vector that the caller has changed in place', async () => {
    const executor = await createOnnxExecutor(images);
    const values = points[0].slice();
    const before = await executor.predict(values, statistics, rows, 2);
    values.set(points[1]);
    expect(await executor.predict(values, statistics, rows, 2)).not.toEqual(before);
    values.set(points[0]);
    expect(await executor.predict(values, statistics, rows, 2)).toEqual(before);
    await executor.close();
  });

  it('are not numbers where the model has diverged', async () => {
    const executor = await createOnnxExecutor(images);
    for (const value of [NaN, Infinity, -Infinity, 3e38]) {
      const outputs = await executor.predict(
        points[0].map(() => value),
        statistics,
        rows,
        2,
      );
      expect(outputs.some((output) => !Number.isFinite(output))).toBe(true);
    }
    await executor.close();
  });
});

describe('the ONNX executor', () => {
  let executor: Executor;
  let expected: HostGradient;

  beforeAll(async () => {
    executor = await createOnnxExecutor(model);
    expected = await executor.gradient(point, inputs, targets, batch);
  });
  afterAll(() => executor.close());

  it('gives the same bytes every time and in every session', async () => {
    const other = await createOnnxExecutor(model);
    for (const each of [executor, other])
      expect(await each.gradient(point, inputs, targets, batch)).toEqual(expected);
    await other.close();
  });

  it('leaves its results to the caller', async () => {
    const first = await executor.gradient(point, inputs, targets, batch);
    const copy = first.gradient.slice();
    await executor.gradient(randomValues(15, 'elsewhere'), inputs, targets, batch);
    expect(first.gradient).toEqual(copy);
    first.gradient.fill(0);
    expect(await executor.gradient(point, inputs, targets, batch)).toEqual(expected);
  });

  it('takes arrays in shared memory and views of larger arrays', async () => {
    const shared = new Float32Array(new SharedArrayBuffer(4 * point.length));
    shared.set(point);
    const larger = new Float32Array(inputs.length + 7);
    larger.set(inputs, 7);
    expect(await executor.gradient(shared, larger.subarray(7), targets, batch)).toEqual(expected);
  });

  it('takes batches of any size, and remembers no more than it must', async () => {
    for (const size of [1, 2, 3, 4, 5, 6, 1]) {
      const rows = randomValues(size * 4, `rows ${size}`);
      const outputs = await executor.predict(point, new Float32Array(0), rows, size);
      expect(outputs).toHaveLength(size * 3);
      const logit = [0, 1, 2, 3].reduce((sum, k) => sum + rows[k] * point[3 * k], point[12]);
      expect(outputs[0]).toBeCloseTo(logit, 5);
    }
  });

  it('reports a diverged model as a loss that is not finite', async () => {
    const { loss } = await executor.gradient(
      point.map(() => NaN),
      inputs,
      targets,
      batch,
    );
    expect(loss).toBeNaN();
  });

  it.each([
    ['compiled there', undefined],
    ['handed over', compileModel(model, batch)],
  ])('works in a worker thread, with the model %s', async (_, compiled) => {
    const file = JSON.stringify(new URL('./executor-thread.ts', import.meta.url).href);
    const worker = new Worker(`import('tsx/esm/api').then(({ tsImport }) => tsImport(${file}, ${file}))`, {
      eval: true,
      workerData: { point, inputs, targets, batch, compiled },
    });
    const [result] = (await once(worker, 'message')) as [HostGradient];
    await worker.terminate();
    expect(result).toEqual(expected);
  });

  it('says so at once when the device is not there', async () => {
    const nowhere = createOnnxExecutor(model, { device: 'nowhere' as 'cuda' });
    await expect(nowhere).rejects.toThrow(/onnxruntime-node does not run on nowhere here/);
  });
});

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/compute/compiled/compile.js';
import { createOnnxExecutor } from '../../../src/compute/compiled/executor.js';
import type { Executor, HostGradient } from '../../../src/compute/executor.js';
import { logistic } from '../../../src/models/mlp.js';
import { randomValues } from './support.js';

const model = logistic.create({}, { shape: [2, 2, 1], classes: 3 });
const batch = 4;
const point = randomValues(15, 'point');
const inputs = randomValues(batch * 4, 'inputs');
const targets = Float32Array.from({ length: batch * 3 }, (_, k) => (k % 3 === 1 ? 1 : 0));

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

import { afterEach, describe, expect, test } from 'vitest';
import { createCompute } from '../../src/compute/create.js';
import type { Compute } from '../../src/compute/compute.js';
import { chooseEngine } from '../../src/compute/engines.js';
import { ThreadLane } from '../../src/compute/thread-lane.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { initialValues } from '../../src/models/model.js';
import { randomStream } from '../../src/base/random.js';
import { tinyImages } from '../support/tiny.js';

const dataset = tinyImages();
const config = { name: 'mlp', hidden: [5] };
const model = builtins.models.get('mlp')!.create(config, dataset);
const parameters = initialValues(model.parameters, randomStream(1, 'initialization'));

let compute: Compute | undefined;
afterEach(() => compute?.close());

async function results(threads: number) {
  compute = await createCompute(
    await chooseEngine({ backend: 'wasm', device: 'cpu' }),
    { config, built: model },
    dataset,
    threads,
  );
  const start = compute.vectors.fromHost(parameters);
  const gradients = Array.from({ length: 12 }, (_, k) =>
    compute!.gradient(start, { indices: Uint32Array.of(k, k + 20, k + 40) }, k % 2 ? 'flipped' : 'true'),
  );
  const evaluation = compute.evaluate(start, new Float32Array(0));
  const values = [];
  for (const { loss, vector } of await Promise.all(gradients))
    values.push(loss, ...compute.vectors.toHost(vector));
  return { values, evaluation: await evaluation };
}

describe('a compute pool', () => {
  test('gives the same bytes for 1, 2 and 3 threads', async () => {
    const single = await results(1);
    await compute!.close();
    for (const threads of [2, 3]) {
      const several = await results(threads);
      expect(several).toEqual(single);
      await compute!.close();
    }
    expect(single.values.every(Number.isFinite)).toBe(true);
    expect(single.evaluation.accuracy).toBeGreaterThanOrEqual(0);
  });

  test('reads parameters when a job is submitted', async () => {
    compute = await createCompute(
      await chooseEngine({ backend: 'wasm', device: 'cpu' }),
      { config, built: model },
      dataset,
      2,
    );
    const batch = { indices: Uint32Array.of(1, 2) };
    const { vectors } = compute;
    const expected = (await compute.gradient(vectors.fromHost(parameters), batch, 'true')).loss;
    const start = vectors.fromHost(parameters);
    const pending = compute.gradient(start, batch, 'true');
    vectors.release(start);
    vectors.fromHost(parameters.map(() => 7)); // takes the freed memory
    expect((await pending).loss).toBe(expected);
  });

  test('flipped labels give another gradient', async () => {
    compute = await createCompute(
      await chooseEngine({ backend: 'wasm', device: 'cpu' }),
      { config, built: model },
      dataset,
      1,
    );
    const start = compute.vectors.fromHost(parameters);
    const batch = { indices: Uint32Array.of(1, 2) };
    const honest = await compute.gradient(start, batch, 'true');
    const flipped = await compute.gradient(start, batch, 'flipped');
    expect(flipped.loss).not.toBe(honest.loss);
  });
});

describe('a compute thread', () => {
  const job = (count = 2) => ({
    kind: 'gradient' as const,
    parameters: parameters.slice(),
    batch: { indices: Uint32Array.from({ length: count }, (_, k) => k) },
    labels: 'true' as const,
  });
  const start = async (stuckAfter?: number) =>
    ThreadLane.start(
      { chosen: await chooseEngine({ backend: 'wasm', device: 'cpu' }), model: { config }, dataset },
      stuckAfter,
    );

  test('that dies fails its jobs and all later ones, with the reason', async () => {
    const lane = await start();
    const pending = lane.run(job());
    await (lane as unknown as { worker: { terminate(): Promise<number> } }).worker.terminate();
    await expect(pending).rejects.toThrow('a compute thread ended');
    await expect(lane.run(job())).rejects.toThrow('a compute thread ended');
    await lane.close();
  });

  test('that gives no answer fails its jobs', async () => {
    const lane = await start(0.001);
    await expect(Promise.all(Array.from({ length: 50 }, () => lane.run(job(64))))).rejects.toThrow(
      'a compute thread gave no answer for 0.001 s',
    );
    await lane.close();
  });

  test('reports a job that fails and goes on with the next', async () => {
    const lane = await start();
    await expect(lane.run({ ...job(), parameters: new Float32Array(3) })).rejects.toThrow();
    expect((await lane.run(job())).gradient.length).toBe(parameters.length);
    await lane.close();
  });

  test('that cannot start says why', async () => {
    const chosen = {
      ...(await chooseEngine({ backend: 'cpu', device: 'cpu' })),
      backend: 'nonsense' as 'cpu',
    };
    await expect(ThreadLane.start({ chosen, model: { config }, dataset })).rejects.toThrow('could not start');
  });
});

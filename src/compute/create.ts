import { availableParallelism } from 'node:os';
import type { Dataset } from '../data/dataset.js';
import type { Model } from '../models/model.js';
import { totalSize } from '../models/model.js';
import type { Compute } from './compute.js';
import type { Chosen } from './engine.js';
import { constructExecutor } from './engines.js';
import { HostCompute } from './host-compute.js';
import { JobRunner } from './job.js';
import { LocalLane, type Lane } from './lane.js';
import { profiledCompute, type Profile } from './profile.js';
import { ThreadLane, type ModelReference } from './thread-lane.js';
import { createHostVectors } from './vectors/create.js';

/** Threads a run gets when none are asked for: one a core. */
export function defaultThreads(): number {
  return availableParallelism();
}

/**
 * Whether messages stay on the device of the engine, and are combined there. On a GPU every copy to the host would wait
 * for it; on a CPU the SIMD kernels are many times faster than TensorFlow's operations (docs/engines-inside.md).
 */
export function keepsTensors({ backend, device }: Pick<Chosen, 'backend' | 'device'>): boolean {
  return backend === 'tensorflow' && device === 'cuda';
}

/**
 * Sets up an engine that was chosen, for one model and data set. One thread means this one; more are worker threads
 * beside it. TensorFlow runs in this thread and has threads of its own; a GPU is fed by this thread alone.
 *
 * @param profile measures what is set up here
 */
export async function createCompute(
  chosen: Chosen,
  model: ModelReference & { built: Model },
  dataset: Dataset,
  threads: number,
  profile?: Profile,
): Promise<Compute> {
  if (keepsTensors(chosen)) {
    const { TensorCompute } = await import('./tensorflow/compute.js');
    const tensors = await TensorCompute.create({ ...chosen, threads: 1 }, model.built, dataset);
    return profile ? profiledCompute(tensors, profile) : tensors;
  }
  const pooled = chosen.backend !== 'tensorflow' && chosen.device === 'cpu' && threads > 1;
  const vectors = await createHostVectors(totalSize(model.built.parameters));
  const startThread = () =>
    ThreadLane.start({
      chosen,
      model: { config: model.config, module: model.module },
      dataset,
      meter: profile?.threadMeter(),
    });
  const startHere = async () => {
    const jobs = new JobRunner(await constructExecutor(chosen, model.built), model.built, dataset);
    return new LocalLane(profile?.metered(jobs) ?? jobs);
  };
  const lanes: Lane[] = pooled
    ? await Promise.all(Array.from({ length: threads }, startThread))
    : [await startHere()];
  const compute = new HostCompute({ ...chosen, threads: lanes.length }, vectors, lanes, dataset);
  return profile ? profiledCompute(compute, profile) : compute;
}

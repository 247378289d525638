import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import seedrandom from 'seedrandom';
import type { Compute } from '../compute/compute.js';
import { createHostVectors } from '../compute/vectors/create.js';
import type { Dataset, DatasetDefinition, InputSpec } from '../data/dataset.js';
import { totalSize, type Model } from '../models/model.js';
import { checkpointOf, RunFolder, takeRun } from '../results/run-folder.js';
import { FolderCheckpoints } from '../run/checkpoints.js';
import { builtins } from '../simulation/catalogue.js';
import { createExperiment } from '../simulation/experiment.js';
import { loadConfig } from '../sweep/load.js';

/** What keeping the checkpoints of one config costs here. */
export interface CheckpointTiming {
  config: string;
  parameters: number;
  workers: number;
  bytes: number;
  /** Of one. */
  milliseconds: number;
  /** Of a run's time, in [0, 1], where they are kept as often as they are by default. */
  share: number;
}

/** How many are written; the last one counts, when pages and buffers are there. */
const repeats = 3;

/** Writes checkpoints of these configs as a run does. Gradients and data are made up: what is timed is all but them. */
export async function benchCheckpoints(
  configs: readonly string[],
  onBegin: (what: string) => void,
): Promise<CheckpointTiming[]> {
  const timings: CheckpointTiming[] = [];
  for (const name of configs) {
    onBegin(`checkpoints of ${name}`);
    const folder = mkdtempSync(join(tmpdir(), 'byzsim-bench-'));
    try {
      timings.push(await benchOne(name, folder));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return timings;
}

async function benchOne(name: string, path: string): Promise<CheckpointTiming> {
  const file = fileURLToPath(new URL(`../../configs/${name}.yaml`, import.meta.url));
  const loaded = await loadConfig(file, [`updates=${repeats}`, `evaluate.every=${repeats}`], builtins);
  const { config, identity } = loaded;
  const dataset = madeUp(builtins.datasets.get(config.dataset.name)!);
  const model = builtins.models.get(config.model.name)!.create(config.model, dataset);
  const compute = await madeUpCompute(model);
  const experiment = createExperiment(config, { seed: 1, catalogue: builtins, dataset, model, compute });
  const files = { columns: [], configYaml: '', meta: { hash: identity.hash, seed: 1 } };
  const folder = new RunFolder(path, takeRun(path), files);
  const checkpoints = new FolderCheckpoints(folder, 1, (problem) => {
    throw new Error(problem);
  });
  let bytes = 0;
  try {
    const kept = {
      due: (update: number) => checkpoints.due(update),
      async keep(...args: Parameters<FolderCheckpoints['keep']>) {
        await checkpoints.keep(...args);
        bytes = statSync(checkpointOf(path)).size;
      },
    };
    for await (const row of experiment.rows({ checkpoints: kept })) void row;
  } finally {
    folder.close();
  }
  const { cost, share } = checkpoints;
  const parameters = totalSize(model.parameters);
  return { config: name, parameters, workers: config.workers, bytes, milliseconds: cost, share };
}

async function madeUpCompute(model: Model): Promise<Compute> {
  const vectors = await createHostVectors(totalSize(model.parameters));
  const random = seedrandom('bench checkpoints');
  const values = Float32Array.from({ length: vectors.dimension }, () => (random() - 0.5) / 1000);
  const statistics = new Float32Array(totalSize(model.statistics)).fill(1);
  return {
    description: { backend: 'cpu', device: 'cpu', version: '', threads: 1, reason: '' },
    vectors,
    gradient: () =>
      Promise.resolve({ loss: 1, vector: vectors.fromHost(values), statistics: statistics.slice() }),
    evaluate: () => Promise.resolve({ loss: 1, accuracy: 0.5 }),
    close: () => Promise.resolve(),
  };
}

/** As many inputs as there are of the real ones, which nobody reads. */
function madeUp({ input, counts }: DatasetDefinition): Dataset {
  const { shape, classes } = input as InputSpec;
  const split = (count = 0) => ({ count, inputs: new Uint8Array(), labels: new Uint8Array(count) });
  const [train, test] = [split(counts?.train), split(counts?.test)];
  return { name: 'made-up', shape, classes, train, test, order: 'shuffled', checksums: {} };
}

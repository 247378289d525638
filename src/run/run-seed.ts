import { join } from 'node:path';
import { orAborted } from '../base/aborted.js';
import { ExperimentError, UserError } from '../base/errors.js';
import type { Compute } from '../compute/compute.js';
import { createCompute, defaultThreads } from '../compute/create.js';
import type { Backend, Chosen, Device } from '../compute/engine.js';
import { chooseEngine, describePlacement } from '../compute/engines.js';
import { Profile, type ProfileReport } from '../compute/profile.js';
import { identify, type FileSums } from '../config/identity.js';
import type { LoadedConfig } from '../config/loaded.js';
import { threadsWithin } from '../config/needs.js';
import { resolvedYaml } from '../config/resolved-yaml.js';
import { loadLinks, type LoadedLinks } from '../config/links.js';
import { loadTrace, type LoadedTrace } from '../config/trace.js';
import type { Dataset } from '../data/dataset.js';
import type { Model, ModelDefinition } from '../models/model.js';
import { schemaVersion, writeJson } from '../results/files.js';
import { provenance } from '../results/provenance.js';
import { RunFolder, type RunSummary } from '../results/run-folder.js';
import { isTrace } from '../simulation/arrivals.js';
import { linksOf } from '../simulation/byzsgd/config.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { resultOf, type MetricsRow } from '../simulation/columns.js';
import { createExperiment } from '../simulation/experiment.js';
import { columnsOf, type ModeDefinition } from '../simulation/mode.js';
import { heldToData, readRunState } from '../study/run-state.js';
import { requireMemory, thisMachine } from './machine.js';
import { describeProfile } from './profile.js';
import type { Reporter } from './reporter.js';

/** How to compute it. */
export interface EngineFlags {
  backend: Backend;
  device: Device;
  /** Compute threads; default: one a core, or as many as there is memory for. */
  threads?: number;
  profile?: boolean;
}

/** What all seeds of a config share. */
export interface Prepared {
  catalogue: Catalogue;
  mode: ModeDefinition;
  dataset: Dataset;
  /** Its definition, and the model that was made by it. */
  model: { definition: ModelDefinition; built: Model };
  chosen: Chosen;
  trace: LoadedTrace | undefined;
  links: LoadedLinks | undefined;
  threads: number;
  profile: boolean;
}

/**
 * Loads the data, chooses the engine, and says which.
 *
 * @throws UserError where this machine cannot hold the run, or a file that the config names is no longer the one that it
 * was identified with
 */
export async function prepare(
  loaded: LoadedConfig,
  catalogue: Catalogue,
  flags: EngineFlags,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Prepared> {
  const { config, needs } = loaded;
  const machine = thisMachine(flags);
  const threads = flags.threads ?? Math.min(defaultThreads(), threadsWithin(machine, needs));
  requireMemory(machine, { config, needs }, threads);
  const onProgress: Reporter['progress'] = (progress) => reporter.progress(progress);
  const data = catalogue.datasets.get(config.dataset.name)!;
  const dataset = await orAborted(data.load(config.dataset, { signal, onProgress }), signal);
  const trace = isTrace(config.arrival) ? await loadTrace(config.arrival.file) : undefined;
  const linksFile = linksOf(config.network);
  const links = linksFile === undefined ? undefined : await loadLinks(linksFile);
  await requireUnchanged(loaded, dataset, { trace: trace?.sha256, links: links?.sha256 });
  const definition = catalogue.models.get(config.model.name)!;
  const built = definition.create(config.model, dataset);
  const chosen = await chooseEngine(flags);
  reporter.note(`engine ${chosen.backend} on ${chosen.device} (${chosen.reason})`);
  const placement = await describePlacement(chosen, built, config.batchSize);
  if (placement) reporter.note(placement);
  return {
    catalogue,
    mode: catalogue.modes.get(config.mode)!,
    dataset,
    model: { definition, built },
    chosen,
    trace,
    links,
    threads,
    profile: flags.profile ?? false,
  };
}

/** What was loaded must be what the hash, and so the run folder, stands for. */
async function requireUnchanged(
  { config, identity: { hash } }: LoadedConfig,
  { checksums }: Dataset,
  sums: Omit<FileSums, 'dataset'>,
): Promise<void> {
  const { dataset, arrival, network } = config;
  const own = dataset.file === undefined ? undefined : Object.values(checksums)[0];
  const loaded = await identify(config, { ...sums, dataset: own });
  if (loaded.hash === hash) return;
  const files = [dataset.file, isTrace(arrival) ? arrival.file : undefined, linksOf(network)];
  throw new UserError(
    `changed file: ${files.filter(Boolean).join(' or ')} is not as it was when the config was read; ` +
      'run the same command again',
  );
}

interface SeedRun {
  loaded: LoadedConfig;
  seed: number;
  folder: string;
  prepared: Prepared;
  reporter: Reporter;
  signal: AbortSignal;
  /** Runs it again if another process has done it meanwhile. */
  force: boolean;
  /** Milliseconds after which another process that gives no sign of life has lost the folder. */
  patience?: number;
}

/**
 * Runs one seed into its folder. However it ends, the rows so far are kept; a summary is written when the experiment
 * came to an end of its own, diverged runs included.
 *
 * @throws Interrupted when the signal aborts
 */
export async function runSeed(run: SeedRun): Promise<RunSummary> {
  const { chosen, model, dataset, threads } = run.prepared;
  const profile = run.prepared.profile ? new Profile() : undefined;
  const { module } = model.definition;
  const described = { config: run.loaded.config.model, module, built: model.built };
  const compute = await createCompute(chosen, described, dataset, threads, profile);
  try {
    return await record(run, compute, profile);
  } finally {
    await compute.close(); // or its threads would keep the process alive
  }
}

async function record(
  { loaded, seed, folder, prepared, reporter, signal, force, patience }: SeedRun,
  compute: Compute,
  profile: Profile | undefined,
): Promise<RunSummary> {
  const { config, identity, given } = loaded;
  const { catalogue, mode, dataset, model, chosen, trace, links } = prepared;
  // Another process may have done it while the data were loaded.
  const known = { config, identity, seed };
  const state = force ? undefined : heldToData(readRunState(folder, known, patience), dataset.checksums);
  if (state && 'summary' in state) return { ...state.summary, path: folder };
  const meta = {
    name: config.name,
    ...identity,
    seed,
    ...provenance(compute.description, dataset.checksums),
    trace_sha256: trace?.sha256,
    links_sha256: links?.sha256,
    given,
  };
  const columns = columnsOf([mode]).map(({ name }) => name);
  const inputs = {
    seed,
    catalogue,
    dataset,
    model: model.built,
    compute,
    trace: trace?.workers,
    links: links?.links,
    profile,
  };
  const experiment = createExperiment(config, inputs);
  const files = new RunFolder(
    folder,
    columns,
    resolvedYaml({ ...config, seeds: [seed] }),
    { ...meta, shards: experiment.shards },
    {
      patience,
    },
  );
  if (files.takenOver !== undefined) reporter.note(files.takenOver);
  profile?.start();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let last: MetricsRow | undefined;
  let best: MetricsRow | undefined;
  let diverged: string | undefined;
  let summary: RunSummary | undefined;
  let report: ProfileReport | undefined;

  reporter.begin(`seed ${seed}`, config.updates, mode.unit);
  try {
    const rows = experiment.rows({ signal, onStep: (step) => reporter.update(step) });
    try {
      for (;;) {
        const next = await orAborted(rows.next(), signal);
        if (next.done) break;
        const { values } = next.value;
        last = values;
        if (!best || score(values) > score(best)) best = values;
        files.append(next.value, seconds());
        reporter.evaluated(values);
      }
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      diverged = error.message;
    }
    summary = {
      schema: schemaVersion,
      status: diverged === undefined ? 'done' : 'diverged',
      message: diverged,
      name: config.name,
      ...identity,
      seed,
      final: last ?? {},
      best: best ?? {},
      byzantine_weight: experiment.byzantineWeight(),
      updates: config.updates,
      wall_seconds: Number(seconds().toFixed(3)),
      backend: chosen.backend,
      path: folder,
    };
    report = profile?.report();
    if (report) writeJson(join(folder, 'profile.json'), { schema: schemaVersion, ...report });
  } finally {
    reporter.end();
    summary = files.close(summary, experiment.found());
  }
  if (report)
    reporter.note(
      `profile of seed ${seed}: ${describeProfile(report, { count: config.updates, unit: mode.unit })}`,
    );
  return summary!;
}

/** The best row is the first of highest accuracy, or of least loss where there are no classes. */
function score(row: MetricsRow): number {
  const { column, value } = resultOf(row);
  return column.better === 'smaller' ? -value! : value!;
}

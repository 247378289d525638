import { join } from 'node:path';
import { orAborted } from '../base/aborted.js';
import { EndedEarly, UserError } from '../base/errors.js';
import type { Compute } from '../compute/compute.js';
import { createCompute, defaultThreads } from '../compute/create.js';
import type { Backend, Chosen, Device } from '../compute/engine.js';
import { chooseEngine, describePlacement } from '../compute/engines.js';
import { Profile, type ProfileReport } from '../compute/profile.js';
import { identify, type FileSums } from '../config/identity.js';
import type { LoadedConfig } from '../config/loaded.js';
import { catalogueOf, moduleFiles } from '../config/modules.js';
import { threadsWithin } from '../config/needs.js';
import { resolvedYaml } from '../config/resolved-yaml.js';
import { loadLinks, type LoadedLinks } from '../config/links.js';
import { loadTrace, type LoadedTrace } from '../config/trace.js';
import type { Dataset } from '../data/dataset.js';
import { userPaths } from '../data/user-files.js';
import type { Model, ModelDefinition } from '../models/model.js';
import { schemaVersion, writeJson } from '../results/files.js';
import type { Lock } from '../results/lock/lock.js';
import { provenance } from '../results/provenance.js';
import type { RunSummary } from '../results/run-folder.js';
import { isTrace } from '../simulation/arrivals.js';
import { linksOf } from '../simulation/byzsgd/config.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { createExperiment } from '../simulation/experiment.js';
import { runColumns, type ModeDefinition } from '../simulation/mode.js';
import { heldToData, readRunState, readSettledState } from '../study/run-state.js';
import { beginRun } from './begin-run.js';
import { FolderCheckpoints } from './checkpoints.js';
import { LiveEvents } from './live-events.js';
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
  /** SHA-256 of the modules that the config names, by their files. */
  modules: Record<string, string> | undefined;
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
  builtins: Catalogue,
  flags: EngineFlags,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Prepared> {
  const { config, needs } = loaded;
  const machine = thisMachine(flags);
  const threads = flags.threads ?? Math.min(defaultThreads(), threadsWithin(machine, needs));
  requireMemory(machine, { config, needs }, threads);
  const { catalogue, sums: modules } = await catalogueOf(config, builtins);
  const onProgress: Reporter['progress'] = (progress) => reporter.progress(progress);
  const data = catalogue.datasets.get(config.dataset.name)!;
  const dataset = await orAborted(data.load(config.dataset, { signal, onProgress }), signal);
  const trace = isTrace(config.arrival) ? await loadTrace(config.arrival.file) : undefined;
  const linksFile = linksOf(config.network);
  const links = linksFile === undefined ? undefined : await loadLinks(linksFile);
  await requireUnchanged(loaded, dataset, { trace: trace?.sha256, links: links?.sha256, modules });
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
    modules,
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
  const own = dataset.file === undefined ? undefined : Object.values(checksums);
  const loaded = await identify(config, { ...sums, dataset: own });
  if (loaded.hash === hash) return;
  const files = [
    ...userPaths(dataset),
    isTrace(arrival) ? arrival.file : undefined,
    linksOf(network),
    ...moduleFiles(config),
  ];
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
  /** Runs it again if another process has done it meanwhile, and from the beginning if that was interrupted. */
  force: boolean;
  /** Updates from one checkpoint to the next; default: as the config says, or else every few minutes. */
  checkpointEvery?: number;
  /** Milliseconds after which another process that gives no sign of life has lost the folder. */
  patience?: number;
  /** On the folder, where this process has taken it already. */
  lock?: Lock;
  /** A folder for TensorBoard, where its rows go as well. */
  tensorboard?: string;
}

/**
 * Runs one seed into its folder, from its checkpoint on if it has one. However it ends, the rows so far are kept; a
 * summary is written when the experiment came to an end of its own, early or not.
 *
 * @throws Interrupted when the signal aborts: after the update under way and a checkpoint
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
  {
    loaded,
    seed,
    folder,
    prepared,
    reporter,
    signal,
    force,
    patience,
    lock,
    checkpointEvery,
    tensorboard,
  }: SeedRun,
  compute: Compute,
  profile: Profile | undefined,
): Promise<RunSummary> {
  const { config, identity, given } = loaded;
  const { catalogue, mode, dataset, model, chosen, trace, links, modules } = prepared;
  // Another process may have done it while the data were loaded.
  const known = { config, identity, seed };
  const stateNow = () => (lock ? readSettledState(folder, known) : readRunState(folder, known, patience));
  const state = force ? undefined : heldToData(stateNow(), dataset.checksums);
  if (state && 'summary' in state) return { ...state.summary, path: folder };
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
  const { experiment, outcome, files, made } = beginRun({
    folder,
    create: () => createExperiment(config, inputs),
    files: {
      columns: runColumns(mode, catalogue.arrivalRules.has(config.aggregator.rule)).map(({ name }) => name),
      configYaml: resolvedYaml({ ...config, seeds: [seed] }),
    },
    meta: {
      name: config.name,
      ...identity,
      seed,
      ...provenance(compute.description, dataset.checksums),
      trace_sha256: trace?.sha256,
      links_sha256: links?.sha256,
      modules_sha256: modules,
      given,
    },
    force,
    patience,
    lock,
    note: reporter.note,
  });
  const live =
    tensorboard === undefined ? undefined : new LiveEvents(tensorboard, folder, { config, identity, seed });
  const every = checkpointEvery ?? config.checkpoint?.every;
  const checkpoints = new FolderCheckpoints(files, every, reporter.note);
  profile?.start();
  let early: EndedEarly | undefined;
  let summary: RunSummary | undefined;
  let report: ProfileReport | undefined;

  reporter.begin(`seed ${seed}`, config.updates, mode.unit, made);
  try {
    try {
      const onStep = (step: number) => reporter.update(step);
      for await (const row of experiment.rows({ signal, onStep, checkpoints })) {
        outcome.add(row.values);
        files.append(row, outcome.seconds());
        live?.add(row.values);
        reporter.evaluated(row.values);
      }
    } catch (error) {
      if (!(error instanceof EndedEarly)) throw error;
      early = error;
    }
    const { last = {}, best = {} } = outcome;
    if (!early && last.update !== config.updates) signal.throwIfAborted();
    summary = {
      schema: schemaVersion,
      status: early?.status ?? 'done',
      message: early?.message,
      stopped_in: early?.step,
      name: config.name,
      ...identity,
      seed,
      final: last,
      best,
      byzantine_weight: experiment.byzantineWeight(),
      updates: config.updates,
      wall_seconds: Number(outcome.seconds().toFixed(3)),
      backend: chosen.backend,
      path: folder,
    };
    report = profile?.report();
    if (report) writeJson(join(folder, 'profile.json'), { schema: schemaVersion, ...report });
  } finally {
    reporter.end();
    live?.close(summary?.status);
    summary = files.close(summary, experiment.found());
  }
  if (report)
    reporter.note(
      `profile of seed ${seed}: ${describeProfile(report, { count: config.updates, unit: mode.unit })}`,
    );
  return summary!;
}

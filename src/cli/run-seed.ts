import { join } from 'node:path';
import type { Compute } from '../compute/compute.js';
import { createCompute, defaultThreads } from '../compute/create.js';
import { chooseEngine, describePlacement, type Chosen } from '../compute/engine.js';
import { Profile, type ProfileReport } from '../compute/profile.js';
import type { Config } from '../config/config.js';
import { identify, type Identity } from '../config/identity.js';
import { threadsWithin, type Needs } from '../config/needs.js';
import { resolvedYaml } from '../config/resolved-yaml.js';
import { loadTrace, type LoadedTrace } from '../config/trace.js';
import { loadDataset } from '../data/index.js';
import type { Dataset } from '../data/dataset.js';
import { ExperimentError, UserError } from '../errors.js';
import { models } from '../models/index.js';
import type { Model } from '../models/model.js';
import { schemaVersion, writeJson } from '../results/files.js';
import { provenance } from '../results/provenance.js';
import { metrics, RunFolder, type RunSummary } from '../results/run-folder.js';
import { heldToData, readRunState } from '../results/run-state.js';
import type { AsyncExperiment } from '../simulation/async.js';
import { ByzantineWeightWatch } from '../simulation/byzantine-weight.js';
import { runExperiment } from '../simulation/experiment.js';
import type { Row } from '../simulation/tally.js';
import type { RunFlags } from './commands/run.js';
import { orAborted } from './interrupt.js';
import { requireMemory, thisMachine } from './machine.js';
import { describeProfile, profiledExperiment } from './profile.js';
import type { Reporter } from './reporter.js';

/** What all seeds of a config share. */
export interface Prepared {
  dataset: Dataset;
  model: Model;
  chosen: Chosen;
  trace: LoadedTrace | undefined;
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
  { config, identity, needs }: { config: Config; identity: Identity; needs: Needs },
  flags: Pick<RunFlags, 'backend' | 'device' | 'threads' | 'profile'>,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Prepared> {
  const machine = thisMachine(flags);
  const threads = flags.threads ?? Math.min(defaultThreads(), threadsWithin(machine, needs));
  requireMemory(machine, { config, needs }, threads);
  const dataset = await orAborted(
    loadDataset(config.dataset, { signal, onProgress: (progress) => reporter.progress(progress) }),
    signal,
  );
  const { arrival } = config;
  const trace = arrival.process === 'trace' ? await loadTrace(arrival.file) : undefined;
  await requireUnchanged(config, identity, dataset, trace);
  const { name, ...parameters } = config.model;
  const model = models.get(name)!.build(parameters, dataset);
  const chosen = await chooseEngine(flags);
  reporter.note(`engine ${chosen.backend} on ${chosen.device} (${chosen.reason})`);
  const placement = await describePlacement(chosen, model, config.batchSize);
  if (placement) reporter.note(placement);
  return {
    dataset,
    model,
    chosen,
    trace,
    threads,
    profile: flags.profile ?? false,
  };
}

/** What was loaded must be what the hash, and so the run folder, stands for. */
async function requireUnchanged(
  config: Config,
  { hash }: Identity,
  { checksums }: Dataset,
  trace: LoadedTrace | undefined,
): Promise<void> {
  const { dataset, arrival } = config;
  const points = 'file' in dataset ? Object.values(checksums)[0] : undefined;
  const loaded = await identify(config, { points, trace: trace?.sha256 });
  if (loaded.hash === hash) return;
  const files = [dataset, arrival].flatMap((named) => ('file' in named ? named.file : []));
  throw new UserError(
    `changed file: ${files.join(' or ')} is not as it was when the config was read; run the same command again`,
  );
}

interface SeedRun {
  config: Config;
  identity: Identity;
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
  const described = { config: run.config.model, built: model };
  const compute = await createCompute(chosen, described, dataset, threads, profile);
  try {
    return await record(run, compute, profile);
  } finally {
    await compute.close(); // or its threads would keep the process alive
  }
}

async function record(
  { config, identity, seed, folder, prepared, reporter, signal, force, patience }: SeedRun,
  compute: Compute,
  profile: Profile | undefined,
): Promise<RunSummary> {
  const { dataset, model, chosen, trace } = prepared;
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
  };
  const files = new RunFolder(folder, resolvedYaml({ ...config, seeds: [seed] }), meta, { patience });
  if (files.takenOver !== undefined) reporter.note(files.takenOver);
  const watch = new ByzantineWeightWatch(config);
  const observe = (experiment: AsyncExperiment) =>
    watch.observe(profile ? profiledExperiment(experiment, profile) : experiment);
  profile?.start();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let last: Row | undefined;
  let best: Row | undefined;
  let diverged: string | undefined;
  let summary: RunSummary | undefined;
  let report: ProfileReport | undefined;

  reporter.begin(`seed ${seed}`, config.updates);
  try {
    const run = runExperiment(
      config,
      { seed, dataset, model, compute, trace: trace?.workers, observe },
      { signal, onUpdate: (update) => reporter.update(update) },
    );
    try {
      for (;;) {
        const next = await orAborted(run.next(), signal);
        if (next.done) break;
        const row = next.value;
        last = row;
        if (!best || score(row) > score(best)) best = row;
        files.append(row, seconds());
        reporter.evaluated(row);
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
      final: last ? metrics(last) : {},
      best: best ? metrics(best) : {},
      byzantine_weight: watch.summary(),
      updates: config.updates,
      wall_seconds: Number(seconds().toFixed(3)),
      backend: chosen.backend,
      path: folder,
    };
    report = profile?.report();
    if (report) writeJson(join(folder, 'profile.json'), { schema: schemaVersion, ...report });
  } finally {
    reporter.end();
    summary = files.close(summary);
  }
  if (report) reporter.note(`profile of seed ${seed}: ${describeProfile(report)}`);
  return summary!;
}

/** The best row is the first of highest accuracy, or of least loss where there are no classes. */
function score({ testAccuracy, testLoss }: Row): number {
  return testAccuracy ?? -testLoss;
}

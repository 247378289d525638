import type { LoadedConfig } from '../config/loaded.js';
import { runFolder } from '../config/identity.js';
import { checksumsNow } from '../data/checksums.js';
import { forcedSilenceLimit } from '../results/lock/messages.js';
import { refuseHeld, watchRun, type RunSummary } from '../results/run-folder.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { heldToData, readRunState, type KnownRun } from '../study/run-state.js';
import type { Reporter } from './reporter.js';
import type { EngineFlags, Prepared } from './run-seed.js';

export interface SeedsOptions extends EngineFlags {
  /** The folder around the experiment's. */
  out: string;
  /** Runs again what is done. */
  force?: boolean;
  /** Updates from one checkpoint to the next; default: as the config says, or else every few minutes. */
  checkpointEvery?: number;
  /** A folder for TensorBoard, where the rows go as well. */
  tensorboard?: string;
  reporter: Reporter;
  /** Told of a result that is there and does not count, and why. */
  onInvalid: (seed: number, reason: string) => void;
  signal: AbortSignal;
}

/** Runs every seed of a config that is not done yet, one after the other; the summary of each, in their order. */
export async function* runSeeds(
  loaded: LoadedConfig,
  catalogue: Catalogue,
  options: SeedsOptions,
): AsyncGenerator<RunSummary, void> {
  const { config, identity } = loaded;
  const { out, force = false, checkpointEvery, tensorboard, reporter, signal } = options;
  let prepared: Prepared | undefined;
  let sums: Promise<Record<string, string>> | undefined;
  const dataNow = () => (sums ??= checksumsNow(catalogue.datasets.get(config.dataset.name)!));
  for (const seed of config.seeds) {
    const folder = runFolder(out, config, identity, seed);
    const known = { config, identity, seed, folder };
    const done = force ? undefined : await finishedRun(known, dataNow, options.onInvalid);
    if (done) {
      reporter.note(
        `seed ${seed}: ${done.status === 'done' ? 'done' : 'ended early'} already (--force runs it again)`,
      );
      yield { ...done, path: folder }; // it may have been moved
      continue;
    }
    const patience = force ? forcedSilenceLimit : undefined;
    if (force) await watchRun(folder, { signal, onWait: reporter.note });
    else refuseHeld(folder); // before anything is loaded
    const { prepare, runSeed } = await import('./run-seed.js');
    prepared ??= await prepare(loaded, catalogue, options, reporter, signal);
    yield await runSeed({
      loaded,
      seed,
      folder,
      prepared,
      reporter,
      signal,
      force,
      patience,
      checkpointEvery,
      tensorboard,
    });
  }
}

/** The summary of a run that is done; says so where there is one that does not count. */
async function finishedRun(
  run: KnownRun & { folder: string },
  dataNow: () => Promise<Record<string, string>>,
  onInvalid: SeedsOptions['onInvalid'],
): Promise<RunSummary | undefined> {
  let state = readRunState(run.folder, run);
  if ('summary' in state) state = heldToData(state, await dataNow());
  if (state.status === 'invalid') onInvalid(run.seed, state.message);
  return 'summary' in state ? state.summary : undefined;
}

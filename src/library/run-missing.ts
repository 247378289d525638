import { forcedSilenceLimit } from '../results/lock/messages.js';
import { heldToData, isOver, readRunState } from '../study/run-state.js';
import { restoreRuns } from '../study/restore.js';
import { writeStudy } from '../study/study-file.js';
import { launch, type LaunchEvents, type LaunchOptions } from '../sweep/launch.js';
import type { Share } from '../sweep/share.js';
import type { PlannedRun, Sweep } from '../sweep/sweep.js';
import { shareMachine } from './share-machine.js';
import { writeSummaries, type DataNow, type States } from './sweep-states.js';

/** Runs one Task. */
const entry = new URL('../run/child.js', import.meta.url);

export type MissingOptions = Pick<
  LaunchOptions,
  'backend' | 'device' | 'checkpointEvery' | 'tensorboard' | 'signal'
> & {
  /** Runs again what is done. */
  force?: boolean;
  /** How many runs at once, of how many threads; default: what cores and memory allow. */
  jobs?: number;
  threads?: number;
  onNote: (text: string) => void;
};

/** Told how the runs go on. */
export interface Follower extends Required<Omit<LaunchEvents, 'ended'>> {
  ended: LaunchEvents['ended'];
  /** All have ended that are to be done here; so many of them were done by other processes. */
  over: (elsewhere: number) => void;
  /** The sweep is over, in whatever way. */
  end: () => void;
}

/**
 * Runs what a sweep lacks, in processes beside this one. Updates `states`, and the tables of the study with them.
 *
 * @param data what runs that are done are held to
 * @param follow called before the first run, if there is one to do
 */
export async function runMissing(
  plan: Sweep,
  states: States,
  data: DataNow,
  options: MissingOptions,
  follow: (queue: readonly PlannedRun[], share: Share) => Promise<Follower>,
): Promise<void> {
  const { force = false, signal, onNote } = options;
  const queue = plan.runs.filter(({ id }) => !isOver(states.get(id)!));
  const patience = force ? forcedSilenceLimit : undefined;
  const stateOf = (run: PlannedRun) =>
    heldToData(readRunState(run.folder, run, patience), data.get(run.config.dataset.name) ?? {});
  await restoreRuns(plan.folder, onNote);
  await writeStudy(plan, states, stateOf);
  if (queue.length === 0) return;

  const share = shareMachine(queue, options);
  const follower = await follow(queue, share);
  let elsewhere = 0;
  try {
    await launch(
      queue,
      { ...options, ...share, entry, force: () => force, patience, stateOf },
      {
        ...follower,
        async ended(run, state, here) {
          if (!here) elsewhere++;
          states.set(run.id, state);
          await follower.ended(run, state, here);
          await writeStudy(plan, states, stateOf);
        },
      },
    );
    follower.over(elsewhere);
  } finally {
    follower.end();
    writeSummaries(plan.runs, states);
  }
  signal.throwIfAborted();
}

import { basename } from 'node:path';
import type { Mapping } from '../base/mapping.js';
import type { Saved, Stateful, StateTree } from '../base/state.js';
import { openCheckpoint, type CheckpointHeader } from '../results/checkpoint-file.js';
import type { Lock } from '../results/lock/lock.js';
import type { Meta } from '../results/meta-file.js';
import { DamagedFile } from '../results/reading.js';
import {
  checkpointOf,
  RunFolder,
  setAsideCheckpoint,
  takeRun,
  type RunFiles,
} from '../results/run-folder.js';
import { resultOf, type MetricsRow } from '../simulation/columns.js';
import type { Experiment } from '../simulation/experiment.js';
import { dataOf, differingFiles } from '../study/same-data.js';

/** What a run has come to so far. */
export class Outcome implements Stateful {
  last: MetricsRow | undefined;
  /** The first row of highest accuracy, or of least loss where there are no classes. */
  best: MetricsRow | undefined;
  private before = 0;
  private readonly started = performance.now();

  constructor(state: StateTree) {
    state.register('outcome', this);
  }

  add(row: MetricsRow): void {
    this.last = row;
    if (!this.best || score(row) > score(this.best)) this.best = row;
  }

  /** Wall time of the run, without that in which it was interrupted. */
  seconds(): number {
    return this.before + (performance.now() - this.started) / 1000;
  }

  save(): Saved {
    return { last: this.last, best: this.best, seconds: this.seconds() };
  }

  load(saved: Saved): void {
    const { last, best, seconds } = saved as { last?: MetricsRow; best?: MetricsRow; seconds: number };
    [this.last, this.best, this.before] = [last, best, seconds];
  }
}

function score(row: MetricsRow): number {
  const { column, value } = resultOf(row);
  return column.better === 'smaller' ? -value! : value!;
}

/** A run that is about to be played, and what it is written to. */
export interface Begun {
  experiment: Experiment;
  outcome: Outcome;
  files: RunFolder;
  /** Updates made already. */
  made: number;
}

export interface Beginning {
  folder: string;
  /** Makes the run, not begun. */
  create: () => Experiment;
  files: Omit<RunFiles, 'meta'>;
  /** Of this process. */
  meta: RunFiles['meta'];
  /** Whether to begin anew in any case. */
  force: boolean;
  patience?: number;
  /** On the folder, where this process has taken it already. */
  lock?: Lock;
  note: (text: string) => void;
}

/**
 * Begins a run, or goes on where its checkpoint is. A checkpoint that cannot be gone on from is set aside.
 *
 * @throws HeldError where another process has the folder; UserError where it cannot be written, or the data cannot be split
 */
export function beginRun(beginning: Beginning): Begun {
  const { folder, create, force, patience, note } = beginning;
  const experiment = create(); // before there is a folder: the data may be too few
  const { lock = takeRun(folder, { patience }) } = beginning;
  if (lock.takenOver !== undefined) note(lock.takenOver);
  try {
    return (force ? undefined : goOn(beginning, experiment, lock)) ?? begin(beginning, experiment, lock);
  } catch (error) {
    if (!(error instanceof DamagedFile)) {
      lock.release();
      throw error;
    }
    const [file, aside] = [checkpointOf(folder), setAsideCheckpoint(folder)];
    const reason = error.file === file ? error.reason : `${basename(error.file)}: ${error.reason}`;
    note(
      `set aside ${file} as ${basename(aside)}: ${reason}; the run begins anew (byzsim clean removes what was set aside)`,
    );
    return begin(beginning, create(), lock);
  }
}

function begin({ folder, files, meta }: Beginning, experiment: Experiment, lock: Lock): Begun {
  const outcome = new Outcome(experiment.state);
  const { shards, classes, cleanInputs } = experiment;
  const own = { ...meta, shards, classes, clean_inputs: cleanInputs };
  return { experiment, outcome, files: new RunFolder(folder, lock, { ...files, meta: own }), made: 0 };
}

/** Nothing where there is no checkpoint. @throws DamagedFile where it cannot be gone on from */
function goOn(
  { folder, files, meta, note }: Beginning,
  experiment: Experiment,
  lock: Lock,
): Begun | undefined {
  const path = checkpointOf(folder);
  const checkpoint = openCheckpoint(path);
  if (!checkpoint) return undefined;
  try {
    const { header, paths, read } = checkpoint;
    const foreign = foreignTo(meta, header.meta);
    if (foreign !== undefined) throw new DamagedFile(path, foreign);
    const outcome = new Outcome(experiment.state);
    load(path, () => experiment.state.loadEach(paths, read));
    const run = new RunFolder(folder, lock, { ...files, meta: resumed(meta, header) }, header);
    note(`going on with ${folder} from update ${header.update}`);
    return { experiment, outcome, files: run, made: header.update };
  } finally {
    checkpoint.close();
  }
}

/** A whole checkpoint of this very run may still be of a version that had other parts. */
function load(path: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (error instanceof DamagedFile) throw error;
    throw new DamagedFile(path, `it is not the state of such a run: ${(error as Error).message}`);
  }
}

/** Why a checkpoint is none of this run, on this engine and these data, by this version; nothing where it is. */
function foreignTo(own: Mapping, saved: Meta): string | undefined {
  const { hash, seed, byzsim, git, engine } = own as Meta;
  if (saved.hash !== hash) return 'it is of another config';
  if (saved.seed !== seed) return `it is of seed ${saved.seed}`;
  if (saved.byzsim !== byzsim) return `it is of byzsim ${saved.byzsim}, this is ${byzsim}`;
  if (saved.git?.commit !== git?.commit)
    return `it is of byzsim at commit ${saved.git?.commit ?? 'none'}, this is ${git?.commit ?? 'none'}`;
  if (engineOf(saved) !== engineOf({ engine }))
    return `it is of ${engineOf(saved)}, this is ${engineOf({ engine })}`;
  const files = differingFiles(dataOf({ meta: saved }), dataOf({ meta: own }));
  return files.length > 0 ? `it was computed on other data (${files.join(', ')})` : undefined;
}

/** "engine onnx 1.30.0 on cpu" */
function engineOf({ engine }: Pick<Meta, 'engine'>): string {
  return `engine ${[engine?.backend, engine?.version].join(' ')} on ${String(engine?.device)}`;
}

/** meta.json of a run that goes on: that of its beginning, and what was otherwise since. */
function resumed(own: Mapping, { meta, update }: CheckpointHeader): RunFiles['meta'] {
  const { name, given, node, platform, cpu, cores, engine, argv, started } = own;
  const since = { update, node, platform, cpu, cores, engine, argv, started };
  return { ...meta, name, given, resumed: [...(meta.resumed ?? []), since] };
}

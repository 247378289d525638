import { spawnSync } from 'node:child_process';
import { UserError } from '../../base/errors.js';

/** Slurm's default for MaxArraySize, where it does not say. */
const defaultMaxArraySize = 1001;

/** What the queue says of one task: "PENDING", and why. */
export interface Queued {
  state: string;
  reason: string;
}

/** Indices of arrays are less than this. @throws UserError where Slurm takes no arrays */
export function maxArraySize(): number {
  const { stdout = '' } = slurm('scontrol', ['show', 'config']) ?? {};
  const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(stdout) ?? [];
  if (Number(size) === 0)
    throw new UserError('unavailable launcher: this Slurm takes no arrays (MaxArraySize is 0)');
  return size === undefined ? defaultMaxArraySize : Number(size);
}

/** Submits a script and returns the id of its job. @throws UserError where there is no Slurm, or it refuses */
export function submit(script: string): string {
  const answer = slurm('sbatch', ['--parsable', script]);
  if (!answer)
    throw new UserError(
      'unavailable launcher: there is no sbatch here (submit from a login node, or take --launcher print)',
    );
  if (answer.status !== 0)
    throw new UserError(
      `sbatch refuses ${script}: ${answer.stderr.trim() || `exit status ${answer.status}`}`,
    );
  return answer.stdout.trim().split(';')[0]; // after it comes the cluster, if there are several
}

/** The tasks of arrays that are in the queue: "17_3". Nothing where Slurm cannot be asked. */
export function queueOf(jobs: readonly string[]): Map<string, Queued> | undefined {
  if (jobs.length === 0) return new Map();
  const answer = slurm('squeue', [
    '--noheader',
    '--array',
    '--format=%F|%K|%T|%r',
    `--jobs=${jobs.join(',')}`,
  ]);
  if (!answer) return undefined;
  // Jobs that ended some minutes ago are unknown, and an error where no other is asked for.
  if (answer.status !== 0) return /invalid job id/i.test(answer.stderr) ? new Map() : undefined;
  const lines = answer.stdout.split('\n').filter((line) => line.includes('|'));
  return new Map(
    lines.map((line) => {
      const [job, index, state, reason] = line.trim().split('|');
      return [`${job}_${index}`, { state, reason }];
    }),
  );
}

function slurm(command: string, args: readonly string[]) {
  const answer = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 28 });
  return answer.error ? undefined : answer;
}

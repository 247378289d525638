import { spawnSync } from 'node:child_process';
import { show } from '../../base/describe.js';
import { UserError } from '../../base/errors.js';

/** Slurm's default for MaxArraySize, where it does not say. */
const defaultMaxArraySize = 1001;

/** Seconds that a command of Slurm has. */
const patience = 60;

/** The tasks of arrays that are in the queue: "17_3"; or why it cannot be told. */
export type Queue = { tasks: Map<string, Queued> } | { unknown: string };

/** What the queue says of one task: "PENDING", and why. */
export interface Queued {
  state: string;
  reason: string;
}

/** Indices of arrays are less than this. @throws UserError where Slurm takes no arrays */
export function maxArraySize(): number {
  const { stdout = '' } = slurm('scontrol', ['show', 'config']);
  const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(stdout) ?? [];
  if (Number(size) === 0)
    throw new UserError('unavailable launcher: this Slurm takes no arrays (MaxArraySize is 0)');
  return size === undefined ? defaultMaxArraySize : Number(size);
}

/** Submits a script and returns the id of its job. @throws UserError where there is no Slurm, or it refuses */
export function submit(script: string): string {
  const answer = slurm('sbatch', ['--parsable', script]);
  if (answer.absent)
    throw new UserError(
      'unavailable launcher: there is no sbatch here (submit from a login node, or take --launcher print)',
    );
  if (answer.problem !== undefined) throw new UserError(`sbatch refuses ${script}: ${answer.problem}`);
  const [, id] = /^(\d+)(;.*)?$/m.exec(answer.stdout) ?? []; // after it comes the cluster, if there are several
  if (id === undefined)
    throw new UserError(
      `unreadable answer of sbatch: ${show(answer.stdout.trim())} (expected the id of a job; squeue --me shows whether there is one)`,
    );
  return id;
}

/** What is in the queue of some jobs. */
export function queueOf(jobs: readonly string[]): Queue {
  if (jobs.length === 0) return { tasks: new Map() };
  const answer = slurm('squeue', [
    '--noheader',
    '--array',
    '--format=%F|%K|%T|%r',
    `--jobs=${jobs.join(',')}`,
  ]);
  if (answer.absent) return { unknown: 'there is no squeue here' };
  // Jobs that ended some minutes ago are unknown, and an error where no other is asked for.
  if (answer.problem !== undefined && /invalid job id/i.test(answer.problem)) return { tasks: new Map() };
  if (answer.problem !== undefined) return { unknown: `squeue says: ${answer.problem}` };
  const lines = answer.stdout.split('\n').filter((line) => line.includes('|'));
  const entries = lines.map((line): [string, Queued] => {
    const [job, index, state, reason] = line.trim().split('|');
    return [`${job}_${index}`, { state, reason }];
  });
  return { tasks: new Map(entries) };
}

/** What a command of Slurm printed, and in one line what went wrong if something did. */
interface Answer {
  stdout: string;
  problem?: string;
  /** There is no such command. */
  absent: boolean;
}

function slurm(command: string, args: readonly string[]): Answer {
  const options = { encoding: 'utf8', timeout: patience * 1000, maxBuffer: 1 << 28 } as const;
  const { error, status, stdout, stderr } = spawnSync(command, args, options);
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') return { stdout: '', problem: `there is no ${command} here`, absent: true };
  if (code === 'ETIMEDOUT') return { stdout, problem: `no answer within ${patience} seconds`, absent: false };
  if (error) return { stdout: '', problem: error.message, absent: false };
  if (status === 0) return { stdout, absent: false };
  const said = stderr.trim().replaceAll(/\s*\n\s*/g, '; ');
  return { stdout, problem: said || `exit status ${status}`, absent: false };
}

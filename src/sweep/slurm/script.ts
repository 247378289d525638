import { shellWord } from '../shell.js';
import type { SlurmValue } from './keys.js';

/** Seconds before the end of its time at which a task is told to keep a checkpoint; Slurm may be a minute early. */
const notice = 120;

/** How often a task is queued again that asks for it: one that never gets further must come to an end. */
const mostRestarts = 100;

/** Consecutive tasks of a plan. */
export interface Chunk {
  first: number;
  count: number;
}

/** Tasks in arrays that Slurm takes: indices are less than MaxArraySize. */
export function chunksOf(tasks: number, maxArraySize: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let first = 0; first < tasks; first += maxArraySize)
    chunks.push({ first, count: Math.min(maxArraySize, tasks - first) });
  return chunks;
}

export interface ScriptOptions {
  name: string;
  chunk: Chunk;
  /** Tasks at once; default: as many as there is room for. */
  limit?: number;
  /** Options of sbatch by their long names. */
  given: Readonly<Record<string, SlurmValue>>;
  /** Lines of shell that run first. */
  setup: readonly string[];
  /** Where Slurm keeps what tasks print. */
  folder: string;
  plan: string;
  /** Runs byzsim. */
  command: readonly string[];
}

/** The script of an array of tasks. */
export function scriptOf(script: ScriptOptions): string {
  const { name, chunk, limit, given, setup, folder, plan, command } = script;
  const options: Record<string, SlurmValue> = {
    'job-name': name,
    array: `0-${chunk.count - 1}${limit === undefined ? '' : `%${limit}`}`,
    requeue: true,
    'open-mode': 'append',
    output: `${folder.replaceAll('%', '%%')}/%A_%a.log`,
    signal: `B:USR2@${notice}`,
    ...given,
  };
  const lines = Object.entries(options).map(
    ([option, value]) => `#SBATCH --${option}${value === true ? '' : `=${directiveWord(String(value))}`}`,
  );
  const index = chunk.first === 0 ? '"$SLURM_ARRAY_TASK_ID"' : `"$((SLURM_ARRAY_TASK_ID + ${chunk.first}))"`;
  const words = [...command, 'task', plan].map(shellWord).join(' ');
  return `#!/bin/bash
${lines.join('\n')}

# Written by byzsim sweep: a task for each element of the array. byzsim status shows how they stand.

# A signal waits for byzsim to be there: the shell that is to become it would lose one.
byzsim=
early=
pass() { if [ -n "$byzsim" ]; then sleep 1; kill -s "$1" "$byzsim"; else early=$1; fi; }
trap 'pass USR2' USR2
trap 'pass TERM' TERM
${setup.map((line) => `${line}\n`).join('')}
${words} ${index} &
byzsim=$!
[ -z "$early" ] || pass "$early"
# A signal ends a wait, and not byzsim.
status=0
while kill -0 "$byzsim" 2> /dev/null; do
  wait "$byzsim"
  status=$?
done
wait "$byzsim"
again=$?
[ "$again" -eq 127 ] || status=$again

# Out of time: it goes on from its checkpoint. 140: USR2 ended it before it could answer.
if { [ "$status" -eq 75 ] || [ "$status" -eq 140 ]; } && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${mostRestarts} ]; then
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}" && status=0
fi
exit "$status"
`;
}

/** Slurm reads quotes as a shell does, and ends a line at white space. */
function directiveWord(value: string): string {
  return /[\s"'#\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value;
}

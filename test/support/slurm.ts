import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A Slurm of three scripts that note what they are asked. scripts/slurm-sweep.sh has a real one. */
export interface FakeSlurm {
  /** For the processes that are to find it. */
  env: Record<string, string>;
  /** Scripts that were submitted, in order. */
  submitted: () => string[];
  /** What squeue prints: "1|0|PENDING|Priority". */
  queue: (lines: readonly string[]) => void;
  /** What squeue fails with from now on. */
  failQueue: (message: string) => void;
}

export function fakeSlurm(folder: string, maxArraySize = 1001): FakeSlurm {
  const bin = join(folder, 'slurm-bin');
  mkdirSync(bin);
  const script = (name: string, body: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\nhere='${bin}'\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  script('sbatch', 'echo "$2" >> "$here/submitted"\necho "$(wc -l < "$here/submitted");cluster"');
  script('squeue', 'echo "$*" >> "$here/asked"\ncat "$here/queue" 2> /dev/null');
  script(
    'scontrol',
    `[ "$1" = show ] && echo 'MaxArraySize            = ${maxArraySize}'; [ "$1" = requeue ] && echo "$2" >> "$here/requeued"; exit 0`,
  );
  return {
    env: { PATH: `${bin}${delimiter}${process.env.PATH}` },
    submitted: () => readFileSync(join(bin, 'submitted'), 'utf8').trim().split('\n'),
    failQueue: (message) => script('squeue', `echo '${message}' >&2; exit 1`),
    queue: (lines) => writeFileSync(join(bin, 'queue'), lines.map((line) => `${line}\n`).join('')),
  };
}

/**
 * What short runs of a sweep gain from following each other in one process: the same runs, by `byzsim sweep` and by a
 * `byzsim run` each, by turns:
 *
 *   npm run build && node --import tsx scripts/bench/following-runs.ts [runs=10] [rounds=3] [CONFIG] [key=value...]
 *
 * The runs are seeds of an experiment; by default of configs/quickstart.yaml, shortened to 50 updates. One run at once, with
 * one thread. Prints seconds, in all and for each run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../../src/base/machine.js';
import { numberTable } from '../../src/base/table.js';
import { runProgram } from '../../src/bench/runs.js';

const words = process.argv.slice(2);
const count = (name: string, usual: number) =>
  Number(words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? usual);
const [runs, rounds] = [count('runs', 10), count('rounds', 3)];
const given = words.filter((word) => !/^(runs|rounds)=/.test(word));
const quickstart = fileURLToPath(new URL('../../configs/quickstart.yaml', import.meta.url));
const experiment = given.length > 0 ? given : [quickstart, 'updates=50', 'evaluate.every=50'];
const seeds = Array.from({ length: runs }, (_, k) => k + 1);

const folder = mkdtempSync(join(tmpdir(), 'byzsim-following-'));
const times = { sweep: [] as number[], run: [] as number[] };
const flags = ['--threads', '1', '--quiet', '--out'];
try {
  for (let round = 0; round < rounds; round++) {
    const out = [join(folder, `sweep-${round}`), join(folder, `run-${round}`)];
    const sweep = ['sweep', ...experiment, `seeds=[${seeds.join()}]`, '--jobs', '1', ...flags, out[0]];
    times.sweep.push((await runProgram(sweep)).seconds);
    let seconds = 0;
    for (const seed of seeds)
      seconds += (await runProgram(['run', ...experiment, `seeds=${seed}`, ...flags, out[1]])).seconds;
    times.run.push(seconds);
  }
} finally {
  rmSync(folder, { recursive: true });
}

const { cpu, cores, node } = describeMachine();
const each = (all: number[]) => [Math.min(...all).toFixed(1), (Math.min(...all) / runs).toFixed(2)];
process.stdout.write(`${cpu}, ${cores} cores, Node ${node}: ${runs} runs, fastest of ${rounds}\n`);
process.stdout.write(
  numberTable([
    ['how', 'seconds', 's a run'],
    ['a process each, byzsim run', ...each(times.run)],
    ['one after another, byzsim sweep', ...each(times.sweep)],
  ]),
);

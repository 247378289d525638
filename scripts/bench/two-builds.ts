/**
 * Times one run in two checkouts of byzsim by turns, so that a busy machine slows both alike:
 *
 *   npm run build && node --import tsx scripts/bench/two-builds.ts OTHER_CHECKOUT [rounds=3] CONFIG [key=value...] [--flag...]
 *
 * Both are built before. Each run is a process of its own, from its start to its end. Prints each, and the medians: wall
 * time, CPU time of all its threads, peak memory, and the last evaluation, which rounding alone may change.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../../src/base/machine.js';
import { numberTable } from '../../src/base/table.js';
import { runProgram } from '../../src/bench/runs.js';
import type { RunSummary } from '../../src/results/run-folder.js';

const words = process.argv.slice(2);
const rounds = Number(words.find((word) => /^rounds=\d+$/.test(word))?.slice('rounds='.length) ?? 3);
const [other, ...experiment] = words.filter((word) => !word.startsWith('rounds='));
if (other === undefined || experiment.length === 0) {
  process.stderr.write('usage: two-builds.ts OTHER_CHECKOUT [rounds=3] CONFIG [key=value...] [--flag...]\n');
  process.exit(2);
}
const checkouts = { other: resolve(other), this: fileURLToPath(new URL('../..', import.meta.url)) };

interface Timing {
  wall: number;
  cpu: number;
  memory: number;
  accuracy: number | undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'byzsim-two-builds-'));
const timings: Record<keyof typeof checkouts, Timing[]> = { other: [], this: [] };
try {
  for (let round = 0; round < rounds; round++)
    for (const which of ['other', 'this'] as const)
      timings[which].push(await time(checkouts[which], join(folder, `${which}-${round}`)));
} finally {
  rmSync(folder, { recursive: true });
}

const { cpu, cores, node } = describeMachine();
const row = (label: string, { wall, cpu, memory, accuracy }: Timing) => [
  label,
  wall.toFixed(1),
  cpu.toFixed(1),
  (memory / 2 ** 20).toFixed(0),
  accuracy === undefined ? '' : (100 * accuracy).toFixed(2),
];
const [before, after] = [median(timings.other), median(timings.this)];
process.stdout.write(`${cpu}, ${cores} cores, Node ${node}: byzsim run ${experiment.join(' ')}\n`);
process.stdout.write(
  numberTable([
    ['checkout', 'wall s', 'CPU s', 'peak MiB', 'accuracy %'],
    ...timings.other.map((timing) => row('other', timing)),
    ...timings.this.map((timing) => row('this', timing)),
    row('other, median', before),
    row('this, median', after),
    ['times', (before.wall / after.wall).toFixed(2), (before.cpu / after.cpu).toFixed(2), '', ''],
  ]),
);

/** Runs the experiment in one checkout. */
async function time(checkout: string, out: string): Promise<Timing> {
  const args = ['run', ...experiment, '--out', out, '--quiet', '--json'];
  const { stdout, usage, seconds } = await runProgram(args, undefined, join(checkout, 'bin/byzsim.js'));
  const [run] = (JSON.parse(stdout) as { runs: RunSummary[] }).runs;
  return {
    wall: seconds,
    cpu: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    memory: 1024 * usage.maxRSS,
    accuracy: run.final.test_accuracy,
  };
}

/** The median of each quantity; of an even number, the upper one. */
function median(all: readonly Timing[]): Timing {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
  return {
    wall: middle(all.map(({ wall }) => wall)),
    cpu: middle(all.map(({ cpu }) => cpu)),
    memory: middle(all.map(({ memory }) => memory)),
    accuracy: all[0].accuracy,
  };
}

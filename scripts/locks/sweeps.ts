import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What became of sweeps of one study that ran at the same time. */
export interface SweepRound {
  /** Whether each found runs to do: if not, one came too late to get in the way of the other. */
  overlapped: boolean;
  errors: string[];
}

const binary = fileURLToPath(new URL('../../bin/byzsim.js', import.meta.url));
const config = `dataset: {points: points.csv}
workers: 5
byzantine: {count: 1, attack: sign-flip}
aggregator: cwmed
optimizer: sgd
updates: 40
evaluate: {every: 5}
seeds: [1, 2]
matrix:
  aggregator.rule: [cwmed, mean]
`;
const runs = 4;
const tables = ['runs.csv', 'metrics.csv'];

/**
 * Rounds in which some sweeps of one study run at the same time. All have to end well, and the tables of the study have
 * to be those of a sweep that was alone.
 */
export async function sweepTogether(
  processes: number,
  rounds: number,
  onRound: (round: number) => void = () => {},
): Promise<SweepRound[]> {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-sweeps-'));
  try {
    writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n0,0\n2,2\n');
    writeFileSync(join(folder, 'grid.yaml'), config);
    const { status, stderr } = await sweep(folder, 'alone');
    if (status !== 0) throw new Error(`the sweep that is alone failed: ${stderr}`);
    const results: SweepRound[] = [];
    for (let round = 1; round <= rounds; round++) {
      const out = `together-${round}`;
      const ends = await Promise.all(Array.from({ length: processes }, () => sweep(folder, out)));
      results.push({
        overlapped: ends.every(({ stderr }) => stderr.includes(' to do; ')),
        errors: [
          ...ends.flatMap(faultsOf),
          ...tableFaults(join(folder, out, 'grid'), join(folder, 'alone', 'grid')),
        ],
      });
      onRound(round);
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface End {
  status: number | null;
  stdout: string;
  stderr: string;
}

async function sweep(folder: string, out: string): Promise<End> {
  const args = [binary, 'sweep', 'grid.yaml', '--backend', 'cpu', '--jobs', '1', '--out', out];
  const child = spawn(process.execPath, args, { cwd: folder });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { status: child.exitCode, stdout, stderr };
}

function faultsOf({ status, stdout, stderr }: End): string[] {
  if (status !== 0) return [`a sweep ended with status ${status}: ${stderr}`];
  return stdout.includes(`${runs} runs: ${runs} done`) ? [] : [`a sweep counts otherwise: ${stdout}`];
}

function tableFaults(study: string, expected: string): string[] {
  const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');
  return [
    ...tables
      .filter((name) => read(study, name) !== read(expected, name))
      .map((name) => `${name} is not whole`),
    ...readdirSync(study)
      .filter((name) => !readdirSync(expected).includes(name))
      .map((name) => `${name} is left`),
  ];
}

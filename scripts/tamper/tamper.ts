import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../src/cli/main.js';
import { randomStream, type Random } from '../../src/simulation/streams.js';

/** A study with one of its files changed, and what was wrong with how the commands took it. */
export interface Finding {
  trial: number;
  /** What was done to which file. */
  change: string;
  /** The command and what it printed. */
  command: string;
  fault: string;
}

interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

/** A study of two experiments with two seeds each, which every trial has a copy of. */
const sweep = `dataset: {points: points.csv}
workers: 5
byzantine: {count: 1, attack: sign-flip}
aggregator: cwmed
optimizer: sgd
updates: 20
evaluate: {every: 5}
seeds: [1, 2]
matrix:
  aggregator.rule: [cwmed, mean]
`;
const runs = 4;

const binary = fileURLToPath(new URL('../../bin/byzsim.js', import.meta.url));

/** What can become of a file. `draw` gives a number in [0, 1). */
const changes: Record<string, (text: string, draw: Random) => string | undefined> = {
  removed: () => undefined,
  emptied: () => '',
  'cut short': (text, draw) => text.slice(0, Math.floor(draw() * text.length)),
  'without its last line': (text) => `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`,
  'with a header only': (text) => `${text.split('\n')[0]}\n`,
  'with a line twice': (text, draw) => {
    const lines = text.split('\n');
    const line = Math.floor(draw() * lines.length);
    return lines.toSpliced(line, 0, lines[line]).join('\n');
  },
  'with two characters swapped': (text, draw) => {
    const at = Math.floor(draw() * Math.max(0, text.length - 1));
    return text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2);
  },
  'with another digit': (text, draw) => {
    const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
    const at = digits[Math.floor(draw() * digits.length)] ?? 0;
    return text.slice(0, at) + String((Number(text[at]) + 1) % 10) + text.slice(at + 1);
  },
  'with a byte order mark': (text) => `\uFEFF${text}`,
  'with a null byte': (text, draw) => {
    const at = Math.floor(draw() * text.length);
    return `${text.slice(0, at)}\0${text.slice(at)}`;
  },
  'replaced by null': () => 'null\n',
  'replaced by a list': () => '[1, 2]\n',
  'replaced by an alias of itself': () => 'a: &a [*a]\n',
  'replaced by a key without a value': () => 'a:\n',
  'of another layout': (text) => text.replace(/"schema": \d+/, '"schema": 99'),
};

/**
 * Changes one file of a study in each of so many trials and has plot, report, check and compare read it. None may fail
 * with an internal error or a stack, or lose a run without a word.
 */
export async function tamper(
  trials: number,
  seed: number,
  onTrial: (trial: number) => void = () => {},
): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-tamper-'));
  const draw = randomStream(seed, 'tamper');
  const findings: Finding[] = [];
  const before = process.cwd();
  try {
    process.chdir(folder);
    writeFileSync('points.csv', '1,2\n3,4\n-1,0.5\n0,0\n2,2\n');
    writeFileSync('grid.yaml', sweep);
    const made = spawnSync(
      process.execPath,
      [binary, 'sweep', 'grid.yaml', '--backend', 'wasm', '--quiet', '--out', 'whole'],
      { encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`the study could not be made: ${made.stderr}`);
    for (let trial = 1; trial <= trials; trial++) {
      cpSync('whole', 'changed', { recursive: true });
      const change = changeOne('changed', draw);
      for (const fault of await faults()) findings.push({ trial, change, ...fault });
      rmSync('changed', { recursive: true });
      onTrial(trial);
    }
  } finally {
    process.chdir(before);
    process.exitCode = undefined;
    rmSync(folder, { recursive: true });
  }
  return findings;
}

/** Changes one file in and below a folder, and says how. */
function changeOne(folder: string, draw: Random): string {
  const pick = <T>(list: readonly T[]) => list[Math.floor(draw() * list.length)];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(csv|json|yaml)$/.test(name),
  );
  const file = pick(files.sort());
  const [name, change] = pick(Object.entries(changes));
  const path = join(folder, file);
  const text = change(readFileSync(path, 'utf8'), draw);
  if (text === undefined) rmSync(path);
  else writeFileSync(path, text);
  return `${file} ${name}`;
}

async function faults(): Promise<Pick<Finding, 'command' | 'fault'>[]> {
  const found: Pick<Finding, 'command' | 'fault'>[] = [];
  const commands: Record<string, string[]> = {
    plot: ['plot', 'changed', '-o', 'figure.svg', 'y=test_loss'],
    report: ['report', 'changed', '-o', 'report.html'],
    check: ['check', 'changed', '--threshold', 'final.test_loss: max < 1e9', '--json'],
    compare: ['compare', 'whole', 'changed', '--json'],
  };
  for (const [command, args] of Object.entries(commands)) {
    const result = await call(...args);
    const fault = faultOf(command, result);
    if (fault) found.push({ command, fault: `${fault}\n${result.stderr}` });
  }
  return found;
}

function faultOf(command: string, { status, stdout, stderr }: Result): string | undefined {
  if (/internal error|^ {4}at /m.test(stderr + stdout)) return 'an internal error';
  if (status > 2) return `exit status ${status}`;
  if (status !== 0 && stderr.trim() === '') return `exit status ${status} without a word`;
  if (status !== 0 || stderr.trim() !== '') return undefined;
  const read = runsRead(command, stdout);
  return read < runs ? `${runs - read} of ${runs} runs lost in silence` : undefined;
}

/** How many runs a command that says nothing went by. */
function runsRead(command: string, stdout: string): number {
  if (command === 'plot') {
    const [header, ...lines] = readFileSync('figure.summary.csv', 'utf8').trimEnd().split('\n');
    // Labels may hold commas; the numbers behind them have none.
    const columns = header.split(',');
    const numbers = columns.length - columns.indexOf('update');
    const seeds = columns.length - columns.indexOf('seeds');
    const last = new Map(
      lines.map((line) => {
        const cells = line.split(',');
        return [cells.slice(0, -numbers).join(), Number(cells.at(-seeds))];
      }),
    );
    return [...last.values()].reduce((sum, count) => sum + count, 0);
  }
  // Each cell with the seeds that it has; of a report only what it prints is looked at.
  if (command === 'check') {
    const { thresholds } = JSON.parse(stdout) as { thresholds: { cells: { seeds: number[] }[] }[] };
    return thresholds[0].cells.reduce((sum, { seeds }) => sum + seeds.length, 0);
  }
  if (command === 'compare') {
    const { cells } = JSON.parse(stdout) as { cells: { b: { seeds: number[] } }[] };
    return cells.reduce((sum, { b }) => sum + b.seeds.length, 0);
  }
  return runs;
}

/** Runs a command in this process. */
async function call(...args: string[]): Promise<Result> {
  const written = { stdout: '', stderr: '' };
  const originals = {
    stdout: process.stdout.write.bind(process.stdout),
    stderr: process.stderr.write.bind(process.stderr),
  };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = ((text: string | Uint8Array) => {
      written[name] += String(text);
      return true;
    }) as typeof process.stdout.write;
  }
  process.exitCode = 0;
  try {
    await main([process.execPath, 'byzsim', ...args]);
    return { status: Number(process.exitCode), ...written };
  } finally {
    for (const name of ['stdout', 'stderr'] as const) process[name].write = originals[name];
  }
}

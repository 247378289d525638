import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../src/cli/main.js';
import { randomStream, type Random } from '../../src/base/random.js';
import { changed, readers, type ReadRun, whole } from './readers.js';

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

/** A run of it, and where it lies. */
interface WrittenRun extends ReadRun {
  path: string;
}

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
  'without an entry': (text, draw) => {
    if (!text.startsWith('{')) return '';
    const value: unknown = JSON.parse(text);
    const holders: object[] = [];
    JSON.stringify(value, (_, each: unknown) => {
      if (typeof each === 'object' && each !== null && Object.keys(each).length > 0) holders.push(each);
      return each;
    });
    const holder = holders[Math.floor(draw() * holders.length)];
    const keys = Object.keys(holder);
    const key = keys[Math.floor(draw() * keys.length)];
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
    return `${JSON.stringify(value, undefined, 2)}\n`;
  },
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
      [binary, 'sweep', 'grid.yaml', '--backend', 'wasm', '--quiet', '--out', whole],
      { encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`the study could not be made: ${made.stderr}`);
    const all = writtenRuns();
    for (let trial = 1; trial <= trials; trial++) {
      cpSync(whole, changed, { recursive: true });
      // In every third trial the study is its tables alone, as it is handed on.
      if (trial % 3 === 0) leaveTables(join(changed, 'grid'));
      const change = changeOne(changed, draw);
      for (const fault of await faults(all)) findings.push({ trial, change, ...fault });
      rmSync(changed, { recursive: true });
      onTrial(trial);
    }
  } finally {
    process.chdir(before);
    process.exitCode = undefined;
    rmSync(folder, { recursive: true });
  }
  return findings;
}

function writtenRuns(): WrittenRun[] {
  const text = readFileSync(join(whole, 'grid', 'study.json'), 'utf8');
  const { runs } = JSON.parse(text) as {
    runs: { path: string; hash: string; seed: number; summary: { final: { test_loss: number } } }[];
  };
  return runs.map(({ path, hash, seed, summary }) => ({
    path: join(changed, 'grid', path),
    hash,
    seed,
    value: summary.final.test_loss,
  }));
}

/** Removes the folders of the runs. */
function leaveTables(folder: string): void {
  for (const name of readdirSync(folder))
    if (statSync(join(folder, name)).isDirectory()) rmSync(join(folder, name), { recursive: true });
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
  if (draw() < 0.1) {
    const namesakes = files.filter((other) => other !== file && basename(other) === basename(file));
    const content = namesakes.length > 0 && readFileSync(join(folder, pick(namesakes)));
    rmSync(path);
    if (content) writeFileSync(path, content);
    else mkdirSync(path);
    return `${file} ${content ? 'that of another run' : 'a folder'}`;
  }
  const text = change(readFileSync(path, 'utf8'), draw);
  if (text === undefined) rmSync(path);
  else writeFileSync(path, text);
  return `${file} ${name}`;
}

async function faults(all: readonly WrittenRun[]): Promise<Pick<Finding, 'command' | 'fault'>[]> {
  const found: Pick<Finding, 'command' | 'fault'>[] = [];
  for (const [command, { args, runsRead }] of Object.entries(readers)) {
    const result = await call(...args);
    const fault = faultOf(result, () => lost(all, runsRead(result.stdout), result.stderr));
    if (fault) found.push({ command, fault: `${fault}\n${result.stderr}` });
  }
  return found;
}

function faultOf({ status, stdout, stderr }: Result, losses: () => string | undefined): string | undefined {
  if (/internal error|^ {4}at /m.test(stderr + stdout)) return 'an internal error';
  if (status > 2) return `exit status ${status}`;
  if (status === 0) return losses();
  return stderr.includes(changed) ? undefined : `exit status ${status}, and nothing is named`;
}

/** What a reader that ended well lost in silence, if anything: each run that it went without has to be named. */
function lost(
  all: readonly WrittenRun[],
  read: readonly ReadRun[] | number,
  stderr: string,
): string | undefined {
  const isNamed = ({ path }: WrittenRun) =>
    stderr.includes(path) ||
    stderr.includes(`run ${all.findIndex((run) => run.path === path) + 1} of ${changed}`) ||
    / rows? of no run in study\.json/.test(stderr);
  if (typeof read === 'number') {
    const silent = all.length - read - all.filter(isNamed).length;
    return silent > 0 ? `${silent} of ${all.length} runs lost in silence` : undefined;
  }
  const keyOf = ({ hash, seed }: ReadRun) => `${hash} ${seed}`;
  const values = new Map(read.map((run) => [keyOf(run), run.value]));
  const silent = all.filter((run) => !values.has(keyOf(run)) && !isNamed(run));
  if (silent.length > 0) return `lost in silence: ${silent.map(({ path }) => path).join(', ')}`;
  const altered = all.filter((run) => (values.get(keyOf(run)) ?? run.value) !== run.value);
  return altered.length > 0
    ? `other values than those written: ${altered.map(({ path }) => path).join(', ')}`
    : undefined;
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

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../compute/engine.js';
import type { RunSummary } from '../results/run-folder.js';
import { benchConfigs, type BenchMode } from './benchmarks.js';

/** One whole run of the real program, measured from outside. */
export interface RunTiming {
  mode: BenchMode;
  config: string;
  rule: string;
  dataset: string;
  threads: number;
  backend: string;
  updates: number;
  /** From the start of the process to its end. */
  wall_seconds: number;
  /** Of the run itself, without loading data and engine. In mode sync an update is a round. */
  updates_per_second: number;
  /** Of all threads of the process. */
  cpu_seconds: number;
  peak_memory_bytes: number;
  /** In [0, 1], of the last evaluation. */
  test_accuracy: number | undefined;
}

export interface RunsOptions {
  modes: readonly BenchMode[];
  dataset: 'mnist' | 'digits';
  rules: readonly string[];
  backends: readonly Backend[];
  threads: readonly number[];
  /** Changes to the config, such as updates=20. */
  overrides: readonly string[];
  signal?: AbortSignal;
  /** Told what is timed next. */
  onBegin: (what: string) => void;
}

const root = new URL('../../', import.meta.url);
const binary = fileURLToPath(new URL('bin/byzsim.js', root));
const preload = new URL('dist/bench/report-usage.js', root).href;

/**
 * Runs each mode's experiment for each rule, engine and number of threads, each in a process of its own.
 *
 * @throws Error when a run fails, or its metrics.csv depends on the number of threads
 */
export async function benchRuns(options: RunsOptions): Promise<RunTiming[]> {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-bench-'));
  try {
    const timings: RunTiming[] = [];
    for (const mode of options.modes)
      for (const rule of options.rules)
        for (const backend of options.backends) {
          const metrics = new Set<string>();
          for (const threads of options.threads) {
            const counted = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
            options.onBegin(`${mode}, ${rule} on ${options.dataset}, engine ${backend}, ${counted}`);
            const out = join(folder, `${backend}-${threads}`);
            const { timing, path } = await benchRun(options, { mode, rule, backend, threads, out });
            metrics.add(readFileSync(join(path, 'metrics.csv'), 'utf8'));
            if (metrics.size > 1)
              throw new Error(`metrics.csv of ${rule} in mode ${mode} depends on the number of threads`);
            timings.push(timing);
          }
        }
    return timings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchRun(
  { dataset, overrides, signal }: RunsOptions,
  {
    mode,
    rule,
    backend,
    threads,
    out,
  }: { mode: BenchMode; rule: string; backend: Backend; threads: number; out: string },
): Promise<{ timing: RunTiming; path: string }> {
  const config = benchConfigs[mode];
  const experiment = [
    fileURLToPath(new URL(`configs/${config}.yaml`, root)),
    'name=bench',
    `dataset=${dataset}`,
    `aggregator.rule=${rule}`,
    ...overrides,
  ];
  const engine = ['--backend', backend, '--device', 'cpu', '--threads', String(threads)];
  const flags = [...engine, '--out', out, '--quiet', '--json'];
  const { stdout, usage, seconds } = await runProgram(['run', ...experiment, ...flags], signal);
  const [run] = (JSON.parse(stdout) as { runs: RunSummary[] }).runs;
  return {
    path: run.path,
    timing: {
      mode,
      config,
      rule,
      dataset,
      threads,
      backend: run.backend,
      updates: run.updates,
      wall_seconds: seconds,
      updates_per_second: run.updates / run.wall_seconds,
      cpu_seconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
      peak_memory_bytes: 1024 * usage.maxRSS,
      test_accuracy: run.final.test_accuracy,
    },
  };
}

/**
 * Runs `byzsim` as a user would, and asks the process what it used before it ends.
 *
 * @param program the bin/byzsim.js to run; default: this checkout's
 * @returns what it wrote, what it used, and the seconds from its start to its end
 * @throws Error when it fails
 */
export async function runProgram(args: readonly string[], signal?: AbortSignal, program = binary) {
  signal?.throwIfAborted();
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', preload, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const stop = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  const ended = once(child, 'close') as Promise<[status: number | null]>;
  const output = [child.stdout, child.stderr, child.stdio[3]].map((stream) => text(stream as Readable));
  const [[status], stdout, stderr, usage] = await Promise.all([ended, ...output]);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (status !== 0) throw new Error(`byzsim ${args.join(' ')} ended with status ${status}:\n${stderr}`);
  return {
    stdout,
    usage: JSON.parse(usage) as NodeJS.ResourceUsage,
    seconds: (performance.now() - start) / 1000,
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckpointTiming } from '../../src/bench/checkpoints.js';
import type { EngineTiming } from '../../src/bench/engines.js';
import type { KernelsReport } from '../../src/bench/kernels.js';
import type { MachineReport } from '../../src/base/machine.js';
import type { RunTiming } from '../../src/bench/runs.js';
import { byzsim } from '../support/cli.js';
import { temporaryFolder } from '../support/study.js';

interface Report {
  machine: MachineReport;
  quick: boolean;
  kernels?: KernelsReport;
  engines?: EngineTiming[];
  runs?: RunTiming[];
  checkpoints?: CheckpointTiming[];
}

async function report(...args: string[]): Promise<Report> {
  const { status, stdout, stderr } = await byzsim(['bench', ...args, '--quick', '--json']);
  expect(stderr).not.toMatch(/^byzsim:/m);
  expect(status).toBe(0);
  return JSON.parse(stdout) as Report;
}

describe('byzsim bench', () => {
  test('kernels: a table for each m, growth, and the machine', async () => {
    const figure = join(temporaryFolder(), 'changing.svg');
    const { status, stdout, stderr } = await byzsim(['bench', 'kernels', '--quick', '--figure', figure]);
    expect(status).toBe(0);
    expect(readFileSync(figure, 'utf8')).toContain('ω-cwmed + ctma');
    expect(stdout).toMatch(/^.+, \d+ cores?, \d+ GiB; Node v\d+/);
    expect(stdout).toMatch(/^m = 5 +d = 500 +d = 1000 +plain +times faster$/m);
    expect(stdout).toMatch(/^ω-CWMed \+ ω-CTMA( +[\d.]+){4}$/m);
    expect(stdout).toMatch(/^growth +m\^ +d\^$/m);
    expect(stderr).toContain('kernels on 5 messages of 500 numbers');
  });

  test('refuses a figure of what has none, before it measures anything', async () => {
    for (const what of [['engines'], [], ['kernels', 'rules']]) {
      const { status, stdout, stderr } = await byzsim(['bench', ...what, '--figure', 'costs.svg']);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toBe(
        'byzsim: --figure draws one of kernels, rules: write byzsim bench kernels --figure costs.svg\n',
      );
    }
    const { stderr } = await byzsim(['bench', 'kernels', '--figure', 'costs.gif']);
    expect(stderr).toBe('byzsim: unknown format: .gif; choose from .svg, .png, .pdf\n');
  });

  test('engines: every engine, or why it does not load', async () => {
    const { machine, quick, engines, kernels, runs } = await report('engines');
    expect(machine.node).toBe(process.version);
    expect(quick).toBe(true);
    expect([kernels, runs]).toEqual([undefined, undefined]);
    expect(engines!.map(({ model, engine }) => `${model} ${engine}`)).toEqual(
      ['cnn-mnist', 'cnn-cifar10'].flatMap((model) =>
        ['onnx', 'wasm', 'tensorflow'].map((engine) => `${model} ${engine}`),
      ),
    );
    for (const timing of engines!) {
      if ('unavailable' in timing) expect(timing.unavailable).toMatch(/^unavailable engine: /);
      else expect(Math.min(timing.gradient.fastest, timing.evaluation.fastest)).toBeGreaterThan(0);
    }
    expect(engines!.filter((timing) => !('unavailable' in timing)).map(({ engine }) => engine)).toContain(
      'wasm',
    );
  }, 120_000);

  test('runs: what the whole process took, for each number of threads', async () => {
    const { runs } = await report('runs', '--threads', '1,2');
    expect(runs!.map(({ mode, rule, threads, updates }) => [mode, rule, threads, updates])).toEqual([
      ['async', 'cwmed', 1, 5],
      ['async', 'cwmed', 2, 5],
      ['sync', 'cwmed', 1, 5],
      ['sync', 'cwmed', 2, 5],
    ]);
    for (const run of runs!) {
      // Any Node process needs more than 20 MB and 10 ms, and less than 100 GB.
      expect(run.peak_memory_bytes).toBeGreaterThan(20e6);
      expect(run.peak_memory_bytes).toBeLessThan(100e9);
      expect(run.cpu_seconds).toBeGreaterThan(0.01);
      expect(run.wall_seconds).toBeGreaterThan(run.updates / run.updates_per_second);
      expect(run.test_accuracy).toBe(runs!.find(({ mode }) => mode === run.mode)!.test_accuracy);
    }
  }, 240_000);

  test('runs: engines side by side', async () => {
    const args = [
      'runs',
      '--modes',
      'async',
      '--rules',
      'mean',
      '--backend',
      'onnx,wasm',
      '--threads',
      '2',
      '--quick',
    ];
    const { status, stdout, stderr } = await byzsim(['bench', ...args]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^rule +engine +threads +updates\/s/m);
    expect([...stdout.matchAll(/^mean +(\w+) +2 /gm)].map(([, engine]) => engine)).toEqual(['onnx', 'wasm']);
    expect(stderr).toMatch(/mean on \w+, engine wasm, 2 threads/);
  }, 240_000);

  test('mistakes on the command line: status 2', async () => {
    for (const args of [
      ['nonsense'],
      ['runs', '--threads', '0'],
      ['runs', '--threads', '1,x'],
      ['--backend', 'gpu'],
      ['runs', '--modes', 'both'],
    ]) {
      const { status, stderr } = await byzsim(['bench', ...args]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^error: /m);
    }
  });

  test('checkpoints: what one costs, and at most 1 % of the time by default', async () => {
    const { checkpoints } = await report('checkpoints');
    expect(checkpoints).toMatchObject([{ config: 'mnist-signflip', parameters: 66_230, workers: 17 }]);
    const [{ bytes, milliseconds, share }] = checkpoints!;
    expect(bytes).toBeGreaterThan(17 * 66_230 * 4);
    expect(milliseconds).toBeGreaterThan(0);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThanOrEqual(0.01);
  });
});

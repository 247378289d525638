import type { TopLevelSpec } from 'vega-lite';
import { UserError } from '../base/errors.js';
import { benchModes, type Benchmark, type BenchMode } from '../bench/benchmarks.js';
import { benchChanging, type ChangingOptions } from '../bench/changing.js';
import { benchCheckpoints, type CheckpointTiming } from '../bench/checkpoints.js';
import { benchEngines, type EngineTiming } from '../bench/engines.js';
import { benchKernels, type KernelsReport } from '../bench/kernels.js';
import { describeMachine, type MachineReport } from '../base/machine.js';
import type { Timing } from '../base/measure.js';
import { benchRules, type RulesOptions } from '../bench/rules.js';
import { benchRuns, type RunTiming } from '../bench/runs.js';
import { defaultThreads } from '../compute/create.js';
import type { Backend, EngineName } from '../compute/engine.js';
import { chooseEngine } from '../compute/engines.js';
import { evaluationChunk } from '../compute/job.js';
import { cacheDirectory, dataDirectory } from '../data/directory.js';
import { dataFolders, lookAt } from '../data/inspect.js';
import { percent } from '../base/format.js';
import { Interrupted, interruptible } from './interrupt.js';
import type { Progress } from '../data/files.js';
import type { Reporter } from '../run/reporter.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { createReporter } from './reporter.js';
import { numberTable } from '../base/table.js';
import { describeChangingCosts, drawChangingCosts } from './changing-costs.js';
import { describeRuleCosts, drawRuleCosts } from './rule-costs.js';
import { figureFormat, renderFigure } from './figure-file.js';
import { writeWhole } from '../results/files.js';

export interface BenchFlags {
  modes?: BenchMode[];
  rules?: string[];
  backend?: Backend[];
  threads?: number[];
  quick?: boolean;
  quiet?: boolean;
  json?: boolean;
  /** Where the costs of rules, or of messages of which one has changed, are drawn. */
  figure?: string;
}

/** How much is measured. Budgets are milliseconds for each thing timed. */
interface Scale {
  workers: number[];
  dimensions: number[];
  /** Of rules: m at d = 10,000 and d at m = 100, or less of both. */
  costs: Pick<RulesOptions, 'workers' | 'dimensions' | 'dimension' | 'm' | 'budget' | 'limit'>;
  kernelBudget: number;
  changing: Pick<ChangingOptions, 'workers' | 'dimension' | 'budget' | 'limit'>;
  engines: EngineName[];
  engineBudget: number;
  rules: string[];
  overrides: string[];
  checkpoints: string[];
}

const full: Scale = {
  workers: [9, 17, 33, 65],
  dimensions: [66_230, 265_000, 1_000_000],
  costs: {
    workers: [10, 30, 100, 300, 1000],
    dimensions: [1_000, 10_000, 100_000],
    dimension: 10_000,
    m: 100,
    budget: 300,
    limit: 1_000,
  },
  kernelBudget: 300,
  changing: { workers: [10, 30, 100, 300, 1000, 3000, 10_000], dimension: 66_230, budget: 300, limit: 2_000 },
  engines: ['onnx', 'wasm', 'tensorflow', 'cpu'],
  engineBudget: 3000,
  rules: ['cwmed', 'geometric-median'],
  overrides: [],
  checkpoints: ['mnist-signflip', 'cifar10-signflip', 'cifar10-resnet18'],
};
const quick: Scale = {
  workers: [5, 9],
  dimensions: [500, 1000],
  costs: { workers: [5, 9], dimensions: [50, 100], dimension: 100, m: 9, budget: 0, limit: 100 },
  kernelBudget: 0,
  changing: { workers: [10, 120], dimension: 100, budget: 0, limit: 1_000 },
  engines: ['onnx', 'wasm', 'tensorflow'],
  engineBudget: 0,
  rules: ['cwmed'],
  overrides: ['updates=5', 'evaluate.every=5'],
  checkpoints: ['mnist-signflip'],
};

/** What there is a figure of. */
const drawn: readonly Benchmark[] = ['kernels', 'rules'];

/**
 * Measures, and prints tables or JSON. Exit status: 0, or 129, 130 or 143 when interrupted.
 * @throws UserError where a figure is asked for and not one of what is measured has one
 */
export async function bench(
  what: readonly Benchmark[],
  flags: BenchFlags,
  catalogue: Catalogue,
): Promise<number> {
  const { datasets, modes: known } = catalogue;
  const { figure } = flags;
  const format = figure === undefined ? '' : figureFormat(figure);
  if (figure !== undefined && what.filter((each) => drawn.includes(each)).length !== 1)
    throw new UserError(
      `--figure draws one of ${drawn.join(', ')}: write byzsim bench ${drawn[0]} --figure ${figure}`,
    );
  const draw = async (spec: () => TopLevelSpec) => {
    if (figure !== undefined) writeWhole(figure, await renderFigure(spec(), format));
  };
  const scale = flags.quick ? quick : full;
  const reporter = await createReporter(flags.quiet ?? false);
  const machine = describeMachine();
  if (machine.load > 0.5)
    reporter.note(`this machine is busy (load ${machine.load.toFixed(1)}): times will be too long`);
  const print = (section: string) => void (flags.json || process.stdout.write(section));
  print(describe(machine));

  const report: Record<string, unknown> = { machine, quick: flags.quick ?? false };
  const begin = (text: string) => reporter.note(text);
  try {
    if (what.includes('kernels')) {
      const { workers, dimensions, kernelBudget: budget } = scale;
      const kernels = await benchKernels({ workers, dimensions, budget, onBegin: begin });
      const changing = await benchChanging(catalogue, { ...scale.changing, onBegin: begin });
      report.kernels = { ...kernels, changing };
      print(kernelTables(kernels) + describeChangingCosts(changing));
      await draw(() => drawChangingCosts(changing));
    }
    if (what.includes('rules')) {
      const { costs: sizes } = scale;
      const costs = await benchRules(catalogue, { ...sizes, onBegin: begin });
      report.rules = costs;
      print(describeRuleCosts(costs, sizes.dimension, sizes.m));
      await draw(() => drawRuleCosts(costs));
    }
    if (what.includes('engines')) {
      const engines = await benchEngines(scale.engines, scale.engineBudget, begin);
      report.engines = engines;
      print(engineTable(engines));
    }
    if (what.includes('runs')) {
      const { modes = benchModes, rules = scale.rules, backend: backends = ['auto'] } = flags;
      for (const backend of backends) await chooseEngine({ backend, device: 'cpu' });
      const { overrides } = scale;
      const threads = flags.threads ?? [...new Set([1, defaultThreads()])];
      const dataset = await figureDataset(datasets, reporter);
      const runs = await interruptible((signal) =>
        benchRuns({ modes, dataset, rules, backends, threads, overrides, signal, onBegin: begin }),
      );
      report.runs = runs;
      for (const mode of modes)
        print(
          runsTable(
            known.get(mode)!.unit,
            runs.filter((run) => run.mode === mode),
          ),
        );
    }
    if (what.includes('checkpoints')) {
      const checkpoints = await benchCheckpoints(scale.checkpoints, begin);
      report.checkpoints = checkpoints;
      print(checkpointsTable(checkpoints));
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(`byzsim: ${error.message}\n`);
    return error.exitStatus;
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  return 0;
}

/** MNIST where it is; else digits, generated now, so that no run has to. */
async function figureDataset(
  datasets: Catalogue['datasets'],
  reporter: Reporter,
): Promise<'mnist' | 'digits'> {
  const places = { data: dataDirectory(), cache: cacheDirectory() };
  const folder = dataFolders(datasets, places).get('mnist')!;
  if ((await lookAt(folder)).whole === folder.files.length) return 'mnist';
  const onProgress = (progress: Progress) => reporter.progress(progress);
  await datasets.get('digits')!.load({ name: 'digits' }, { onProgress });
  return 'digits';
}

function describe({ cpu, cores, memory_bytes, node, platform, byzsim }: MachineReport): string {
  const memory = `${Math.round(memory_bytes / 2 ** 30)} GiB`;
  return `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memory}; Node ${node}, ${platform}; byzsim ${byzsim}\n`;
}

function kernelTables({ timings, growth }: KernelsReport): string {
  const sizes = [...new Set(timings.map(({ m }) => m))];
  const dimensions = [...new Set(timings.map(({ d }) => d))];
  const find = (operation: string, m: number, d: number) =>
    timings.find((timing) => timing.operation === operation && timing.m === m && timing.d === d)!;
  const operations = growth.map(({ operation }) => operation);

  const tables = sizes.map((m) =>
    numberTable([
      [`m = ${m}`, ...dimensions.map((d) => `d = ${d}`), 'plain', 'times faster'],
      ...operations.map((operation) => {
        const { simd, plain } = find(operation, m, dimensions[0]);
        const times = dimensions.map((d) => milliseconds(find(operation, m, d).simd.fastest));
        return [operation, ...times, ...compare(simd, plain)];
      }),
    ]),
  );
  const exponents = numberTable([
    ['growth', 'm^', 'd^'],
    ...growth.map(({ operation, m, d }) => [operation, m?.toFixed(2) ?? '', d?.toFixed(2) ?? '']),
  ]);
  return (
    `\nKernels: fastest time of SIMD vectors in ms, one thread; plain at d = ${dimensions[0]}\n\n` +
    [...tables, exponents].join('\n')
  );
}

/** The plain version's time, and how many times it is the SIMD version's. */
function compare(simd: Timing, plain: Timing | undefined): string[] {
  return plain ? [milliseconds(plain.fastest), (plain.fastest / simd.fastest).toFixed(1)] : ['', ''];
}

function engineTable(engines: readonly EngineTiming[]): string {
  const pair = ({ fastest, median }: Timing) => [milliseconds(fastest), milliseconds(median)];
  const rows = engines.flatMap((timing) => {
    if ('unavailable' in timing) return [];
    const { model, batch, engine, device, gradient, evaluation } = timing;
    return [[`${model}, batch ${batch}`, engine, device, ...pair(gradient), ...pair(evaluation)]];
  });
  const missing = engines.flatMap((timing) => ('unavailable' in timing ? [`${timing.unavailable}\n`] : []));
  return [
    '\nEngines: fastest and median time in ms, one thread (tensorflow: all)\n\n',
    numberTable([
      ['model', 'engine', 'device', 'gradient', 'median', `${evaluationChunk} images`, 'median'],
      ...rows,
    ]),
    ...new Set(missing),
  ].join('');
}

function runsTable(unit: string, runs: readonly RunTiming[]): string {
  const rows = runs.map((run) => {
    const single = runs.find(
      ({ rule, backend, threads }) => rule === run.rule && backend === run.backend && threads === 1,
    );
    return [
      run.rule,
      run.backend,
      String(run.threads),
      run.updates_per_second.toFixed(1),
      run.wall_seconds.toFixed(1),
      single ? (single.wall_seconds / run.wall_seconds).toFixed(2) : '',
      run.cpu_seconds.toFixed(1),
      (run.peak_memory_bytes / 2 ** 20).toFixed(0),
      percent(run.test_accuracy),
    ];
  });
  const { config, dataset, updates } = runs[0];
  return [
    `\nRuns: ${config} on ${dataset}, ${updates} ${unit}s, whole process\n\n`,
    numberTable([
      ['rule', 'engine', 'threads', `${unit}s/s`, 'seconds', 'speed-up', 'CPU s', 'peak MiB', 'accuracy'],
      ...rows,
    ]),
  ].join('');
}

function checkpointsTable(checkpoints: readonly CheckpointTiming[]): string {
  const rows = checkpoints.map(({ config, parameters, workers, bytes, milliseconds: time, share }) => [
    config,
    String(parameters),
    String(workers),
    (bytes / 2 ** 20).toFixed(1),
    milliseconds(time),
    `${(100 * share).toFixed(3)} %`,
  ]);
  return [
    "\nCheckpoints: time of one in ms, and the part of a run's time that they take by default\n\n",
    numberTable([['config', 'parameters', 'workers', 'MiB', 'ms', 'of the time'], ...rows]),
  ].join('');
}

/** Three significant digits. */
function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

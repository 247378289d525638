import type { Command } from 'commander';
import type { Backend, Device } from '../../compute/engine.js';
import type { Mapping } from '../../base/mapping.js';
import type { Config } from '../../config/config.js';
import type { Identity } from '../../config/identity.js';
import type { Catalogue } from '../../simulation/catalogue.js';
import type { LoadOptions } from '../../sweep/load.js';
import { backendOption, deviceOption } from './options.js';

interface ValidateFlags {
  print?: boolean;
  json?: boolean;
  backend: Backend;
  device: Device;
}

/** `byzsim validate`. */
export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description('check a config without running it; exit status 2 if something is wrong')
    .argument('<file>', 'the experiment, a YAML file')
    .argument('[overrides...]', 'keys to change, such as optimizer.learningRate=0.05')
    .option('--print', 'print the config with every default filled in')
    .addOption(backendOption())
    .addOption(deviceOption())
    .option('--json', 'print the result as JSON, with the line and column of each problem')
    .addHelpText(
      'after',
      `
What the config needs is held against the memory of this machine, for the engine that
byzsim run would take, or one that is named: with --backend tensorflow --device cuda
messages lie on the GPU, and its memory is not looked at.`,
    )
    .action(async (file: string, overrides: string[], flags: ValidateFlags) => {
      process.exitCode = await validate(file, overrides, flags);
    });
}

async function validate(
  file: string,
  overrides: string[],
  { print, json, ...engine }: ValidateFlags,
): Promise<number> {
  const { readSource } = await import('../../config/source.js');
  const { sweepKeyOf } = await import('../../sweep/keys.js');
  const { builtins } = await import('../../simulation/catalogue.js');
  const { ConfigError } = await import('../../config/problems.js');
  const { resolvedYaml } = await import('../../config/resolved-yaml.js');
  const { thisMachine } = await import('../../run/machine.js');
  const writeJson = (value: object) => process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  try {
    const source = await readSource(file);
    const check = sweepKeyOf(source.value) === undefined ? checkConfig : checkSweep;
    const { configs, result, summary } = await check(file, overrides, builtins, {
      machine: thisMachine(engine),
      source,
    });
    if (json) writeJson({ valid: true, file, ...result });
    else process.stdout.write(print ? configs.map(resolvedYaml).join('---\n') : `${summary}\n`);
    return 0;
  } catch (error) {
    if (!json || !(error instanceof ConfigError)) throw error;
    writeJson({ valid: false, file, problems: error.problems });
    return 2;
  }
}

/** What is to say of a valid file. */
interface Valid {
  configs: Config[];
  /** For --json. */
  result: object;
  /** One line for people. */
  summary: string;
}

async function checkConfig(
  file: string,
  overrides: string[],
  catalogue: Catalogue,
  options: LoadOptions,
): Promise<Valid> {
  const { loadConfig } = await import('../../sweep/load.js');
  const { describeMemory } = await import('../../config/needs.js');
  const { config, identity, needs } = await loadConfig(file, overrides, catalogue, options);
  if (config.thresholds) {
    const { requireMatches } = await import('../check.js');
    requireMatches([{ config, identity }], file, catalogue);
  }
  const { describeRemarks } = await import('../../config/remarks.js');
  const memory = describeMemory(config, needs);
  const remarks = [...(memory === undefined ? [] : [memory]), ...describeRemarks(config, catalogue)];
  const { unit } = catalogue.modes.get(config.mode)!;
  return {
    configs: [config],
    result: { ...identity, config, needs },
    summary: [summarize(file, config, identity, unit), ...remarks].join('; '),
  };
}

async function checkSweep(
  file: string,
  overrides: string[],
  catalogue: Catalogue,
  options: LoadOptions,
): Promise<Valid> {
  const { loadSweep } = await import('../../sweep/load.js');
  const { experimentsOf } = await import('../../sweep/experiments.js');
  const { name, axes, runs } = await loadSweep(file, overrides, catalogue, { ...options, out: '' });
  if (runs.some(({ config }) => config.thresholds)) {
    const { requireMatches } = await import('../check.js');
    requireMatches(runs, file, catalogue);
  }
  const experiments = experimentsOf(runs).map((same) => ({
    ...same[0].identity,
    config: { ...same[0].config, seeds: same.map(({ seed }) => seed) },
  }));
  const differing = axes.filter((axis) => axis !== 'seed');
  return {
    configs: experiments.map(({ config }) => config),
    result: { name, axes, runs: runs.length, experiments },
    summary:
      `${file} is valid: a sweep of ${counted(runs.length, 'run')}, ${counted(experiments.length, 'experiment')}` +
      (differing.length > 0 ? ` that differ in ${differing.join(', ')}` : ''),
  };
}

/** "configs/x.yaml is valid: 17 workers (8 Byzantine, λ = 0.4), 3750 updates of cnn-mnist on mnist, 1 seed; w-cwmed-..." */
function summarize(file: string, config: Config, { slug, hash8 }: Identity, unit: string): string {
  const { workers, byzantine, updates, model, dataset, seeds } = config;
  const attackers =
    byzantine.count > 0
      ? `${byzantine.count} Byzantine, λ = ${Number(byzantine.lambda.toPrecision(6))}`
      : 'none Byzantine';
  return (
    `${file} is valid: ${slug}-${hash8}, ${counted(workers, 'worker')} (${attackers}), ${describeServers({ ...config })}` +
    `${counted(updates, unit)} of ${model.name} on ${dataset.name}, ${counted(seeds.length, 'seed')}`
  );
}

/** "5 servers (1 Byzantine), quorums of 7 gradients and 4 models, T = 333, ": of modes with several servers. */
function describeServers({ servers, quorum, gatherEvery }: Config & Mapping): string {
  if (servers === undefined) return quorum === undefined ? '' : `quorum of ${Number(quorum)}, `;
  const quorums = servers.quorum === undefined ? '' : ` and ${counted(servers.quorum, 'model')}`;
  return (
    `${counted(servers.count, 'server')} (${servers.byzantine > 0 ? servers.byzantine : 'none'} Byzantine), ` +
    (quorum === undefined ? '' : `quorums of ${counted(Number(quorum), 'gradient')}${quorums}, `) +
    `T = ${String(gatherEvery)}, `
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

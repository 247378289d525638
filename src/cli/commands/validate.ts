import type { Command } from 'commander';
import type { Config } from '../../config/config.js';
import type { Identity } from '../../config/identity.js';

interface ValidateFlags {
  print?: boolean;
  json?: boolean;
}

/** `byzsim validate`. */
export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description('check a config without running it; exit status 2 if something is wrong')
    .argument('<file>', 'the experiment, a YAML file')
    .argument('[overrides...]', 'keys to change, such as optimizer.learningRate=0.05')
    .option('--print', 'print the config with every default filled in')
    .option('--json', 'print the result as JSON, with the line and column of each problem')
    .action(async (file: string, overrides: string[], flags: ValidateFlags) => {
      process.exitCode = await validate(file, overrides, flags);
    });
}

async function validate(file: string, overrides: string[], { print, json }: ValidateFlags): Promise<number> {
  const { loadConfig } = await import('../../config/load.js');
  const { ConfigError } = await import('../../config/problems.js');
  const { identify } = await import('../../config/identity.js');
  const { resolvedYaml } = await import('../../config/resolved-yaml.js');
  const writeJson = (value: object) => process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  try {
    const { config } = await loadConfig(file, overrides);
    const identity = await identify(config);
    if (json) writeJson({ valid: true, file, ...identity, config });
    else process.stdout.write(print ? resolvedYaml(config) : `${summarize(file, config, identity)}\n`);
    return 0;
  } catch (error) {
    if (!json || !(error instanceof ConfigError)) throw error;
    writeJson({ valid: false, file, problems: error.problems });
    return 2;
  }
}

/** "configs/x.yaml is valid: 17 workers (8 Byzantine, λ = 0.4), 3750 updates of cnn-mnist on mnist, 1 seed; w-cwmed-..." */
function summarize(file: string, config: Config, { slug, hash8 }: Identity): string {
  const { workers, byzantine, updates, model, dataset, seeds } = config;
  const attackers =
    byzantine.count > 0 ? `${byzantine.count} Byzantine, λ = ${byzantine.lambda}` : 'none Byzantine';
  return (
    `${file} is valid: ${slug}-${hash8}, ${workers} workers (${attackers}), ` +
    `${updates} updates of ${model.name} on ${dataset.name}, ${seeds.length} ${seeds.length > 1 ? 'seeds' : 'seed'}`
  );
}

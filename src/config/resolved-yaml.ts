import { stringify } from 'yaml';
import type { Config } from './config.js';
import type { Mapping } from './mapping.js';

/** A resolved config as a file that runs again and resolves to the same config; paths are absolute. */
export function resolvedYaml(config: Config): string {
  return stringify(writtenConfig(config), { collectionStyle: 'any', lineWidth: 110 });
}

/** A resolved config as it is written in files. */
export function writtenConfig(config: Config): Mapping {
  const { dataset, arrival } = config;
  return {
    ...config,
    dataset: 'file' in dataset ? { points: dataset.file } : dataset.name,
    arrival: arrival.process === 'trace' ? { trace: arrival.file } : arrival,
  };
}
